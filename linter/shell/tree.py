"""The shell's grammar as plain data: what `parse` makes of a script's text.

`start` and `end` are offsets in the text that was parsed. Nothing is expanded or executed here.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

# ---------------------------------------------------------------------------------------------- words


class Literal(NamedTuple):
    """Characters that stand verbatim in the text from `start`: quotes and escaping backslashes are not part of it.

    Only a `$'…'` escape, and backslashes that backticks take away, make `text` differ from `start` to `end`.
    """

    start: int
    end: int
    text: str
    quoted: bool


class Parameter(NamedTuple):
    """`$name`, `${name}`, or `${name<operator><argument>}`.

    `${#name}` has the operator `length`, `${!name}` `indirect`, `${name[…]…}` `subscript`; the rest is the argument.
    """

    start: int
    end: int
    name: str
    operator: str
    argument: Word | None
    quoted: bool


class Substitution(NamedTuple):
    """`$(…)` and backticks; `<(…)` and `>(…)` have `process` set."""

    start: int
    end: int
    body: Node
    quoted: bool
    process: bool = False


class Arithmetic(NamedTuple):
    """`$((…))`, with the expression's text as it stands; `parts` are what it is expanded from."""

    start: int
    end: int
    expression: str
    quoted: bool
    parts: tuple[Part, ...] = ()


Part: TypeAlias = Literal | Parameter | Substitution | Arithmetic


class Word(NamedTuple):
    """One word. An empty quoted word (`""`) has no characters but `quoted` parts."""

    start: int
    end: int
    parts: tuple[Part, ...]

    @property
    def literal(self) -> str | None:
        """The word's value when nothing in it is expanded, else None."""
        texts: list[str] = []
        for part in self.parts:
            if not isinstance(part, Literal):
                return None
            texts.append(part.text)
        return "".join(texts)


# ---------------------------------------------------------------------------------------------- commands


class HereDoc(NamedTuple):
    """The body of `<<TAG`: bytes `start` to `end` of the text, without the closing line.

    `tabs` says that `<<-` strips leading tabs; `word` holds the parts to expand, None when the tag was quoted.
    """

    start: int
    end: int
    tabs: bool
    word: Word | None


class Redirect(NamedTuple):
    """`fd` is the text before the operator, empty when there is none."""

    start: int
    end: int
    operator: str
    fd: str
    target: Word
    heredoc: HereDoc | None = None


class Assignment(NamedTuple):
    """`name=value`; None as a value means an array or a subscript, which is not followed: its words are `elements`."""

    start: int
    end: int
    name: str
    append: bool
    value: Word | None
    elements: tuple[Word, ...] = ()


class Simple(NamedTuple):
    """A simple command; `[[ … ]]` is one too, its first word being `[[`.

    `export`, `declare`, `local`, `readonly` and `typeset` keep their assignments as words.
    """

    start: int
    end: int
    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


class ArithmeticCommand(NamedTuple):
    """`(( … ))`; `parts` are what the expression is expanded from."""

    start: int
    end: int
    expression: str
    parts: tuple[Part, ...] = ()


class Sequence(NamedTuple):
    """Commands separated by `;` or newlines. An empty script is a sequence of nothing."""

    start: int
    end: int
    items: tuple[Node, ...]


class And(NamedTuple):
    """`left && right`. A chain `a && b && c && d` is balanced, `(a && b) && (c && d)`, which means the same."""

    start: int
    end: int
    left: Node
    right: Node


class Or(NamedTuple):
    """`left || right`, balanced as `And` is."""

    start: int
    end: int
    left: Node
    right: Node


class Not(NamedTuple):
    start: int
    end: int
    body: Node


class Pipeline(NamedTuple):
    """Two or more commands joined by `|`."""

    start: int
    end: int
    members: tuple[Node, ...]


class Background(NamedTuple):
    """`body &`."""

    start: int
    end: int
    body: Node


class Subshell(NamedTuple):
    start: int
    end: int
    body: Node
    redirects: tuple[Redirect, ...]


class Group(NamedTuple):
    """`{ …; }`, and any compound command that carries redirects."""

    start: int
    end: int
    body: Node
    redirects: tuple[Redirect, ...]


class If(NamedTuple):
    """`arms` are (condition, body) pairs: `if` and each `elif`."""

    start: int
    end: int
    arms: tuple[tuple[Node, Node], ...]
    otherwise: Node | None


class While(NamedTuple):
    """`while`, or `until` when `until` is set."""

    start: int
    end: int
    until: bool
    condition: Node
    body: Node


class For(NamedTuple):
    """`for name in words`; `words` is None without `in` (the positional parameters) and for `for ((…))`."""

    start: int
    end: int
    name: str
    words: tuple[Word, ...] | None
    body: Node


class CaseArm(NamedTuple):
    """`fallthrough` is set when the arm ends in `;&` or `;;&`."""

    patterns: tuple[Word, ...]
    body: Node
    fallthrough: bool


class Case(NamedTuple):
    start: int
    end: int
    subject: Word
    arms: tuple[CaseArm, ...]


class Function(NamedTuple):
    start: int
    end: int
    name: str
    body: Node


Node: TypeAlias = (
    Simple
    | ArithmeticCommand
    | Sequence
    | And
    | Or
    | Not
    | Pipeline
    | Background
    | Subshell
    | Group
    | If
    | While
    | For
    | Case
    | Function
)


class SyntaxProblem(NamedTuple):
    """What the parser could not make sense of, at an offset in the text."""

    at: int
    message: str


class Parsed(NamedTuple):
    """A script's tree, and the problems met; with problems, the tree holds what could be read."""

    tree: Node
    problems: tuple[SyntaxProblem, ...]
