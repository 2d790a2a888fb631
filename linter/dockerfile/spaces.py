r"""White space as Go sees it: BuildKit trims and splits by `unicode.IsSpace`, byte by byte or rune by rune.

Texts are latin-1 (one character per byte of UTF-8), so a no-break space is the two characters `\xc2\xa0`.
"""

from __future__ import annotations

import re

ASCII = "\t\n\v\f\r "
BYTES = ASCII + "\x85\xa0"
"""Where BuildKit takes a byte for a rune (flags, HEALTHCHECK), these bytes are white space."""

RUNES = BYTES + (
    "\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""`unicode.IsSpace`, for decoded texts."""

_WIDE = tuple(rune.encode().decode("latin-1") for rune in RUNES if rune not in ASCII)
_LEADING = re.compile(f"(?:[{ASCII}]|{'|'.join(_WIDE)})*")
_FIRST = frozenset(ASCII) | {wide[0] for wide in _WIDE}
_LAST = tuple(ASCII) + _WIDE


def skip(text: str, at: int = 0) -> int:
    """Where the white space that begins at `at` ends."""
    if text[at : at + 1] not in _FIRST:
        return at
    match = _LEADING.match(text, at)
    return match.end() if match else at


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """`strings.TrimSpace`: the bounds of what is left of `text[start:end]`."""
    start = min(skip(text, start), end)
    while end > start and text.endswith(_LAST, start, end):
        end -= 1 if text[end - 1] in ASCII else len(next(wide for wide in _WIDE if text.endswith(wide, start, end)))
    return start, end


def decode(text: str) -> str:
    """A latin-1 text as runes: like Go, each byte that is not UTF-8 becomes U+FFFD."""
    if text.isascii():
        return text
    return re.sub("[\ud800-\udfff]", "\ufffd", keep(text))


def keep(text: str) -> str:
    """A latin-1 text as runes, where bytes that are not UTF-8 stay what they are."""
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "surrogateescape")


def encode(text: str) -> str:
    """Runes as a latin-1 text again."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def is_utf8(text: str) -> bool:
    """Whether the bytes of a latin-1 text are UTF-8."""
    try:
        text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def fold(text: str) -> str:
    """Go's `strings.ToLower`, where it gives ASCII: the Kelvin sign is a k, and a dotted capital I an i."""
    return text.lower() if text.isascii() else encode(decode(text).replace("\u0130", "i").lower())
