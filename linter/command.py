"""A command as a step runs it: words expanded, wrappers peeled off, its place known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from .source import Place, Script

if TYPE_CHECKING:
    from .shell.tree import Simple


class Argument(NamedTuple):
    """One argument. When `known` is false, `text` still holds the unexpanded `$…` of what is not known."""

    text: str
    known: bool
    place: Place

    @property
    def value(self) -> str | None:
        return self.text if self.known else None


class Redirection(NamedTuple):
    """`operator` is as written (`>`, `>>`, `<`, …); `content` is the body of a heredoc, where it is known."""

    operator: str
    fd: str
    target: Argument
    content: str | None = None
    place: Place | None = None


class Command:
    """One command of one step.

    `script` and `node` are the text it stands in and its simple command there, wrappers included (None for COPY and
    other instructions, which the builder runs itself). `parent` is the command that runs that script, if any.
    `stdin` is what a pipe or a heredoc feeds it, where that is known.
    """

    __slots__ = (
        "argv",
        "cwd",
        "env",
        "name",
        "node",
        "parent",
        "place",
        "redirections",
        "script",
        "stdin",
        "user",
        "wrappers",
    )

    def __init__(
        self,
        argv: tuple[Argument, ...],
        place: Place,
        *,
        redirections: tuple[Redirection, ...] = (),
        env: Mapping[str, str | None] | None = None,
        cwd: str | None = "/",
        user: str | None = "root",
        wrappers: tuple[str, ...] = (),
        stdin: str | None = None,
        script: Script | None = None,
        node: Simple | None = None,
        parent: Command | None = None,
    ) -> None:
        self.argv = argv
        self.place = place
        self.redirections = redirections
        self.env: Mapping[str, str | None] = env or {}
        self.cwd = cwd
        self.user = user
        self.wrappers = wrappers
        self.stdin = stdin
        self.script = script
        self.node = node
        self.parent = parent
        first = argv[0].value if argv else None
        self.name = first.rsplit("/", 1)[-1] if first else ""
        """The program's base name; empty when it is not known."""

    def __repr__(self) -> str:
        return f"<{' '.join(argument.text for argument in self.argv)}>"
