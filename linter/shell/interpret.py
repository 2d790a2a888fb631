"""What a step runs: walks the tree of a script, expands words, follows functions and scripts, keeps the order.

The result is a flow (how statuses combine), the commands at its leaves, and the facts that programs make of them.
The system (accounts, files) changes as the commands go by, so a later command sees what an earlier one did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from .. import flow as f
from ..command import Argument, Command, Redirection
from ..facts import FileUse, RunInBackground, UseFile, WriteContent
from ..rule import Fact
from ..source import Place, Script, join
from ..system import Content, System
from . import tree as t
from .builtins import BUILTINS
from .expand import Expander
from .output import argument_script, output, printed
from .parse import parse
from .state import Shell
from .testing import test_paths, test_result
from .wrappers import InlineScript, ScriptFile, find_actions, shell_script, unwrap

MAX_COMMANDS = 200_000
"""A step of more commands than this is not read to its end: functions that call each other could go on for ever."""

MAX_DEPTH = 24
"""How deep scripts and functions may run each other."""

MAX_ROUNDS = 32
"""How many rounds of a `for` loop are followed."""

_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")

Programs = Callable[[Command, System], Iterable[Fact]]
Followers = Callable[[Command, System], "Followed | None"]


class Followed(NamedTuple):
    """Scripts that a command runs one after the other, each by a shell of its own, from the directory `cwd`."""

    scripts: tuple[Script, ...]
    cwd: str | None
    stops: bool = True
    """Whether the first script that fails ends the command, as make does."""


class Interpreter:
    """Interprets the scripts of one step. `commands` and `facts` fill as it goes; a fact names its command's number."""

    def __init__(self, system: System, programs: Programs, follow: Followers, step: Place) -> None:
        self.step = step
        self.system = system
        self.programs = programs
        self.follow = follow
        self.commands: list[Command] = []
        self.facts: list[tuple[int, Fact]] = []
        self._background: list[tuple[int, RunInBackground]] = []
        self._parent: Command | None = None
        self._judged: set[int] = set()

    # ------------------------------------------------------------------------------------------ entry points

    def shell_form(self, shell_argv: tuple[Argument, ...], script: Script, shell: Shell) -> f.Flow:
        """A step's script, run by the shell of the SHELL instruction."""
        body = Argument(script.text, True, script.source.place(0, len(script.text)), script)
        command = Command((*shell_argv, body), body.place)
        found = shell_script(command)
        if not isinstance(found, InlineScript):
            return f.Sequence(())
        return self._process(script, shell, found.errexit, found.pipefail, ())

    def exec_form(self, argv: tuple[Argument, ...], shell: Shell) -> f.Flow:
        """A step's argv, run without a shell."""
        if not argv:
            return f.Sequence(())
        place = Place(argv[0].place.path, argv[0].place.start, argv[-1].place.end)
        return self._program(self._command(argv, place, shell), shell)

    def script_file(self, script: Script, shell: Shell, parameters: tuple[Argument, ...] = ()) -> f.Flow:
        """A whole script with its own #! line, as a heredoc step is run."""
        return self._run_file(Content(script), shell, parameters, errexit=False, pipefail=False)

    def instruction(self, command: Command, facts: Iterable[Fact]) -> f.Flow:
        """A step that the builder does itself, such as COPY."""
        return self._leaf(command, facts, f.Outcome.SUCCEEDS)

    def finish(self) -> None:
        """The step is over: what still runs in the background outlives its command."""
        self.facts.extend(self._background)

    # ------------------------------------------------------------------------------------------ scripts

    def _process(
        self, script: Script, shell: Shell, errexit: bool, pipefail: bool, parameters: tuple[Argument, ...]
    ) -> f.Flow:
        if shell.depth >= MAX_DEPTH:
            return f.Sequence(())
        child = shell.fork(deeper=True)
        child.parameters = parameters
        body = self._script(script, child)
        return f.Process(body, errexit, pipefail)

    def _script(self, script: Script, shell: Shell) -> f.Flow:
        return self._node(parse(script.text).tree, shell, script)

    def _run_file(
        self, content: Content, shell: Shell, parameters: tuple[Argument, ...], *, errexit: bool, pipefail: bool
    ) -> f.Flow:
        first_line = content.script.text.split("\n", 1)[0]
        if first_line.startswith("#!"):
            words = first_line[2:].split()
            program = words[0].rsplit("/", 1)[-1] if words else ""
            options = words[1:]
            if program == "env":
                options = [word for word in options if word != "-S"]
                program, options = (options[0].rsplit("/", 1)[-1], options[1:]) if options else ("", [])
            if program not in ("sh", "bash", "dash", "ash", "ksh", "zsh"):
                return f.Sequence(())
            letters = "".join(option[1:] for option in options if option.startswith("-"))
            errexit, pipefail = errexit or "e" in letters, pipefail or "pipefail" in options
        if "\0" in content.script.text:
            return f.Sequence(())
        return self._process(content.script, shell, errexit, pipefail, parameters)

    # ------------------------------------------------------------------------------------------ the tree

    def _node(self, node: t.Node, shell: Shell, script: Script) -> f.Flow:
        if len(self.commands) > MAX_COMMANDS:
            return f.Sequence(())
        match node:
            case t.Simple():
                return self._simple(node, shell, script)
            case t.Sequence():
                return _sequence([self._node(item, shell, script) for item in node.items])
            case t.And() | t.Or():
                return self._and_or(node, shell, script)
            case t.Not():
                return f.Not(self._node(node.body, shell, script))
            case t.Pipeline():
                return self._pipeline(node, shell, script)
            case t.Background():
                return self._in_background(node, shell, script)
            case t.Subshell():
                body = f.Subshell(self._node(node.body, shell.fork(), script))
                return self._redirected(node, body, shell, script)
            case t.Group():
                return self._redirected(node, self._node(node.body, shell, script), shell, script)
            case t.If():
                return self._if(node, shell, script)
            case t.While():
                return self._while(node, shell, script)
            case t.For():
                return self._for(node, shell, script)
            case t.Case():
                return self._case(node, shell, script)
            case t.Function():
                shell.functions[node.name] = (node.body, script)
                return f.Sequence(())
            case t.ArithmeticCommand():
                return f.Sequence(())

    def _and_or(self, node: t.And | t.Or, shell: Shell, script: Script) -> f.Flow:
        """A chain of `&&` and `||`, which nests to the left: walked in a loop, since it can be very long."""
        spine: list[t.And | t.Or] = []
        first: t.Node = node
        while isinstance(first, t.And | t.Or):
            spine.append(first)
            first = first.left
        result = self._node(first, shell, script)
        for link in reversed(spine):
            known = self._decided(result)
            runs = isinstance(link, t.And)
            if known is not None and known != runs:
                continue
            if isinstance(link, t.Or):
                branch = shell.fork()
                right = self._node(link.right, branch, script)
                shell.merge([shell.fork(), branch])
                result = f.Or(result, right)
            else:
                right = self._node(link.right, shell, script)
                result = right if _is_idle(result) else f.And(result, right)
        return result

    def _pipeline(self, node: t.Pipeline, shell: Shell, script: Script) -> f.Flow:
        members: list[f.Flow] = []
        stdin: Script | None = None
        for member in node.members:
            child = shell.fork()
            count = len(self.commands)
            if isinstance(member, t.Simple):
                members.append(self._simple(member, child, script, stdin))
            else:
                members.append(self._node(member, child, script))
            last = self.commands[-1] if len(self.commands) == count + 1 else None
            stdin = printed(last) if last is not None and isinstance(member, t.Simple) else None
        return f.Pipe(tuple(members))

    def _in_background(self, node: t.Background, shell: Shell, script: Script) -> f.Flow:
        count = len(self.commands)
        body = self._node(node.body, shell.fork(), script)
        if len(self.commands) > count:
            number = len(self.commands) - 1
            command = self.commands[number]
            place = script.source.place(node.body.start, node.body.end)
            fact = RunInBackground(place, command, command.name, not _closes_output(command))
            self._background.append((number, fact))
        return f.Detach(body)

    def _if(self, node: t.If, shell: Shell, script: Script) -> f.Flow:
        arms: list[tuple[f.Flow, f.Flow]] = []
        taken: list[Shell] = []
        otherwise: f.Flow | None = None
        for condition, body in node.arms:
            check = self._node(condition, shell, script)
            known = self._decided(check)
            if known is False:
                arms.append((check, f.Sequence(())))
                continue
            branch = shell if known else shell.fork()
            arms.append((check, self._node(body, branch, script)))
            taken.append(branch)
            if known:
                break
        else:
            branch = shell.fork()
            taken.append(branch)
            if node.otherwise is not None:
                otherwise = self._node(node.otherwise, branch, script)
        shell.merge(taken)
        return f.If(tuple(arms), otherwise)

    def _while(self, node: t.While, shell: Shell, script: Script) -> f.Flow:
        condition = self._node(node.condition, shell, script)
        branch = shell.fork()
        body = self._node(node.body, branch, script)
        shell.merge([shell.fork(), branch])
        return f.While(node.until, condition, body)

    def _for(self, node: t.For, shell: Shell, script: Script) -> f.Flow:
        expander = self._expander(shell, script)
        words: list[Argument] | None = None
        checks: list[f.Flow] = []
        if node.words is not None:
            checks = [check for word in node.words for check in self._substitutions(word, shell, script)]
            words = [argument for word in node.words for argument in expander.arguments(word)]
        elif shell.parameters is not None and node.name:
            words = list(shell.parameters)
        if words is None or not all(word.known and not _is_pattern(word.text) for word in words):
            branch = shell.fork()
            branch.variables[node.name] = None
            body = self._node(node.body, branch, script)
            shell.merge([shell.fork(), branch])
            return _sequence([*checks, f.Repeat((body,), unknown=not words)])
        bodies: list[f.Flow] = []
        for word in words[:MAX_ROUNDS]:
            shell.variables[node.name] = word.text
            bodies.append(self._node(node.body, shell, script))
        return _sequence([*checks, f.Repeat(tuple(bodies), unknown=False)])

    def _case(self, node: t.Case, shell: Shell, script: Script) -> f.Flow:
        expander = self._expander(shell, script)
        subject = expander.value(node.subject)
        patterns = [[expander.value(pattern) for pattern in arm.patterns] for arm in node.arms]
        if subject is not None and all(value is not None for values in patterns for value in values):
            for arm, values in zip(node.arms, patterns, strict=True):
                if any(fnmatchcase(subject, value) for value in values if value is not None):
                    return self._node(arm.body, shell, script)
            return f.Sequence(())
        branches = [shell.fork() for _ in node.arms]
        bodies = [self._node(arm.body, branch, script) for arm, branch in zip(node.arms, branches, strict=True)]
        exhaustive = any(value == "*" for values in patterns for value in values)
        shell.merge(branches if exhaustive and branches else [shell.fork(), *branches])
        return f.Choice(tuple(bodies), exhaustive)

    # ------------------------------------------------------------------------------------------ simple commands

    def _expander(self, shell: Shell, script: Script) -> Expander:
        def prints(part: t.Substitution) -> str | None:
            return self._output(part, shell, script)

        return Expander(script.text, script.source, shell.variables, shell.parameters, prints)

    def _simple(self, node: t.Simple, shell: Shell, script: Script, stdin: Script | None = None) -> f.Flow:
        expander = self._expander(shell, script)
        words = [*node.words, *(redirect.target for redirect in node.redirects)]
        checks = [check for word in words for check in self._substitutions(word, shell, script)]
        values = [(item, expander.value(item.value) if item.value is not None else None) for item in node.assignments]
        statuses = [
            check
            for item in node.assignments
            if item.value is not None
            for check in self._substitutions(item.value, shell, script)
        ]
        argv = tuple(argument for word in node.words for argument in expander.arguments(word))
        redirections = tuple(self._redirection(redirect, expander, script) for redirect in node.redirects)
        if not node.words:
            for item, value in values:
                before = shell.variables.get(item.name) or "" if item.append else ""
                shell.variables[item.name] = None if value is None else before + value
            assigned = [*(f.Trial(check) for check in statuses[:-1]), *statuses[-1:]]
            opened = self._open(redirections, shell, script, node)
            return _sequence([*(f.Trial(check) for check in checks), *assigned, *opened])
        checks.extend(statuses)
        prefix: list[f.Flow] = [f.Trial(check) for check in checks]
        if not argv:
            return _sequence(prefix)
        stdin = self._heredoc(node.redirects, expander, script) or stdin
        inner = shell
        if node.assignments:
            inner = shell.fork() if argv[0].value not in shell.functions else shell
            inner.variables.update((item.name, value) for item, value in values)
        last = node.words[-1]
        place = script.source.place(node.words[0].start, last.end)
        command = self._command(argv, place, inner, redirections, stdin, script, node)
        if inner is not shell and argv[0].value in BUILTINS:
            inner = shell
        prefix.append(self._program(command, inner))
        return _sequence(prefix)

    def _command(
        self,
        argv: tuple[Argument, ...],
        place: Place,
        shell: Shell,
        redirections: tuple[Redirection, ...] = (),
        stdin: Script | None = None,
        script: Script | None = None,
        node: t.Simple | None = None,
    ) -> Command:
        return Command(
            argv,
            place,
            redirections=redirections,
            env=shell.variables,
            cwd=shell.cwd,
            root=shell.root,
            user=shell.user,
            wrappers=shell.wrappers,
            stdin=stdin,
            script=script,
            node=node,
            parent=self._parent,
            step=self.step,
        )

    def _program(self, command: Command, shell: Shell) -> f.Flow:
        """One command: a builtin, a function, a wrapper around another, a script, or a program."""
        name = command.name
        first = command.argv[0].value
        if first in shell.functions and shell.depth < MAX_DEPTH:
            return self._call(command, shell)
        if (builtin := BUILTINS.get(name)) is not None:
            result = builtin(command, shell)
            if result is not None:
                return self._and_opened(command, result)
        if name in ("test", "[", "[["):
            return self._test(command)
        if name in ("eval", ".", "source", "wait", "kill", "killall", "pkill"):
            special = self._special(command, shell)
            if special is not None:
                return special
        facts = [*self._redirection_facts(command), *self.programs(command, self.system)]
        outcome = f.Outcome.UNKNOWN
        if name in ("echo", "printf"):
            outcome = f.Outcome.SUCCEEDS
        runs = self._runs(command, shell)
        if runs is None:
            return self._leaf(command, facts, outcome)
        if not facts:
            return runs
        return f.And(self._leaf(command, facts, f.Outcome.SUCCEEDS), runs)

    def _runs(self, command: Command, shell: Shell) -> f.Flow | None:
        """What a command runs in its turn, None when it runs nothing that can be read."""
        if shell.depth >= MAX_DEPTH:
            return None
        if (wrapped := unwrap(command)) is not None:
            return self._wrapped(command, shell, wrapped.at, wrapped.assignments, wrapped.root, wrapped.user)
        if command.name == "find" and (actions := find_actions(command)):
            return _sequence([self._find_action(command, shell, *action) for action in actions])
        if (found := shell_script(command)) is not None:
            return self._shell_script(command, found, shell)
        path = self._script_path(command)
        if path is not None and (content := self.system.files.read(path)) is not None:
            return self._within(
                command, lambda: self._run_file(content, shell, command.argv[1:], errexit=False, pipefail=False)
            )
        if (followed := self.follow(command, self.system)) is not None:
            return self._within(command, lambda: self._followed(followed, shell))
        return None

    def _within(self, command: Command, run: Callable[[], f.Flow]) -> f.Flow:
        parent, self._parent = self._parent, command
        try:
            return run()
        finally:
            self._parent = parent

    def _followed(self, followed: Followed, shell: Shell) -> f.Flow:
        child = shell.fork(deeper=True)
        child.cwd = followed.cwd
        flows = [self._process(script, child, False, False, ()) for script in followed.scripts]
        return f.Process(_sequence(flows), errexit=followed.stops)

    def _script_path(self, command: Command) -> str | None:
        first = command.argv[0].value
        if not first:
            return None
        if "/" in first:
            return command.path(command.argv[0])
        for directory in _PATH:
            path = f"{directory}/{first}"
            if self.system.files.read(path) is not None:
                return path
        return None

    def _call(self, command: Command, shell: Shell) -> f.Flow:
        body, script = shell.functions[command.argv[0].text]
        saved, depth = shell.parameters, shell.depth
        shell.parameters = command.argv[1:]
        shell.variables.update(_positional(shell.parameters))
        shell.depth += 1
        try:
            flow = f.Call(self._node(body, shell, script))
        finally:
            shell.parameters, shell.depth = saved, depth
        return self._and_opened(command, flow)

    def _wrapped(
        self,
        command: Command,
        shell: Shell,
        at: int,
        assignments: tuple[Argument, ...],
        root: str | None,
        user: str | None,
    ) -> f.Flow:
        inner = shell if command.name in ("exec", "command", "builtin") else shell.fork(deeper=True)
        for assignment in assignments:
            name, _, value = assignment.text.partition("=")
            inner.variables[name] = value if assignment.known else None
        inner.wrappers = (*shell.wrappers, command.name)
        if root is not None:
            inner.root, inner.cwd = root, "/"
        if command.name in ("sudo", "doas"):
            inner.user = user or "root"
        elif user is not None:
            inner.user = user
        argv = command.argv[at:]
        if command.name == "xargs":
            argv += _arguments_from(command)
        return self._inner(command, argv, inner)

    def _inner(self, command: Command, argv: tuple[Argument, ...], shell: Shell) -> f.Flow:
        end = argv[-1].place.end if argv[-1].place.path == command.place.path else command.place.end
        start = argv[0].place.start if argv[0].place.path == command.place.path else command.place.start
        inner = self._command(
            argv,
            Place(command.place.path, start, max(start, end)),
            shell,
            (),
            command.stdin,
            command.script,
            command.node,
        )
        return self._program(inner, shell)

    def _find_action(self, command: Command, shell: Shell, start: int, end: int, counts: bool) -> f.Flow:
        inner = shell.fork(deeper=True)
        inner.wrappers = (*shell.wrappers, "find")
        argv = tuple(
            Argument(argument.text, "{}" not in argument.text, argument.place, argument.script)
            for argument in command.argv[start:end]
        )
        body = self._inner(command, argv, inner)
        return body if counts else f.Trial(body)

    def _shell_script(self, command: Command, found: InlineScript | ScriptFile, shell: Shell) -> f.Flow | None:
        if isinstance(found, InlineScript):
            script = argument_script(found.script)
            child = shell.fork()
            if found.user is not None:
                child.user = found.user
            child.wrappers = (*shell.wrappers, command.name)
            return self._within(
                command,
                lambda: self._process(script, child, found.errexit, found.pipefail, found.parameters),
            )
        if found.path is None:
            if command.stdin is None:
                return None
            stdin = command.stdin
            return self._within(command, lambda: self._process(stdin, shell, found.errexit, found.pipefail, ()))
        path = command.path(found.path)
        content = self.system.files.read(path) if path else None
        if content is None:
            return None
        return self._within(
            command,
            lambda: self._run_file(content, shell, found.parameters, errexit=found.errexit, pipefail=found.pipefail),
        )

    # ------------------------------------------------------------------------------------------ builtins with a body

    def _special(self, command: Command, shell: Shell) -> f.Flow | None:
        if command.name in ("wait", "kill", "killall", "pkill"):
            self._background.clear()
            return f.Run(self._add(command), f.Outcome.UNKNOWN)
        if len(command.argv) < 2 or shell.depth >= MAX_DEPTH:
            return None
        shell.depth += 1
        try:
            if command.name == "eval":
                scripts = [argument_script(argument) for argument in command.argv[1:]]
                return self._within(command, lambda: self._script(join(scripts, " "), shell))
            path = command.path(command.argv[1])
            content = self.system.files.read(path) if path else None
            if content is None:
                return None
            return self._within(command, lambda: f.Call(self._script(content.script, shell)))
        finally:
            shell.depth -= 1

    def _test(self, command: Command) -> f.Flow:
        facts: list[Fact] = list(self._redirection_facts(command))
        facts.extend(UseFile(argument.place, command, path, FileUse.TEST) for argument, path in test_paths(command))
        result = test_result(command)
        outcome = f.Outcome.UNKNOWN
        if result is not None:
            outcome = f.Outcome.SUCCEEDS if result else f.Outcome.FAILS
        return self._leaf(command, facts, outcome)

    # ------------------------------------------------------------------------------------------ leaves

    def _add(self, command: Command) -> int:
        self.commands.append(command)
        return len(self.commands) - 1

    def _leaf(self, command: Command, facts: Iterable[Fact], outcome: f.Outcome) -> f.Flow:
        number = self._add(command)
        for fact in facts:
            self.facts.append((number, fact))
            self._judged.add(number)
            self.system.apply(fact)
        return f.Run(number, outcome)

    def _and_opened(self, command: Command, flow: f.Flow) -> f.Flow:
        """The flow, once the command's redirections have been opened."""
        facts = list(self._redirection_facts(command))
        return f.And(self._leaf(command, facts, f.Outcome.SUCCEEDS), flow) if facts else flow

    def _decided(self, flow: f.Flow) -> bool | None:
        """Whether the flow succeeds, where that hangs on nothing: a command that may be refused decides nothing."""
        match flow:
            case f.Run(command, outcome) if outcome is not f.Outcome.UNKNOWN and command not in self._judged:
                return outcome is f.Outcome.SUCCEEDS
            case f.Not(body):
                inner = self._decided(body)
                return None if inner is None else not inner
            case f.Sequence(items) if items and all(isinstance(item, f.Run) for item in items[:-1]):
                return self._decided(items[-1])
            case _:
                return None

    # ------------------------------------------------------------------------------------------ redirections

    def _redirection(self, redirect: t.Redirect, expander: Expander, script: Script) -> Redirection:
        place = script.source.place(redirect.start, redirect.end)
        return Redirection(redirect.operator, redirect.fd, expander.argument(redirect.target), place)

    def _redirection_facts(self, command: Command) -> Iterator[Fact]:
        for redirection in command.redirections:
            path = command.path(redirection.target)
            if path is None or redirection.operator in ("<<", "<<-", "<<<", "<&", ">&"):
                continue
            if redirection.operator == "<":
                yield UseFile(redirection.place, command, path, FileUse.READ)
                continue
            content = printed(command) if redirection.fd in ("", "1") else None
            value = content.text.rstrip("\n") if content is not None else None
            yield UseFile(redirection.place, command, path, FileUse.WRITE, value)
            if redirection.operator in (">", ">>", ">|") and redirection.fd in ("", "1"):
                yield WriteContent(redirection.place, command, path, content, redirection.operator == ">>")

    def _redirected(self, node: t.Group | t.Subshell, body: f.Flow, shell: Shell, script: Script) -> f.Flow:
        if not node.redirects:
            return body
        expander = self._expander(shell, script)
        redirections = tuple(self._redirection(redirect, expander, script) for redirect in node.redirects)
        opened = self._open(redirections, shell, script, None)
        return f.And(_sequence(opened), body) if opened else body

    def _open(
        self, redirections: tuple[Redirection, ...], shell: Shell, script: Script, node: t.Simple | None
    ) -> list[f.Flow]:
        if not redirections:
            return []
        command = self._command((), redirections[0].place, shell, redirections, None, script, node)
        facts = list(self._redirection_facts(command))
        return [self._leaf(command, facts, f.Outcome.SUCCEEDS)] if facts else []

    def _heredoc(self, redirects: tuple[t.Redirect, ...], expander: Expander, script: Script) -> Script | None:
        for redirect in reversed(redirects):
            if redirect.operator == "<<<":
                return expander.script(redirect.target)
            if (heredoc := redirect.heredoc) is None:
                continue
            if heredoc.word is not None:
                return expander.script(heredoc.word)
            body = script.slice(heredoc.start, heredoc.end)
            return _without_tabs(body) if heredoc.tabs else body
        return None

    # ------------------------------------------------------------------------------------------ substitutions

    def _substitutions(self, word: t.Word, shell: Shell, script: Script) -> list[f.Flow]:
        """The flows of the command substitutions in a word, in order."""
        found: list[f.Flow] = []
        for part in word.parts:
            if isinstance(part, t.Substitution):
                found.append(f.Subshell(self._node(part.body, shell.fork(), script)))
            elif isinstance(part, t.Parameter) and part.argument is not None:
                found.extend(self._substitutions(part.argument, shell, script))
        return found

    def _output(self, part: t.Substitution, shell: Shell, script: Script) -> str | None:
        """What `$(…)` prints, where that is plain: echo, printf, cat of a known file, id -u, pwd, basename, dirname."""
        body = part.body
        while isinstance(body, t.Sequence | t.Group) and (not isinstance(body, t.Sequence) or len(body.items) == 1):
            body = body.items[0] if isinstance(body, t.Sequence) else body.body
        if not isinstance(body, t.Simple) or not body.words or body.redirects or shell.depth >= MAX_DEPTH:
            return None
        expander = self._expander(shell, script)
        argv = tuple(argument for word in body.words for argument in expander.arguments(word))
        if not argv or not all(argument.known for argument in argv):
            return None
        command = self._command(argv, script.source.place(body.start, body.end), shell)
        return output(command, self.system)


def _sequence(flows: list[f.Flow]) -> f.Flow:
    return flows[0] if len(flows) == 1 else f.Sequence(tuple(flows))


def _is_idle(flow: f.Flow) -> bool:
    """Nothing runs here that could matter."""
    return isinstance(flow, f.Sequence) and not flow.items


def _is_pattern(text: str) -> bool:
    return any(char in text for char in "*?[")


def _closes_output(command: Command) -> bool:
    """Whether both stdout and stderr of a background command go elsewhere."""
    targets = {(redirection.fd or "1") for redirection in command.redirections if redirection.operator.startswith(">")}
    both = any(redirection.operator in ("&>", "&>>") for redirection in command.redirections)
    return both or {"1", "2"} <= targets


def _positional(parameters: tuple[Argument, ...]) -> dict[str, str | None]:
    named: dict[str, str | None] = {str(number): argument.value for number, argument in enumerate(parameters, 1)}
    named["#"] = str(len(parameters))
    return named


def _arguments_from(command: Command) -> tuple[Argument, ...]:
    """What xargs appends: the words of its standard input."""
    if command.stdin is None:
        return (Argument("$@", False, command.place),)
    return tuple(Argument(word, True, command.place) for word in command.stdin.text.split()[:100])


def _without_tabs(body: Script) -> Script:
    """The body of `<<-`, whose lines lose their leading tabs."""
    lines: list[Script] = []
    at = 0
    for line in body.text.splitlines(keepends=True):
        start = at + len(line) - len(line.lstrip("\t"))
        lines.append(body.slice(start, at + len(line)))
        at += len(line)
    return join(lines, "") if lines else body
