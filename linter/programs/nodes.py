"""Special files: mknod, mkfifo, MAKEDEV, and what copies them."""

from __future__ import annotations

from collections.abc import Iterator

from ..command import Argument, Command
from ..devices import NODES, STANDARD
from ..facts import MakeNode, NodeKind
from ..system import System
from .options import options

_KINDS = {"c": NodeKind.CHARACTER, "u": NodeKind.CHARACTER, "b": NodeKind.BLOCK, "p": NodeKind.FIFO}


def mknod(command: Command, system: System) -> Iterator[MakeNode]:
    """`mknod [-m MODE] NAME TYPE [MAJOR MINOR]`."""
    operands = options(command, "mZ", "mode context").operands
    if len(operands) < 2:
        return
    kind = _KINDS.get(operands[1].text)
    if kind is None:
        return
    numbers = tuple(number for operand in operands[2:4] if (number := operand.number) is not None)
    number = (numbers[0], numbers[1]) if len(numbers) == 2 else None
    path = command.path(operands[0])
    yield MakeNode(command.place, command, path, kind, number, exists=_exists(path, system))


def mkfifo(command: Command, system: System) -> Iterator[MakeNode]:
    for operand in options(command, "mZ", "mode context").operands:
        path = command.path(operand)
        yield MakeNode(command.place, command, path, NodeKind.FIFO, None, exists=_exists(path, system))


def _exists(path: str | None, system: System) -> bool:
    return path in STANDARD and system.made(path) is None


def makedev(command: Command, _system: System) -> Iterator[MakeNode]:
    """MAKEDEV NAME…, in the current directory. It goes on, and exits 0, when mknod is refused (makedev 2.3.1)."""
    given = options(command, "dm")
    if given.has("-n", "-V"):
        return
    for operand in given.operands:
        path = command.path(operand)
        yield MakeNode(command.place, command, path, NodeKind.CHARACTER, None, strict=False)


def copied_nodes(command: Command, source: Argument, path: str | None, target: str | None) -> Iterator[MakeNode]:
    """The nodes that a recursive copy makes of a step's own /dev: cp(1) reads a device only without -r or -a."""
    if path in NODES or path in ("/dev", "/dev/pts"):
        yield MakeNode(source.place, command, target, NodeKind.CHARACTER, None)


PROGRAMS = {
    "mknod": mknod,
    "mkfifo": mkfifo,
    "MAKEDEV": makedev,
    "makedev": makedev,
}
