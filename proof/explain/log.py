"""What a build log says of its failure, whichever builder wrote it."""

from __future__ import annotations

import re
from typing import NamedTuple

_NAME = re.compile(r"\[(?:[^\]]*?\d+/\d+)\] (?P<instruction>[A-Za-z]+\b.*)", re.DOTALL)


class Failure(NamedTuple):
    """A step that failed.

    `step` is its name as the builder prints it, empty where no step had begun; `line` and `end_line` are 1-based, 0
    where the log does not say. `output` is what the step printed, `error` the builder's own words.
    """

    step: str
    instruction: str
    output: tuple[str, ...]
    error: str
    path: str = ""
    line: int = 0
    end_line: int = 0


class BuildLog(NamedTuple):
    """`outside` are the lines that belong to no step: of the daemon, of the CI job. `failures` has the blamed first."""

    builder: str
    failures: tuple[Failure, ...]
    outside: tuple[str, ...]


def instruction_of(step: str) -> str:
    """`RUN make` of BuildKit's `[build 2/3] RUN make`; empty for a step of BuildKit's own."""
    found = _NAME.match(step)
    return found["instruction"] if found else ""
