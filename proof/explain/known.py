"""A failure that is known by its words."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Says(Enum):
    """Who says it. DAEMON: a daemon or runtime that does not come up, so never a step's output. BUILDER: the builder,
    or the runtime that it starts a step with, so also in a step's output. STEP: a program that a step runs.
    """

    DAEMON = "daemon"
    BUILDER = "builder"
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
