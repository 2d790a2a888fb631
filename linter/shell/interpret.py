"""What a step runs: walks the tree of a script, expands words, follows functions and scripts, keeps the order.

The result is a flow (how statuses combine), the commands at its leaves, and the facts that programs make of them.
The system (accounts, files) changes as the commands go by, so a later command sees what an earlier one did.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from .. import flow as f
from ..command import Argument, Command
from ..facts import RunInBackground
from ..rule import Fact
from ..source import Place, Script, join
from ..system import Content, System
from . import tree as t
from .descriptors import closes_output
from .execute import Executor, Programs, sequence
from .nested import Follow, Nested
from .output import printed
from .record import Record
from .state import Shell
from .wrappers import InlineScript, shell_script, unwrap

MAX_NESTING = 64
"""How deep commands, scripts and functions may stand in each other."""

MAX_ROUNDS = 32
"""How many rounds of a loop are followed."""

_CHANGED = re.compile(
    r"(?:\+\+|--)\s*([A-Za-z_]\w*)|([A-Za-z_]\w*)\s*(?:\+\+|--|(?:[-+*/%&|^]|<<|>>)?=(?!=))", re.ASCII
)
"""Variables that an arithmetic expression changes."""

_TESTS = frozenset(("test", "[", "[[", "grep", "command", "which", "type", "hash"))
"""Commands that ask a question: what `&&` puts behind them may not have happened."""


class Interpreter:
    """Interprets the scripts of one step. `commands` and `facts` fill as it goes; a fact names its command's number."""

    def __init__(self, system: System, programs: Programs, follow: Follow, step: Place) -> None:
        self.record = Record(system, step)
        self._executor = Executor(self.record, programs, self._node)
        self._nested = Nested(self.record, self._executor, follow)
        self._executor.runs = self._nested.runs
        self._nesting = 0

    @property
    def commands(self) -> list[Command]:
        return self.record.commands

    @property
    def facts(self) -> list[tuple[int, Fact]]:
        return self.record.facts

    # ------------------------------------------------------------------------------------------ entry points

    def shell_form(self, shell_argv: tuple[Argument, ...], script: Script, shell: Shell) -> f.Flow:
        """A step's script, run by the shell of the SHELL instruction, which may stand behind `env` or `conda run`."""
        body = Argument(script.text, True, script.source.place(0, len(script.text)), script)
        command = Command((*shell_argv, body), body.place)
        while (wrapped := unwrap(command)) is not None:
            command = Command(command.argv[wrapped.at :], body.place)
        found = shell_script(command)
        if not isinstance(found, InlineScript):
            return f.Sequence(())
        child = shell.process(command.argv[0].value, found.parameters[1:])
        return self._nested.process(script, child, errexit=found.errexit, pipefail=found.pipefail)

    def exec_form(self, argv: tuple[Argument, ...], shell: Shell) -> f.Flow:
        """A step's argv, run without a shell."""
        if not argv:
            return f.Sequence(())
        place = Place(argv[0].place.path, argv[0].place.start, argv[-1].place.end)
        return self._executor.program(self._executor.command(argv, place, shell), shell)

    def script_file(
        self,
        script: Script,
        shell: Shell,
        name: str | None = None,
        parameters: tuple[Argument, ...] | None = (),
    ) -> f.Flow:
        """A whole script with its own #! line, as a heredoc step is run; `name` is its `$0`."""
        return self._nested.file(Content(script), shell, name, parameters)

    def instruction(self, command: Command, facts: Iterable[Fact]) -> f.Flow:
        """A step that the builder does itself, such as COPY."""
        return self.record.leaf(command, facts, f.Outcome.SUCCEEDS)

    def finish(self) -> None:
        """The step is over: what still runs in the background outlives its command."""
        self.record.finish()

    # ------------------------------------------------------------------------------------------ the tree

    def _node(self, node: t.Node, shell: Shell, script: Script) -> f.Flow:
        if self.record.exhausted() or self._nesting >= MAX_NESTING:
            return f.Sequence(())
        self._nesting += 1
        try:
            return self._flow(node, shell, script)
        finally:
            self._nesting -= 1

    def _flow(self, node: t.Node, shell: Shell, script: Script) -> f.Flow:
        match node:
            case t.Simple():
                return self._executor.simple(node, shell, script)
            case t.Sequence():
                return sequence([self._node(item, shell, script) for item in node.items])
            case t.And() | t.Or():
                return self._and_or(node, shell, script)
            case t.Not():
                return f.Not(self._node(node.body, shell, script))
            case t.Pipeline():
                return self._pipeline(node, shell, script)
            case t.Background():
                return self._in_background(node, shell, script)
            case t.Subshell():
                return self._redirected(node, shell.fork(), shell, script)
            case t.Group():
                return self._redirected(node, shell, shell, script)
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
                return self._arithmetic(node, shell, script)

    def _and_or(self, node: t.And | t.Or, shell: Shell, script: Script) -> f.Flow:
        """A chain of `&&` and `||`. When it asks a question, what it changed behind that may not have happened."""
        questions: list[Shell] = []
        flow = self._linked(node, shell, script, questions)
        if questions:
            shell.merge([shell.fork(), questions[0]])
        return flow

    def _linked(self, node: t.Node, shell: Shell, script: Script, questions: list[Shell]) -> f.Flow:
        """Nests to the left: walked in a loop, since it can be very long."""
        spine: list[t.And | t.Or] = []
        first = node
        while isinstance(first, t.And | t.Or):
            spine.append(first)
            first = first.left
        result = self._node(first, shell, script)
        if self._asks(result):
            questions.append(shell.fork())
        for link in reversed(spine):
            known = self.record.decided(result)
            runs = isinstance(link, t.And)
            if known is not None and known != runs:
                continue
            if isinstance(link, t.Or):
                branch = shell.fork()
                right = self._node(link.right, branch, script)
                shell.merge([shell.fork(), branch])
                result = f.Or(result, right)
            else:
                right = self._linked(link.right, shell, script, questions)
                result = right if _is_idle(result) else f.And(result, right)
        return result

    def _asks(self, flow: f.Flow) -> bool:
        while isinstance(flow, f.Not):
            flow = flow.body
        if self.record.decided(flow) is not None:
            return False
        return isinstance(flow, f.Choice) or (isinstance(flow, f.Run) and self.commands[flow.command].name in _TESTS)

    def _pipeline(self, node: t.Pipeline, shell: Shell, script: Script) -> f.Flow:
        members: list[f.Flow] = []
        stdin: Script | None = None
        feeder: Command | None = None
        for member in node.members:
            child = shell.fork()
            count = len(self.commands)
            if isinstance(member, t.Simple):
                members.append(self._executor.simple(member, child, script, stdin, feeder))
            else:
                members.append(self._node(member, child, script))
            stdin = self._printed(member, count)
            feeder = self.commands[count] if isinstance(member, t.Simple) and len(self.commands) > count else None
        return f.Pipe(tuple(members))

    def _printed(self, node: t.Node, count: int) -> Script | None:
        """What the commands from number `count` on printed, when they are all there is in `node`."""
        while isinstance(node, t.Group | t.Subshell) and not node.redirects:
            node = node.body
        items = node.items if isinstance(node, t.Sequence) else (node,)
        commands = self.commands[count:]
        if len(commands) != len(items) or not all(isinstance(item, t.Simple) for item in items):
            return None
        texts = [printed(command, self.record.system) for command in commands]
        known = [text for text in texts if text is not None]
        return join(known, "") if known and len(known) == len(texts) else None

    def _in_background(self, node: t.Background, shell: Shell, script: Script) -> f.Flow:
        count = len(self.commands)
        body = self._node(node.body, shell.fork(), script)
        self.record.jobs.append(body)
        if len(self.commands) > count:
            number = len(self.commands) - 1
            command = self.commands[number]
            place = script.source.place(node.body.start, node.body.end)
            self.record.detached(number, RunInBackground(place, command, command.name, not closes_output(command)))
        return f.Detach(body)

    def _redirected(self, node: t.Group | t.Subshell, inner: Shell, shell: Shell, script: Script) -> f.Flow:
        count = len(self.commands)
        body = self._node(node.body, inner, script)
        flow = f.Subshell(body) if isinstance(node, t.Subshell) else body
        if not node.redirects:
            return flow
        output = self._printed(node.body, count)
        opened = self._executor.open(node.redirects, None, shell, script, output)
        return f.And(sequence(opened), flow) if opened else flow

    def _arithmetic(self, node: t.ArithmeticCommand, shell: Shell, script: Script) -> f.Flow:
        """`((…))` may change variables and comes out either way."""
        command = self._executor.command((), script.source.place(node.start, node.end), shell)
        for match in _CHANGED.finditer(node.expression):
            shell.assign(match[1] or match[2], None)
        return self.record.leaf(command, (), f.Outcome.UNKNOWN)

    def _if(self, node: t.If, shell: Shell, script: Script) -> f.Flow:
        arms: list[tuple[f.Flow, f.Flow]] = []
        taken: list[Shell] = []
        otherwise: f.Flow | None = None
        for condition, body in node.arms:
            check = self._node(condition, shell, script)
            known = self.record.decided(check)
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

    # ------------------------------------------------------------------------------------------ loops and case

    def _while(self, node: t.While, shell: Shell, script: Script) -> f.Flow:
        """A loop whose test is known is followed round by round; of any other, the first round is."""
        bodies: list[f.Flow] = []
        condition = self._node(node.condition, shell, script)
        while len(bodies) < MAX_ROUNDS and isinstance(condition, f.Run):
            known = self.record.decided(condition)
            if known is None:
                break
            if known is node.until:
                return f.Repeat(tuple(bodies), unknown=False)
            bodies.append(self._node(node.body, shell, script))
            condition = self._node(node.condition, shell, script)
        if bodies:
            return f.Repeat(tuple(bodies), unknown=False)
        branch = shell.fork()
        body = self._node(node.body, branch, script)
        shell.merge([shell.fork(), branch])
        return f.While(node.until, condition, body)

    def _for(self, node: t.For, shell: Shell, script: Script) -> f.Flow:
        words: tuple[Argument, ...] | None = None
        checks: list[f.Flow] = []
        runs_once = False
        if node.words is not None:
            checks = [check for word in node.words for check in self._executor.substitutions(word, shell, script)]
            words = self._executor.arguments(node.words, shell, script)
            runs_once = any(_is_something(part) for word in node.words for part in word.parts)
        elif shell.parameters is not None and node.name:
            words = shell.parameters
        if words is None or not all(word.known and not _is_pattern(word.text) for word in words):
            branch = shell.fork()
            branch.assign(node.name, None)
            body = self._node(node.body, branch, script)
            shell.merge([shell.fork(), branch])
            return sequence([*checks, f.Repeat((body,), unknown=not runs_once)])
        bodies: list[f.Flow] = []
        for word in words[:MAX_ROUNDS]:
            shell.assign(node.name, word.text)
            bodies.append(self._node(node.body, shell, script))
        return sequence([*checks, f.Repeat(tuple(bodies), unknown=False)])

    def _case(self, node: t.Case, shell: Shell, script: Script) -> f.Flow:
        expander = self._executor.expander(shell, script)
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


def _is_idle(flow: f.Flow) -> bool:
    """Nothing runs here that could matter."""
    return isinstance(flow, f.Sequence) and not flow.items


def _is_something(part: t.Part) -> bool:
    """Whether a part of a word leaves at least one character, or an empty argument."""
    return isinstance(part, t.Literal) or (part.quoted and not (isinstance(part, t.Parameter) and part.name == "@"))


def _is_pattern(text: str) -> bool:
    return any(char in text for char in "*?[")
