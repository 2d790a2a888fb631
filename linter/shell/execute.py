"""One simple command: its words expanded, what it is found out, what it opens and asks for written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache

from .. import flow as f
from ..command import Argument, Command
from ..facts import FileUse, MakeNode, UseFile
from ..rule import Fact
from ..source import Place, Script, join
from ..system import System
from . import tree as t
from .builtins import BUILTINS
from .contents import rewrite
from .descriptors import opened, redirections, standard_input
from .expand import Expander
from .output import argument_script, output
from .record import Record
from .state import Shell
from .testing import asks_for_failure, test_paths, test_result
from .wrappers import is_wrapper

MAX_DEPTH = 24
"""How deep scripts and functions may run each other."""

MAX_PRINTING = 5
"""How deep command substitutions may stand in each other for their output to be known."""

Programs = Callable[[Command, System], Iterable[Fact]]
Runs = Callable[[Command, Shell], "f.Flow | None"]
Walk = Callable[[t.Node, Shell, Script], f.Flow]

_SPECIAL = frozenset(("eval", ".", "source", "wait"))
_TESTS = frozenset(("test", "[", "[["))
_FAKED = (MakeNode,)
"""What fakeroot pretends to do; a change of owner fails nonetheless where the id has no mapping."""


class Executor:
    """Executes simple commands. `walk` interprets a node of a script, `runs` what a program runs in its turn."""

    def __init__(self, record: Record, programs: Programs, walk: Walk) -> None:
        self.record = record
        self.programs = programs
        self.walk = walk
        self.runs: Runs = lambda _command, _shell: None
        self._printing = 0

    # ------------------------------------------------------------------------------------------ words

    def expander(self, shell: Shell, script: Script) -> Expander:
        known: dict[int, str | None] = {}

        def prints(part: t.Substitution) -> str | None:
            if part.start not in known:
                known[part.start] = self._output(part, shell, script)
            return known[part.start]

        return Expander(script.text, script.source, shell.variables, shell.parameters, shell.arrays, prints)

    def arguments(self, words: Iterable[t.Word], shell: Shell, script: Script) -> tuple[Argument, ...]:
        """What words become, patterns of known files included."""
        expander = self.expander(shell, script)
        found: list[Argument] = []
        for word in words:
            values = expander.arguments(word)
            found.extend(self._files(values[0], shell) if _is_pattern(word) and len(values) == 1 else values)
        return tuple(found)

    def _files(self, pattern: Argument, shell: Shell) -> list[Argument]:
        """The files that this build made and the pattern matches; the pattern itself when there are none."""
        directory, slash, name = pattern.text.rpartition("/")
        command = self.command((pattern,), pattern.place, shell)
        path = command.path(Argument(directory or slash or ".", pattern.known, pattern.place))
        if path is None or any(char in directory for char in "*?["):
            return [pattern]
        names = self.record.system.files.names(path)
        matching = [each for each in names if fnmatchcase(each, name) and not (each[0] == "." and name[0] != ".")]
        return [Argument(f"{directory}{slash}{each}", True, pattern.place) for each in matching] or [pattern]

    def substitutions(self, word: t.Word, shell: Shell, script: Script) -> Iterator[f.Flow]:
        """The flows of the command substitutions in a word, in order."""
        for part in word.parts:
            if isinstance(part, t.Substitution):
                yield f.Subshell(self.walk(part.body, shell.fork(), script))
            elif isinstance(part, t.Parameter) and part.argument is not None:
                yield from self.substitutions(part.argument, shell, script)

    def _output(self, part: t.Substitution, shell: Shell, script: Script) -> str | None:
        """What `$(…)` prints, where that is plain: a command that `output` knows, perhaps in another directory."""
        if part.process or self._printing >= MAX_PRINTING:
            return None
        self._printing += 1
        try:
            return self._printed(_chain(part.body), shell.fork(deeper=True), script)
        finally:
            self._printing -= 1

    def _printed(self, chain: list[t.Node], inner: Shell, script: Script) -> str | None:
        *before, last = chain
        for node in before:
            command = self._plain(node, inner, script)
            if command is None or command.name != "cd":
                return None
            BUILTINS["cd"](command, inner)
        command = self._plain(last, inner, script)
        return output(command, self.record.system) if command is not None else None

    def _plain(self, node: t.Node, shell: Shell, script: Script) -> Command | None:
        """A simple command whose every argument is known."""
        if not isinstance(node, t.Simple):
            return None
        argv = self.arguments(node.words, shell, script)
        if not argv or not all(argument.known for argument in argv):
            return None
        return self.command(argv, script.source.place(node.start, node.end), shell)

    # ------------------------------------------------------------------------------------------ simple commands

    def simple(
        self,
        node: t.Simple,
        shell: Shell,
        script: Script,
        stdin: Script | None = None,
        feeder: Command | None = None,
    ) -> f.Flow:
        expander = self.expander(shell, script)
        words = [*node.words, *(redirect.target for redirect in node.redirects)]
        checks = [check for word in words for check in self.substitutions(word, shell, script)]
        if not node.words:
            statuses = list(self._assign(node.assignments, shell, shell, script))
            assigned = [*(f.Trial(check) for check in statuses[:-1]), *statuses[-1:]]
            redirected = self.open(node.redirects, node, shell, script)
            return sequence([*(f.Trial(check) for check in checks), *assigned, *redirected])
        argv = self.arguments(node.words, shell, script)
        _assign_defaults(node.words, expander, shell)
        inner = shell
        if node.assignments and argv and argv[0].value not in shell.functions:
            inner = shell.fork()
        checks.extend(self._assign(node.assignments, inner, shell, script, exported=True))
        prefix: list[f.Flow] = [f.Trial(check) for check in checks]
        if not argv:
            return sequence(prefix)
        place = script.source.place(node.words[0].start, node.words[-1].end)
        command = self.command(argv, place, inner, node=node, script=script)
        command.redirections = redirections(node.redirects, expander)
        fed = standard_input(node.redirects, expander, script, command, self.record.system)
        command.stdin = fed if fed is not None else stdin
        command.feeder = feeder
        if inner is not shell and argv[0].value in BUILTINS:
            inner = shell
        return sequence([*prefix, self.program(command, inner)])

    def _assign(
        self,
        assignments: tuple[t.Assignment, ...],
        target: Shell,
        shell: Shell,
        script: Script,
        *,
        exported: bool = False,
    ) -> Iterator[f.Flow]:
        """Assign to variables of `target`; yields the flows of the values' command substitutions."""
        for item in assignments:
            if item.value is None:
                is_array = script.text[item.start + len(item.name) : item.start + len(item.name) + 1] != "["
                before = target.arrays.get(item.name, ()) if item.append else ()
                target.assign(item.name, None)
                if is_array:
                    target.arrays[item.name] = (*before, *self.arguments(item.elements, shell, script))
                continue
            yield from self.substitutions(item.value, shell, script)
            value = self.expander(target, script).value(item.value)
            before = target.variables.get(item.name, "") if item.append else ""
            known = value is not None and before is not None
            target.assign(item.name, f"{before}{value}" if known else None, exported=exported)

    def command(
        self,
        argv: tuple[Argument, ...],
        place: Place,
        shell: Shell,
        *,
        node: t.Simple | None = None,
        script: Script | None = None,
        stdin: Script | None = None,
    ) -> Command:
        return Command(
            argv,
            place,
            env=shell.variables,
            cwd=shell.cwd,
            root=shell.root,
            user=shell.user,
            wrappers=shell.wrappers,
            stdin=stdin,
            script=script,
            node=node,
            parent=self.record.parent,
            step=self.record.step,
        )

    # ------------------------------------------------------------------------------------------ programs

    def program(self, command: Command, shell: Shell) -> f.Flow:
        """One command: a function, a builtin, a script, a program that runs another, or one that runs nothing."""
        name = command.name
        if command.argv[0].value in shell.functions and shell.depth < MAX_DEPTH:
            return self._call(command, shell)
        if (builtin := BUILTINS.get(name)) is not None and (result := builtin(command, shell)) is not None:
            return self._and_opened(command, result)
        if name in _TESTS:
            return self._test(command)
        if name in _SPECIAL and (special := self._special(command, shell)) is not None:
            return special
        runs = self.runs(command, shell)
        facts: list[Fact] = list(opened(command, self.record.system))
        if not self._is_replaced(command):
            facts.extend(self.programs(command, self.record.system))
            rewrite(command, self.record.system)
        if "fakeroot" in command.wrappers:
            facts = [fact for fact in facts if not isinstance(fact, _FAKED)]
        if runs is None:
            outcome = f.Outcome.SUCCEEDS if name in ("echo", "printf") else f.Outcome.UNKNOWN
            return self.record.leaf(command, facts, outcome)
        return f.And(self.record.leaf(command, facts, f.Outcome.SUCCEEDS), runs) if facts else runs

    def _is_replaced(self, command: Command) -> bool:
        """Whether the build put a file of its own where the program is looked for: it is no longer what its name says.

        Programs that run others, and AppImages, are taken for what they are: people download them.
        """
        taken = is_wrapper(command) or command.name.lower().endswith(".appimage")
        return not taken and any(map(self.record.system.files.made, program_paths(command)))

    def _call(self, command: Command, shell: Shell) -> f.Flow:
        body, script = shell.functions[command.argv[0].text]
        parameters, saved = shell.parameters, shell.saved
        shell.parameters, shell.saved = command.argv[1:], {}
        shell.depth += 1
        try:
            flow = f.Call(self.walk(body, shell, script))
        finally:
            shell.variables.update(shell.saved)
            shell.parameters, shell.saved = parameters, saved
            shell.depth -= 1
        return self._and_opened(command, flow)

    def _special(self, command: Command, shell: Shell) -> f.Flow | None:
        """`wait`, and the builtins that run a script in this very shell."""
        if command.name == "wait":
            return self._wait(command)
        if len(command.argv) < 2 or shell.depth >= MAX_DEPTH:
            return None
        if command.name == "eval":
            scripts = [argument_script(argument) for argument in command.argv[1:]]
            return self._here(command, join(scripts, " "), shell)
        path = command.path(command.argv[1])
        content = self.record.system.files.read(path) if path else None
        if content is None:
            return None
        saved = shell.parameters, shell.variables.get("BASH_SOURCE", shell.variables.get("0"))
        shell.parameters = command.argv[2:] or shell.parameters
        shell.variables["BASH_SOURCE"] = command.argv[1].value
        flow = f.Call(self._here(command, content.script, shell))
        shell.parameters, shell.variables["BASH_SOURCE"] = saved
        return flow

    def _here(self, command: Command, script: Script, shell: Shell) -> f.Flow:
        shell.depth += 1
        try:
            return self.record.within(command, lambda: self.walk(self.record.tree(script.text), shell, script))
        finally:
            shell.depth -= 1

    def _wait(self, command: Command) -> f.Flow:
        """`wait JOB` has the job's status; which one it is, is known when there is only one."""
        self.record.ended()
        number = self.record.add(command)
        if len(command.argv) > 1 and len(self.record.jobs) == 1:
            return f.And(f.Run(number, f.Outcome.SUCCEEDS), self.record.jobs[0])
        return f.Run(number, f.Outcome.UNKNOWN if len(command.argv) > 1 else f.Outcome.SUCCEEDS)

    def _test(self, command: Command) -> f.Flow:
        if (failed := asks_for_failure(command)) is not None:
            return f.LastStatus(failed)
        facts: list[Fact] = list(opened(command, self.record.system))
        made = self.record.system.made
        facts.extend(
            UseFile(argument.place, command, path, FileUse.TEST, made=made(path))
            for argument, path in test_paths(command)
        )
        result = test_result(command, made)
        outcome = f.Outcome.UNKNOWN
        if result is not None:
            outcome = f.Outcome.SUCCEEDS if result else f.Outcome.FAILS
        return self.record.leaf(command, facts, outcome)

    # ------------------------------------------------------------------------------------------ redirections

    def open(
        self,
        redirects: tuple[t.Redirect, ...],
        node: t.Simple | None,
        shell: Shell,
        script: Script,
        output: Script | None = None,
    ) -> list[f.Flow]:
        """Redirections without a command of their own; `output` is what goes through them, where that is known."""
        if not redirects:
            return []
        place = script.source.place(redirects[0].start, redirects[-1].end)
        command = self.command((), place, shell, node=node, script=script)
        command.redirections = redirections(redirects, self.expander(shell, script))
        facts = list(opened(command, self.record.system, output))
        return [self.record.leaf(command, facts, f.Outcome.SUCCEEDS)] if facts else []

    def _and_opened(self, command: Command, flow: f.Flow) -> f.Flow:
        """The flow, once the command's redirections have been opened."""
        facts = list(opened(command, self.record.system))
        return f.And(self.record.leaf(command, facts, f.Outcome.SUCCEEDS), flow) if facts else flow


SEARCHED = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


def program_paths(command: Command) -> tuple[str, ...]:
    """Where the command's program may stand, in the order in which it is looked for."""
    first = command.argv[0].value
    if not first:
        return ()
    if "/" in first:
        path = command.path(command.argv[0])
        return (path,) if path else ()
    return _searched(command.env.get("PATH"), command.root, first)


@lru_cache(maxsize=1024)
def _searched(search_path: str | None, root: str, name: str) -> tuple[str, ...]:
    directories = search_path.split(":") if search_path else SEARCHED
    return tuple(f"{root.rstrip('/')}/{each.strip('/')}/{name}" for each in directories)


def sequence(flows: list[f.Flow]) -> f.Flow:
    return flows[0] if len(flows) == 1 else f.Sequence(tuple(flows))


def _assign_defaults(words: tuple[t.Word, ...], expander: Expander, shell: Shell) -> None:
    """`: ${NAME:=value}` sets NAME where it is not set."""
    for word in words:
        for part in word.parts:
            if isinstance(part, t.Parameter) and part.operator in (":=", "="):
                shell.assign(part.name, expander.value(t.Word(part.start, part.end, (part,))))


def _is_pattern(word: t.Word) -> bool:
    """Whether the shell looks for files: quoted characters are no wildcards."""
    return any(isinstance(p, t.Literal) and not p.quoted and any(c in p.text for c in "*?[") for p in word.parts)


def _chain(node: t.Node) -> list[t.Node]:
    """The commands of `a && b; c`, when there is nothing else in it."""
    if isinstance(node, t.Sequence):
        return [part for item in node.items for part in _chain(item)] or [node]
    if isinstance(node, t.And):
        return [*_chain(node.left), *_chain(node.right)]
    return _chain(node.body) if isinstance(node, t.Group) and not node.redirects else [node]
