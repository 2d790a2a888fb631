"""The state of a shell while a script is interpreted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..command import Argument
from ..source import Script
from .tree import Node

MAX_VALUE = 64 * 1024
"""A longer value is not known: `A=$A$A` doubles it every time."""


class Shell:
    """One shell process: what `cd`, `export`, `set` and function definitions change.

    `root` is the directory it was chrooted to, `wrappers` what ran it, `parameters` its arguments (None: not known),
    `directories` what pushd remembers, `depth` how many scripts and functions deep it is. `saved` holds what `local`
    hides in the function that runs, None outside of one.
    """

    __slots__ = (
        "all_exported",
        "arrays",
        "cwd",
        "depth",
        "directories",
        "exported",
        "functions",
        "parameters",
        "root",
        "saved",
        "user",
        "variables",
        "wrappers",
    )

    def __init__(self, variables: Mapping[str, str | None], cwd: str | None = "/", user: str | None = "root") -> None:
        """A process whose environment is `variables`."""
        self.variables = dict(variables)
        self.exported = set(variables)
        self.arrays: dict[str, tuple[Argument, ...]] = {}
        self.all_exported = False
        self.functions: dict[str, tuple[Node, Script]] = {}
        self.cwd = cwd
        self.root = "/"
        self.user = user
        self.parameters: tuple[Argument, ...] | None = ()
        self.wrappers: tuple[str, ...] = ()
        self.directories: tuple[str | None, ...] = ()
        self.saved: dict[str, str | None] | None = None
        self.depth = 0

    def fork(self, *, deeper: bool = False) -> Shell:
        """A copy, as a subshell is."""
        shell = Shell({}, self.cwd, self.user)
        shell.variables = dict(self.variables)
        shell.exported = set(self.exported)
        shell.arrays = dict(self.arrays)
        shell.all_exported = self.all_exported
        shell.functions = dict(self.functions)
        shell.root = self.root
        shell.parameters = self.parameters
        shell.wrappers = self.wrappers
        shell.directories = self.directories
        shell.saved = None if self.saved is None else dict(self.saved)
        shell.depth = self.depth + deeper
        return shell

    def process(self, name: str | None, parameters: tuple[Argument, ...] | None) -> Shell:
        """A shell that this one starts for another script: it gets what is exported. `name` is its `$0`."""
        environment = {name: value for name, value in self.variables.items() if name in self.exported}
        shell = Shell(environment, self.cwd, self.user)
        shell.root = self.root
        shell.wrappers = self.wrappers
        shell.depth = self.depth + 1
        shell.parameters = parameters
        shell.variables.update({"0": name, "PWD": self.cwd})
        return shell

    def assign(self, name: str, value: str | None, *, exported: bool = False) -> None:
        """Set a variable; None is something that is not known."""
        self.variables[name] = None if value is None or len(value) > MAX_VALUE else value
        self.arrays.pop(name, None)
        if exported or self.all_exported:
            self.exported.add(name)

    def enter(self, directory: str | None) -> None:
        """Change the working directory, which is a path below the root."""
        self.variables["OLDPWD"], self.variables["PWD"] = self.cwd, directory
        self.cwd = directory

    def merge(self, shells: Iterable[Shell]) -> None:
        """After branches of which one was taken: what they do not agree on is not known."""
        first, *others = shells
        self.functions.update(first.functions)
        arrays = first.arrays
        for other in others:
            self.functions.update(other.functions)
            for name in first.variables.keys() | other.variables.keys():
                if first.variables.get(name) != other.variables.get(name):
                    first.variables[name] = None
            arrays = {name: value for name, value in arrays.items() if other.arrays.get(name) == value}
            first.exported |= other.exported
            if other.cwd != first.cwd:
                first.cwd = None
            if other.parameters != first.parameters:
                first.parameters = None
        self.variables, self.exported, self.arrays = first.variables, first.exported, arrays
        self.cwd, self.parameters = first.cwd, first.parameters
