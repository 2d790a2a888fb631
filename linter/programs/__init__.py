"""What programs ask of the kernel: argv and the image's state in, facts out. One module per family of tools.

A module's `PROGRAMS` maps names to functions. Adding a program is adding an entry; adding a family is adding a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from ..command import Command
from ..rule import Fact
from ..system import System

Program = Callable[[Command, System], Iterable[Fact]]


@cache
def programs() -> dict[str, Program]:
    """Every program by its base name."""
    found: dict[str, Program] = {}
    for module in sorted(module.name for module in iter_modules(__path__)):
        found.update(getattr(import_module(f".{module}", __name__), "PROGRAMS", {}))
    return found


def facts_of(command: Command, system: System) -> Iterable[Fact]:
    """What this command asks for; nothing when the program is not one that is known."""
    program = programs().get(command.name)
    return program(command, system) if program is not None else ()
