"""A refused mknod as a probe of how steps are read: what is found, where, and whether the step fails because of it.

Every case was built once in the `userns` profile, where mknod is refused: FATAL ones failed, all but CONDITIONAL ones
of the others passed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ns_lint.linter.context import Context
from ns_lint.linter.engine import Ruleset
from ns_lint.linter.finding import Effect
from ns_lint.linter.invocation import Target
from ns_lint.linter.lint import Question, lint_file
from ns_lint.linter.profile import USERNS
from ns_lint.linter.rule import Bad
from ns_lint.rules.devices.device_node import rule

from ..marked import unmark

FATAL, TOLERATED, CONDITIONAL = Effect.FATAL, Effect.TOLERATED, Effect.CONDITIONAL


class Case(NamedTuple):
    """`text` starts with `FROM debian` unless it says otherwise. `effect` is None where nothing is to be found."""

    name: str
    effect: Effect | None
    text: str
    context: Mapping[str, str] = {}


def check(case: Case) -> None:
    text = case.text if case.text.startswith("FROM ") else f"FROM debian\n{case.text}"
    marked = unmark(Bad(f"{text}\n", context=case.context))
    question = Question(USERNS, None, Ruleset([rule]))
    linted = lint_file(marked.document, Context(None, marked.context), Target(), question)
    assert {finding.effect for finding in linted.findings} == ({case.effect} if case.effect else set())
    assert {finding.place for finding in linted.findings} == marked.places
