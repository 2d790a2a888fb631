"""Words as ENV, ARG, FROM, USER, WORKDIR and COPY expand them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.linter.dockerfile import expand

ENV = {"A": "a", "E": "", "P": "/usr/lib:/lib", "U": None, "S": "a b.c.d"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("$A-${A}", "a-a"),
        ("'$A'\"$A\"\\$A", "$Aa$A"),
        ('"a  b" c', "a  b c"),
        ("${A:-x}${E:-x}${E-x}", "ax"),
        ("${A:+x}${E:+x}${E+x}", "xx"),
        ("${A:?no}", "a"),
        ("${S#*.}|${S##*.}|${S%.*}|${S%%.*}", "c.d|d|a b.c|a b"),
        ("${P/lib/x}|${P//lib/x}", "/usr/x:/lib|/usr/x:/x"),
        ("${P//\\//-}", "-usr-lib:-lib"),
        ("$A_B", None),
        ("$U", None),
        ("${U:-x}", None),
        ("${U+x}", None),
        ("${U#x}", None),
        ("${A#$U}", None),
        ("${A:-$U}", "a"),
        ("${E:-$U}", None),
        ("$MISSING", None),
        ("${MISSING:-x}", "x"),
        ("${MISSING+x}", ""),
        ("${MISSING#x}", None),
        ("$", "$"),
        ("\xc3\xa9$A", "\xc3\xa9a"),
    ],
)
def test_values(text: str, value: str | None) -> None:
    found = expand(text, ENV)
    assert found.value == value
    assert found.problem is None


@pytest.mark.parametrize(("text", "value"), [("$MISSING", ""), ("a${MISSING#x}b", "ab"), ("$U", None), ("$1$@", "")])
def test_a_complete_environment_lacks_what_it_lacks(text: str, value: str | None) -> None:
    assert expand(text, ENV, complete=True).value == value


def test_what_is_not_known_stands_as_written() -> None:
    assert expand('"$A/$U/${U:-x}"', ENV).text == "a/$U/${U:-x}"


@pytest.mark.parametrize(
    "text",
    ["'", '"', "${", "${}", "${A", "${A^}", "${A:=x}", "${A:-x", "${A/x}", "${A#\\x}", "${E:?empty}", "${A:#x}"],
)
def test_what_buildkit_refuses(text: str) -> None:
    found = expand(text, ENV)
    assert found.problem is not None
    assert found.value is None


def test_the_escape_character_is_the_file_s() -> None:
    assert expand("C:\\`$A", ENV, "`").value == "C:\\$A"
    assert expand("`$A", ENV).value == "`a"


def test_heredoc_files_keep_their_quotes() -> None:
    assert expand("it's $A \\$A\n", ENV, quotes=False).value == "it's a $A\n"


def test_what_would_take_too_long_is_not_known() -> None:
    env: dict[str, str | None] = {"X": "x" * 1000}
    for _ in range(30):
        value = expand("$X$X$X", env).value
        if value is None:
            break
        env["X"] = value
    else:
        pytest.fail("it grew without bounds")
    deep = expand("${A+" * 1000 + "}" * 1000, ENV)
    assert (deep.known, deep.problem) == (False, None)
    assert expand("${X/*/y}", {"X": "x" * 100_000}).value is None
    assert expand("${X#*}", {"X": "x" * 100_000}).value == "x" * 100_000


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(st.sampled_from("$AEUX{}:-+#%/*?.'\"\\ <a")), st.text("ab", max_size=2), st.text("ab", max_size=2))
def test_what_is_known_hangs_on_no_unknown_value(text: str, first: str, second: str) -> None:
    found = expand(text, ENV)
    if found.known:
        assert expand(text, {**ENV, "U": first}, complete=True).value == found.value
        assert expand(text, {**ENV, "U": second}, complete=True).value == found.value
