"""From what a failed step said to what was refused, and what to do."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ...linter.rule import Rule
from .evidence import Candidate, Cause, Line, candidates
from .log import BuildLog, Failure
from .unrelated import UNRELATED

_COMMAND = re.compile(
    r"process \".*?\" did not complete|executor failed running \[.*?\]|The command '.*?' returned|The command \".*?\""
    r"|building at STEP \".*?\":",
    re.DOTALL,
)
_RUNTIME = re.compile(r"(runc|crun) \w+ failed: |OCI runtime |container_linux\.go|error building at STEP")
_FEW = 3
_MOST_LINES = 4000
_LONGEST = 2000
"""Of a long log the last lines are looked at, and of a long line its beginning."""


class Explanation(NamedTuple):
    """`failure` None is a failure outside of any step. `causes` come with the likeliest first.

    `unrelated` says what the failure is about, if it is one that any builder would have had.
    """

    failure: Failure | None
    causes: tuple[Cause, ...]
    unrelated: str


def explain(log: BuildLog, rules: Iterable[Rule]) -> list[Explanation]:
    """Why each failing step failed; where no step is known, why anything in the log failed."""
    rules = tuple(rules)
    if not log.failures:
        found = _explained(None, _lines(Line(line, None) for line in log.outside), rules)
        return [found] if found.causes or found.unrelated or not log.builder else []
    return [_explained(failure, _lines(_lines_of(failure, log)), rules) for failure in log.failures]


def _lines(lines: Iterable[Line]) -> list[Line]:
    return [Line(line.text[:_LONGEST], line.printed) for line in deque(lines, _MOST_LINES)]


def _lines_of(failure: Failure, log: BuildLog) -> Iterator[Line]:
    """The lines near a failure: what the step printed and what the builder said of it; all where no step had begun.

    The runtime that starts a step writes into the step's output.
    """
    if not failure.step:
        yield from (Line(line, None) for line in log.outside)
    yield from (Line(line, not _RUNTIME.search(line)) for line in failure.output)
    about = False if failure.step else None
    yield from (Line(line, about) for line in _COMMAND.sub("", failure.error).splitlines())


def _explained(failure: Failure | None, lines: Sequence[Line], rules: Iterable[Rule]) -> Explanation:
    """One cause for each line that tells, the last line first: a step goes on after what it survives."""
    unrelated, last = _unrelated(lines)
    likeliest: dict[int, Candidate] = {}
    for each in candidates(lines, failure.instruction if failure is not None else "", rules):
        other = likeliest.get(each.last)
        if each.last >= last and (other is None or each.rank < other.rank):
            likeliest[each.last] = each
    kept = sorted(likeliest.values(), key=lambda each: (each.follows, not each.supported, -each.last))
    causes = tuple(each.cause for each in kept)[:_FEW]
    return Explanation(failure, causes, "" if causes else unrelated)


def _unrelated(lines: Sequence[Line]) -> tuple[str, int]:
    """What the last line that any builder could have is about, and its index."""
    patterns = [(re.compile(pattern), about) for pattern, about in UNRELATED]
    for index in range(len(lines) - 1, -1, -1):
        for pattern, about in patterns:
            if pattern.search(lines[index].text):
                return about, index
    return "", -1
