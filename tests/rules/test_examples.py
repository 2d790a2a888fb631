"""Every rule's examples: places, effects, fixes. A new rule file is tested here without a new test."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from ns_lint.fixes.mend import mend_with
from ns_lint.linter.configs import lint_config
from ns_lint.linter.context import Context
from ns_lint.linter.engine import COMING_FROM, Coming, Ruleset
from ns_lint.linter.finding import Effect, Finding
from ns_lint.linter.invocation import Target
from ns_lint.linter.lint import Linted, Question, lint_file
from ns_lint.linter.profile import NO_SANDBOX, ROOTFUL, ROOTLESS, USERNS, Profile
from ns_lint.linter.rule import ENTITLEMENTS, Bad, Good, Log, Rule, Warn
from ns_lint.linter.source import Document
from ns_lint.rules import all_rules, page_of, rules_judging

from ..marked import identify, unmark

Case = tuple[Rule, Bad | Warn | Good]

ASKED = (USERNS, ROOTFUL, ROOTLESS, NO_SANDBOX)
"""A rule's marks are what it finds in the first of these profiles in which it finds anything."""


def target_of(example: Bad | Warn | Good) -> Target:
    return Target(allow=example.allow if isinstance(example, Bad) else ENTITLEMENTS)


def coming_from(rule: Rule) -> Coming | None:
    """A builder that the rule speaks for, where it does not speak for all."""
    return COMING_FROM[rule.only_from[0]] if rule.only_from else None


CASES = [
    pytest.param(rule, example, id=identify(rule.code, number, example))
    for rule in all_rules()
    for number, example in enumerate(rule.examples)
    if not isinstance(example, Log)
]


def lint_example(
    document: Document, context: Mapping[str, bytes], example: Bad | Warn | Good, question: Question
) -> Linted:
    """An example as the file it is: a Dockerfile, or a build config by its path."""
    if example.path == "Dockerfile":
        return lint_file(document, Context(None, context), target_of(example), question)
    granted = example.allow if isinstance(example, Bad) else frozenset[str]()
    linted = lint_config(document, question, granted)
    assert linted is not None, f"{example.path} is in no format that is known"
    return linted


def first_findings(rule: Rule, example: Bad | Warn | Good) -> list[Finding]:
    return next((found for profile in ASKED if (found := findings(rule, example, profile))), list[Finding]())


def findings(rule: Rule, example: Bad | Warn | Good, profile: Profile) -> list[Finding]:
    marked = unmark(example)
    question = Question(profile, coming_from(rule), Ruleset(all_rules()))
    linted = lint_example(marked.document, marked.context, example, question)
    return [finding for finding in linted.findings if finding.code == rule.code]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_finds_what_is_marked_and_nothing_else(rule: Rule, example: Bad | Warn | Good) -> None:
    found = first_findings(rule, example)
    assert {finding.place for finding in found} == unmark(example).places


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_says_error_only_for_bad_examples(rule: Rule, example: Bad | Warn | Good) -> None:
    found = first_findings(rule, example)
    effects = {effect for finding in found for effect in finding.verdicts.values()}
    if isinstance(example, Bad):
        assert Effect.FATAL in effects
    else:
        assert Effect.FATAL not in effects


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_fixes_to_what_is_written(rule: Rule, example: Bad | Warn | Good) -> None:
    marked = unmark(example)
    question = Question(USERNS, coming_from(rule), Ruleset([rule]))

    def lint(overlay: Mapping[str, bytes]) -> Linted:
        document = Document(example.path, overlay.get(example.path, marked.document.data))
        return lint_example(document, {**marked.context, **overlay}, example, question)

    mended = mend_with(lint, allow_unsafe=True)
    changed = {path: change.new for path, change in mended.changes.items()}
    expected: dict[str, bytes] = {}
    if not isinstance(example, Good):
        if example.fixed is not None:
            expected[example.path] = example.fixed.encode()
        expected.update((n, c if isinstance(c, bytes) else c.encode()) for n, c in example.fixed_context.items())
    assert changed == expected
    if expected:
        assert mended.linted.findings == ()


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_page_and_guidance_are_there(rule: Rule) -> None:
    page = page_of(rule)
    assert len(page.splitlines()) > 2, "the module's docstring is the rule's page"
    assert page.splitlines()[0].endswith(".")
    assert rule.guidance.endswith(".")
    assert any(isinstance(example, Good) for example in rule.examples)
    for symptom in rule.symptoms:
        re.compile(symptom)


def test_codes_and_names_are_unique() -> None:
    rules = all_rules()
    assert len({rule.code for rule in rules}) == len({rule.name for rule in rules}) == len(rules)


def test_every_file_below_rules_is_a_rule() -> None:
    root = Path(str(page_of.__code__.co_filename)).parent
    files = {path for path in root.rglob("*.py") if path.name != "__init__.py"}
    assert len(files) == len(all_rules())
    assert all((path.parent / "__init__.py").exists() for path in files)


def test_an_unmarked_document_is_what_was_written() -> None:
    marked = unmark(Good("FROM «debian»\n", why=""))
    assert marked.document.data == b"FROM debian\n"
    assert isinstance(marked.document, Document)


def test_a_kind_of_fact_finds_every_rule_that_judges_it() -> None:
    kinds = {kind for rule in all_rules() for kind in rule.checks}
    for kind in kinds:
        assert rules_judging(kind) == tuple(rule for rule in all_rules() if kind in rule.checks), kind.__name__
