"""YAML with the byte place of every node: PyYAML's events (libyaml), never a round trip.

What libyaml's marks need (measured on 1,200 files): `.index` counts code points, a BOM shifts it, an anchor or a tag is
inside the node's range, and a block collection ends where the next token begins.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, cast

from ..pod import Insertion
from ..source import Document, Place

BOM = b"\xef\xbb\xbf"
MAX_NODES = 200_000
"""A file of more nodes than this is not read: no config a person writes has them."""


class Scalar(NamedTuple):
    """`style` is `'`, `"`, `|`, `>` or empty for a plain one; `start` is at the quote or the indicator."""

    start: int
    end: int
    value: str
    style: str


class Pair(NamedTuple):
    """`end` is where the value ends on this line, which for an alias is the alias, not what it stands for."""

    key: Scalar
    value: Node
    end: int
    alias: bool


class Mapping(NamedTuple):
    start: int
    end: int
    pairs: tuple[Pair, ...]
    flow: bool

    def pair(self, key: str) -> Pair | None:
        """The pair of that key, the last one where there are several; merged ones (`<<`) come after its own."""
        for layer in self._layers():
            for pair in reversed(layer.pairs):
                if pair.key.value == key:
                    return pair
        return None

    def get(self, key: str) -> Node | None:
        found = self.pair(key)
        return found.value if found is not None else None

    def every(self) -> Iterator[Pair]:
        """All pairs that hold, each key once, merged ones behind its own."""
        seen = {"<<"}
        for layer in self._layers():
            last = {pair.key.value: pair for pair in layer.pairs}
            for pair in layer.pairs:
                if pair.key.value not in seen and last[pair.key.value] is pair:
                    seen.add(pair.key.value)
                    yield pair

    def _layers(self) -> Iterator[Mapping]:
        """The mapping itself, then what is merged into it, each once: merges that merge merges are 2^n otherwise."""
        waiting: list[Mapping] = [self]
        seen: set[int] = set()
        for layer in waiting:
            if id(layer) in seen:
                continue
            seen.add(id(layer))
            yield layer
            for pair in layer.pairs:
                if pair.key.value == "<<" and not pair.key.style:
                    merged = pair.value.items if isinstance(pair.value, Sequence) else (pair.value,)
                    waiting.extend(one for one in merged if isinstance(one, Mapping) and id(one) not in seen)


class Sequence(NamedTuple):
    start: int
    end: int
    items: tuple[Node, ...]
    flow: bool
    tag: str = ""


Node = Scalar | Mapping | Sequence


class Yaml(NamedTuple):
    """The documents of a file; `problem` says why reading stopped, at an offset, if it did."""

    document: Document
    roots: tuple[Node, ...]
    problem: str | None = None
    at: int = 0

    def place(self, node: Node) -> Place:
        return Place(self.document.path, node.start, node.end)


def read_yaml(document: Document) -> Yaml:
    """Every document of a YAML file up to the first that cannot be read. Never raises."""
    import yaml

    data = document.data
    skipped = len(BOM) if data.startswith(BOM) else 0
    body = data[skipped:]
    try:
        offsets = _Offsets(body, skipped)
    except UnicodeDecodeError as error:
        return Yaml(document, (), "it is not UTF-8", skipped + error.start)
    builder = _Builder(data, offsets)
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    parse = cast("Callable[..., Iterator[object]]", yaml.parse)  # pyright: ignore[reportUnknownMemberType] - untyped
    try:
        for event in parse(body, Loader=loader):
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        at = offsets.byte(mark.index) if mark is not None else skipped
        return Yaml(document, tuple(builder.roots), _reason(error, data), at)
    except (_TooMany, ValueError) as error:
        return Yaml(document, (), str(error), 0)
    return Yaml(document, tuple(builder.roots))


_TEMPLATE = re.compile(rb"\{\{|\{%|<%|<<\s*parameters|^\s*#\s*\{\{", re.MULTILINE)


def _reason(error: Exception, data: bytes) -> str:
    if _TEMPLATE.search(data):
        return "it is a template"
    return f"it is not YAML: {getattr(error, 'problem', None) or error}"


class _TooMany(Exception):
    pass


class _Offsets:
    """From libyaml's code points to bytes of the file."""

    def __init__(self, body: bytes, skipped: int) -> None:
        self.skipped = skipped
        self.wide: list[int] = []
        self.extra: list[int] = [0]
        if body.isascii():
            return
        total = 0
        for match in re.finditer(r"[^\x00-\x7f]", body.decode("utf-8")):
            total += len(match[0].encode("utf-8")) - 1
            self.wide.append(match.start())
            self.extra.append(total)

    def byte(self, index: int) -> int:
        return index + self.skipped + self.extra[bisect_right(self.wide, index - 1)]


class _Open:
    """A collection whose end has not come yet."""

    __slots__ = ("anchor", "children", "ends", "flow", "mapping", "start", "tag")

    def __init__(self, *, mapping: bool, start: int, flow: bool, anchor: str | None, tag: str) -> None:
        self.mapping = mapping
        self.start = start
        self.flow = flow
        self.anchor = anchor
        self.tag = tag
        self.children: list[Node] = []
        self.ends: list[tuple[int, bool]] = []


_PROPERTY = re.compile(rb"[&!][^\s,\[\]{}]*(?:\s+|#[^\n]*\n)*")


class _Builder:
    """Makes nodes of events, with a stack of its own: a file may nest deeper than Python recurses."""

    def __init__(self, data: bytes, offsets: _Offsets) -> None:
        self.data = data
        self.offsets = offsets
        self.roots: list[Node] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._count = 0

    def take(self, event: object) -> None:
        name = type(event).__name__
        e = cast("Any", event)
        match name:
            case "ScalarEvent":
                start = self._start(e.start_mark.index)
                end = max(start, self._byte(e.end_mark.index))
                node = Scalar(start, self._trimmed(start, end, e.style), e.value, e.style or "")
                self._add(node, node.end, e.anchor)
            case "AliasEvent":
                target = self._anchors.get(e.anchor)
                start, end = self._byte(e.start_mark.index), self._byte(e.end_mark.index)
                self._add(target if target is not None else Scalar(start, end, "", ""), end, None, alias=True)
            case "MappingStartEvent" | "SequenceStartEvent":
                start = self._start(e.start_mark.index)
                mapping = name.startswith("Mapping")
                tag = e.tag or ""
                self._stack.append(
                    _Open(mapping=mapping, start=start, flow=bool(e.flow_style), anchor=e.anchor, tag=tag)
                )
            case "MappingEndEvent" | "SequenceEndEvent":
                self._close(self._byte(e.end_mark.index))
            case "DocumentStartEvent":
                self._anchors = {}
            case _:
                pass

    def _byte(self, index: int) -> int:
        return self.offsets.byte(index)

    def _start(self, index: int) -> int:
        at = self._byte(index)
        while self.data[at : at + 1] in (b"&", b"!") and (found := _PROPERTY.match(self.data, at)):
            at = found.end()
        return at

    def _trimmed(self, start: int, end: int, style: str | None) -> int:
        """A block scalar ends with its last line of text, not with the blank lines behind it."""
        if style not in ("|", ">"):
            return end
        return start + len(self.data[start:end].rstrip())

    def _close(self, end: int) -> None:
        opened = self._stack.pop()
        ends = opened.ends
        last = end if opened.flow else ends[-1][0] if ends else opened.start
        if opened.mapping:
            pairs: list[Pair] = []
            for number in range(0, len(opened.children) - 1, 2):
                key, value = opened.children[number : number + 2]
                if isinstance(key, Scalar):
                    pairs.append(Pair(key, value, *ends[number + 1]))
            node: Node = Mapping(opened.start, last, tuple(pairs), opened.flow)
        else:
            node = Sequence(opened.start, last, tuple(opened.children), opened.flow, opened.tag)
        self._add(node, last, opened.anchor)

    def _add(self, node: Node, end: int, anchor: str | None, *, alias: bool = False) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            raise _TooMany("it is too large to be a config")
        if anchor is not None:
            self._anchors[anchor] = node
        if self._stack:
            self._stack[-1].children.append(node)
            self._stack[-1].ends.append((end, alias))
        else:
            self.roots.append(node)


# ------------------------------------------------------------------------------------------------------------- lookups


def scalar(node: Node | None) -> str | None:
    """The value of a scalar, None for anything else, and for a null."""
    if not isinstance(node, Scalar) or (not node.style and node.value in ("", "~", "null", "Null", "NULL")):
        return None
    return node.value


def mapping(node: Node | None) -> Mapping | None:
    return node if isinstance(node, Mapping) else None


def items(node: Node | None) -> tuple[Node, ...]:
    """The items of a sequence, nothing for anything else."""
    return node.items if isinstance(node, Sequence) else ()


def at(node: Node | None, *keys: str) -> Node | None:
    """The node below these keys, None where one is missing."""
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


# --------------------------------------------------------------------------------------------------------------- edits


def removal(data: bytes, pair: Pair, path: str) -> Place | None:
    """What to delete to leave a pair out: its lines in a block mapping, itself and a comma in a flow one.

    None where something else stands on its lines, or where it would leave nothing behind the key above.
    """
    start, end = pair.key.start, max(pair.end, pair.key.end)
    line = data.rfind(b"\n", 0, start) + 1
    behind = re.compile(rb"[ \t]*(?:(?:#|//)[^\n]*)?(?:\r?\n|\Z)").match(data, end)
    if not data[line:start].strip() and behind:
        return Place(path, line, behind.end())
    comma = re.compile(rb"[ \t\r\n]*,[ \t]*").match(data, end)
    if comma:
        return Place(path, start, comma.end())
    before = re.compile(rb",[ \t\r\n]*\Z").search(data[max(0, start - 200) : start])
    return Place(path, start - (len(before[0]) if before else 0), end) if before else None


def new_entry(document: Document, node: Mapping) -> Insertion | None:
    """Where a key can be put into a mapping: in front of its first one."""
    if not node.pairs:
        return Insertion(Place(document.path, node.start + 1, node.start + 1), "") if node.flow else None
    first = node.pairs[0].key.start
    place = Place(document.path, first, first)
    if node.flow:
        return Insertion(place, "", ", ")
    indent = _column_text(document.data, first)
    return Insertion(place, "", "\n" + indent, indent)


def new_item(document: Document, node: Sequence) -> Insertion | None:
    """Where an item can be put behind the last one of a sequence."""
    if node.flow:
        end = node.end - 1
        last = node.items[-1].end if node.items else end
        return Insertion(Place(document.path, last, last), ", " if node.items else "")
    if not node.items or node.items[-1].end < node.items[-1].start:
        return None
    end = node.end
    newline = document.data.find(b"\n", end)
    line_end = newline if newline >= 0 else len(document.data)
    if document.data[line_end - 1 : line_end] == b"\r":
        line_end -= 1
    indent = _column_text(document.data, node.start)
    return Insertion(Place(document.path, line_end, line_end), f"\n{indent}- ", indent=indent + "  ")


def _column_text(data: bytes, at: int) -> str:
    """Blanks as wide as what stands before `at` on its line."""
    line = data[data.rfind(b"\n", 0, at) + 1 : at].decode("utf-8", "replace")
    return "".join("\t" if char == "\t" else " " for char in line)
