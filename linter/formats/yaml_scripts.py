"""The text of a YAML scalar with the place of each of its bytes: what a shell or a Dockerfile reads out of it."""

from __future__ import annotations

import re

from ..source import Document, Script
from .mapped import MappedText
from .yaml_places import Scalar

_ESCAPE = re.compile(rb"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^\n]|\r?\n[ \t]*)")
_BLANKS = frozenset(b" \t\r\n")


def scalar_script(document: Document, node: Scalar) -> Script:
    """The scalar's value as a script (latin-1, a character per byte of its UTF-8)."""
    value = node.value.encode("utf-8", "surrogatepass")
    mapped = MappedText(document.path)
    quoted = node.style in ("'", '"')
    start = node.start + quoted
    if node.style in ("|", ">"):
        header = document.data.find(b"\n", node.start, node.end)
        start = header + 1 if header >= 0 else node.end
    _align(document.data, start, node.end - quoted, value, mapped, node.style)
    return mapped.script()


def _align(data: bytes, at: int, end: int, value: bytes, mapped: MappedText, style: str) -> None:
    """Walk value and source side by side: all that differs is blanks, line breaks and escapes."""
    done = 0
    count = len(value)
    while done < count:
        run = _common(data, at, _escape(data, at, end) if style == '"' else end, value, done)
        if run:
            mapped.verbatim(value[done : done + run].decode("latin-1"), at)
            at, done = at + run, done + run
            continue
        if at >= end:
            mapped.value(value[done:].decode("latin-1"), max(end - 1, 0), max(end, 1))
            return
        if style == '"' and data[at] == 0x5C and (escape := _ESCAPE.match(data, at, end)):
            length = _escaped_length(escape[0])
            mapped.value(value[done : done + length].decode("latin-1"), at, escape.end())
            at, done = escape.end(), done + length
        elif style == "'" and data.startswith(b"''", at):
            at += 1  # the second of the two stands for itself
        elif value[done] in _BLANKS and data[at] in _BLANKS:
            stop = _skip_blanks(data, at, end)
            blanks = _skip_blanks(value, done, count) - done
            length = _same_tail(data, at, stop, value, done, blanks)
            mapped.value(value[done : done + blanks - length].decode("latin-1"), at, max(at + 1, stop - length))
            at, done = stop - length, done + blanks - length
        elif data[at] in _BLANKS:
            at = _skip_blanks(data, at, end)
        else:
            at += 1


def _escape(data: bytes, at: int, end: int) -> int:
    """Where the next escape begins."""
    found = data.find(b"\\", at, end)
    return found if found >= 0 else end


def _common(data: bytes, at: int, end: int, value: bytes, done: int) -> int:
    """How many bytes are the same from here on."""
    length = min(end - at, len(value) - done)
    run = 0
    while run < length:
        step = min(64, length - run)
        if data[at + run : at + run + step] == value[done + run : done + run + step]:
            run += step
            continue
        while run < length and data[at + run] == value[done + run]:
            run += 1
        break
    return run


def _same_tail(data: bytes, at: int, stop: int, value: bytes, done: int, blanks: int) -> int:
    """How many blanks in front of the next word stand in both: a literal block's own indentation."""
    length = 0
    while (
        length < blanks - 1
        and stop - length - 1 > at
        and data[stop - length - 1] == value[done + blanks - length - 1]
        and data[stop - length - 1] != 0x0A
    ):
        length += 1
    return length


def _skip_blanks(text: bytes, at: int, end: int) -> int:
    while at < end and text[at] in _BLANKS:
        at += 1
    return at


def _escaped_length(escape: bytes) -> int:
    """How many bytes of UTF-8 an escape in a double-quoted scalar stands for."""
    letter = escape[1:2]
    if letter in (b"\r", b"\n"):
        return 0
    if letter in (b"x", b"u", b"U"):
        return len(chr(int(escape[2:], 16)).encode("utf-8", "surrogatepass"))
    return {b"N": 2, b"_": 2, b"L": 3, b"P": 3}.get(letter, 1)
