"""The lines a place stands in, as a terminal shows them, with the place underlined."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple
from unicodedata import category, east_asian_width

from ..linter.source import Document, Place

TAB = 4
"""Tabs are printed as blanks up to the next multiple, so that no terminal's own setting moves the underline."""

MOST_LINES = 5
MOST_COLUMNS = 160
LEAD = 30
"""Columns shown before the place, in a line that is too long to show whole."""

_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Line(NamedTuple):
    """A line to print. Number 0 stands for lines that are left out."""

    number: int
    text: str
    underline: str


def harmless(text: str) -> str:
    """Text that cannot steer a terminal: control characters and changes of direction are shown as �."""
    return "".join("\ufffd" if category(char) in ("Cc", "Cs") or char in _TURNS else char for char in text)


class MarkedLine(NamedTuple):
    """A line of a file, of which the code points `start` to `end` (exclusive) belong to the place. As above for 0."""

    number: int
    text: str
    start: int
    end: int


def marked_lines(document: Document, place: Place) -> Iterator[MarkedLine]:
    """The lines of the place, as they stand in the file; indentation is marked only where the place begins in it."""
    first = document.line_of(place.start)
    last = document.line_of(max(place.start, place.end - 1))
    shown = min(last, first + MOST_LINES - 1)
    for number in range(first, shown + 1):
        text = document.line_text(number).removeprefix("\ufeff" if number == 1 else "")
        before = document.position(place.start).column - 1 if number == first else len(text) - len(text.lstrip())
        ends_here = number == document.line_of(place.end)
        after = document.position(place.end).column - 1 if ends_here else len(text)
        yield MarkedLine(number, text, min(before, len(text)), min(after, len(text)))
    if shown < last:
        yield MarkedLine(0, "…", 0, 0)


def excerpt(document: Document, place: Place) -> Iterator[Line]:
    first = document.line_of(place.start)
    for number, text, start, end in marked_lines(document, place):
        yield Line(number, *_underlined(text, start, end, always=number == first))


def _underlined(text: str, before: int, after: int, *, always: bool) -> tuple[str, str]:
    """The text and what to print below it, both cut to a window around the place where the text is long."""
    cells = _cells(text)
    columns = [0, *accumulate(width for _, width in cells)]
    start, end = columns[before], columns[after]
    first = bisect_left(columns, start - LEAD) if columns[-1] > MOST_COLUMNS else 0
    last = bisect_right(columns, columns[first] + MOST_COLUMNS) - 1
    shown = "".join(cell for cell, _ in cells[first:last])
    margin = "…" if first else ""
    width = max(min(end, columns[last]) - start, 1 if always else 0)
    underline = " " * (len(margin) + start - columns[first]) + "^" * width if width > 0 else ""
    return margin + shown + ("…" if last < len(cells) else ""), underline


def _cells(text: str) -> list[tuple[str, int]]:
    """What is printed for each code point, and the columns it takes."""
    cells: list[tuple[str, int]] = []
    column = 0
    for char in text:
        cell = " " * (TAB - column % TAB) if char == "\t" else harmless(char)
        width = len(cell)
        if cell == char and category(char) in ("Mn", "Me", "Cf"):
            width = 0
        elif east_asian_width(char) in ("W", "F"):
            width = 2
        cells.append((cell, width))
        column += width
    return cells
