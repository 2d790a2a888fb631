"""What the file system keeps beside a file's mode and owner: flags and extended attributes.

Measured with e2fsprogs 1.47, attr 2.5 and libcap 2.66. Taking a flag away that is not set asks for nothing, and
`chattr =i` exits 0 when it is refused. setcap, `user.*` and `security.selinux` are free in a user namespace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..command import Argument, Command
from ..facts import SetAttribute, SetXattr
from ..system import System
from .options import options

_MODE = re.compile(r"[+=-][aAcCdDeFijmPsStTux]+")


def chattr(command: Command, _system: System) -> Iterator[SetAttribute]:
    """`chattr [-RVf] [-v VERSION] [-p PROJECT] [+-=FLAGS]… FILE…`."""
    flags: list[str] = []
    files: list[Argument] = []
    arguments = iter(command.argv[1:])
    for argument in arguments:
        if argument.text in ("-v", "-p"):
            next(arguments, None)
        elif not files and _MODE.fullmatch(argument.text):
            flags.append(argument.text)
        elif not re.fullmatch(r"-[RVf]+|--", argument.text):
            files.append(argument)
    for file in files:
        yield SetAttribute(file.place, command, command.path(file), " ".join(flags))


def setfattr(command: Command, _system: System) -> Iterator[SetXattr]:
    """`setfattr [-n NAME [-v VALUE]] [-x NAME] FILE…`."""
    given = options(command, "nvx", "name value remove restore")
    name = given.value("-n", "--name", "-x", "--remove")
    if name is None or not name.known:
        return
    for file in given.operands:
        yield SetXattr(name.place, command, command.path(file), name.text)


def attr(command: Command, _system: System) -> Iterator[SetXattr]:
    """`attr [-R|-S] -s NAME [-V VALUE] FILE`: names are below `user`, with -R `trusted`, with -S `security`."""
    given = options(command, "srgV")
    name = given.value("-s", "-r")
    if name is None or not name.known:
        return
    prefix = "trusted" if given.has("-R") else "security" if given.has("-S") else "user"
    for file in given.operands:
        yield SetXattr(name.place, command, command.path(file), f"{prefix}.{name.text}")


PROGRAMS = {"chattr": chattr, "setfattr": setfattr, "attr": attr}
