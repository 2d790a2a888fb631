"""The scripts that build tools run: make's recipes, npm's and yarn's scripts."""

from __future__ import annotations

from .command import Command
from .shell.nested import Followed
from .system import System


def follow(command: Command, system: System) -> Followed | None:
    """What this command runs out of a file that describes it; None when it is no such tool or cannot be read."""
    del command, system
    return None
