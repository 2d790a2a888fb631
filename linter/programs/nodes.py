"""Special files: mknod, mkfifo, MAKEDEV."""

from __future__ import annotations

from collections.abc import Iterator

from ..command import Command
from ..facts import MakeNode, NodeKind
from ..system import System
from .options import options

_KINDS = {"c": NodeKind.CHARACTER, "u": NodeKind.CHARACTER, "b": NodeKind.BLOCK, "p": NodeKind.FIFO}


def mknod(command: Command, _system: System) -> Iterator[MakeNode]:
    """mknod [-m MODE] NAME TYPE [MAJOR MINOR]."""
    operands = options(command, "mZ", "mode context").operands
    if len(operands) < 2:
        return
    kind = _KINDS.get(operands[1].text)
    if kind is None:
        return
    numbers = tuple(number for operand in operands[2:4] if (number := operand.number) is not None)
    number = (numbers[0], numbers[1]) if len(numbers) == 2 else None
    yield MakeNode(command.place, command, command.path(operands[0]), kind, number)


def mkfifo(command: Command, _system: System) -> Iterator[MakeNode]:
    for operand in options(command, "mZ", "mode context").operands:
        yield MakeNode(command.place, command, command.path(operand), NodeKind.FIFO, None)


PROGRAMS = {"mknod": mknod, "mkfifo": mkfifo}
