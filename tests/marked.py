"""Examples carry «marks» where findings are expected: take them out, and say where they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ns_lint.linter.rule import Bad, Example, Good, Warn
from ns_lint.linter.source import Document, Place


class Marked(NamedTuple):
    """An example's files without marks, and the places that were marked."""

    document: Document
    context: Mapping[str, bytes]
    places: frozenset[Place]


def unmark(example: Bad | Warn | Good) -> Marked:
    data, places = _without_marks(example.path, example.text.encode())
    context: dict[str, bytes] = {}
    for name, content in example.context.items():
        plain, found = _without_marks(name, content if isinstance(content, bytes) else content.encode())
        context[name] = plain
        places |= found
    return Marked(Document(example.path, data), context, places)


def _without_marks(path: str, data: bytes) -> tuple[bytes, frozenset[Place]]:
    """Marks nest: a closing one ends what was opened last."""
    out = bytearray()
    opened: list[int] = []
    places: set[Place] = set()
    at = 0
    while at < len(data):
        if data.startswith("«".encode(), at):
            opened.append(len(out))
            at += 2
        elif opened and data.startswith("»".encode(), at):
            places.add(Place(path, opened.pop(), len(out)))
            at += 2
        else:
            out.append(data[at])
            at += 1
    assert not opened, f"a mark is not closed in {path}"
    return bytes(out), frozenset(places)


def identify(code: str, number: int, example: Example) -> str:
    return f"{code}-{number}-{type(example).__name__}"
