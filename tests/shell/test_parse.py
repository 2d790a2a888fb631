"""The shell parser: texts and their trees, and what must hold for any text."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ns_lint.linter.shell import tree
from ns_lint.linter.shell.parse import parse

from .dump import dump

TREES = [
    ("a", "(a)"),
    ("a b  c", "(a b c)"),
    ("a;b", "(; (a) (b))"),
    ("a && b || c", "(|| (&& (a) (b)) (c))"),
    ("a && b && c && d", "(&& (&& (a) (b)) (&& (c) (d)))"),
    ("a || b && c", "(&& (|| (a) (b)) (c))"),
    ("! a && b", "(&& (! (a)) (b))"),
    ("! ! a", "(a)"),
    ("a | b |& c", "(| (a) (b) (c))"),
    ("! a | b", "(! (| (a) (b)))"),
    ("time -p a | b", "(| (a) (b))"),
    ("a & b", "(; (& (a)) (b))"),
    ("a && b & c; d", "(; (& (&& (a) (b))) (c) (d))"),
    ("(a; b) > x 2>&1", "(subshell (; (a) (b)) >x 2>&1)"),
    ("{ a; b; } >> x", "(group (; (a) (b)) >>x)"),
    ("if a; then b; fi", "(if (a) (b))"),
    ("if a; then b; elif c; then d; else e; fi < x", "(group (if (a) (b) (c) (d) (e)) <x)"),
    ("while a; do b; done", "(while (a) (b))"),
    ("until a; do b; done | c", "(| (until (a) (b)) (c))"),
    (r'for x in a "b" $c; do d; done', "(for x [a 'b' ${c}] (d))"),
    ("for x do a; done", "(for x [*] (a))"),
    ("for x; do a; done", "(for x [*] (a))"),
    ("for ((i = 0; i < 3; i++)); do a; done", "(for - [*] (a))"),
    ("for x in a; { b; }", "(for x [a] (b))"),
    ("select x in a; do b; done", "(for x [a] (b))"),
    ("case $x in a|b) c;; (d) ;; *) e;& esac", "(case ${x} [a|b: (c)] [d: (;)] [*: (e) &])"),
    ("case x in esac", "(case x )"),
    ("f() { a; } > x", "(function f (group (a) >x))"),
    ("function f { a; }", "(function f (group (a)))"),
    ("function f() (a)", "(function f (subshell (a)))"),
    ("f() if a; then b; fi", "(function f (if (a) (b)))"),
    ("((x += 1)) && a", "(&& (arithmetic 'x += 1') (a))"),
    ("((a); b)", "(subshell (; (subshell (a)) (b)))"),
    ("[[ -f a && $b == c* ]] || d", "(|| ([[ -f a && ${b} == c* ]]) (d))"),
    ("[[ a =~ ^(b|c d)$ ]]", "([[ a =~ ^(b|c d)$ ]])"),
    ("coproc a", "(& (a))"),
    ("coproc NAME { a; }", "(& (group (a)))"),
    ("x=1 y= a z=2", "(x=1 y= a z=2)"),
    (r'x=(1 "2" $(a)) b', "(x=[1 '2' $(a)] b)"),
    ("x[0]=1 a", "(x=[1] a)"),
    ("x+=1 a", "(x+=1 a)"),
    (r'export X=1 Y="a b" Z', "(export X=1 Y='a b' Z)"),
    ("declare -a A=(1 $(b)) C", "(declare -a A=(1 $(b)) C)"),
    ("a >b <c 2>>d &>e >&2 2>&- <>f >|g <<< h {fd}>i", "(a >b <c 2>>d &>e >&2 2>&- <>f >|g <<<h {fd}>i)"),
    (">a", "(>a)"),
    (r"""echo "a\"b" 'c' d\ e""", r"""(echo 'a''"b' 'c' d' 'e)"""),
    (r""""a" "" ''""", "('a' '' '')"),
    (r"""a"b"'c'$d""", "(a'b''c'${d})"),
    (r'"\a \$ \\ \`"', r"('\a ''$ ''\ ''`')"),
    (r'''$'a\n\x41\'b' $"c"''', "('a''\n''A'''''b' 'c')"),
    (
        r'$x ${x} ${x:-y} ${x-} ${#x} ${!x} ${x[0]} ${x#a} ${x%%"b"} ${x/a/b}',
        "(${x} ${x} ${x :- y} ${x - } ${x length} ${x indirect} ${x subscript [0]} ${x # a} ${x %% 'b'} ${x / a/b})",
    ),
    ("${x:1:2} ${x^^}", "(${x : 1:2} ${x ^^ })"),
    (r'''"${x:-'a'}" "${x#'a'}" "${x:-"a b"}"''', "('${x :- ''a''}' '${x # 'a'}' '${x :- 'a b'}')"),
    (r'${x:-$(a "b")}', "(${x :- $(a 'b')})"),
    (r'$(a; b) `a` "$(a "b")" "`a`"', "($(; (a) (b)) $(a) '$(a 'b')' '$(a)')"),
    (r"`a \`b\` \\c`", "($(a $(b) 'c'))"),
    (r'"`a \"b\"`"', "('$(a 'b')')"),
    ("$((1 + x)) $(( $(a) ))", "($(('1 + x')) $((' ''$(a)'' ')))"),
    ("$((a) | b)", "($(| (subshell (a)) (b)))"),
    ("$( (a) )", "($(subshell (a)))"),
    ("a <(b) >(c)", "(a <(b) <(c))"),
    ("a *.txt @(b|c d) !(e)", "(a *.txt @(b|c d) !(e))"),
    ("!(a)", "(! (subshell (a)))"),
    (r'a$ $ b$"" c$/', "(a$ $ b'' c$/)"),
    ("a # b", "(a)"),
    ("a#b", "(a#b)"),
    ("#b", "(;)"),
    (r"a '#b' \# c", "(a '#b' '#' c)"),
    ("{a} a{b,c} }a", "({a} a{b,c} }a)"),
    ("echo if then; do=1 a", "(; (echo if then) (do=1 a))"),
    ("if (a) then (b) fi", "(if (subshell (a)) (subshell (b)))"),
    ("{ (a) }", "(group (subshell (a)))"),
    ("a 2>b3 4 5>c", "(a 4 2>b3 5>c)"),
    ("a=b=c d", "(a=b=c d)"),
    (r"a\;b", "(a';'b)"),
    ("<a b", "(b <a)"),
    ("a \\\n b\\\nc", "(a bc)"),
    ("a\nb\n\n# c\nd", "(; (a) (b) (d))"),
    ("i\\\nf a; then b; fi", "(if (a) (b))"),
    ('"a\\\nb"', "('a''b')"),
    ("a; # b\nc", "(; (a) (c))"),
    ("a &&\n\n# b\nc", "(&& (a) (c))"),
    ("a |\nb", "(| (a) (b))"),
    ("cat <<E | b\nx $y \\$z\nE\nc", "(; (| (cat <<E:12-21<'x ''${y}'' ''$z\n'>) (b)) (c))"),
    ("cat <<'E'\nx $y\nE", "(cat <<'E':10-15)"),
    ("cat <<-E a\n\tx\n\t\ty$z\n\tE\nb", "(; (cat a <<-E:11-20<'x\n''y''${z}''\n'>) (b))"),
    ("a <<A <<B\n1\nA\n2\nB\nc", "(; (a <<A:10-12<'1\n'> <<B:14-16<'2\n'>) (c))"),
    ("a <<E\nx\\\nE\nE\nb", "(; (a <<E:6-11<'x''E\n'>) (b))"),
    ("$(a <<E\nb\nE\n) c", "($(a <<E:8-10<'b\n'>) c)"),
    ("a <<E\nb", "(a <<E:6-7<'b'>)"),
    ("a <<E\r\nb\r\nE\r\nc", "(; (a <<E:7-10<'b\r\n'>) (c))"),
    ("a\r\nb", "(; (a) (b))"),
    ("a <<E\n`b` $(c)\nE", "(a <<E:6-15<'$(b)'' ''$(c)''\n'>)"),
    ("a() {\n b\n}\nc", "(; (function a (group (b))) (c))"),
    ("case a in\n b)\n c\n ;;\nesac", "(case a [b: (c)])"),
    ("é \xa0 a\x0cb", "(é \xa0 a\x0cb)"),
]


@pytest.mark.parametrize(("script", "expected"), TREES)
def test_tree(script: str, expected: str) -> None:
    parsed = parse(script)
    assert dump(parsed.tree) == expected
    assert not parsed.problems


def test_bash_takes_every_script_of_the_table() -> None:
    """With extended patterns on; carriage returns are a matter of taste to nobody but us."""
    refused = [
        script
        for script, _ in TREES
        if "\r" not in script and subprocess.run(["bash", "-O", "extglob", "-n", "-c", script], check=False).returncode
    ]
    assert refused == []


@pytest.mark.parametrize(
    ("script", "at", "message"),
    [
        ("a 'b", 2, "' is not closed"),
        ('a "b', 2, '" is not closed'),
        ("a `b", 2, "` is not closed"),
        ("a $'b", 2, "$' is not closed"),
        ("a ${b", 2, "${ is not closed"),
        ("a $(b", 5, "expected )"),
        ("(a", 2, "expected )"),
        ("a)", 1, "unexpected )"),
        ("a ;; b", 2, "unexpected ;"),
        ("; a", 0, "unexpected ;"),
        ("a & & b", 4, "unexpected &"),
        ("a &&", 4, "expected a command"),
        ("a || ; b", 5, "expected a command"),
        ("&& a", 0, "expected a command"),
        ("a | | b", 4, "expected a command"),
        ("a (b)", 2, "unexpected ("),
        ("(a) b", 4, "unexpected b"),
        ("if a; then b", 12, "expected fi"),
        ("if a; fi", 6, "unexpected fi"),
        ("if a; then fi", 11, "expected a command"),
        ("while a; done", 9, "unexpected done"),
        ("for; do a; done", 3, "expected a name"),
        ("case a b) c;; esac", 7, "expected in"),
        ("case a in b c;; esac", 12, "expected )"),
        ("{ a }", 5, "expected }"),
        ("fi", 0, "unexpected fi"),
        ("a >", 3, "> has no target"),
        ("a > | b", 3, "> has no target"),
        ("[[ a", 4, "expected ]]"),
        ("f()", 3, "expected a function"),
        ("a=(b", 4, "expected )"),
        ("()", 1, "expected a command"),
    ],
)
def test_problem(script: str, at: int, message: str) -> None:
    assert parse(script).problems[0] == tree.SyntaxProblem(at, message)
    assert subprocess.run(["bash", "-n", "-c", script], check=False, capture_output=True).returncode


def test_an_empty_parameter_is_a_problem() -> None:
    """Bash finds out when it runs, dash when it reads."""
    assert parse("a ${}").problems == (tree.SyntaxProblem(2, "bad substitution"),)


def test_what_follows_a_problem_is_still_read() -> None:
    assert dump(parse("a; ;; fi; mknod x c 1 3 && (b").tree) == "(; (a) (&& (mknod x c 1 3) (subshell (b))))"


# ---------------------------------------------------------------------------------------------- any text

SCRIPT = st.lists(
    st.sampled_from(
        [
            *"abx1 \n\t;&|<>()'\"\\$`{}[]#!=*?@:-/~,\r\xe9",
            "$(",
            "$((",
            "))",
            "${",
            "&&",
            "||",
            ";;",
            "<<E",
            "<<-E",
            "\nE\n",
            " if ",
            " then ",
            " fi\n",
            " do ",
            " done ",
            " for x in ",
            " case x in ",
            " esac ",
            "x=(",
            "[[ ",
            " ]]",
            "$'",
            "f() ",
            "while ",
            "else ",
            "function ",
            "\\\n",
            "`",
            "\\`",
            "cat ",
            "<(",
            "}",
            "{ ",
        ]
    ),
    max_size=40,
).map("".join)


def nodes(value: object, parent: Any = None) -> Iterator[tuple[Any, Any]]:
    """Everything with offsets in a tree, each with what holds it."""
    if isinstance(value, tuple):
        spanned = hasattr(cast("object", value), "start")
        if spanned:
            yield value, parent
        for item in cast("tuple[object, ...]", value):
            yield from nodes(item, value if spanned else parent)


@settings(derandomize=True, deadline=None, max_examples=600)
@given(SCRIPT)
@example('"`?\\"`')
def test_offsets_nest_and_literals_are_verbatim(script: str) -> None:
    parsed = parse(script)
    for node, parent in nodes(parsed.tree):
        assert 0 <= node.start <= node.end <= len(script)
        if parent is not None and not isinstance(node, tree.HereDoc):
            assert parent.start <= node.start
            assert node.end <= parent.end
        if isinstance(node, tree.Literal) and "$'" not in script and "`" not in script:
            assert script[node.start : node.end] == node.text
    for problem in parsed.problems:
        assert 0 <= problem.at <= len(script)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_any_quoted_text_is_the_value_of_its_word(value: str) -> None:
    single = "'" + value.replace("'", "'\\''") + "'"
    double = '"' + "".join("\\" + c if c in '$`"\\' else c for c in value) + '"'
    node = parse(f"a {single} {double}").tree
    assert isinstance(node, tree.Simple)
    assert [word.literal for word in node.words] == ["a", value, value]


HOSTILE = [
    *(
        "((|;;",
        "$((",
        "$(",
        "(",
        "((",
        "{ ",
        "`",
        "\\`",
        '"',
        "'",
        "${a:-",
        "$'",
        "<<a ",
        "<<a\n",
        "a[",
        "a[ ",
        "export a[ ",
    ),
    *(
        "if a; then ",
        "case a in b) ",
        "for a in ",
        "while ",
        "f() ",
        "function a ",
        "! ",
        "! a | ",
        "a && ",
        "a || b && ",
    ),
    *(
        "a | ",
        "&",
        ";",
        ")",
        "))",
        "x=(",
        "[[ ",
        "[[ a =~ (",
        "@(",
        "$(( $( ",
        '"$(',
        "a() {\n",
        "<(",
        "a <<E $(",
        "\\\n",
        "\\",
    ),
    *(
        "elif ",
        "time ",
        "coproc ",
        "}",
        "$",
        "\r",
        "#",
        "\n",
        "a\\\n",
        "[[[",
        '"`',
        "${",
        "${#",
        "$[",
        "((a) ",
        "(a;",
        "time -p ",
    ),
    *(
        "'a' ",
        "a=b ",
        ">",
        "2>",
        "{a}>",
        "&>",
        "<<<",
        "<<'",
        "<<-\\",
        "$(($((",
        "$((`",
        '(("',
        "(('",
        "|(",
        "\x00",
        "@(a|",
        " | |",
    ),
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_is_read_in_linear_time(piece: str) -> None:
    script = piece * (50_000 // len(piece))
    start = time.process_time()
    parse(script)
    assert time.process_time() - start < 1


def test_offsets_within_escaped_backticks_are_exact() -> None:
    script = "echo `a \\`mknod \\$x\\``"
    words = [script[node.start : node.end] for node, _ in nodes(parse(script).tree) if isinstance(node, tree.Word)]
    assert words == ["echo", "`a \\`mknod \\$x\\``", "a", "`mknod \\$x\\`", "mknod", "$x"]


def test_nesting_beyond_reason_is_a_problem() -> None:
    for opening, closing in (("( ", ")"), ("$(", ")"), ("{ ", ";}"), ("${a:-", "}"), ("if a; then ", ";fi")):
        script = opening * 5_000 + "a" + closing * 5_000
        assert parse(script).problems[0].message == "nested too deeply to be followed"
    assert parse("a && b || " * 5_000 + "c").problems[0].message == "too many && and || in turn"


def test_nesting_within_reason_is_read() -> None:
    script = "(" * 15 + "if a; then { b; }; fi" + ")" * 15
    assert not parse(script).problems


def test_a_long_chain_is_not_a_deep_tree() -> None:
    node, depth = parse(" && ".join(["a"] * 1_000)).tree, 0
    while isinstance(node, tree.And):
        node, depth = node.left, depth + 1
    assert depth == 10


def test_thirty_five_thousand_lines_are_read_in_seconds() -> None:
    lines = [
        'apt-get install -y "$x" | b',
        "cat <<E > /f",
        "x $y",
        "E",
        "if a; then b; fi",
        "c() { d; }",
        "e && f || g",
    ]
    script = "\n".join(lines * 5_000)
    start = time.process_time()
    parsed = parse(script)
    assert time.process_time() - start < 4
    assert isinstance(parsed.tree, tree.Sequence)
    assert len(parsed.tree.items) == 5 * 5_000
