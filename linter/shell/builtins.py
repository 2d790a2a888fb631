"""The shell's own commands that change its state or its course."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .. import flow as f
from ..command import Command
from .output import printed
from .state import Shell

Builtin = Callable[[Command, Shell], "f.Flow | None"]
"""Changes the shell and says what the command is in a flow; None when it is to be taken as any other program."""

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_DONE = f.Sequence(())


def _nothing(_command: Command, _shell: Shell) -> f.Flow:
    return _DONE


def _false(_command: Command, _shell: Shell) -> f.Flow:
    return f.Not(_DONE)


# ---------------------------------------------------------------------------------------------- directories


def _directory(command: Command, shell: Shell) -> str | None:
    """Where `cd` goes, seen from the shell's root."""
    operands = [argument for argument in command.argv[1:] if argument.text in ("", "-") or argument.text[:1] != "-"]
    if not operands:
        return shell.variables.get("HOME") or "/root"
    if operands[0].text == "-":
        return shell.variables.get("OLDPWD")
    path = command.path(operands[0])
    return None if path is None else path.removeprefix(shell.root.rstrip("/")) or "/"


def _cd(command: Command, shell: Shell) -> f.Flow:
    shell.enter(_directory(command, shell))
    return _DONE


def _pushd(command: Command, shell: Shell) -> f.Flow:
    shell.directories = (*shell.directories, shell.cwd)
    shell.enter(_directory(command, shell))
    return _DONE


def _popd(_command: Command, shell: Shell) -> f.Flow:
    shell.enter(shell.directories[-1] if shell.directories else None)
    shell.directories = shell.directories[:-1]
    return _DONE


# ---------------------------------------------------------------------------------------------- variables


def _export(command: Command, shell: Shell) -> f.Flow:
    names = list(_declared(command, shell))
    if command.argv[1:2] and command.argv[1].text == "-n":
        shell.exported.difference_update(names)
    else:
        shell.exported.update(names)
    return _DONE


def _declare(command: Command, shell: Shell) -> f.Flow:
    letters = "".join(argument.text for argument in command.argv[1:] if argument.text[:1] == "-")
    if "g" not in letters:
        _hide(command, shell)
    names = list(_declared(command, shell))
    if "x" in letters:
        shell.exported.update(names)
    return _DONE


def _readonly(command: Command, shell: Shell) -> f.Flow:
    list(_declared(command, shell))
    return _DONE


def _hide(command: Command, shell: Shell) -> None:
    """`local`: the function's caller gets these variables back."""
    if shell.saved is not None:
        for argument in command.argv[1:]:
            name = argument.text.partition("=")[0].removesuffix("+")
            if _NAME.fullmatch(name) and name not in shell.saved:
                shell.saved[name] = shell.variables.get(name)


def _declared(command: Command, shell: Shell) -> Iterator[str]:
    """Assign what `name=value` words say; the names, those without a value too."""
    for argument in command.argv[1:]:
        name, equals, value = argument.text.partition("=")
        append = name.endswith("+")
        name = name.removesuffix("+")
        if not _NAME.fullmatch(name):
            continue
        if equals:
            before = shell.variables.get(name) or "" if append else ""
            shell.assign(name, before + value if argument.known else None)
        yield name


def _unset(command: Command, shell: Shell) -> f.Flow:
    names = [argument.text for argument in command.argv[1:]]
    if names[:1] == ["-f"]:
        for name in names[1:]:
            shell.functions.pop(name, None)
        return _DONE
    for name in names:
        shell.variables.pop(name, None)
        shell.arrays.pop(name, None)
    return _DONE


def _read(command: Command, shell: Shell) -> f.Flow | None:
    for argument in command.argv[1:]:
        if _NAME.fullmatch(argument.text):
            shell.assign(argument.text, None)
    return None


def _getopts(command: Command, shell: Shell) -> f.Flow | None:
    for name in ("OPTARG", "OPTIND", *(argument.text for argument in command.argv[2:3])):
        shell.assign(name, None)
    return None


def _printf(command: Command, shell: Shell) -> f.Flow | None:
    """`printf -v NAME FORMAT …` of bash."""
    if len(command.argv) > 3 and command.argv[1].text == "-v":
        rest = Command((command.argv[0], *command.argv[3:]), command.place)
        value = printed(rest, None)
        shell.assign(command.argv[2].text, None if value is None else value.text)
        return _DONE
    return None


# ---------------------------------------------------------------------------------------------- options, parameters


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
        if "a" in text[1:]:
            shell.all_exported = on
        if text[-1] == "o" and at + 1 < len(arguments):
            at += 1
            errexit = on if arguments[at].text == "errexit" else errexit
            pipefail = on if arguments[at].text == "pipefail" else pipefail
            shell.all_exported = on if arguments[at].text == "allexport" else shell.all_exported
        at += 1
    return f.Option(errexit, pipefail)


def _shift(command: Command, shell: Shell) -> f.Flow:
    count = command.argv[1].number if len(command.argv) > 1 else 1
    if count is None:
        shell.parameters = None
    elif shell.parameters is not None:
        shell.parameters = shell.parameters[count:]
    return _DONE


def _leave(mode: f.ExitMode) -> Builtin:
    def leave(command: Command, _shell: Shell) -> f.Flow:
        status: int | None = 0 if mode in (f.ExitMode.LOOP, f.ExitMode.ROUND) else None
        if len(command.argv) > 1 and mode in (f.ExitMode.SHELL, f.ExitMode.FUNCTION):
            number = command.argv[1].number
            status = None if number is None else number & 255
        return f.Exit(mode, status)

    return leave


BUILTINS: dict[str, Builtin] = {
    ":": _nothing,
    "alias": _nothing,
    "break": _leave(f.ExitMode.LOOP),
    "cd": _cd,
    "continue": _leave(f.ExitMode.ROUND),
    "declare": _declare,
    "exit": _leave(f.ExitMode.SHELL),
    "export": _export,
    "false": _false,
    "getopts": _getopts,
    "local": _declare,
    "mapfile": _read,
    "popd": _popd,
    "printf": _printf,
    "pushd": _pushd,
    "read": _read,
    "readarray": _read,
    "readonly": _readonly,
    "return": _leave(f.ExitMode.FUNCTION),
    "set": _set,
    "shift": _shift,
    "shopt": _nothing,
    "true": _nothing,
    "trap": _nothing,
    "typeset": _declare,
    "umask": _nothing,
    "unset": _unset,
}
