"""What a command runs in its turn: a program behind a wrapper, a script given to a shell, a file, a make target."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .. import flow as f
from ..command import Argument, Command
from ..source import Place, Script
from ..system import Content, System
from .execute import MAX_DEPTH, Executor, program_paths, sequence
from .output import argument_script
from .record import Record
from .state import Shell
from .wrappers import FindAction, InlineScript, ScriptFile, Wrapped, find_actions, shell_script, unwrap

_SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "zsh"))

MAX_INPUT = 100
"""How many words of its standard input xargs is taken to pass on."""


class FollowedScript(NamedTuple):
    """One of the scripts that a tool runs, with the options of its shell.

    `ignored` says that it may fail, `unsure` that it may not run.
    """

    script: Script
    ignored: bool = False
    errexit: bool = False
    pipefail: bool = False
    unsure: bool = False


class Followed(NamedTuple):
    """Scripts that a tool such as make runs one after the other, from `cwd`, with these variables exported.

    `stops` says that the first one that fails ends the tool; if not, the tool fails in the end.
    """

    scripts: tuple[FollowedScript, ...]
    cwd: str | None
    variables: tuple[tuple[str, str | None], ...] = ()
    stops: bool = True


Follow = Callable[[Command, System], Followed | None]


class Nested:
    """Reads what a command runs, once `executor` has found that it is no builtin and no function."""

    def __init__(self, record: Record, executor: Executor, follow: Follow) -> None:
        self.record = record
        self.executor = executor
        self.follow = follow

    def runs(self, command: Command, shell: Shell) -> f.Flow | None:
        """None when the command runs nothing that can be read."""
        if shell.depth >= MAX_DEPTH:
            return None
        if (wrapped := unwrap(command)) is not None:
            return self._wrapped(command, shell, wrapped)
        if command.name == "find" and (actions := find_actions(command)):
            return sequence([self._find_action(command, shell, action) for action in actions])
        if (found := shell_script(command)) is not None:
            return self._shell_script(command, found, shell)
        if (content := self._file(command)) is not None:
            name = command.argv[0].value
            return self.record.within(command, lambda: self.file(content, shell, name, command.argv[1:]))
        if (followed := self.follow(command, self.record.system)) is not None:
            return self.record.within(command, lambda: self._followed(followed, shell))
        return None

    def _file(self, command: Command) -> Content | None:
        """The known file that is the command's program, if a shell runs it."""
        contents = (self.record.system.files.read(path) for path in program_paths(command))
        content = next((content for content in contents if content is not None), None)
        return content if content is not None and interpreter_options(content.script.text) is not None else None

    # ------------------------------------------------------------------------------------------ scripts

    def process(self, script: Script, child: Shell, *, errexit: bool, pipefail: bool) -> f.Flow:
        """A script that a shell of its own runs."""
        if child.depth > MAX_DEPTH:
            return f.Sequence(())
        body = self.executor.walk(self.record.tree(script.text), child, script)
        return f.Process(body, errexit, pipefail)

    def file(self, content: Content, shell: Shell, name: str | None, parameters: tuple[Argument, ...] | None) -> f.Flow:
        """A file that is executed: its first line says by what."""
        options = interpreter_options(content.script.text)
        if options is None:
            return f.Sequence(())
        letters = "".join(option[1:] for option in options if option.startswith("-"))
        child = shell.process(name, parameters)
        return self.process(content.script, child, errexit="e" in letters, pipefail="pipefail" in options)

    def _shell_script(self, command: Command, found: InlineScript | ScriptFile, shell: Shell) -> f.Flow | None:
        if isinstance(found, InlineScript):
            script = argument_script(found.script)
            name = found.parameters[0].value if found.parameters else command.argv[0].value
            child = shell.process(name, found.parameters[1:])
        elif found.path is None:
            if command.stdin is None:
                return None
            script = command.stdin
            child = shell.process(command.argv[0].value, found.parameters)
        else:
            path = command.path(found.path)
            content = self.record.system.files.read(path) if path else None
            if content is None or "\0" in content.script.text:
                return None
            script = content.script
            child = shell.process(found.path.value, found.parameters)
        if found.user is not None:
            child.user = found.user
        child.wrappers = (*shell.wrappers, command.name)
        options = found.errexit, found.pipefail
        return self.record.within(command, lambda: self.process(script, child, errexit=options[0], pipefail=options[1]))

    def _followed(self, followed: Followed, shell: Shell) -> f.Flow:
        flows: list[f.Flow] = []
        for each in followed.scripts:
            child = shell.process("sh", ())
            child.cwd = followed.cwd
            for name, value in followed.variables:
                child.assign(name, value, exported=True)
            flow = self.process(each.script, child, errexit=each.errexit, pipefail=each.pipefail)
            flow = f.Trial(flow) if each.ignored else flow
            flows.append(f.Choice((flow,), exhaustive=False) if each.unsure else flow)
        if followed.stops:
            return f.Process(sequence(flows), errexit=True)
        return f.Process(f.Pipe(tuple(flows)), pipefail=True) if flows else f.Sequence(())

    # ------------------------------------------------------------------------------------------ programs

    def _wrapped(self, command: Command, shell: Shell, wrapped: Wrapped) -> f.Flow:
        inner = shell if command.name in ("exec", "command", "builtin") else shell.fork(deeper=True)
        for assignment in wrapped.assignments:
            name, _, value = assignment.text.partition("=")
            inner.assign(name, value if assignment.known else None, exported=True)
        wrappers, inner.wrappers = inner.wrappers, (*shell.wrappers, command.name)
        if wrapped.root is not None:
            inner.root, inner.cwd = wrapped.root, "/"
        if wrapped.user is not None or command.name in ("sudo", "doas"):
            inner.user = wrapped.user or "root"
        argv = command.argv[wrapped.at :]
        if command.name == "xargs":
            argv += _arguments_from(command)
        flow = self._inner(command, argv, inner)
        inner.wrappers = wrappers
        return f.Sequence((flow, f.Exit(f.ExitMode.SHELL, None))) if command.name == "exec" else flow

    def _inner(self, command: Command, argv: tuple[Argument, ...], shell: Shell) -> f.Flow:
        end = argv[-1].place.end if argv[-1].place.path == command.place.path else command.place.end
        start = argv[0].place.start if argv[0].place.path == command.place.path else command.place.start
        place = Place(command.place.path, start, max(start, end))
        inner = self.executor.command(argv, place, shell, node=command.node, script=command.script, stdin=command.stdin)
        inner.feeder = command.feeder
        return self.executor.program(inner, shell)

    def _find_action(self, command: Command, shell: Shell, action: FindAction) -> f.Flow:
        inner = shell.fork(deeper=True)
        inner.wrappers = (*shell.wrappers, "find")
        argv = tuple(
            Argument(argument.text, argument.known and "{}" not in argument.text, argument.place, argument.script)
            for argument in command.argv[action.start : action.end]
        )
        body = self._inner(command, argv, inner)
        return body if action.counts else f.Trial(body)


def interpreter_options(text: str) -> list[str] | None:
    """The options that a script's first line gives to its shell; None when it is no shell's script."""
    if "\0" in text:
        return None
    first_line = text.split("\n", 1)[0].rstrip("\r")
    if not first_line.startswith("#!"):
        return []
    words = first_line[2:].split()
    if words and words[0].rsplit("/", 1)[-1] == "env":
        words = [word for word in words[1:] if word != "-S"]
    return words[1:] if words and words[0].rsplit("/", 1)[-1] in _SHELLS else None


def _arguments_from(command: Command) -> tuple[Argument, ...]:
    """What xargs appends: the words of its standard input."""
    if command.stdin is None:
        return (Argument("$@", False, command.place),)
    return tuple(Argument(word, True, command.place) for word in command.stdin.text.split()[:MAX_INPUT])
