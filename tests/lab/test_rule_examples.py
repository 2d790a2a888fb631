"""Every rule's examples, built for real in every profile: what lint says there is what BuildKit does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from ns_lint.builders import lab
from ns_lint.builders.build import BuildRequest, build
from ns_lint.builders.local import Daemon, Daemons, may_harm_machine
from ns_lint.builders.outcome import Outcome
from ns_lint.linter.context import Context
from ns_lint.linter.engine import COMING_FROM, Ruleset
from ns_lint.linter.finding import Effect, Finding
from ns_lint.linter.invocation import Target
from ns_lint.linter.lint import Question, lint_file
from ns_lint.linter.profile import PROFILES, ROOTFUL, Profile
from ns_lint.linter.rule import ENTITLEMENTS, Bad, Good, Log, Rule, Warn
from ns_lint.proof.compare import Word, compare
from ns_lint.rules import all_rules

from ..marked import identify, unmark

pytestmark = pytest.mark.lab

BASES = ("debian", "busybox", "alpine")
SECONDS = 60


class Case(NamedTuple):
    rule: Rule
    example: Bad | Warn | Good
    number: int
    fixed: bool

    @property
    def name(self) -> str:
        return identify(self.rule.code, self.number, self.example) + ("-fixed" if self.fixed else "")


def cases() -> Iterator[Case]:
    for rule in all_rules():
        for number, example in enumerate(rule.examples):
            if isinstance(example, Log) or example.path != "Dockerfile":
                continue
            yield Case(rule, example, number, fixed=False)
            if not isinstance(example, Good) and (example.fixed is not None or example.fixed_context):
                yield Case(rule, example, number, fixed=True)


CASES = list(cases())


def files(case: Case) -> tuple[bytes, dict[str, bytes]]:
    """The Dockerfile and the context of a case, without marks."""
    marked = unmark(case.example)
    text, context = marked.document.data, dict(marked.context)
    if case.fixed and not isinstance(case.example, Good):
        text = case.example.fixed.encode() if case.example.fixed is not None else text
        fixed = case.example.fixed_context.items()
        context.update((name, data if isinstance(data, bytes) else data.encode()) for name, data in fixed)
    return text, context


def allowed(case: Case) -> frozenset[str]:
    return case.example.allow if isinstance(case.example, Bad) else ENTITLEMENTS


def findings(case: Case, profile: Profile) -> list[Finding]:
    marked = unmark(case.example)
    coming = COMING_FROM[case.rule.only_from[0]] if case.rule.only_from else None
    question = Question(profile, coming, Ruleset(all_rules()))
    target = Target(allow=allowed(case))
    return list(lint_file(marked.document, Context(None, marked.context), target, question).findings)


class Builds:
    """All builds of a run: started when the first is asked for, as many at once as there are processors."""

    def __init__(self, daemons: Daemons, wanted: list[tuple[Case, Profile]]) -> None:
        self._daemons = daemons
        self._pool = ThreadPoolExecutor(os.cpu_count() or 1)
        self._images = lab.stand_ins(BASES)
        self._futures: dict[tuple[str, str], Future[Outcome]] = {
            (case.name, profile.name): self._pool.submit(self._build, case, profile) for case, profile in wanted
        }

    def outcome(self, case: Case, profile: Profile) -> Outcome:
        return self._futures[case.name, profile.name].result()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _build(self, case: Case, profile: Profile) -> Outcome:
        daemon: Daemon = self._daemons.of(profile)
        text, context = files(case)
        request = BuildRequest(
            dockerfile=Path("Dockerfile"),
            dockerfile_text=text,
            files=context,
            allow=tuple(sorted(allowed(case) - {"device"})),  # buildctl has no word for it
            images=self._images,
            timeout=SECONDS,
        )
        return build(daemon, request)


@pytest.fixture(scope="module")
def builds(daemons: Daemons, request: pytest.FixtureRequest) -> Iterator[Builds]:
    chosen = {item.name.partition("[")[2].removesuffix("]") for item in request.session.items}
    wanted = [(c, p) for p in PROFILES for c in CASES if f"{p.name}-{c.name}" in chosen and not harms(c, p)]
    running = Builds(daemons, wanted)
    yield running
    running.close()


def harms(case: Case, profile: Profile) -> bool:
    return profile is ROOTFUL and "--security=insecure" in case.example.text and not may_harm_machine()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_builds_as_predicted(builds: Builds, case: Case, profile: Profile) -> None:
    if harms(case, profile):
        pytest.skip("insecure rootful steps run where NS_LINT_DISPOSABLE=1 or CI says that this machine may be harmed")
    found = findings(case, profile)
    outcome = builds.outcome(case, profile)
    fatal = [finding for finding in found if finding.verdicts[profile.name] is Effect.FATAL]
    if case.fixed:
        if fatal:
            assert outcome.built, f"the fixed file fails: {outcome.error}\n{outcome.log}"
        return
    comparison = compare(outcome, found, profile.name, unmark(case.example).document, all_rules())
    said = [(said.finding.code, said.word.value) for said in comparison.said]
    assert comparison.agrees, f"predicted {said}, built {outcome.built}: {outcome.error}\n{outcome.log}"
    ours = [said.word for said in comparison.said if said.finding.code == case.rule.code]
    if ours and not outcome.built:
        assert Word.CONFIRMED in ours, f"its symptoms are not in the log:\n{outcome.log}"
