"""A program's command line, split as getopt_long(3) splits it."""

from __future__ import annotations

from typing import NamedTuple

from ..command import Argument, Command


class Options(NamedTuple):
    """Options as written (`-r`, `--recursive`), the values of those that take one, and the operands."""

    given: frozenset[str]
    values: dict[str, Argument]
    operands: tuple[Argument, ...]

    def has(self, *names: str) -> bool:
        return any(name in self.given for name in names)

    def value(self, *names: str) -> Argument | None:
        """The value of the first of these options that was given."""
        return next((self.values[name] for name in names if name in self.values), None)


def options(command: Command, short: str = "", long: str = "", *, permute: bool = True) -> Options:
    """Split a command's arguments: `short` are the letters, `long` the names (without dashes) that take a value.

    Without `permute`, the first operand ends the options, as in POSIX and busybox.
    """
    long_names = frozenset(f"--{name}" for name in long.split())
    given: set[str] = set()
    values: dict[str, Argument] = {}
    operands: list[Argument] = []
    argv = command.argv
    at = 1
    while at < len(argv):
        argument = argv[at]
        text = argument.text
        at += 1
        if text == "--":
            operands.extend(argv[at:])
            break
        if text.startswith("--"):
            name, equals, value = text.partition("=")
            given.add(name)
            if equals:
                values[name] = argument._replace(text=value, script=None)
            elif name in long_names and at < len(argv):
                values[name] = argv[at]
                at += 1
        elif text.startswith("-") and len(text) > 1:
            for number, letter in enumerate(text[1:], 2):
                given.add(f"-{letter}")
                if letter not in short:
                    continue
                if number < len(text):
                    values[f"-{letter}"] = argument._replace(text=text[number:], script=None)
                elif at < len(argv):
                    values[f"-{letter}"] = argv[at]
                    at += 1
                break
        else:
            operands.append(argument)
            if not permute:
                operands.extend(argv[at:])
                break
    return Options(frozenset(given), values, tuple(operands))
