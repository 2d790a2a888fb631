"""What programs do to the texts of files, so that a script is found where it was moved and not where it was changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from posixpath import basename, dirname

from ..command import Argument, Command
from ..facts import WriteContent
from ..programs.options import Options, options
from ..source import Script, join
from ..system import Content, System

_WITHOUT_CR = re.compile(r"s(.)\\r\$?\1\1g?")
"""`s/\\r$//`, which mends a script that was written on Windows."""


def rewrite(command: Command, system: System) -> None:
    """Make the system's files what they are after the command."""
    if (action := _ACTIONS.get(command.name)) is not None:
        action(command, system)


# ---------------------------------------------------------------------------------------------- copies


def _copy(command: Command, system: System) -> None:
    _transfer(command, system, options(command, "tSmog", "target-directory suffix mode owner group backup"))


def _move(command: Command, system: System) -> None:
    for source in _transfer(command, system, options(command, "tS", "target-directory suffix")):
        system.files.write(source, None)


def _transfer(command: Command, system: System, given: Options) -> list[str]:
    """Copy what is known of the sources; their paths."""
    if given.has("-d", "--directory") and command.name == "install":
        return []
    *operands, last = given.operands or (Argument("", False, command.place),)
    directory = given.value("-t", "--target-directory")
    sources = given.operands if directory is not None else tuple(operands)
    target = directory if directory is not None else last
    path = command.path(target)
    found = [source for argument in sources if (source := command.path(argument)) is not None]
    if path is None:
        return found
    into = directory is not None or len(sources) > 1 or target.text.endswith("/")
    for source in found:
        inside = f"{path}/{basename(source)}"
        _appear(system, source, (inside,) if into else (path, inside))
    return found


def _appear(system: System, source: str, targets: tuple[str, ...]) -> None:
    """What stands at `source` is at the targets too. An unknown program copied under its own name remains itself."""
    files = system.files
    content = files.read(source)
    is_directory = content is None and bool(files.names(source))
    for target in targets:
        if is_directory:
            files.add_from(target, files, source)
        elif content is not None or files.made(target) or basename(target) != basename(source):
            files.write(target, content)


def _link(command: Command, system: System) -> None:
    given = options(command, "tS", "target-directory suffix")
    if not given.operands or not given.operands[0].known:
        return
    original = given.operands[0]
    link = given.operands[1] if len(given.operands) > 1 else original._replace(text=basename(original.text))
    path = command.path(link)
    if path is None:
        return
    text = original.text
    if given.has("-s", "--symbolic") and not text.startswith("/"):
        text = f"{dirname(path)}/{text}"
    source = command.path(original._replace(text=text))
    if source is not None:
        _appear(system, source, (path, f"{path}/{basename(source)}"))


def _remove(command: Command, system: System) -> None:
    for argument in options(command).operands:
        path = command.path(argument)
        if path is not None and system.files.read(path) is not None:
            system.files.write(path, None)


# ---------------------------------------------------------------------------------------------- changes


def _sed(command: Command, system: System) -> None:
    given = options(command, "efl", "expression file line-length")
    in_place = any(name.startswith(("-i", "--in-place")) for name in given.given)
    if not in_place:
        return
    expression = given.value("-e", "--expression")
    operands = given.operands
    if expression is None and not given.has("-f", "--file"):
        expression, operands = (operands[0] if operands else None), operands[1:]
    plain = expression is not None and _WITHOUT_CR.fullmatch(expression.text) is not None
    _change(command, system, operands, without_carriage_returns if plain else None)


def _dos2unix(command: Command, system: System) -> None:
    _change(command, system, options(command).operands, without_carriage_returns)


def _change(
    command: Command, system: System, operands: tuple[Argument, ...], change: Callable[[Script], Script] | None
) -> None:
    """Known files are changed; without a `change` that is understood they are no longer known."""
    for operand in operands:
        path = command.path(operand)
        content = system.files.read(path) if path else None
        if path is not None and content is not None:
            system.files.write(path, Content(change(content.script)) if change is not None else None)


def without_carriage_returns(script: Script) -> Script:
    lines: list[Script] = []
    at = 0
    for line in script.text.split("\r\n"):
        end = at + len(line)
        lines.append(script.slice(at, end))
        at = end + 2
        if end < len(script.text):
            lines.append(script.slice(end + 1, end + 2))
    return join(lines, "")


def _tee(command: Command, system: System) -> None:
    given = options(command)
    for operand in given.operands:
        if path := command.path(operand):
            append = given.has("-a", "--append")
            system.apply(WriteContent(operand.place, command, path, command.stdin, append))


def _download(command: Command, system: System) -> None:
    name, long = ("-o", "--output") if command.name == "curl" else ("-O", "--output-document")
    given = options(command, "oHXdFuATxe" if command.name == "curl" else "OoPUe", f"{long[2:]} header url retry")
    target = given.value(name, long)
    if target is not None and (path := command.path(target)):
        system.files.write(path, None)


_ACTIONS: dict[str, Callable[[Command, System], None]] = {
    "cp": _copy,
    "curl": _download,
    "dos2unix": _dos2unix,
    "install": _copy,
    "ln": _link,
    "mv": _move,
    "rm": _remove,
    "sed": _sed,
    "tee": _tee,
    "wget": _download,
}
