"""What programs ask of the kernel: argv and the image's state in, facts out. One module per family of tools.

A module's `PROGRAMS` maps names to functions. Adding a program is adding an entry; adding a family is adding a file.
Two modules may know the same program by different sides, as install(1) both gives files an owner and replaces them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from ..command import Command
from ..modules import modules_below
from ..rule import Fact
from ..system import System

Program = Callable[[Command, System], Iterable[Fact]]


@cache
def programs() -> dict[str, tuple[Program, ...]]:
    """What is known of every program, by its base name; `*.SUFFIX` stands for all that end so."""
    found: dict[str, tuple[Program, ...]] = {}
    for module in modules_below(sys.modules[__name__]):
        known: dict[str, Program] = getattr(module, "PROGRAMS", {})
        for name, program in known.items():
            found[name] = (*found.get(name, ()), program)
    return found


def facts_of(command: Command, system: System) -> Iterator[Fact]:
    """What this command asks for; nothing when the program is not one that is known."""
    suffix = command.name.rpartition(".")[2].lower()
    for program in programs().get(command.name) or programs().get(f"*.{suffix}", ()):
        yield from program(command, system)
