"""BuildKit's line rules: physical lines → logical lines, comments, continuations, parser directives.

Source: BuildKit 0.34.2, frontend/dockerfile/parser/parser.go and directives.go.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..source import Document, Place, SourceMap
from . import spaces

LONGEST_LINE = 65535
"""Bytes without the newline: one more, and Go's bufio.Scanner gives up."""

_BOM = "\xef\xbb\xbf"
_BLANK = "\t\n\f\r "
_DIRECTIVE = re.compile(rf"([a-zA-Z][a-zA-Z0-9]*)[{_BLANK}]*=([^\n]+)")
_DIRECTIVES = ("syntax", "escape", "check")


class SyntaxProblem(NamedTuple):
    """Why BuildKit refuses the file."""

    place: Place
    message: str


class Directive(NamedTuple):
    """`# name=value` at the top of the file; the place is that of the value."""

    name: str
    value: str
    place: Place


class LogicalLine(NamedTuple):
    """One instruction's text with its continuation lines joined; `first` and `last` are 1-based physical lines."""

    text: str
    source: SourceMap
    first: int
    last: int


class LineReader:
    """Reads logical lines in order; between two of them, a heredoc may take physical ones."""

    def __init__(self, document: Document) -> None:
        text = document.data.decode("latin-1")
        self.path = document.path
        self.text = text
        self.escape = "\\"
        self.directives: list[Directive] = []
        self.problems: list[SyntaxProblem] = []
        self._starts = document.line_starts
        self._lines = text.split("\n")
        if not self._lines[-1]:
            self._lines.pop()
        self._next = 0
        self._directives_over = False
        if len(text) > LONGEST_LINE:
            self._find_long_lines()

    def _find_long_lines(self) -> None:
        for start, line in zip(self._starts, self._lines, strict=False):
            if len(line) > LONGEST_LINE:
                self._refuse(start, start + len(line), f"line is longer than {LONGEST_LINE} bytes")

    def _refuse(self, start: int, end: int, message: str) -> None:
        self.problems.append(SyntaxProblem(Place(self.path, start, end), message))

    @property
    def line(self) -> int:
        """The 1-based number of the last line that was taken."""
        return self._next

    @property
    def offset(self) -> int:
        """Where the next physical line starts."""
        return self._starts[self._next] if self._next < len(self._starts) else len(self.text)

    @property
    def end(self) -> int:
        """Where the last line that was taken ends, its line ending excluded."""
        return self._starts[self._next - 1] + len(self._lines[self._next - 1].rstrip("\r"))

    def take(self) -> str | None:
        """The next physical line, without its line ending."""
        if self._next == len(self._lines):
            return None
        self._next += 1
        return self._lines[self._next - 1].rstrip("\r")

    def logical(self) -> LogicalLine | None:
        """The next logical line; comments and blank lines before it are skipped."""
        while (line := self.take()) is not None:
            first = self._next
            start = self._starts[first - 1]
            lead = len(_BOM) if first == 1 and line.startswith(_BOM) else 0
            lead = spaces.skip(line, lead)
            if not self._directives_over:
                self._directive(line, lead, start)
            if lead < len(line) and line[lead] != "#":
                return self._joined(line[lead:], start + lead, first)
        return None

    def _joined(self, piece: str, start: int, first: int) -> LogicalLine:
        """A backslash before the end of the line joins the next one, unless another backslash stands before it."""
        pieces: list[str] = []
        texts = [0]
        files = [start]
        length = 0
        while (cut := self._continuation(piece)) >= 0:
            pieces.append(piece[:cut])
            length += cut
            following = self._continuing()
            if following is None:
                piece = ""
                break
            piece = following
            texts.append(length)
            files.append(self._starts[self._next - 1])
        pieces.append(piece)
        return LogicalLine("".join(pieces), SourceMap(self.path, tuple(texts), tuple(files)), first, self._next)

    def _continuation(self, piece: str) -> int:
        """Where the escape character that continues the line stands, or -1."""
        last = len(piece.rstrip(" \t")) - 1
        if last < 0 or piece[last] != self.escape or (last and piece[last - 1] == self.escape):
            return -1
        return last

    def _continuing(self) -> str | None:
        """The line that continues the one before; comments and blank lines between them do not count."""
        while (line := self.take()) is not None:
            at = spaces.skip(line)
            if at < len(line) and line[at] != "#":
                return line
        return None

    def _directive(self, line: str, at: int, start: int) -> None:
        match = _DIRECTIVE.fullmatch(line, spaces.skip(line, at + 1)) if line[at : at + 1] == "#" else None
        name = match[1].lower() if match else ""
        if match is None or name not in _DIRECTIVES:
            self._directives_over = True
            return
        begin, end = match.span(2)
        value = match[2].strip(_BLANK) or line[end - 1]
        begin = line.index(value, begin)
        place = Place(self.path, start + begin, start + begin + len(value))
        if any(directive.name == name for directive in self.directives):
            self._refuse(place.start, place.end, f"only one {name} parser directive can be used")
            self._directives_over = True
            return
        if name == "escape":
            if value in ("\\", "`"):
                self.escape = value
            else:
                self._refuse(place.start, place.end, f"invalid escape token {value!r}: it must be ` or \\")
        self.directives.append(Directive(name, value, place))
