"""What ns-lint tells its users: findings, each with a verdict for every profile."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from .edit import Fix
from .source import Place


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Effect(Enum):
    """What becomes of the step.

    FATAL: it fails because of this. TOLERATED: refused, and the step survives. CONDITIONAL: it fails if a branch is
    taken or a value is what we cannot know. DIFFERS: it passes, and what it makes is not the same. WORKS: not refused.
    """

    FATAL = "fatal"
    TOLERATED = "tolerated"
    CONDITIONAL = "conditional"
    DIFFERS = "differs"
    WORKS = "works"


class Finding(NamedTuple):
    """One thing to report, at one place.

    `step` is the instruction that BuildKit blames, `origin` the place to mend where that is another one. `regression`
    says whether this is new against the profile the user comes from, None where no such profile was named.
    """

    code: str
    name: str
    severity: Severity
    effect: Effect
    message: str
    guidance: str
    place: Place
    step: Place | None
    origin: Place | None
    verdicts: Mapping[str, Effect]
    regression: bool | None
    fix: Fix | None
