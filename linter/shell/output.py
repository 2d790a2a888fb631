"""What a command prints, where that can be said without running it."""

from __future__ import annotations

from ..command import Argument, Command
from ..source import Script, SourceMap, join
from ..system import System

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def printed(command: Command) -> Script | None:
    """The standard output of echo, printf and `cat` of a heredoc, with a place for every character."""
    match command.name:
        case "echo":
            return _echo(command)
        case "printf":
            return _printf(command)
        case "cat" | "tee" if not any(not argument.text.startswith("-") for argument in command.argv[1:]):
            return command.stdin
        case "cat" if len(command.argv) == 2 and command.argv[1].text == "-":
            return command.stdin
        case _:
            return None


def output(command: Command, system: System) -> str | None:
    """What `$(command)` becomes: its output without the newlines at its end."""
    values = [argument.text for argument in command.argv[1:]]
    operands = [value for value in values if not value.startswith("-")]
    match command.name:
        case "echo" | "printf":
            text = printed(command)
            return text.text.rstrip("\n") if text is not None else None
        case "cat" if len(values) == 1 and (path := command.path(command.argv[1])):
            content = system.files.read(path)
            return content.script.text.rstrip("\n") if content else None
        case "id" if values and values[0] in ("-u", "-g"):
            find = system.user_id if values[0] == "-u" else system.primary_group_id
            number, _ = find(operands[0] if operands else command.user)
            return None if number is None else str(number)
        case "pwd":
            return command.cwd
        case "basename" if len(operands) == 1:
            return operands[0].rstrip("/").rsplit("/", 1)[-1]
        case "dirname" if len(operands) == 1:
            return operands[0].rstrip("/").rpartition("/")[0] or ("/" if operands[0].startswith("/") else ".")
        case _:
            return None


def argument_script(argument: Argument) -> Script:
    """The argument's text with places: exact where it may be a script, else from the start of its place."""
    return argument.script or Script(argument.text, SourceMap.straight(argument.place.path, argument.place.start))


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
    """The text with `\\n` and its like replaced, as dash's echo and every printf do."""
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
