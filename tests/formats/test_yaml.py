"""YAML with places: what stands where, whatever the style, and nothing that makes the reader fall over."""

from __future__ import annotations

import json
import textwrap
import time
from typing import cast

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.linter.formats.jsonc import read_json
from ns_lint.linter.formats.yaml_places import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    at,
    new_entry,
    new_item,
    read_yaml,
    removal,
)
from ns_lint.linter.formats.yaml_scripts import scalar_script
from ns_lint.linter.source import Document

FIXED = settings(derandomize=True, deadline=None, max_examples=150)


def document(text: str | bytes) -> Document:
    return Document("x.yaml", textwrap.dedent(text).encode() if isinstance(text, str) else text)


def root(doc: Document) -> Node:
    found = read_yaml(doc)
    assert found.problem is None, found.problem
    return found.roots[0]


def scalars(node: Node) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    children = node.items if isinstance(node, Sequence) else tuple(pair.value for pair in node.pairs)
    return [one for child in children for one in scalars(child)]


@pytest.mark.parametrize(
    ("text", "written", "value"),
    [
        ("k: plain text # c\n", "plain text", "plain text"),
        ("k: 'it''s'\n", "'it''s'", "it's"),
        ('k: "a\\tb"\n', '"a\\tb"', "a\tb"),
        ("k: &anchor !!str x\n", "x", "x"),
        ("\ufeffk: x\n", "x", "x"),
        ("é: ü\n", "ü", "ü"),
        ("a: ☃☃\nk: x\n", "x", "x"),
        ("k: |\n  one\n  two\n\n\nj: 1\n", "|\n  one\n  two", "one\ntwo\n"),
        ("k: >-\n  one\n  two\n", ">-\n  one\n  two", "one two"),
        ("k:\r\n  - x\r\n", "x", "x"),
        ("k: [a, 'x']\n", "'x'", "x"),
        ("k: {j: x}\n", "x", "x"),
        ("? k\n: x\n", "x", "x"),
        ("a: 1\n---\nk: x\n", "x", "x"),
    ],
)
def test_a_scalar_stands_where_it_says(text: str, written: str, value: str) -> None:
    doc = document(text.encode())
    found = [one for node in read_yaml(doc).roots for one in scalars(node) if one.value == value]
    assert [doc.data[one.start : one.end].decode() for one in found] == [written]


def test_merge_keys_aliases_and_duplicates() -> None:
    node = root(
        document(
            """\
            base: &b {a: 1, b: 2, b: 3}
            more: &m {c: 4}
            k: {<<: [*b, *m], a: 9}
            l: *b
            """
        )
    )
    k = at(node, "k")
    assert isinstance(k, Mapping)
    assert {pair.key.value: at(k, pair.key.value) for pair in k.every()}.keys() == {"a", "b", "c"}
    values = {pair.key.value: pair.value.value for pair in k.every() if isinstance(pair.value, Scalar)}
    assert values == {"a": "9", "b": "3", "c": "4"}
    assert at(node, "l", "a") is at(node, "base", "a")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: {{ .Values.x }}: y\n", "it is a template"),
        ("{{- if .x }}\na: b\n{{- end }}\n", "it is a template"),
        ("a: [1\nb: 2\n", "it is not YAML"),
        ("a:\n\t- b\n", "it is not YAML"),
        (b"a: \xff\n", "it is not UTF-8"),
        ("a: *nothing\nb: 'x\n", "it is not YAML"),
    ],
)
def test_what_cannot_be_read_is_said(text: str | bytes, problem: str) -> None:
    found = read_yaml(document(text))
    assert found.problem is not None
    assert found.problem.startswith(problem)


def test_documents_before_a_broken_one_are_read() -> None:
    found = read_yaml(document("a: 1\n---\nb: [\n"))
    assert len(found.roots) == 1
    assert found.problem is not None


def test_a_billion_laughs_are_not_laughed() -> None:
    levels = ["a0: &a0 {x: 1}"]
    levels += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}], y{n}: 1}}" for n in range(1, 60)]
    start = time.monotonic()
    last = at(root(document("\n".join(levels).encode())), "a59")
    assert isinstance(last, Mapping)
    assert last.get("nothing") is None
    assert len(list(last.every())) == 60
    assert time.monotonic() - start < 2


@pytest.mark.parametrize("text", [b"[" * 5000, b"{a: " * 5000, b"- " * 5000 + b"x\n", b"&a [*a]\n", b"a: &a {b: *a}\n"])
def test_nests_as_deep_as_it_likes(text: bytes) -> None:
    read_yaml(document(text))
    read_json(document(text))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@FIXED
def test_never_raises(data: bytes) -> None:
    for found in (read_yaml(document(data)), read_json(document(data))):
        for node in found.roots:
            for one in scalars(node):
                assert 0 <= one.start <= one.end <= len(data)


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]) | st.sampled_from(" \n'\"\\:#-é"), max_size=60)


@given(TEXTS, st.sampled_from(["|", '"', "'", ">", None]))
@FIXED
def test_every_byte_of_a_scalar_has_its_place(text: str, style: str | None) -> None:
    """Whatever PyYAML writes: the script is the value, and what stands verbatim maps to itself."""
    data = yaml.safe_dump({"k": [text]}, default_style=style, allow_unicode=True).encode()
    doc = document(data)
    found = root(doc)
    assert isinstance(found, Mapping)
    (one,) = scalars(found.pairs[0].value)
    script = scalar_script(doc, one)
    assert script.text.encode("latin-1").decode() == one.value
    for number, char in enumerate(script.text):
        place = script.source.place(number, number + 1)
        assert one.start <= place.start <= place.end <= len(data)
        if char.isalnum() and char.isascii() and b"\\" not in data:
            assert data[place.start : place.end].decode("latin-1") == char


def test_words_of_a_block_keep_their_places() -> None:
    doc = document(
        """\
        s:
          - |
            docker build \\
              --squash .
          - >-
            docker   build
            --pull
            .
          - "docker build \\"--no-cache\\" ."
          - docker build
              --push .
        """
    )
    for node, word in zip(scalars(root(doc)), ("--squash", "--pull", "--no-cache", "--push"), strict=True):
        script = scalar_script(doc, node)
        begin = script.text.index(word)
        place = script.source.place(begin, begin + len(word))
        assert doc.text(place) == word


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\nk: x # why\nb: 2\n", "a: 1\nb: 2\n"),
        ("a: 1\nk:\n  - x\n  - y\n", "a: 1\n"),
        ("o:\n  k: x\n  b: 2\n", "o:\n  b: 2\n"),
        ("o: {k: x, b: 2}\n", "o: {b: 2}\n"),
        ("o: {b: 2, k: x}\n", "o: {b: 2}\n"),
        ("a: 1\r\nk: x\r\n", "a: 1\r\n"),
        ("a: 1\nk: x", "a: 1\n"),
        ("- k: x\n  b: 2\n", None),
        ("o: {k: x}\n", None),
    ],
)
def test_a_pair_is_left_out(before: str, after: str | None) -> None:
    doc = document(before.encode())
    pairs = [pair for node in _mappings(root(doc)) for pair in node.pairs if pair.key.value == "k"]
    cut = removal(doc.data, pairs[0], "x.yaml")
    assert (None if cut is None else (doc.data[: cut.start] + doc.data[cut.end :]).decode()) == after


def _mappings(node: Node) -> list[Mapping]:
    if isinstance(node, Scalar):
        return []
    children = node.items if isinstance(node, Sequence) else tuple(pair.value for pair in node.pairs)
    own = [node] if isinstance(node, Mapping) else []
    return own + [one for child in children for one in _mappings(child)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("o:\n  a: 1\n", "o:\n  new: 1\n  a: 1\n"),
        ("o: {a: 1}\n", "o: {new: 1, a: 1}\n"),
        ("o: {}\n", "o: {new: 1}\n"),
        ("- o:\n    a: 1\n", "- o:\n    new: 1\n    a: 1\n"),
    ],
)
def test_a_key_is_put_in(before: str, after: str) -> None:
    doc = document(before.encode())
    (node,) = [value for one in _mappings(root(doc)) if isinstance(value := one.get("o"), Mapping)]
    where = new_entry(doc, node)
    assert where is not None
    place = where.place
    assert doc.data[: place.start].decode() + where.around("new: 1") + doc.data[place.end :].decode() == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("o:\n  - a # why\nb: 1\n", "o:\n  - a # why\n  - new\nb: 1\n"),
        ("o: [a]\n", "o: [a, new]\n"),
        ("o: []\n", "o: [new]\n"),
        ("o:\n- a", "o:\n- a\n- new"),
    ],
)
def test_an_item_is_put_in(before: str, after: str) -> None:
    doc = document(before.encode())
    node = at(root(doc), "o")
    assert isinstance(node, Sequence)
    where = new_item(doc, node)
    assert where is not None
    place = where.place
    assert doc.data[: place.start].decode() + where.around("new") + doc.data[place.end :].decode() == after


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
@FIXED
def test_json_is_read_as_json(value: object) -> None:
    found = read_json(document(json.dumps(value, indent=2).encode()))
    assert found.problem is None
    assert _plain(found.roots[0]) == _texts(value)


def _plain(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return {pair.key.value: _plain(pair.value) for pair in node.pairs}


def _texts(value: object) -> object:
    if isinstance(value, list):
        return [_texts(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        return {key: _texts(item) for key, item in cast("dict[str, object]", value).items()}
    return value if isinstance(value, str) else json.dumps(value)


def test_comments_and_trailing_commas_are_let_pass() -> None:
    doc = document(b'// c\n{ "a": [1, /* b */ 2,], // c\n "b": "x" , }\n')
    found = read_json(doc)
    assert found.problem is None
    assert _plain(found.roots[0]) == {"a": ["1", "2"], "b": "x"}
