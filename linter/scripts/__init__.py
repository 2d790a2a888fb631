"""The scripts that build tools run: make's recipes, the scripts of a package.json."""

from __future__ import annotations

from ..command import Command
from ..shell.nested import Followed
from ..system import System


def follow(command: Command, system: System) -> Followed | None:
    """What this command runs out of a file that describes it; None when it is no such tool or cannot be read."""
    if command.name in ("make", "gmake"):
        from . import make

        return make.follow(command, system)
    if command.name in ("npm", "yarn", "yarnpkg", "pnpm"):
        from . import package_json

        return package_json.follow(command, system)
    return None
