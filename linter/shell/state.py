"""The state of a shell while a script is interpreted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..command import Argument
from ..source import Script
from .tree import Node


class Shell:
    """One shell process: what `cd`, `export`, `set` and function definitions change.

    `root` is the directory it was chrooted to, `wrappers` what ran it, `parameters` its arguments (None: not known),
    `depth` how many scripts and functions deep it is.
    """

    __slots__ = (
        "cwd",
        "depth",
        "errexit",
        "functions",
        "parameters",
        "pipefail",
        "root",
        "user",
        "variables",
        "wrappers",
    )

    def __init__(self, variables: Mapping[str, str | None], cwd: str | None = "/", user: str | None = "root") -> None:
        self.variables = dict(variables)
        self.functions: dict[str, tuple[Node, Script]] = {}
        self.cwd = cwd
        self.root = "/"
        self.user = user
        self.parameters: tuple[Argument, ...] | None = None
        self.wrappers: tuple[str, ...] = ()
        self.depth = 0
        self.errexit = False
        self.pipefail = False

    def fork(self, *, deeper: bool = False) -> Shell:
        shell = Shell(self.variables, self.cwd, self.user)
        shell.functions = dict(self.functions)
        shell.root = self.root
        shell.parameters = self.parameters
        shell.wrappers = self.wrappers
        shell.depth = self.depth + deeper
        shell.errexit, shell.pipefail = self.errexit, self.pipefail
        return shell

    def merge(self, shells: Iterable[Shell]) -> None:
        """After branches of which one was taken: what they do not agree on is not known."""
        first, *others = shells
        self.functions.update(first.functions)
        for other in others:
            self.functions.update(other.functions)
            for name in first.variables.keys() | other.variables.keys():
                if first.variables.get(name) != other.variables.get(name):
                    first.variables[name] = None
            if other.cwd != first.cwd:
                first.cwd = None
        self.variables, self.cwd = first.variables, first.cwd
