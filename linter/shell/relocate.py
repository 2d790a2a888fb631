"""Trees with other offsets, or with here-documents that were read after the command they belong to."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from .tree import HereDoc, Node, Redirect


def relocated(tree: Node, offsets: Sequence[int]) -> Node:
    """The tree of a text whose character `i` stands at `offsets[i]` of another one (and its end at the last)."""

    def move(value: object) -> object:
        moved = _rebuilt(value, move)
        span = _span(moved)
        if span is None:
            return moved
        start, end = span
        # What is empty stands behind the character before it, where what holds it may end.
        moved_start = offsets[start] if start < end or not start else offsets[start - 1] + 1
        moved_end = offsets[end - 1] + 1 if start < end else moved_start
        return cast("Redirect", moved)._replace(start=moved_start, end=moved_end)

    return cast("Node", move(tree))


def with_heredocs(tree: Node, heredocs: Mapping[int, HereDoc]) -> Node:
    """The tree with the bodies of its here-documents; each is named by the offset of its redirect."""
    starts = sorted(heredocs)

    def fill(value: object) -> object:
        span = _span(value)
        if span is not None:
            index = bisect_left(starts, span[0])
            if index == len(starts) or starts[index] >= span[1]:
                return value
        filled = _rebuilt(value, fill)
        if isinstance(filled, Redirect) and filled.start in heredocs:
            return filled._replace(heredoc=cast("HereDoc", fill(heredocs[filled.start])))
        return filled

    return cast("Node", fill(tree))


def _rebuilt(value: object, change: Callable[[object], object]) -> object:
    """The same node or tuple, of changed items."""
    if not isinstance(value, tuple):
        return value
    items = map(change, cast("tuple[object, ...]", value))
    make = getattr(cast("object", value), "_make", tuple)
    return cast("object", make(items))


def _span(value: object) -> tuple[int, int] | None:
    """A node's offsets; other tuples have none."""
    start = getattr(value, "start", None)
    end = getattr(value, "end", None)
    return (start, end) if isinstance(start, int) and isinstance(end, int) else None
