"""What a command prints, where that can be said without running it."""

from __future__ import annotations

from ..command import Argument, Command, decimal
from ..source import Script, SourceMap, join, stand_in
from ..system import System

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


MAX_NUMBERS = 1000
"""seq prints no more numbers than this that are followed."""


def printed(command: Command, system: System | None) -> Script | None:
    """The standard output of echo, printf, cat and tee, with a place for every character."""
    match command.name:
        case "echo":
            return _echo(command)
        case "printf":
            return _printf(command)
        case "tee":
            return command.stdin
        case "cat":
            return _cat(command, system)
        case _:
            return None


def _cat(command: Command, system: System | None) -> Script | None:
    """What stands in all of its files, one after the other."""
    operands = [argument for argument in command.argv[1:] if argument.text == "-" or argument.text[:1] != "-"]
    if not operands:
        return command.stdin
    texts: list[Script] = []
    for operand in operands:
        path = command.path(operand)
        content = system.files.read(path) if path and system is not None else None
        text = command.stdin if operand.text == "-" else content.script if content else None
        if text is None:
            return None
        texts.append(text)
    return join(texts, "") if len(texts) > 1 else texts[0]


def output(command: Command, system: System) -> str | None:
    """What `$(command)` becomes: its output without the newlines at its end."""
    values = [argument.text for argument in command.argv[1:]]
    operands = [value for value in values if not value.startswith("-")]
    match command.name:
        case "echo" | "printf" | "cat":
            text = printed(command, system)
            return text.text.rstrip("\n") if text is not None else None
        case "id" if values and values[0] in ("-u", "-g"):
            accounts = system.accounts
            find = accounts.user_id if values[0] == "-u" else accounts.primary_group_id
            number = find(operands[0] if operands else command.user or "").number
            return None if number is None else str(number)
        case "id" if values == ["-un"]:
            return command.user
        case "whoami":
            return command.user
        case "uname" if values in ([], ["-s"]):
            return "Linux"
        case "seq":
            return _seq(values)
        case "pwd":
            return command.cwd
        case "readlink" | "realpath" if len(operands) == 1 and (path := command.path(command.argv[-1])):
            return path if system.files.read(path) is not None else None
        case "basename" if len(operands) == 1:
            return operands[0].rstrip("/").rsplit("/", 1)[-1]
        case "dirname" if len(operands) == 1:
            return operands[0].rstrip("/").rpartition("/")[0] or ("/" if operands[0].startswith("/") else ".")
        case _:
            return None


def _seq(values: list[str]) -> str | None:
    """What `seq [FIRST] LAST` prints."""
    numbers = [number for value in values if (number := decimal(value)) is not None]
    if not 1 <= len(numbers) == len(values) <= 2:
        return None
    first, last = (1, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])
    return "\n".join(map(str, range(first, last + 1))) if last - first < MAX_NUMBERS else None


def argument_script(argument: Argument) -> Script:
    """The argument's text with places: exact where it may be a script or stands as it is, else within its place."""
    return argument.script if argument.script is not None else stand_in(argument.text, argument.place)


def _echo(command: Command) -> Script | None:
    arguments = list(command.argv[1:])
    newline, escapes = True, True
    while arguments and arguments[0].text in ("-n", "-e", "-E", "-ne", "-en"):
        newline = newline and "n" not in arguments[0].text
        escapes = "E" not in arguments[0].text
        arguments.pop(0)
    if not all(argument.known for argument in arguments):
        return None
    text = join([argument_script(argument) for argument in arguments], " ")
    if escapes and "\\" in text.text:
        text = _unescaped(text)
    if not newline or not arguments:
        return text
    return join((text, Script("", text.source)), "\n")


def _printf(command: Command) -> Script | None:
    arguments = command.argv[1:]
    if arguments and arguments[0].text == "--":
        arguments = arguments[1:]
    if not arguments or not all(argument.known for argument in arguments):
        return None
    pattern = _unescaped(argument_script(arguments[0]))
    rest = [argument_script(argument) for argument in arguments[1:]]
    if "%" not in pattern.text:
        return pattern
    out: list[Script] = []
    while True:
        out.append(_filled(pattern, rest))
        if not rest or "%s" not in pattern.text:
            return join(out, "")


def _filled(pattern: Script, rest: list[Script]) -> Script:
    """One round of printf: `%s`, `%b` and `%d` take what is next of the arguments."""
    out: list[Script] = []
    at = 0
    while (found := pattern.text.find("%", at)) >= 0:
        out.append(pattern.slice(at, found))
        letter = pattern.text[found + 1 : found + 2]
        if letter in ("s", "d", "b"):
            if rest:
                value = rest.pop(0)
                out.append(_unescaped(value) if letter == "b" else value)
        elif letter == "%":
            out.append(pattern.slice(found, found + 1))
        at = found + 2
    out.append(pattern.slice(at, len(pattern.text)))
    return join(out, "")


def _unescaped(script: Script) -> Script:
    """The text with its escapes (a backslash and an n, …) replaced, as dash's echo and every printf do."""
    out: list[Script] = []
    at = 0
    text = script.text
    while (found := text.find("\\", at)) >= 0 and found + 1 < len(text):
        out.append(script.slice(at, found))
        replacement = _ESCAPES.get(text[found + 1])
        if replacement is None:
            out.append(script.slice(found, found + 2))
        else:
            out.append(Script(replacement, SourceMap.straight(script.source.path, script.source.offset(found))))
        at = found + 2
    out.append(script.slice(at, len(text)))
    return join(out, "")
