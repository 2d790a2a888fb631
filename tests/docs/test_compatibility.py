"""The compatibility table beside lint: what was measured of an operation is what lint says of it."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol, cast

import pytest

from ns_lint.linter.context import Context
from ns_lint.linter.engine import Ruleset
from ns_lint.linter.finding import Effect
from ns_lint.linter.invocation import Target
from ns_lint.linter.lint import Question, lint_file
from ns_lint.linter.profile import PROFILES
from ns_lint.linter.rule import ENTITLEMENTS
from ns_lint.linter.source import Document
from ns_lint.rules import all_rules

DOCS = Path(__file__).parents[2] / "docs"


class Operation(Protocol):
    title: str
    rule: str | None


class Form(Protocol):
    operation: Operation
    text: str
    files: dict[str, bytes]


class Case(NamedTuple):
    form: Form
    built: dict[str, bool]


def cases() -> Iterator[Case]:
    module = runpy.run_path(str(DOCS / "operations.py"))
    groups = cast("Callable[[], Iterator[tuple[str, list[Operation]]]]", module["groups"])
    forms = cast("Callable[[Operation], Iterator[Form]]", module["forms"])
    built: dict[str, dict[str, bool]] = module["read_results"]().built
    for _, operations in groups():
        for operation in operations:
            for form in forms(operation):
                yield Case(form, built.get(form.text, {}))


CASES = list(cases())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.form.text)
def test_measured_as_predicted(case: Case) -> None:
    form = case.form
    assert case.built, "not measured: run `make measure`"
    document = Document("Dockerfile", form.text.encode())
    for profile in PROFILES:
        if (built := case.built.get(profile.name)) is None:
            continue
        question = Question(profile, None, Ruleset(all_rules()))
        found = lint_file(document, Context(None, form.files), Target(allow=ENTITLEMENTS), question).findings
        if any(finding.effect is Effect.CONDITIONAL for finding in found):
            continue  # it hangs on the host
        said = {finding.name for finding in found if finding.effect is Effect.FATAL}
        assert bool(said) == (not built), f"{profile.name}: predicted {said}, built {built}"
        assert said <= {form.operation.rule}, profile.name


def test_every_rule_that_is_named_exists() -> None:
    names = {case.form.operation.rule for case in CASES if case.form.operation.rule is not None}
    assert names <= {rule.name for rule in all_rules()}


def test_every_profile_is_measured() -> None:
    for case in CASES:
        assert set(case.built) >= {profile.name for profile in PROFILES if profile.in_user_namespace}, case.form.text
