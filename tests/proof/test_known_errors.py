"""What `explain` says of one error text: of every one that is known, and of those that are none of ours."""

from __future__ import annotations

import re

import pytest

from ns_lint.linter.rule import Log
from ns_lint.proof.explain.causes import explain
from ns_lint.proof.explain.evidence import TABLES, Cause
from ns_lint.proof.explain.known import Known
from ns_lint.proof.explain.read import read_log
from ns_lint.rules import all_rules

from .error_texts import REQUEST, SET_UP, STEP, UNRELATED, ErrorText

ALL = [known for table in TABLES.values() for known in table]


def outside(text: str) -> bytes:
    """A daemon's or a job's log, in which no step is named."""
    return f"starting the builder\n{text}\nERROR: Job failed: exit code 1\n".encode()


def failed_step(text: str, *, error: str = "exit code: 1") -> bytes:
    """A log of BuildKit whose second step printed `text` and failed."""
    process = f'process "/bin/sh -c ./do" did not complete successfully: {error}'
    printed = "\n".join(f"#6 0.5 {line}" for line in text.splitlines())
    return f"#5 [1/2] FROM debian\n#5 DONE 0.1s\n\n#6 [2/2] RUN ./do\n{printed}\n#6 ERROR: {process}\n".encode()


def refused_build(text: str) -> bytes:
    """A log of BuildKit that refuses what it is asked."""
    return (
        f"#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\nERROR: failed to solve: {text}\n".encode()
    )


def causes(log: bytes) -> list[Cause]:
    return [cause for each in explain(read_log(log), all_rules()) for cause in each.causes]


def knows(case: ErrorText, log: bytes) -> bool:
    """Whether the first cause is the one that is expected, or a rule's on the same line."""
    found = causes(log)
    return bool(found) and (found[0].name == case.name or found[0].kind == "rule")


@pytest.mark.parametrize("case", SET_UP, ids=lambda case: case.text[:60])
def test_set_up_failures(case: ErrorText) -> None:
    found = causes(outside(case.text))
    assert found
    assert found[0].name == case.name


@pytest.mark.parametrize("case", REQUEST, ids=lambda case: case.text[:60])
def test_requests_that_are_refused(case: ErrorText) -> None:
    assert knows(case, refused_build(case.text)), causes(refused_build(case.text))


@pytest.mark.parametrize("case", STEP, ids=lambda case: case.text[:60])
def test_what_a_step_prints(case: ErrorText) -> None:
    assert knows(case, failed_step(case.text)), causes(failed_step(case.text))


@pytest.mark.parametrize("case", [*STEP, *SET_UP, *REQUEST], ids=lambda case: case.text[:60])
def test_a_bare_line_is_enough(case: ErrorText) -> None:
    assert causes(case.text.encode())


@pytest.mark.parametrize("text", UNRELATED, ids=lambda text: text[:60])
def test_nothing_is_said_of_failures_that_any_builder_has(text: str) -> None:
    for log in (text.encode(), outside(text), failed_step(text), refused_build(text)):
        assert causes(log) == []


@pytest.mark.parametrize("known", ALL, ids=lambda known: known.name)
def test_an_entry_is_complete_and_tested(known: Known) -> None:
    texts = [case.text for case in (*SET_UP, *REQUEST, *STEP) if case.name == known.name]
    assert texts
    assert known.cause.endswith(".")
    assert known.remedy.endswith(".")
    assert known.references
    for symptom in known.symptoms:
        re.compile(symptom)


def test_names_are_unique() -> None:
    assert len({known.name for known in ALL}) == len(ALL)


LOGS = [(rule, log) for rule in all_rules() for log in rule.examples if isinstance(log, Log)]


def test_the_logs_of_rules_are_given_to_them() -> None:
    for rule, log in LOGS:
        found = causes(log.text.encode())
        assert found, f"{rule}: {log.text}"
        assert found[0].code == rule.code, f"{rule}: {log.text}"
