"""HCL with the byte place of every value, through tree-sitter, which is an optional extra.

Values become the same nodes as YAML's; an expression that is no plain value is a scalar that begins with `${`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any, NamedTuple

from ..source import Document
from .yaml_places import Mapping, Node, Pair, Scalar, Sequence

MISSING = "HCL is read only with the extra `hcl`: pip install 'ns-lint[hcl]'"
MAX_DEPTH = 100


class Block(NamedTuple):
    """`target "app" { … }`: its type, its labels and its attributes."""

    kind: str
    labels: tuple[Scalar, ...]
    body: Mapping


def read_hcl(document: Document) -> tuple[Block, ...] | str:
    """The blocks at the top of a file, or why it cannot be read."""
    try:
        tree_sitter: Any = import_module("tree_sitter")
        grammar: Any = import_module("tree_sitter_hcl")
    except ImportError:
        return MISSING
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    root = parser.parse(document.data).root_node
    blocks: list[Block] = []
    for body in _children(root, "body"):
        blocks.extend(_block(block, document.data) for block in _children(body, "block"))
    return tuple(blocks)


def _children(node: Any, kind: str) -> Iterator[Any]:
    return (child for child in node.children if child.type == kind)


def _text(node: Any, data: bytes) -> str:
    return data[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _block(node: Any, data: bytes) -> Block:
    names = [child for child in node.children if child.type in ("identifier", "string_lit")]
    pairs: list[Pair] = []
    for body in _children(node, "body"):
        for attribute in _children(body, "attribute"):
            keys = list(_children(attribute, "identifier"))
            values = list(_children(attribute, "expression"))
            if keys and values:
                key = Scalar(keys[0].start_byte, keys[0].end_byte, _text(keys[0], data), "")
                value = _value(values[0], data, 0)
                pairs.append(Pair(key, value, values[0].end_byte, False))
    labels = tuple(Scalar(one.start_byte, one.end_byte, _text(one, data).strip('"'), '"') for one in names[1:])
    kind = _text(names[0], data) if names else ""
    return Block(kind, labels, Mapping(node.start_byte, node.end_byte, tuple(pairs), False))


def _value(node: Any, data: bytes, depth: int) -> Node:
    """The node of an expression: strings, numbers, booleans, lists and objects are read, the rest stays as written."""
    while node.type in ("expression", "literal_value", "collection_value", "template_expr") and node.child_count == 1:
        node = node.children[0]
    start, end = node.start_byte, node.end_byte
    if depth < MAX_DEPTH:
        if node.type == "tuple":
            values = tuple(_value(child, data, depth + 1) for child in _children(node, "expression"))
            return Sequence(start, end, values, True)
        if node.type == "object":
            return Mapping(start, end, tuple(_elements(node, data, depth + 1)), True)
    if node.type == "string_lit" or (
        node.type == "quoted_template" and not list(_children(node, "template_interpolation"))
    ):
        return Scalar(start, end, _unquoted(_text(node, data)), '"')
    if node.type == "heredoc_template":
        return Scalar(start, end, _text(node, data), "<<")
    if node.type in ("numeric_lit", "bool_lit"):
        return Scalar(start, end, _text(node, data), "")
    if node.type == "null_lit":
        return Scalar(start, end, "", "")
    text = _text(node, data)
    return Scalar(start, end, text.strip('"') if node.type == "quoted_template" else "${" + text + "}", '"')


def _elements(node: Any, data: bytes, depth: int) -> Iterator[Pair]:
    for element in _children(node, "object_elem"):
        key, *rest = list(_children(element, "expression"))
        if rest:
            name = Scalar(key.start_byte, key.end_byte, _text(key, data).strip('"'), "")
            yield Pair(name, _value(rest[0], data, depth), rest[0].end_byte, False)


def _unquoted(text: str) -> str:
    """HCL's escapes are JSON's, and `$${` for a `${` that is none."""
    try:
        return str(json.loads(text, strict=False)).replace("$${", "${").replace("%%{", "%{")
    except ValueError:
        return text.strip('"')
