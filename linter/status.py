"""Which commands of a step run, and how it exits, when some of them are refused.

A flow is run as dash and bash would run it: `set -e` with all that suspends it, `&&` and `||`, pipes, subshells,
functions, `exit` and its kin. What cannot be known (how a test comes out, which arm of a `case` is taken) is
answered by a *world*. The tests hold this against both shells.

Where they differ (measured on dash 0.5.12, bash 5.2), and nobody writes such scripts: a list in the background of a
condition heeds `set -e` in dash (here it does not, as in bash); `! { set -e; … }` heeds it in bash; a `break` in a
subshell leaves the subshell in dash (so here), and does nothing in bash; a bare `return` in a loop's condition
returns 0 in dash (here the last status, as in bash); `! break` makes the loop fail in bash.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import NamedTuple, TypeAlias

from .flow import (
    And,
    Call,
    Choice,
    Detach,
    Exit,
    ExitMode,
    Flow,
    If,
    LastStatus,
    Not,
    Option,
    Or,
    Outcome,
    Pipe,
    Process,
    Repeat,
    Run,
    Sequence,
    Subshell,
    Trial,
    While,
)

World: TypeAlias = Mapping[int, int]
"""Answers by the `id` of the node that asks, since equal nodes in two places may differ. 0 is the usual answer: a
command succeeds, a loop over unknown words runs, a `case` takes its first arm. `answers` counts a node's answers."""

USUAL: World = {}

LOOP_EXITS = (ExitMode.LOOP, ExitMode.ROUND)


class Result(NamedTuple):
    """The step's exit status, and its commands in the order in which they ran."""

    status: int
    executed: tuple[int, ...]


def run(flow: Flow, refused: Set[int], world: World = USUAL) -> Result:
    """Run a step's flow; a refused command fails with status 1."""
    shell = _Shell(refused, world)
    return Result(shell.forked(flow, guarded=False), tuple(shell.executed))


def answers(node: Flow) -> int:
    """How many answers there are to what a node asks; 1 when it asks nothing."""
    match node:
        case Run():
            return 2 if node.outcome is Outcome.UNKNOWN else 1
        case Choice():
            return len(node.arms) + (not node.exhaustive)
        case Repeat():
            return 2 if node.unknown else 1
        case _:
            return 1


def questions(flow: Flow, tested: bool = False) -> Iterator[Flow]:
    """The nodes whose answer can change what runs: unknown arms and loops, and unknown commands that are `tested`.

    A command is tested when its status decides what runs next; all others are taken to succeed.
    """
    match flow:
        case Run():
            if tested and answers(flow) > 1:
                yield flow
        case Sequence(items):
            for index, item in enumerate(items):
                if index + 1 == len(items):
                    yield from questions(item, tested)
                else:
                    asked = _asked_for(items[index + 1])
                    yield from questions(item, bool(asked) or (asked is None and tested))
        case And(left, right) | Or(left, right):
            yield from questions(left, True)
            yield from questions(right, tested)
        case Not(body):
            yield from questions(body, True)
        case Pipe(members):
            for member in members:
                yield from questions(member, tested and member is members[-1])
        case If(arms, otherwise):
            for condition, body in arms:
                yield from questions(condition, True)
                yield from questions(body, tested)
            if otherwise is not None:
                yield from questions(otherwise, tested)
        case While(_, condition, body):
            yield from questions(condition, True)
            yield from questions(body, tested)
        case Choice(arms):
            yield flow
            for arm in arms:
                yield from questions(arm, tested)
        case Repeat(bodies, unknown):
            if unknown:
                yield flow
            for body in bodies:
                yield from questions(body, tested and body is bodies[-1])
        case Subshell(body) | Call(body) | Process(body):
            yield from questions(body, tested)
        case Detach(body) | Trial(body):
            yield from questions(body)
        case Option() | Exit() | LastStatus():
            pass


def _asked_for(following: Flow) -> bool | None:
    """Whether what comes next looks at `$?`; None when it hands it on, as a bare `exit` does."""
    match following:
        case LastStatus():
            return True
        case Exit(_, status):
            return None if status is None else False
        case If(arms):
            return _asked_for(arms[0][0])
        case And(left) | Or(left) | Not(left):
            return _asked_for(left)
        case _:
            return False


class _Leave(Exception):
    """Control leaves a loop, a function or the shell; the latter also when `set -e` ends it."""

    def __init__(self, mode: ExitMode, status: int) -> None:
        self.mode = mode
        self.status = status


class _Shell:
    """A running shell. `guarded` says that a status is tested, or under `!`, so that `set -e` does not act on it."""

    def __init__(self, refused: Set[int], world: World) -> None:
        self.refused = refused
        self.world = world
        self.executed: list[int] = []
        self.errexit = False
        self.pipefail = False
        self.loops: int = 0
        self.last = 0

    def execute(self, flow: Flow, guarded: bool) -> int:
        self.last = self._status(flow, guarded)
        return self.last

    def forked(self, flow: Flow, guarded: bool) -> int:
        """The status of a copy of this shell, whose options and exits are its own."""
        saved = self.errexit, self.pipefail, self.loops
        try:
            return self.execute(flow, guarded)
        except _Leave as leave:
            return leave.status
        finally:
            self.errexit, self.pipefail, self.loops = saved

    def _checked(self, status: int, guarded: bool) -> int:
        if status and self.errexit and not guarded:
            raise _Leave(ExitMode.SHELL, status)
        return status

    def _status(self, flow: Flow, guarded: bool) -> int:
        match flow:
            case Run():
                return self._checked(self._run(flow), guarded)
            case Sequence(items):
                status = 0
                for item in items:
                    status = self.execute(item, guarded)
                return status
            case And(left, right):
                return self.execute(left, True) or self.execute(right, guarded)
            case Or(left, right):
                return self.execute(left, True) and self.execute(right, guarded)
            case Not(body):
                return int(not self.execute(body, True))
            case If():
                return self._if(flow, guarded)
            case Pipe():
                return self._checked(self._pipe(flow, guarded), guarded)
            case Subshell(body):
                return self._checked(self.forked(body, guarded), guarded)
            case Process():
                return self._checked(self._process(flow), guarded)
            case Call(body):
                return self._checked(self._call(body, guarded), guarded)
            case Detach(body):
                self.forked(body, guarded)
                return 0
            case Trial(body):
                self.forked(body, False)
                return 0
            case Choice(arms):
                answer = self.world.get(id(flow), 0)
                return self.execute(arms[answer], guarded) if answer < len(arms) else 0
            case Repeat(bodies, unknown):
                skipped = unknown and self.world.get(id(flow), 0)
                return self._rounds((), guarded) if skipped else self._rounds(bodies, guarded)
            case While():
                return self._while(flow, guarded)
            case Option():
                self.errexit = self.errexit if flow.errexit is None else flow.errexit
                self.pipefail = self.pipefail if flow.pipefail is None else flow.pipefail
                return 0
            case LastStatus(failed):
                return self._checked(int((self.last != 0) is not failed), guarded)
            case Exit():
                return self._exit(flow)

    def _run(self, flow: Run) -> int:
        self.executed.append(flow.command)
        if flow.command in self.refused or flow.outcome is Outcome.FAILS:
            return 1
        return self.world.get(id(flow), 0) if flow.outcome is Outcome.UNKNOWN else 0

    def _if(self, flow: If, guarded: bool) -> int:
        for condition, body in flow.arms:
            if self.execute(condition, True) == 0:
                return self.execute(body, guarded)
        return self.execute(flow.otherwise, guarded) if flow.otherwise is not None else 0

    def _pipe(self, flow: Pipe, guarded: bool) -> int:
        before = self.last
        status = failed = 0
        for member in flow.members:
            self.last = before
            status = self.forked(member, guarded)
            failed = status or failed
        return failed if self.pipefail else status

    def _process(self, flow: Process) -> int:
        saved = self.errexit, self.pipefail, self.loops
        self.errexit, self.pipefail, self.loops, self.last = flow.errexit, flow.pipefail, 0, 0
        status = self.forked(flow.body, False)
        self.errexit, self.pipefail, self.loops = saved
        return status

    def _call(self, body: Flow, guarded: bool) -> int:
        loops, self.loops = self.loops, 0
        try:
            return self.execute(body, guarded)
        except _Leave as leave:
            if leave.mode is not ExitMode.FUNCTION:
                raise
            return leave.status
        finally:
            self.loops = loops

    def _while(self, flow: While, guarded: bool) -> int:
        self.loops += 1
        try:
            if (self.execute(flow.condition, True) == 0) is flow.until:
                return 0
            return self.execute(flow.body, guarded)
        except _Leave as leave:
            if leave.mode not in LOOP_EXITS:
                raise
            return 0
        finally:
            self.loops -= 1

    def _rounds(self, bodies: tuple[Flow, ...], guarded: bool) -> int:
        status = 0
        self.loops += 1
        try:
            for body in bodies:
                try:
                    status = self.execute(body, guarded)
                except _Leave as leave:
                    if leave.mode is not ExitMode.ROUND:
                        raise
                    status = 0
        except _Leave as leave:
            if leave.mode is not ExitMode.LOOP:
                raise
            status = 0
        finally:
            self.loops -= 1
        return status

    def _exit(self, flow: Exit) -> int:
        if flow.mode in LOOP_EXITS:
            if not self.loops:
                return 0
            raise _Leave(flow.mode, 0)
        raise _Leave(flow.mode, self.last if flow.status is None else flow.status)
