"""The shell's own commands that change its state or its course."""

from __future__ import annotations

import re
from collections.abc import Callable

from .. import flow as f
from ..command import Command
from .state import Shell

Builtin = Callable[[Command, Shell], "f.Flow | None"]
"""Changes the shell and says what the command is in a flow; None when it is to be taken as any other program."""

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def _nothing(_command: Command, _shell: Shell) -> f.Flow:
    return f.Sequence(())


def _false(_command: Command, _shell: Shell) -> f.Flow:
    return f.Not(f.Sequence(()))


def _cd(command: Command, shell: Shell) -> f.Flow:
    operands = [argument for argument in command.argv[1:] if argument.text in ("", "-") or argument.text[:1] != "-"]
    if not operands:
        shell.cwd = shell.variables.get("HOME") or "/root"
    elif operands[0].text == "-":
        shell.cwd = None
    else:
        path = command.path(operands[0])
        shell.cwd = None if path is None else path.removeprefix(shell.root.rstrip("/")) or "/"
    return f.Sequence(())


def _export(command: Command, shell: Shell) -> f.Flow:
    for argument in command.argv[1:]:
        name, equals, value = argument.text.partition("=")
        append = name.endswith("+")
        name = name.removesuffix("+")
        if not equals or not _NAME.fullmatch(name):
            continue
        before = shell.variables.get(name) or "" if append else ""
        shell.variables[name] = before + value if argument.known else None
    return f.Sequence(())


def _unset(command: Command, shell: Shell) -> f.Flow:
    for argument in command.argv[1:]:
        if argument.text == "-f":
            for name in command.argv[2:]:
                shell.functions.pop(name.text, None)
            break
        shell.variables.pop(argument.text, None)
    return f.Sequence(())


def _read(command: Command, shell: Shell) -> f.Flow | None:
    for argument in command.argv[1:]:
        if _NAME.fullmatch(argument.text):
            shell.variables[argument.text] = None
    return None


def _set(command: Command, shell: Shell) -> f.Flow:
    errexit: bool | None = None
    pipefail: bool | None = None
    arguments = command.argv[1:]
    at = 0
    while at < len(arguments):
        text = arguments[at].text
        if text in ("--", "-") or text[:1] not in ("-", "+"):
            shell.parameters = arguments[at + (text in ("--", "-")) :]
            break
        on = text[0] == "-"
        if "e" in text[1:]:
            errexit = on
        if text[-1] == "o" and at + 1 < len(arguments):
            at += 1
            errexit = on if arguments[at].text == "errexit" else errexit
            pipefail = on if arguments[at].text == "pipefail" else pipefail
        at += 1
    return f.Option(errexit, pipefail)


def _shift(command: Command, shell: Shell) -> f.Flow:
    count = int(command.argv[1].text) if len(command.argv) > 1 and command.argv[1].text.isdecimal() else 1
    if shell.parameters is not None:
        shell.parameters = shell.parameters[count:]
        positional = {str(number): argument.value for number, argument in enumerate(shell.parameters, 1)}
        for name in [name for name in shell.variables if name.isdecimal()]:
            del shell.variables[name]
        shell.variables.update(positional)
        shell.variables["#"] = str(len(shell.parameters))
    return f.Sequence(())


def _leave(mode: f.ExitMode) -> Builtin:
    def leave(command: Command, _shell: Shell) -> f.Flow:
        status: int | None = 0 if mode in (f.ExitMode.LOOP, f.ExitMode.ROUND) else None
        if len(command.argv) > 1 and mode in (f.ExitMode.SHELL, f.ExitMode.FUNCTION):
            text = command.argv[1].text
            status = int(text) & 255 if text.isdecimal() else None
        return f.Exit(mode, status)

    return leave


BUILTINS: dict[str, Builtin] = {
    ":": _nothing,
    "break": _leave(f.ExitMode.LOOP),
    "cd": _cd,
    "continue": _leave(f.ExitMode.ROUND),
    "declare": _export,
    "exit": _leave(f.ExitMode.SHELL),
    "export": _export,
    "false": _false,
    "local": _export,
    "pushd": _cd,
    "read": _read,
    "readonly": _export,
    "return": _leave(f.ExitMode.FUNCTION),
    "set": _set,
    "shift": _shift,
    "shopt": _nothing,
    "true": _nothing,
    "trap": _nothing,
    "typeset": _export,
    "umask": _nothing,
    "unset": _unset,
}
