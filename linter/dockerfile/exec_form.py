r"""The exec form: `["a", "b"]`, a JSON array of strings, with the place of every character of its strings.

Source: BuildKit 0.34.2, frontend/dockerfile/parser/line_parsers.go (parseJSON), which uses Go's encoding/json.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..source import Place, Script, SourceMap
from . import spaces
from .mapping import ScriptBuilder

_STRING = re.compile(r'"([^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*)"')
_BETWEEN = re.compile(r"[\t\n\r ]*")
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_CHARACTER = re.compile(
    r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\u([0-9a-f]{4})|\\([^u])|([^\\]+)", re.IGNORECASE
)


class ExecWord(NamedTuple):
    r"""One string of the array. `place` holds its quotes too; `source` says where each character of `value` stands.

    An escape such as `\n` or `\"` stands at its last byte. The value is latin-1: the bytes that execve gets.
    `at` is the offset, in the instruction's script text, of what stands between the quotes.
    """

    value: str
    place: Place
    source: SourceMap
    at: int

    @property
    def script(self) -> Script:
        return Script(self.value, self.source)


class NotStringsError(ValueError):
    """BuildKit refuses an array that holds anything but strings."""


def read(script: Script, start: int, end: int) -> tuple[ExecWord, ...] | None:
    """The array at `start`, or None when there is none: then it is the shell form. Raises NotStringsError."""
    text = script.text
    if start >= end or text[start] != "[":
        return None
    spans = _strings(text, start, end)
    if spans is None:
        if _is_other_array(text[start:end]):
            raise NotStringsError("when using JSON array syntax, arrays must be comprised of strings only")
        return None
    return tuple(string(script, first, last) for first, last in spans)


def _strings(text: str, start: int, end: int) -> list[tuple[int, int]] | None:
    """The bounds of the strings, quotes excluded, if the text is an array of strings and nothing else."""
    found: list[tuple[int, int]] = []
    at = _after_blanks(text, start + 1)
    if text[at : at + 1] == "]":
        return found if _after_blanks(text, at + 1) >= end else None
    while match := _STRING.match(text, at, end):
        found.append(match.span(1))
        at = _after_blanks(text, match.end())
        if text[at : at + 1] == "]":
            return found if _after_blanks(text, at + 1) >= end else None
        if text[at : at + 1] != ",":
            return None
        at = _after_blanks(text, at + 1)
    return None


def _after_blanks(text: str, at: int) -> int:
    match = _BETWEEN.match(text, at)
    return match.end() if match else at


def _is_other_array(text: str) -> bool:
    """Whether Go would decode it as an array."""
    import json

    def number(digits: str) -> float:
        value = float(digits)
        if value in (float("inf"), float("-inf")):
            raise ValueError("out of Go's range")
        return value

    def constant(name: str) -> None:
        raise ValueError(f"{name} is not JSON")

    try:
        return isinstance(json.loads(text, parse_int=number, parse_float=number, parse_constant=constant), list)
    except (ValueError, RecursionError):
        return False


def string(script: Script, start: int, end: int) -> ExecWord:
    """The JSON string that stands from `start` to `end`, quotes excluded."""
    builder = ScriptBuilder(script.source.path)
    text = script.text
    if "\\" not in text[start:end] and text[start:end].isascii():
        builder.copy(script, start, end)
    else:
        for match in _CHARACTER.finditer(text, start, end):
            _put(builder, script, match)
    value, source = builder.script()
    if not value:
        source = SourceMap.straight(source.path, script.source.offset(start))
    return ExecWord(value, script.source.place(start - 1, end + 1), source, start)


def _put(builder: ScriptBuilder, script: Script, match: re.Match[str]) -> None:
    high, low, single, escape, plain = match.groups()
    last = script.source.offset(match.end() - 1)
    if plain is not None:
        _put_plain(builder, script, match.start(), match.end())
    elif escape is not None:
        builder.put(_ESCAPES.get(escape, escape), last)
    elif single is not None:
        code = int(single, 16)
        builder.write(spaces.encode("\ufffd" if 0xD800 <= code < 0xE000 else chr(code)), last)
    else:
        code = 0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00
        builder.write(spaces.encode(chr(code)), last)


def _put_plain(builder: ScriptBuilder, script: Script, start: int, end: int) -> None:
    """Bytes that are not UTF-8 become U+FFFD, as Go decodes them."""
    if spaces.is_utf8(script.text[start:end]):
        builder.copy(script, start, end)
        return
    at = start
    for rune in spaces.keep(script.text[start:end]):
        width = len(spaces.encode(rune))
        if "\ud800" <= rune <= "\udfff":
            builder.write("\xef\xbf\xbd", script.source.offset(at))
        else:
            builder.copy(script, at, at + width)
        at += width
