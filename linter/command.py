"""A command as a step runs it: words expanded, wrappers peeled off, its place known."""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import normpath
from typing import TYPE_CHECKING, NamedTuple

from .source import Place, Script

if TYPE_CHECKING:
    from .shell.tree import Simple


def decimal(text: str) -> int | None:
    """The number that a text of digits is; None when it is none, or longer than any id, limit or count."""
    return int(text) if text.isdecimal() and len(text) <= 18 else None


class Argument(NamedTuple):
    """One argument. When `known` is false, `text` still holds the unexpanded `$…` of what is not known.

    `script` is set where the text may be a script (it has blanks, or was quoted): the same, with a place per character.
    """

    text: str
    known: bool
    place: Place
    script: Script | None = None

    @property
    def value(self) -> str | None:
        return self.text if self.known else None

    @property
    def number(self) -> int | None:
        return decimal(self.text) if self.known else None


class Redirection(NamedTuple):
    """`operator` and `fd` are as written: `>`, `>>`, `<`, …; the fd may be empty."""

    operator: str
    fd: str
    target: Argument
    place: Place


class Command:
    """One command of one step.

    `script` and `node` are the text it stands in and its simple command there, wrappers included (None for COPY and
    other instructions, which the builder runs itself). `parent` is the command that runs that script, if any, and
    `step` the instruction it all belongs to.
    `stdin` is what a pipe or a heredoc feeds it, where that is known, `feeder` the command in front of it in a pipe.
    `root` is the directory it was chrooted to.
    `env` is the shell's own table: it holds what was set when the facts were made, and is not for rules.
    """

    __slots__ = (
        "argv",
        "cwd",
        "env",
        "feeder",
        "name",
        "node",
        "parent",
        "place",
        "redirections",
        "root",
        "script",
        "stdin",
        "step",
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
        root: str = "/",
        user: str | None = "root",
        wrappers: tuple[str, ...] = (),
        stdin: Script | None = None,
        feeder: Command | None = None,
        script: Script | None = None,
        node: Simple | None = None,
        parent: Command | None = None,
        step: Place | None = None,
    ) -> None:
        self.argv = argv
        self.place = place
        self.redirections = redirections
        self.env: Mapping[str, str | None] = env or {}
        self.cwd = cwd
        self.root = root
        self.user = user
        self.wrappers = wrappers
        self.stdin = stdin
        self.feeder = feeder
        self.script = script
        self.node = node
        self.parent = parent
        self.step = step
        first = argv[0].value if argv else None
        self.name = first.rsplit("/", 1)[-1] if first else ""
        """The program's base name; empty when it is not known."""

    def path(self, argument: Argument) -> str | None:
        """The absolute path that an argument names, None when it is not known."""
        if not argument.known or not argument.text:
            return None
        path = argument.text
        if not path.startswith("/"):
            if self.cwd is None:
                return None
            path = f"{self.cwd}/{path}"
        return "/" + normpath(f"{self.root}/{path}").lstrip("/")

    def __repr__(self) -> str:
        return f"<{' '.join(argument.text for argument in self.argv)}>"
