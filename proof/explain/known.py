"""A failure that is known by its words."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Says(Enum):
    """Who says it. DAEMON: a daemon that does not come up, so no step is known. BUILDER: the builder, of a step or of
    none. RUNTIME: what the builder starts a step with, whose words may stand in the step's output too. STEP: a program
    that a step runs.
    """

    DAEMON = "daemon"
    BUILDER = "builder"
    RUNTIME = "runtime"
    STEP = "step"


class Known(NamedTuple):
    """`symptoms` are regular expressions for one line; `cause` says what is refused and why, `remedy` what to do.

    `follows` is set where it only says that something failed before, which may be in the same log.
    """

    name: str
    says: Says
    symptoms: tuple[str, ...]
    cause: str
    remedy: str
    references: tuple[str, ...] = ()
    follows: bool = False
