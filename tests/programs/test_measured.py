"""What lint says of a program is what real builds of it did: each line of measured.txt is one step."""

from __future__ import annotations

from pathlib import Path

import pytest

from ns_lint.linter.context import Context
from ns_lint.linter.engine import Ruleset
from ns_lint.linter.finding import Effect
from ns_lint.linter.invocation import Target
from ns_lint.linter.lint import Question, lint_file
from ns_lint.linter.profile import PROFILES, Profile
from ns_lint.linter.rule import ENTITLEMENTS
from ns_lint.linter.source import Document
from ns_lint.rules import all_rules

TABLE = Path(__file__).with_name("measured.txt")
RULES = Ruleset(all_rules())
LINES = [line for line in TABLE.read_text().splitlines() if not line.startswith("#")]


def fails(base: str, command: str, profile: Profile, *, insecure: bool) -> bool:
    flag = "--security=insecure " if insecure else ""
    document = Document("Dockerfile", f"FROM {base}\nRUN {flag}{command}\n".encode())
    question = Question(profile, None, RULES)
    linted = lint_file(document, Context(None, {}), Target(allow=ENTITLEMENTS), question)
    return any(finding.effect is Effect.FATAL for finding in linted.findings)


@pytest.mark.parametrize("line", LINES)
def test_predicts_what_was_measured(line: str) -> None:
    table, rest = line[:11], line[11:]
    base, command = rest.split(maxsplit=1)
    for profile, measured in zip(PROFILES, table.split(), strict=True):
        for insecure, mark in enumerate(measured):
            if mark != "-":
                assert fails(base, command, profile, insecure=bool(insecure)) == (mark == "F"), profile.name
