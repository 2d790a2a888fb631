"""What a step runs, after expansion: functions, `sh -c` and followed scripts are in place, loops are bounded.

A flow's leaves are numbers: indexes into the step's commands. `status` runs a flow, given which of them are refused.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple, TypeAlias


class Outcome(Enum):
    """How a command exits when nothing refuses it."""

    SUCCEEDS = auto()
    FAILS = auto()
    UNKNOWN = auto()


class Run(NamedTuple):
    """One command. Many leaves may name the same command: a function's, when it is called twice."""

    command: int
    outcome: Outcome = Outcome.UNKNOWN


class Option(NamedTuple):
    """`set -e`, `set -o pipefail` and their opposites."""

    errexit: bool | None = None
    pipefail: bool | None = None


class Sequence(NamedTuple):
    items: tuple[Flow, ...]


class And(NamedTuple):
    left: Flow
    right: Flow


class Or(NamedTuple):
    left: Flow
    right: Flow


class Not(NamedTuple):
    body: Flow


class Pipe(NamedTuple):
    """Every member runs in a subshell of its own; only `pipefail` makes an earlier member's status count."""

    members: tuple[Flow, ...]


class Detach(NamedTuple):
    """`body &`: it runs, and its status is lost."""

    body: Flow


class Subshell(NamedTuple):
    body: Flow


class If(NamedTuple):
    """`arms` are (condition, body) pairs."""

    arms: tuple[tuple[Flow, Flow], ...]
    otherwise: Flow | None


class Choice(NamedTuple):
    """A `case` whose subject is not known: any one of the arms, or none when `exhaustive` is not set."""

    arms: tuple[Flow, ...]
    exhaustive: bool


class While(NamedTuple):
    """The body runs no more than once: a second round is refused what the first was."""

    until: bool
    condition: Flow
    body: Flow


class Repeat(NamedTuple):
    """A `for` loop: one body per word, in order; `unknown` when the words are not known (then the body may not run)."""

    bodies: tuple[Flow, ...]
    unknown: bool


class Call(NamedTuple):
    """A function call: `return` ends it."""

    body: Flow


class Process(NamedTuple):
    """A script with a shell of its own (`sh -c`, a followed file): options and `exit` stay inside."""

    body: Flow
    errexit: bool = False
    pipefail: bool = False


class LastStatus(NamedTuple):
    """`[ $? -eq 0 ]`: whether the command before succeeded; with `failed`, `[ $? -ne 0 ]`."""

    failed: bool


class ExitMode(Enum):
    SHELL = auto()
    FUNCTION = auto()
    LOOP = auto()
    ROUND = auto()


class Exit(NamedTuple):
    """`exit`, `return`, `break` and `continue`, by what they leave; None is the last command's status."""

    mode: ExitMode
    status: int | None


class Trial(NamedTuple):
    r"""A leaf whose own status is swallowed by the program that ran it (`find -exec … \\;`)."""

    body: Flow


Flow: TypeAlias = (
    Run
    | Option
    | Sequence
    | And
    | Or
    | Not
    | Pipe
    | Detach
    | Subshell
    | If
    | Choice
    | While
    | Repeat
    | Call
    | Process
    | Exit
    | LastStatus
    | Trial
)
