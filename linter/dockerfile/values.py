"""The values of flags: comma-separated options, durations."""

from __future__ import annotations

import re

_UNITS = {
    "ns": 1,
    "us": 10**3,
    "\xc2\xb5s": 10**3,
    "\xce\xbcs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_AMOUNT = re.compile(rf"([0-9]*)(?:\.([0-9]*))?({'|'.join(_UNITS)})(?![a-z])")
_LONGEST = 2**63
_FIELD = re.compile(r'"((?:[^"]|"")*)"(?=,|\Z)|([^",][^",]*|)(?=,|\Z)')


def mount_options(value: str) -> list[tuple[str, str | None]] | None:
    """The keys, in lower case, and values of `type=bind,from=base,ro`; None when BuildKit cannot read it.

    Source: the Go module tonistiigi/go-csvvalue, and parseMount in BuildKit's commands_runmount.go.
    """
    if not value:
        return None
    options: list[tuple[str, str | None]] = []
    at = 0
    while True:
        match = _FIELD.match(value, at)
        if match is None:
            return None
        quoted, plain = match.groups()
        key, equals, setting = (plain if quoted is None else quoted.replace('""', '"')).partition("=")
        options.append((key.lower(), setting if equals else None))
        at = match.end() + 1
        if at > len(value):
            return options


def nanoseconds(text: str) -> int | None:
    """Go's time.ParseDuration (`1m30s`); None where it fails. The empty text is 0 here, as in HEALTHCHECK."""
    digits = text[text[:1] in ("+", "-") and bool(text) :]
    if digits == "0" or not text:
        return 0
    total = at = 0
    while at < len(digits):
        match = _AMOUNT.match(digits, at)
        if match is None or not (match[1] or match[2]):
            return None
        fraction = match[2] or ""
        unit = _UNITS[match[3]]
        total += int((match[1] or "0")[-30:]) * unit + int((fraction or "0")[:30]) * unit // 10 ** len(fraction[:30])
        if len(match[1].lstrip("0")) > 19 or total >= _LONGEST:
            return None
        at = match.end()
    if not digits:
        return None
    return -total if text[0] == "-" else total


def is_count(text: str) -> bool:
    """A number that is not negative and fits in 32 bits, as Go's strconv.ParseInt reads it in base ten."""
    if re.fullmatch(r"[-+]?[0-9]+", text) is None:
        return False
    digits = text.lstrip("+-").lstrip("0")
    return not digits or (text[0] != "-" and len(digits) <= 10 and int(digits) < 2**31)
