"""Shell scripts, whole files or embedded ones: their commands, as far as they have a part in builds."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from posixpath import relpath

from ..command import Argument, Command
from ..invocation import BuilderSetup, Invocation, SetupKind
from ..pod import Setting
from ..rule import Fact
from ..shell.interpret import Interpreter
from ..shell.state import Shell
from ..source import Document, Place, Script, SourceMap, join
from ..system import System
from ..tools import read as read_command
from ..tools.where import Where
from .config import ConfigFile, EmbeddedScript

TRIGGER = re.compile(r"docker|buildctl|buildkitd|buildah|podman|nerdctl|kaniko|\bimg\s+build|\bexecutor\b")
"""A script without one of these words has no part in builds, and is not parsed."""

CHECKOUT = "/.checkout"
"""Stands for the repo's top while a script is interpreted: a name that no script has."""

_CHECKOUT_VARIABLES = ("PWD", "CI_PROJECT_DIR", "GITHUB_WORKSPACE", "WORKSPACE", "CIRCLE_WORKING_DIRECTORY")

MAX_COMMANDS = 1_500
"""Of a script that runs more commands than this only the first are read."""

MAX_SCRIPT = 512 * 1024
"""A longer script is no script that a person wrote."""


def read(document: Document) -> ConfigFile:
    """A shell script of the repo, run from the repo's top as far as is known."""
    script = Script(document.data.decode("latin-1"), SourceMap.straight(document.path))
    variables = {"0": f"{CHECKOUT}/{document.path}", "BASH_SOURCE": f"{CHECKOUT}/{document.path}"}
    found = read_script(script, Where(document.data), variables)
    invocations = tuple(one for one in found if isinstance(one, Invocation))
    setups = tuple(one for one in found if isinstance(one, BuilderSetup))
    place = Place(document.path, 0, len(document.data))
    return ConfigFile(document, "shell", invocations, (), setups, (EmbeddedScript(script, place),))


def read_script(
    script: Script, where: Where, variables: Mapping[str, str | None] | None = None
) -> list[Invocation | BuilderSetup]:
    """What the commands of a script say of builds, each once; a loop gives a command once for each round.

    Commands of functions count, whether or not something calls them. `variables` are those that are set outside. A
    dockerd that is started counts where the script builds with it.
    """
    if len(script.text) > MAX_SCRIPT or not TRIGGER.search(script.text):
        return []
    found: list[Invocation | BuilderSetup] = []
    for command in _commands(script, variables or {}, where):
        for one in read_command(_checked(command, where.data), _where(command, where)):
            if one not in found:
                found.append(one)
    builds = any(isinstance(one, Invocation) for one in found)
    return [one for one in found if builds or isinstance(one, Invocation) or one.kind is not SetupKind.DOCKER_DAEMON]


def _commands(script: Script, variables: Mapping[str, str | None], where: Where) -> list[Command]:
    """The commands in the order they run; the working directory is below CHECKOUT where it is known."""
    start = None if where.directory is None else f"{CHECKOUT}/{where.directory}".rstrip("/")
    known = dict.fromkeys(_CHECKOUT_VARIABLES, CHECKOUT) if start is not None else {}
    budget = _Budget()
    interpreter = Interpreter(System(None), budget.spend, _follow_nothing, script.source.place(0, len(script.text)))
    with contextlib.suppress(_SpentError):
        shell = Shell({**known, **variables}, start)
        interpreter.script_file(_with_calls(script), shell, variables.get("0"), None)
    return interpreter.commands


class _SpentError(Exception):
    pass


class _Budget:
    """Ends the reading of a script whose functions and loops unfold into too much."""

    def __init__(self) -> None:
        self.left = MAX_COMMANDS

    def spend(self, _command: Command, _system: System) -> tuple[Fact, ...]:
        """No facts: what a command says of builds is read from its words afterwards."""
        self.left -= 1
        if self.left < 0:
            raise _SpentError
        return ()


def _follow_nothing(_command: Command, _system: System) -> None:
    return None


_FUNCTION = re.compile(r"^[ \t]*(?:function[ \t]+([\w.-]+)|([\w.-]+)[ \t]*\([ \t]*\))", re.MULTILINE)
_COMMAND_WORD = re.compile(
    r"(?:^|[;&|({`!]|\b(?:then|do|else|if|elif|while|until|time|exec|trap)\b)"
    r"(?=[ \t'\"]*([\w.-]+)(?![\w.-]|[ \t]*\([ \t]*\)))",
    re.MULTILINE,
)
"""A word where a command begins, and not the head of a function."""


def _with_calls(script: Script) -> Script:
    """The script with calls, at its end, of the functions that it does not call itself, as a library's are."""
    names = dict.fromkeys(found[1] or found[2] for found in _FUNCTION.finditer(script.text))
    if not names:
        return script
    called = {found[1] for found in _COMMAND_WORD.finditer(script.text)}
    uncalled = [name for name in names if name not in called]
    end = script.source.offset(len(script.text))
    calls = Script("\n".join(["", *uncalled]), SourceMap(script.source.path, (0,), (end,)))
    return join((script, calls), "") if uncalled else script


def _where(command: Command, where: Where) -> Where:
    """Where one command of a script runs."""
    classic = where.classic
    if command.env.get("DOCKER_BUILDKIT") == "0":
        classic = _assignment(command, "DOCKER_BUILDKIT") or classic or command.place
    elif command.env.get("DOCKER_BUILDKIT") is not None:
        classic = None
    flags = where.daemon_flags
    if (value := command.env.get("BUILDKITD_FLAGS")) is not None:
        place = _assignment(command, "BUILDKITD_FLAGS") or (flags.place if flags else command.place)
        flags = Setting(value, place, place if flags is None or flags.value != value else flags.value_place)
    return where._replace(directory=_directory(command.cwd), classic=classic, daemon_flags=flags)


def _assignment(command: Command, name: str) -> Place | None:
    """The place of `NAME=value` in front of a command."""
    if command.script is None or command.node is None:
        return None
    for item in command.node.assignments:
        if item.name == name:
            return command.script.source.place(item.start, item.end)
    return None


def _directory(cwd: str | None) -> str | None:
    if cwd == CHECKOUT:
        return ""
    return cwd.removeprefix(CHECKOUT + "/") if cwd is not None and cwd.startswith(CHECKOUT + "/") else None


EXPRESSION = re.compile(r"\$\{\{.*?\}\}|<<\s*(?:parameters|pipeline)\.[^>\n]*>>", re.DOTALL)
"""What GitHub or CircleCI fills in before the shell sees it."""
_FILLED_IN = re.compile(EXPRESSION.pattern + r"|\$?\{[^{}\n]*\}", re.DOTALL)
_BLANKED = re.compile(r"\$\{_+\}")
_TEMPLATE = re.compile(r"\{\{|<<\s*(?:parameters|pipeline)\.|\{%")
_BELOW_CHECKOUT = re.compile(re.escape(CHECKOUT) + r"[^\s:,;]*")


def _checked(command: Command, data: bytes) -> tuple[Argument, ...]:
    """The words of a command: what a template fills in is not known, and the checkout has no name of its own."""
    return tuple(_word(argument, command, data) for argument in command.argv)


def _as_written(blank: str, written: str) -> str:
    """What a blank stands for: the first expression in the text that is as long."""
    return next((one for one in _FILLED_IN.findall(written) if len(one) == len(blank)), blank)


def without_expressions(script: Script) -> Script:
    """The script with every `${{ … }}` and `<< parameters.x >>` replaced by a variable as long, which nothing sets."""

    def variable(found: re.Match[str]) -> str:
        return "${" + "_" * (len(found[0]) - 3) + "}"

    return Script(EXPRESSION.sub(variable, script.text), script.source)


def _word(argument: Argument, command: Command, data: bytes) -> Argument:
    text, known, place, script = argument
    written = data[place.start : place.end].decode("utf-8", "replace")
    if known and _TEMPLATE.search(written):
        known = False
    if "${_" in text:
        text = _BLANKED.sub(lambda found: _as_written(found[0], written), text)
    if CHECKOUT in text:
        cwd = command.cwd or CHECKOUT
        text = _BELOW_CHECKOUT.sub(lambda found: relpath(found[0], cwd), text)
    return Argument(text, known, place, script)
