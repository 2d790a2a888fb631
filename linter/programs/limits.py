"""Limits and priorities: ulimit, prlimit, renice, chrt, ionice, choom.

Measured with util-linux 2.38, dash 0.5.12 and busybox 1.35. nice(1) only warns; the idle and best-effort classes, the
batch policy and a lower priority are free.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..command import Argument, Command
from ..facts import SetLimit, SetPriority
from ..system import System
from .options import options

_RESOURCES = {
    "-n": "open files",
    "-u": "processes",
    "-p": "processes",
    "-l": "locked memory",
    "-r": "real-time priority",
    "-e": "nice value",
    "-i": "pending signals",
    "-q": "message queues",
}
"""Resources whose hard limit a builder may set; the others are unlimited by default."""

_PRLIMIT = {"--nofile": "open files", "--nproc": "processes", "--memlock": "locked memory", "--rtprio": "priority"}
_REAL_TIME = frozenset(("-f", "--fifo", "-r", "--rr", "-d", "--deadline"))
_FREE_POLICIES = frozenset(("-o", "--other", "-b", "--batch", "-i", "--idle", "-m", "--max", "-p", "--pid"))


def ulimit(command: Command, _system: System) -> Iterator[SetLimit]:
    """`ulimit -n 65536`; a value that is lower than the hard limit passes, and what that is only the host knows."""
    words = [argument.text for argument in command.argv[1:]]
    letters = {f"-{letter}" for word in words if word.startswith("-") for letter in word[1:]}
    values = [argument for argument in command.argv[1:] if not argument.text.startswith("-")]
    resource = next((name for letter, name in _RESOURCES.items() if letter in letters), None)
    if resource is None or len(values) != 1:
        return
    yield from _limit(command, resource, values[0])


def prlimit(command: Command, _system: System) -> Iterator[SetLimit]:
    found = options(command, "po", "pid output", permute=False)
    for option, resource in _PRLIMIT.items():
        if (value := found.value(option)) is not None and not found.has("-p", "--pid"):
            yield from _limit(command, resource, value)


def _limit(command: Command, resource: str, value: Argument) -> Iterator[SetLimit]:
    if not value.known:
        return
    soft, _, hard = value.text.partition(":")
    wanted = hard or soft
    if wanted.isdecimal() or wanted == "unlimited":
        number = int(wanted) if wanted.isdecimal() else None
        yield SetLimit(value.place, command, resource, number, raises_hard=True)


def renice(command: Command, _system: System) -> Iterator[SetPriority]:
    """`renice -n -5`, or `renice -5` as the first argument; 0 and more only lower."""
    words = [argument.text for argument in command.argv[1:]]
    if words and words[0] in ("-n", "--priority", "--relative"):
        words = words[1:]
    if words and words[0].removeprefix("-n").startswith("-") and words[0].lstrip("-n").isdecimal():
        yield SetPriority(command.place, command, "renice", f"priority {words[0].removeprefix('-n')}")


def chrt(command: Command, _system: System) -> Iterator[SetPriority]:
    """Real-time policies; without an option chrt means round robin."""
    given = options(command, "TPD", "sched-runtime sched-period sched-deadline", permute=False).given
    if given & _REAL_TIME or not given & _FREE_POLICIES:
        operands = options(command, "TPD", permute=False).operands
        if len(operands) > 1:
            yield SetPriority(command.place, command, "chrt", "real-time policy")


def ionice(command: Command, _system: System) -> Iterator[SetPriority]:
    value = options(command, "cnpPu", "class classdata pid pgid uid", permute=False).value("-c", "--class")
    if value is not None and value.value in ("1", "realtime"):
        yield SetPriority(command.place, command, "ionice", "real-time class")


def choom(command: Command, _system: System) -> Iterator[SetPriority]:
    value = options(command, "np", "adjust pid", permute=False).value("-n", "--adjust")
    if value is not None and value.known and value.text.startswith("-"):
        yield SetPriority(command.place, command, "choom", f"score {value.text}")


PROGRAMS = {
    "choom": choom,
    "chrt": chrt,
    "ionice": ionice,
    "prlimit": prlimit,
    "renice": renice,
    "ulimit": ulimit,
}
