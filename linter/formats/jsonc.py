"""JSON with the byte place of every value; comments and trailing commas are let pass, as in devcontainer.json."""

from __future__ import annotations

import json
import re

from ..source import Document
from .yaml_places import BOM, MAX_NODES, Mapping, Node, Pair, Scalar, Sequence, Yaml

_BLANKS = re.compile(rb"(?:[ \t\r\n]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(rb'"(?:[^"\\\n]|\\.)*"', re.DOTALL)
_BARE = re.compile(rb"[^\s,\[\]{}:\"/]+")
MAX_DEPTH = 200


class _Broken(Exception):
    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


def read_json(document: Document) -> Yaml:
    """The file's value as nodes, all of them in flow style. Never raises."""
    data = document.data
    reader = _Reader(data)
    try:
        data.decode("utf-8")
        node = reader.value(len(BOM) if data.startswith(BOM) else 0, 0)
    except UnicodeDecodeError as error:
        return Yaml(document, (), "it is not UTF-8", error.start)
    except _Broken as error:
        return Yaml(document, (), f"it is not JSON: {error}", error.at)
    return Yaml(document, (node,))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.count = 0

    def blanks(self, at: int) -> int:
        found = _BLANKS.match(self.data, at)
        return found.end() if found else at

    def value(self, at: int, depth: int) -> Node:
        at = self.blanks(at)
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_NODES:
            raise _Broken("it is too deep or too large to be a config", at)
        char = self.data[at : at + 1]
        if char == b"{":
            return self.object(at, depth)
        if char == b"[":
            return self.array(at, depth)
        return self.scalar(at)

    def scalar(self, at: int) -> Scalar:
        if found := _STRING.match(self.data, at):
            try:
                return Scalar(at, found.end(), str(json.loads(found[0], strict=False)), '"')
            except ValueError as error:
                raise _Broken("a string cannot be read", at) from error
        if found := _BARE.match(self.data, at):
            return Scalar(at, found.end(), found[0].decode("utf-8", "replace"), "")
        raise _Broken("a value is missing", at)

    def object(self, start: int, depth: int) -> Mapping:
        pairs: list[Pair] = []
        at = self.blanks(start + 1)
        while self.data[at : at + 1] != b"}":
            key = self.scalar(at)
            at = self.blanks(key.end)
            if self.data[at : at + 1] != b":":
                raise _Broken("a colon is missing", at)
            value = self.value(at + 1, depth + 1)
            pairs.append(Pair(key, value, value.end, False))
            at = self.separator(value.end, b"}")
        return Mapping(start, at + 1, tuple(pairs), True)

    def array(self, start: int, depth: int) -> Sequence:
        items: list[Node] = []
        at = self.blanks(start + 1)
        while self.data[at : at + 1] != b"]":
            items.append(self.value(at, depth + 1))
            at = self.separator(items[-1].end, b"]")
        return Sequence(start, at + 1, tuple(items), True)

    def separator(self, at: int, closer: bytes) -> int:
        at = self.blanks(at)
        if self.data[at : at + 1] == b",":
            return self.blanks(at + 1)
        if self.data[at : at + 1] != closer:
            raise _Broken("a comma is missing", at)
        return at
