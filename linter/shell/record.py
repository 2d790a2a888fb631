"""What is met while a step is interpreted: its commands, the facts about them, and what changes for later ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .. import flow as f
from ..command import Command
from ..facts import EndBackground, RunInBackground
from ..rule import Fact
from ..source import Place
from ..system import System
from . import tree as t
from .parse import parse

MAX_NODES = 20_000
"""A step of more nodes than this is not read to its end: functions that call each other could go on for ever."""


class Record:
    """`commands` and `facts` fill as a step is read; a fact names its command's number.

    `parent` is the command that runs the script that is being read. `jobs` are the bodies of `… &` so far.
    """

    def __init__(self, system: System, step: Place) -> None:
        self.system = system
        self.step = step
        self.commands: list[Command] = []
        self.facts: list[tuple[int, Fact]] = []
        self.parent: Command | None = None
        self.jobs: list[f.Flow] = []
        self._running: list[tuple[int, RunInBackground]] = []
        self._judged: set[int] = set()
        self._trees: dict[str, t.Node] = {}
        self._nodes = 0
        system.begin_step()

    def exhausted(self) -> bool:
        """Counts a node; whether there have been too many."""
        self._nodes += 1
        return self._nodes > MAX_NODES

    def tree(self, text: str) -> t.Node:
        """The tree of a script, which may be run many times."""
        if text not in self._trees:
            self._trees[text] = parse(text).tree
        return self._trees[text]

    def add(self, command: Command) -> int:
        self.commands.append(command)
        return len(self.commands) - 1

    def leaf(self, command: Command, facts: Iterable[Fact], outcome: f.Outcome) -> f.Flow:
        """A command that runs nothing else, with what it asks for."""
        number = self.add(command)
        for fact in facts:
            self._take(number, fact)
        return f.Run(number, outcome)

    def _take(self, number: int, fact: Fact) -> None:
        match fact:
            case RunInBackground():
                self.detached(number, fact)
            case EndBackground():
                self.ended(fact.name)
            case _:
                self.facts.append((number, fact))
                self._judged.add(number)
        self.system.apply(fact)

    def detached(self, number: int, fact: RunInBackground) -> None:
        """A process runs on; it is a fact once the step is over, unless something ends it."""
        self._running.append((number, fact))

    def ended(self, name: str | None = None) -> None:
        """Something ends the background processes of that name, None: all of them."""
        self._running = [(n, fact) for n, fact in self._running if name is not None and fact.name != name]

    def finish(self) -> None:
        self.facts.extend(self._running)

    def within(self, command: Command, run: Callable[[], f.Flow]) -> f.Flow:
        """What `run` meets belongs to a script that `command` runs."""
        parent, self.parent = self.parent, command
        try:
            return run()
        finally:
            self.parent = parent

    def decided(self, flow: f.Flow) -> bool | None:
        """Whether the flow succeeds, where that hangs on nothing: a command that may be refused decides nothing."""
        match flow:
            case f.Run(command, outcome) if outcome is not f.Outcome.UNKNOWN and command not in self._judged:
                return outcome is f.Outcome.SUCCEEDS
            case f.Not(body):
                inner = self.decided(body)
                return None if inner is None else not inner
            case f.Sequence(items) if all(isinstance(item, f.Run) for item in items[:-1]):
                return self.decided(items[-1]) if items else True
            case _:
                return None
