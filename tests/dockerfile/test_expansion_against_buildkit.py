"""Expansion against BuildKit's own word lexer, on words put together at random."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ns_lint.linter.dockerfile import expand, spaces

from .buildkit import CASES, SEED, Answer, Oracle, from_base64, to_base64

PIECES = [
    *("$A", "$B", "$C", "$1", "$@", "$", "${A}", "${B}", "${C}", "${", "}", "${A:-x}", "${B:-x}", "${C:-x y}"),
    *("${B-x}", "${C-x}", "${A:+y}", "${B:+y}", "${C+y}", "${A+y}", "${C:?no}", "${A?no}", "${C:-$A}", "${C:-${B:-z}}"),
    *("${A#*.}", "${A##*.}", "${A%.*}", "${A%%.*}", "${A#?}", "${A%?}", "${A#\\*}", "${A%'.'*}", '${A#"a"}', "${A#$D}"),
    *("${A/b/x}", "${A//b/x}", "${A/*/x}", "${A//?/$B}", "${A/./\\/}", "${A//./\\$0}", "${A//\\//x}", "${A/", "${A//}"),
    *(
        "${A:=x}",
        "${A^}",
        "${:x}",
        "${}",
        "${ A}",
        "${A:#x}",
        "${A",
        "${é}",
        "$é",
        "$A_",
        "${A#",
        "${E//a*b/x}",
        "${E%a*}",
    ),
    *("'", '"', "\\", "`", "\\$", '\\"', "'$A'", '"$A"', '"a b"', "'\\'", '"\\a"', "<", "<<", "<< ", " ", "\t", "a"),
    *(".", "/", "*", "?", "é", "\xff", "\u3000", ":", "-", "{", "#", "%", "+"),
]
OPERATOR = re.compile(rb"\$\{[^}]*[-+#%/]")
"""A default is taken here and kept by BuildKit; a variable in a pattern is kept here and part of it in BuildKit."""

VARIABLES = {"A": "a.b/c.d", "B": "", "D": "a", "E": "aabaab*?", "é": "e"}


class Expansion(NamedTuple):
    word: bytes
    escape: str
    quotes: bool


def expansions(seed: int, count: int) -> Iterator[Expansion]:
    chance = random.Random(seed)
    for _ in range(count):
        word = "".join(chance.choices(PIECES, k=chance.randrange(1, 7))).replace("\xff", "\udcff")
        yield Expansion(word.encode("utf-8", "surrogateescape"), chance.choice("\\\\`"), chance.random() < 0.9)


ENV = {spaces.encode(name): spaces.encode(value) for name, value in VARIABLES.items()}


def ask_for(oracle: Oracle, asked: Iterable[Expansion], keep_unset: bool) -> list[Answer]:
    env = [to_base64(f"{name}={value}".encode("latin-1")) for name, value in ENV.items()]
    return oracle.ask(
        {"Word": to_base64(word), "Env": env, "Escape": escape, "Quotes": quotes, "KeepUnset": keep_unset}
        for word, escape, quotes in asked
    )


def test_expansion(oracle: Oracle) -> None:
    asked = list(expansions(SEED, 2 * CASES))
    for each, answer in zip(asked, ask_for(oracle, asked, keep_unset=False), strict=True):
        got = expand(each.word.decode("latin-1"), ENV, each.escape, complete=True, quotes=each.quotes)
        about = (each, got, answer["WordError"], answer["Value"])
        assert (got.problem is not None) == bool(answer["WordError"]), about
        if got.problem is None:
            assert got.known, about
            assert got.text.encode("latin-1") == from_base64(answer["Value"]), about


def test_expansion_where_unset_variables_may_be_set_by_the_base_image(oracle: Oracle) -> None:
    """What is known is what BuildKit makes of it; otherwise a variable that is not set stands for itself."""
    asked = list(expansions(SEED + 1, 2 * CASES))
    kept = ask_for(oracle, asked, keep_unset=True)
    for each, unset, keeping in zip(asked, ask_for(oracle, asked, keep_unset=False), kept, strict=True):
        got = expand(each.word.decode("latin-1"), ENV, each.escape, quotes=each.quotes)
        about = (each, got, unset, keeping)
        if got.problem is not None:
            assert unset["WordError"], about
        elif got.known:
            assert not unset["WordError"], about
            assert got.text.encode("latin-1") == from_base64(unset["Value"]), about
        elif OPERATOR.search(each.word) is None:
            assert keeping["Unset"], about
            assert got.text.encode("latin-1") == from_base64(keeping["Value"]), about
