"""Heredocs of RUN, COPY and ADD: `<<NAME` in the instruction, the body in the lines after it.

Source: BuildKit 0.34.2, frontend/dockerfile/parser/parser.go (heredocsFromLine, heredocFromMatch).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..source import Place, Script, SourceMap
from . import spaces
from .expansion import Lexer, WordError
from .lines import LineReader
from .mapping import ScriptBuilder

_TAG = re.compile(r"([0-9]*)<<(-?)[\t\n\f\r ]*([^<]*)")
_LARGEST_FD = 2**64 - 1


class Tag(NamedTuple):
    """`3<<-NAME`; `expand` is off when any part of the name is quoted."""

    name: str
    fd: int
    strip_tabs: bool
    expand: bool


class Heredoc(NamedTuple):
    """A heredoc with its body as it stands, and as a script: with `strip_tabs`, without the leading tabs of its lines.

    `end` is the line that ends the body; it is empty, at the end of the file, when `terminated` is false.
    """

    name: str
    fd: int
    strip_tabs: bool
    expand: bool
    body: Script
    script: Script
    place: Place
    end: Place
    terminated: bool


def tags(text: str) -> list[Tag]:
    """The heredocs that an instruction's text opens; none where it cannot be split into words."""
    try:
        words = Lexer(text, raw_quotes=True, raw_escapes=True).words()
    except WordError:
        return []
    return [found for word in words if (found := tag(word)) is not None]


def tag(word: str) -> Tag | None:
    """The heredoc that a word opens, if it is one."""
    match = _TAG.fullmatch(word)
    if match is None or not match[3]:
        return None
    try:
        names = Lexer(spaces.encode(match[3])).words()
        raw = Lexer(spaces.encode(match[3]), raw_quotes=True).words()
    except WordError:
        return None
    if len(names) != 1 or len(raw) != 1:
        return None
    digits = match[1].lstrip("0")
    fd = _LARGEST_FD if len(digits) > 20 else min(int(digits or "0"), _LARGEST_FD)
    return Tag(spaces.encode(names[0]), fd, bool(match[2]), _quotes(names[0]) == _quotes(raw[0]))


def opens_alone(arguments: str) -> bool:
    """Whether a heredoc is all that the arguments are."""
    return tag(spaces.decode(arguments)) is not None


def _quotes(text: str) -> int:
    return text.count("'") + text.count('"')


def read(reader: LineReader, opened: Tag) -> Heredoc:
    """Take the heredoc's body from the lines that follow."""
    start = reader.offset
    while True:
        end = reader.offset
        line = reader.take()
        if line is None or (line.lstrip("\t") if opened.strip_tabs else line) == opened.name:
            break
    source = SourceMap.straight(reader.path, start)
    body = Script(reader.text[start:end], source)
    script = _without_tabs(body, start) if opened.strip_tabs else body
    closing = Place(reader.path, end, end if line is None else end + len(line))
    return Heredoc(*opened, body, script, Place(reader.path, start, end), closing, line is not None)


def _without_tabs(script: Script, start: int) -> Script:
    builder = ScriptBuilder(script.source.path)
    for line in script.text.split("\n"):
        stripped = line.lstrip("\t")
        builder.put(stripped + "\n", start + len(line) - len(stripped))
        start += len(line) + 1
    joined = builder.script()
    return Script(joined.text[:-1], joined.source)
