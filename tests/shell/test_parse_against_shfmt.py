"""The parser against shfmt: the same commands, words, redirects and structure, at the same bytes."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from ns_lint.linter.shell import tree
from ns_lint.linter.shell.parse import parse

SHFMT = Path(sys.executable).with_name("shfmt")

pytestmark = pytest.mark.skipif(not SHFMT.exists(), reason="shfmt-py is not installed")

Shape = tuple[Any, ...]

# ---------------------------------------------------------------------------------------------- our tree


def shape(node: tree.Node) -> Shape:
    match node:
        case tree.Simple():
            return simple_shape(node)
        case tree.ArithmeticCommand():
            return ("arithmetic", inner(node.parts))
        case tree.Sequence():
            return listed([shape(item) for item in node.items])
        case tree.And():
            return flat("&&", shape(node.left), shape(node.right))
        case tree.Or():
            return flat("||", shape(node.left), shape(node.right))
        case tree.Not():
            return ("!", shape(node.body))
        case tree.Pipeline():
            return flat("|", *map(shape, node.members))
        case tree.Background():
            return ("&", shape(node.body))
        case tree.Subshell() | tree.Group():
            kind = "subshell" if isinstance(node, tree.Subshell) else "group"
            return (kind, shape(node.body), redirect_shapes(node.redirects))
        case tree.If():
            arms = [(shape(condition), shape(body)) for condition, body in node.arms]
            return ("if", tuple(arms), node.otherwise and shape(node.otherwise))
        case tree.While():
            return ("until" if node.until else "while", shape(node.condition), shape(node.body))
        case tree.For():
            return ("for", node.name, tuple(map(word_shape, node.words or ())), shape(node.body))
        case tree.Case():
            arms = [
                (tuple(map(word_shape, arm.patterns)), shape(arm.body), arm.fallthrough and arm is not node.arms[-1])
                for arm in node.arms
            ]
            return ("case", word_shape(node.subject), tuple(arms))
        case tree.Function():
            return ("function", node.name, shape(node.body))


def simple_shape(node: tree.Simple) -> Shape:
    redirects = redirect_shapes(node.redirects)
    first = node.words[0].literal if node.words else None
    if first in ("[[", "let"):
        test = (first, sum((inner(word.parts) for word in node.words), ()))
        return ("group", test, redirects) if redirects else test
    assignments = [
        (
            assignment.name,
            assignment.append,
            word_shape(assignment.value)
            if assignment.value
            else sum((inner(word.parts) for word in assignment.elements), ()),
        )
        for assignment in node.assignments
    ]
    return ("command", tuple(assignments), tuple(map(word_shape, node.words)), redirects)


def word_shape(word: tree.Word) -> Shape | None:
    return (word.start, word.end, *inner(word.parts)) if word.end > word.start else None


def inner(parts: tuple[tree.Part, ...]) -> Shape:
    found: Shape = ()
    for part in parts:
        if isinstance(part, tree.Substitution):
            found += (shape(part.body),)
        elif isinstance(part, tree.Arithmetic):
            found += inner(part.parts)
        elif isinstance(part, tree.Parameter) and part.argument:
            found += inner(part.argument.parts)
    return found


def redirect_shapes(redirects: tuple[tree.Redirect, ...]) -> Shape:
    return tuple(
        (
            redirect.operator,
            redirect.fd,
            word_shape(redirect.target),
            heredoc_shape(redirect.heredoc),
        )
        for redirect in redirects
    )


def heredoc_shape(heredoc: tree.HereDoc | None) -> Shape | None:
    """Where the body begins and what it runs; shfmt's end of it may lie behind the closing line's tag."""
    if not heredoc or heredoc.start == heredoc.end:
        return None
    return (heredoc.start, *(inner(heredoc.word.parts) if heredoc.word else ()))


def listed(shapes: list[Shape]) -> Shape:
    return shapes[0] if len(shapes) == 1 else ("list", *shapes)


def flat(operator: str, *operands: Shape) -> Shape:
    items: Shape = ()
    for operand in operands:
        items += operand[1:] if operand[0] == operator else (operand,)
    return (operator, *items)


# ---------------------------------------------------------------------------------------------- shfmt's tree

Json = dict[str, Any]


def shfmt(script: bytes) -> Json | None:
    command = [SHFMT, "--language-dialect=bash", "--to-json"]
    done = subprocess.run(command, input=script, capture_output=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def listed_in(node: Json, key: str) -> list[Json]:
    return node.get(key) or []


def statements(node: list[Json] | None) -> Shape:
    return listed([statement(item) for item in node or []])


def statement(node: Json) -> Shape:
    redirects = tuple(map(their_redirect, listed_in(node, "Redirs")))
    found = their_command(node.get("Cmd"), redirects)
    if node.get("Negated"):
        found = ("!", found)
    return ("&", found) if node.get("Background") else found


def their_command(node: Json | None, redirects: Shape) -> Shape:
    kind = node["Type"] if node else "CallExpr"
    node = node or {}
    match kind:
        case "CallExpr":
            words = tuple(map(their_word, listed_in(node, "Args")))
            return ("command", tuple(map(their_assignment, listed_in(node, "Assigns"))), words, redirects)
        case "DeclClause":
            words = map(their_word, [node["Variant"], *listed_in(node, "Args")])
            return ("command", (), tuple(words), redirects)
        case "Block" | "Subshell":
            return ("group" if kind == "Block" else "subshell", statements(node.get("Stmts")), redirects)
        case "TimeClause":
            return statement(node["Stmt"]) if "Stmt" in node else ("list",)
        case "CoprocClause":
            return ("&", statement(node["Stmt"]))
        case _:
            found = their_compound(node)
            return ("group", found, redirects) if redirects else found


def their_compound(node: Json) -> Shape:
    match node["Type"]:
        case "BinaryCmd":
            operator = "|" if node["Op"] == "|&" else node["Op"]
            return flat(operator, statement(node["X"]), statement(node["Y"]))
        case "IfClause":
            arms: list[Shape] = []
            while "Cond" in node:
                arms.append((statements(node["Cond"]), statements(node["Then"])))
                node = node.get("Else") or {}
            return ("if", tuple(arms), statements(node["Then"]) if node else None)
        case "WhileClause":
            return ("until" if node.get("Until") else "while", statements(node["Cond"]), statements(node["Do"]))
        case "ForClause":
            loop = node["Loop"]
            name = loop["Name"]["Value"] if "Name" in loop else ""
            return ("for", name, tuple(map(their_word, listed_in(loop, "Items"))), statements(node["Do"]))
        case "CaseClause":
            items = listed_in(node, "Items")
            arms = [
                (
                    tuple(map(their_word, item["Patterns"])),
                    statements(item.get("Stmts")),
                    item["Op"] != ";;" and item is not items[-1],
                )
                for item in items
            ]
            return ("case", their_word(node["Word"]), tuple(arms))
        case "FuncDecl":
            return ("function", node["Name"]["Value"], statement(node["Body"]))
        case "ArithmCmd":
            return ("arithmetic", their_inner(node))
        case "TestClause":
            return ("[[", their_inner(node))
        case "LetClause":
            return ("let", their_inner(node))
        case kind:
            raise AssertionError(kind)


def their_word(node: Json) -> Shape | None:
    start, end = node["Pos"]["Offset"], node["End"]["Offset"]
    return (start, end, *their_inner(node)) if end > start else None


def their_inner(node: Json) -> Shape:
    found: list[tuple[int, Shape]] = []

    def search(value: Any) -> None:
        if isinstance(value, list):
            for item in cast("list[Any]", value):
                search(item)
        elif isinstance(value, dict):
            child = cast("Json", value)
            if child.get("Type") in ("CmdSubst", "ProcSubst"):
                found.append((child["Pos"]["Offset"], statements(child.get("Stmts"))))
            else:
                for item in child.values():
                    search(item)

    search(node)
    return tuple(item for _, item in sorted(found, key=lambda pair: pair[0]))


def their_assignment(node: Json) -> Shape:
    value: Shape | None = None
    if "Array" in node or "Index" in node:
        value = their_inner(node)
    elif "Value" in node:
        value = their_word(node["Value"])
    return (node["Name"]["Value"], bool(node.get("Append")), value)


def their_redirect(node: Json) -> Shape:
    heredoc = None
    if "Hdoc" in node and node["Hdoc"]["Pos"]["Offset"] < node["Hdoc"]["End"]["Offset"]:
        body = node["Hdoc"]
        heredoc = (body["Pos"]["Offset"], *their_inner(body))
    return (node["Op"], node["N"]["Value"] if "N" in node else "", their_word(node["Word"]), heredoc)


# ---------------------------------------------------------------------------------------------- the tests


def assert_same(script: bytes) -> bool:
    """Compare; False when shfmt does not take the script."""
    theirs = shfmt(script)
    if theirs is None:
        return False
    parsed = parse(script.decode("latin-1"))
    assert not parsed.problems, script.decode("latin-1")
    assert shape(parsed.tree) == statements(theirs.get("Stmts")), script.decode("latin-1")
    return True


# Not here: a backtick within backticks, where shfmt's word ends late, and `$a#b`, where it sees a comment.
WORDS = [
    *(
        "a",
        "-b",
        "--c=d",
        "/e/f.g",
        "h:i",
        "*.j",
        "~/k",
        "l{m,n}",
        "o=p",
        "%q",
        "^r",
        "[s]",
        "t,u",
        "@",
        "+v",
        "w\\ x",
        "y\\\nz",
    ),
    *(
        "'a b'",
        "'$c'",
        '"d e"',
        '"f$g"',
        '"h\\"i"',
        '"j\\$k"',
        "$'l\\n'",
        '"m\'n"',
        "''",
        '""',
        'o"p"q',
        "'r'\\''s'",
        '"t\\\nu"',
    ),
    *(
        "$a",
        "${b}",
        "${c:-d}",
        '"${e:-f g}"',
        "${h#*/}",
        "${i%%.*}",
        "${#j}",
        "${k[0]}",
        "${l[@]}",
        "$@",
        "$1$2",
        "$A/$B/c",
        "x-$A-$B.t",
    ),
    *(
        "${m//a/b}",
        "${n:1:2}",
        '"${o:+"p"}"',
        "${q:-$(r)}",
        "$?",
        "a$",
        "$$",
        "${s^^}",
        "${!t}",
        '"${u%"v"}"',
        "${w:-'x y'}",
        "${y:-\\}}",
    ),
    *(
        "$(a)",
        '"$(b "c d")"',
        "`e`",
        '"`f \\"g\\"`"',
        "$(h | i)",
        "$(j; k)",
        "$( (l) )",
        "$((1 + 2))",
        "$((m * (n - 1)))",
    ),
    *(
        "$(q <<'E'\nr\nE\n)",
        "$(case s in t) u;; esac)",
        "$(v # w\n)",
        "\xc3\xa9",
        "<(x)",
        "`y \\\\z`",
        "$(( $(a) + ${b:-1} ))",
    ),
]
REDIRECTS = [
    ">a",
    "> b",
    ">>c",
    "2>d",
    "2>&1",
    ">&2",
    "<e",
    "<<<f",
    "&>g",
    "2>/dev/null",
    '>"$h"',
    "<>i",
    "3>&-",
    ">|j",
]
HEREDOCS = ["<<E\na $b `c` $(d)\n\\$e\nE\n", "<<'E'\n$a `b\nE\n", "<<-E\n\ta\n\t$b\n\tE\n", '<<"E"\nE\n']


SCRIPTS = 60


class Scripts:
    """Random scripts from the grammar."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def script(self) -> str:
        return "".join(self.and_or(3) + self.random.choice(["\n", "; ", " &\n", " # c\n"]) for _ in range(8))

    def block(self, depth: int) -> str:
        items = [self.and_or(depth) for _ in range(self.random.choice([1, 1, 2, 3]))]
        return self.random.choice(["; ", "\n", "\n\t"]).join(items) + self.random.choice(["; ", "\n", " &\n"])

    def and_or(self, depth: int) -> str:
        if depth and self.random.random() < 0.1:
            # Alone, since shfmt takes what follows `}` into the function. Bash does not.
            return f"f() {{ {self.block(depth - 1)}}}"
        text = self.pipeline(depth)
        while self.random.random() < 0.3:
            text += self.random.choice([" && ", "||", " &&\n\t", " || \\\n "]) + self.pipeline(depth)
        return text

    def pipeline(self, depth: int) -> str:
        text = self.random.choice(["! ", "time -p "]) if self.random.random() < 0.1 else ""
        text += self.command(depth)
        while self.random.random() < 0.15:
            text += self.random.choice([" | ", "|", " |\n", " |& "]) + self.command(depth)
        return text

    def command(self, depth: int) -> str:
        if depth == 0 or self.random.random() < 0.55:
            return self.simple()
        text = self.compound(depth - 1)
        if self.random.random() < 0.2:
            text += " " + self.random.choice(REDIRECTS)
        return text

    def compound(self, depth: int) -> str:
        block, word = self.block, self.word
        match self.random.randrange(11):
            case 0:
                return f"({block(depth)})"
            case 1:
                return f"{{ {block(depth)}}}"
            case 2:
                return f"if {block(depth)}then {block(depth)}fi"
            case 3:
                return (
                    f"if {block(depth)}then\n{block(depth)}elif {block(depth)}then {block(depth)}else {block(depth)}fi"
                )
            case 4:
                return f"while {block(depth)}do {block(depth)}done"
            case 5:
                return f"until {block(depth)}do\n{block(depth)}done"
            case 6:
                return f"for x in {word()} {word()}; do {block(depth)}done"
            case 7:
                return f"for x; do {block(depth)}done"
            case 8:
                return f"case {word()} in a|b*) {block(depth)};; (c) ;; *) {block(depth)}esac"
            case 9:
                return f"[[ -f {word()} && ( $a == b* || ! $c =~ ^(d|e\\ f)$ ) ]]"
            case _:
                return "((a = 1 + (b << 2)))"

    def simple(self) -> str:
        pick = self.random.random
        parts = [f"{name}={self.word()}" for name in "xy" if pick() < 0.1]
        if pick() < 0.05:
            return self.random.choice(["z+=(a $b)", 'z=("c d" $(e))', "z=(f\n\tg # h\n)"])
        if pick() < 0.05:
            return self.random.choice(["export A=$(b) C", "declare -x A='b c' D=$e", "local x"])
        parts += [self.random.choice(["cmd", "/bin/x", '"q"', "$v", "[", "echo"])]
        parts += [self.word() for _ in range(self.random.randrange(4))]
        if pick() < 0.2:
            parts.insert(self.random.randrange(len(parts) + 1), self.random.choice(REDIRECTS))
        if pick() < 0.04:
            return " ".join(parts) + " " + self.random.choice(HEREDOCS) + "end"
        return " ".join(parts)

    def word(self) -> str:
        return "".join(self.random.choice(WORDS) for _ in range(self.random.choice([1, 1, 1, 2])))


def test_random_scripts() -> None:
    taken = sum(assert_same(Scripts(seed).script().encode("latin-1")) for seed in range(SCRIPTS))
    assert taken > SCRIPTS * 0.7


def test_words_one_by_one() -> None:
    script = "".join(f"a {word} >{word} && x={word} b\n" for word in WORDS)
    assert assert_same(script.encode("latin-1"))


def module_cache() -> Path:
    go = subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True, check=False)
    return Path(go.stdout.strip() or "/nonexistent")


@pytest.mark.skipif(not shutil.which("go"), reason="needs Go's module cache")
def test_real_scripts() -> None:
    """A sample of what projects ship."""
    paths = sorted(path for path in module_cache().rglob("*.sh") if path.stat().st_size < 20_000)[::8]
    for path in paths:
        assert_same(path.read_bytes())
