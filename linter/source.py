"""Where things stand: files as bytes, places in them, and texts whose every character has a place.

Offsets are byte offsets into the file as read; lines and columns exist only at the edge, in reports.
Script texts are decoded as latin-1, so that one character is one byte and offsets need no table.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple


class Place(NamedTuple):
    """Bytes `start` to `end` (exclusive) of the file at `path`."""

    path: str
    start: int
    end: int


class Position(NamedTuple):
    """A 1-based line, and a 1-based column in code points."""

    line: int
    column: int


class Document:
    """A file as it was read: never decoded as a whole, never normalised."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first byte of each line; a line ends after its newline."""
        starts = [0]
        found = self.data.find(b"\n")
        while found >= 0:
            starts.append(found + 1)
            found = self.data.find(b"\n", found + 1)
        return starts

    def line_of(self, offset: int) -> int:
        """The 1-based line that holds `offset`."""
        return bisect_right(self.line_starts, offset)

    def line_text(self, line: int) -> str:
        """The text of a 1-based line, without its line ending."""
        starts = self.line_starts
        end = starts[line] if line < len(starts) else len(self.data)
        return self.data[starts[line - 1] : end].decode("utf-8", "replace").rstrip("\r\n")

    def position(self, offset: int) -> Position:
        line = self.line_of(offset)
        return Position(line, 1 + len(self._before(line, offset)))

    def utf16_column(self, offset: int) -> int:
        """The 1-based column in UTF-16 code units, which is what SARIF counts in."""
        return 1 + len(self._before(self.line_of(offset), offset).encode("utf-16-le", "replace")) // 2

    def text(self, place: Place) -> str:
        return self.data[place.start : place.end].decode("utf-8", "replace")

    def _before(self, line: int, offset: int) -> str:
        start = self.line_starts[line - 1]
        if line == 1 and self.data.startswith(b"\xef\xbb\xbf"):
            start = min(3, offset)
        return self.data[start:offset].decode("utf-8", "replace")


class SourceMap(NamedTuple):
    """Maps offsets in a joined or unquoted text to offsets in the file it was taken from.

    `texts[i]` is where, in the text, a run of characters begins that stands verbatim in the file from `files[i]`.
    """

    path: str
    texts: tuple[int, ...]
    files: tuple[int, ...]

    @staticmethod
    def straight(path: str, start: int = 0) -> SourceMap:
        """A text that stands in the file as it is, from byte `start`."""
        return SourceMap(path, (0,), (start,))

    def offset(self, at: int) -> int:
        index = max(bisect_right(self.texts, at) - 1, 0)
        return self.files[index] + at - self.texts[index]

    def place(self, start: int, end: int) -> Place:
        """The smallest place that holds the characters `start` to `end` (exclusive) of the text."""
        if len(self.texts) == 1:
            shift = self.files[0] - self.texts[0]
            return Place(self.path, start + shift, max(start, end) + shift)
        if end <= start:
            at = self.offset(start)
            return Place(self.path, at, at)
        return Place(self.path, self.offset(start), self.offset(end - 1) + 1)


class Script(NamedTuple):
    """A text for a shell (latin-1: one character per byte) and where each character of it stands."""

    text: str
    source: SourceMap

    def slice(self, start: int, end: int) -> Script:
        """The characters from `start` to `end` (exclusive), each keeping its place."""
        return joined([_Piece(self, start, end)])


def stand_in(text: str, place: Place) -> Script:
    """A text for what is in the file at `place`: its first character stands at the first byte, the rest at the last."""
    if len(text) == place.end - place.start:
        return Script(text, SourceMap.straight(place.path, place.start))
    last = max(place.end - 1, place.start)
    files = (place.start if len(text) > 1 else last, *(last for _ in text[1:]))
    return Script(text, SourceMap(place.path, tuple(range(len(files))), files))


class _Piece(NamedTuple):
    script: Script
    start: int
    end: int


def joined(pieces: Sequence[_Piece]) -> Script:
    """One script of pieces of others, with the first one's path: what is from another file has a place near it."""
    texts: list[int] = []
    files: list[int] = []
    out: list[str] = []
    length = 0
    path = pieces[0].script.source.path if pieces else ""
    for script, start, end in pieces:
        source = script.source
        if source.path == path:
            first = max(bisect_right(source.texts, start) - 1, 0)
            texts.append(length)
            files.append(source.offset(start))
            for index in range(first + 1, len(source.texts)):
                if source.texts[index] >= end:
                    break
                texts.append(length + source.texts[index] - start)
                files.append(source.files[index])
        out.append(script.text[start:end])
        length += end - start
    return Script("".join(out), SourceMap(path, tuple(texts) or (0,), tuple(files) or (0,)))


def join(scripts: Sequence[Script], between: str) -> Script:
    """The scripts' texts with `between` after each but the last; what stands between has the place before it."""
    pieces: list[_Piece] = []
    for number, script in enumerate(scripts):
        if number and between:
            glue = SourceMap(script.source.path, (0,), (script.source.offset(0),))
            pieces.append(_Piece(Script(between, glue), 0, len(between)))
        pieces.append(_Piece(script, 0, len(script.text)))
    return joined(pieces)
