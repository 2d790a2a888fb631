"""From a build to findings: facts meet rules, refusals meet the step's exit status, every profile gets a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from typing import NamedTuple

from .build import Build, Step
from .finding import Effect, Finding, Severity
from .judge import judge
from .profile import PROFILES, ROOTFUL, Profile
from .rule import Fact, Refusal, Rule
from .source import Place


class Coming(NamedTuple):
    """The builder that a user comes from: what is refused there already is not new.

    `kaniko` and `privileged` run steps as real root with every capability, as an insecure step of a rootful builder.
    """

    name: str
    profile: Profile
    insecure: bool


COMING_FROM = {
    "rootful": Coming("rootful", ROOTFUL, insecure=False),
    "privileged": Coming("privileged", ROOTFUL, insecure=True),
    "kaniko": Coming("kaniko", ROOTFUL, insecure=True),
}


Judging = Callable[[type[Fact]], Iterable[Rule]]
"""The rules that judge facts of one kind."""


class Ruleset:
    """Rules by the kind of fact that they judge; with `judging`, a kind's rules are got when the first fact is met.

    A Dockerfile that asks for little then costs the import of few rules, which is what a hook's time goes to.
    """

    def __init__(self, rules: Iterable[Rule] = (), *, judging: Judging | None = None) -> None:
        self._given = tuple(rules)
        self._judging = judging
        self._by_kind: dict[type[Fact], tuple[Rule, ...]] = {}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that were given, or those that were got so far."""
        if self._judging is None:
            return self._given
        found = {rule.code: rule for rules in self._by_kind.values() for rule in rules}
        return tuple(found[code] for code in sorted(found))

    def speaking(self, origins: Set[str]) -> Ruleset:
        """The rules that have something to say of a build that comes from these builders."""
        return Ruleset(
            judging=lambda kind: [r for r in self.judging(kind) if not r.only_from or origins & {*r.only_from}]
        )

    def judging(self, kind: type[Fact]) -> tuple[Rule, ...]:
        """The rules that judge facts of this kind."""
        if kind not in self._by_kind:
            got = self._judging(kind) if self._judging is not None else self._given
            self._by_kind[kind] = tuple(rule for rule in got if kind in rule.checks)
        return self._by_kind[kind]

    def refusals(self, fact: Fact) -> Iterator[Refusal]:
        for rule in self.judging(type(fact)):
            yield from rule.checks[type(fact)](fact)


def lint(
    build: Build,
    ruleset: Ruleset,
    profile: Profile,
    coming_from: Coming | None = None,
    profiles: Sequence[Profile] = PROFILES,
) -> list[Finding]:
    """Findings for one profile, each with its verdict in all of `profiles`; one per rule and place."""
    found: dict[tuple[str, Place], Finding] = {}
    for step in build.steps:
        for finding in _judge_step(build, step, ruleset, profile, coming_from, profiles):
            key = (finding.code, finding.place)
            known = found.get(key)
            if known is None or (known.effect is not Effect.FATAL and finding.effect is Effect.FATAL):
                found[key] = finding
    for refusal in ruleset.refusals(build):
        found.setdefault((refusal.rule.code, refusal.fact.place), _without_step(refusal, profiles))
    return sorted(found.values(), key=lambda finding: (finding.place, finding.code))


def lint_problems(problems: Iterable[Fact], ruleset: Ruleset) -> list[Finding]:
    """Findings on a file that the builder refuses to read."""
    refusals = [refusal for problem in problems for refusal in ruleset.refusals(problem)]
    return [_without_step(refusal, PROFILES)._replace(step=refusal.fact.place) for refusal in refusals]


def lint_facts(
    facts: Iterable[Fact],
    ruleset: Ruleset,
    profile: Profile,
    coming_from: Coming | None = None,
    profiles: Sequence[Profile] = PROFILES,
) -> list[Finding]:
    """Findings on what has no step: the invocations, the pods and the setups of a build config."""
    found: dict[tuple[str, Place], Finding] = {}
    for fact in facts:
        for refusal in ruleset.refusals(fact):
            if not refusal.note and not refusal.row.refuses(profile, insecure=False):
                continue
            finding = _without_step(refusal, profiles)
            if coming_from is not None:
                before = refusal.row.refuses(coming_from.profile, insecure=False)
                finding = finding._replace(regression=not before)
            known = found.get((finding.code, finding.place))
            if known is None or (known.effect is not Effect.FATAL and finding.effect is Effect.FATAL):
                found[finding.code, finding.place] = finding
    return sorted(found.values(), key=lambda finding: (finding.place, finding.code))


def _judge_step(
    build: Build,
    step: Step,
    ruleset: Ruleset,
    profile: Profile,
    coming_from: Coming | None,
    profiles: Sequence[Profile],
) -> Iterator[Finding]:
    refusals = [(number, refusal) for number, fact in step.facts for refusal in ruleset.refusals(fact)]
    if not refusals:
        return
    verdicts = {p.name: _effects(step, refusals, p, insecure=step.insecure) for p in profiles}
    here = verdicts.get(profile.name) or _effects(step, refusals, profile, insecure=step.insecure)
    before = (
        _effects(step, refusals, coming_from.profile, insecure=coming_from.insecure or step.insecure)
        if coming_from is not None
        else None
    )
    for index, (_, refusal) in enumerate(refusals):
        effect = here[index]
        if (effect is Effect.WORKS and not refusal.note) or (effect is Effect.TOLERATED and refusal.quiet):
            continue
        regression = None if before is None else effect is not before[index]
        yield Finding(
            refusal.rule.code,
            refusal.rule.name,
            _severity(effect, refusal),
            effect,
            refusal.message,
            refusal.guidance,
            refusal.fact.place,
            step.instruction.place,
            refusal.origin,
            {name: effects[index] for name, effects in verdicts.items()},
            regression,
            refusal.fix(build) if callable(refusal.fix) else refusal.fix,
        )


def _effects(step: Step, refusals: list[tuple[int, Refusal]], profile: Profile, *, insecure: bool) -> list[Effect]:
    """What becomes of the step by each refusal, in one profile."""
    certain: set[int] = set()
    possible: set[int] = set()
    refused = [refusal.row.refuses(profile, insecure) and not refusal.note for _, refusal in refusals]
    for (number, refusal), holds in zip(refusals, refused, strict=True):
        if holds and not refusal.differs:
            possible.add(number)
            if refusal.certain:
                certain.add(number)
    effects = judge(step.flow, frozenset(certain)) if certain else {}
    unsure = judge(step.flow, frozenset(possible)) if possible != certain else effects
    result: list[Effect] = []
    for (number, refusal), holds in zip(refusals, refused, strict=True):
        if not holds:
            result.append(Effect.WORKS)
        elif refusal.differs:
            result.append(Effect.DIFFERS)
        elif refusal.certain:
            result.append(effects.get(number, Effect.WORKS))
        else:
            effect = unsure.get(number, Effect.WORKS)
            result.append(Effect.CONDITIONAL if effect is Effect.FATAL else effect)
    return result


def _severity(effect: Effect, refusal: Refusal) -> Severity:
    if refusal.note:
        return Severity.NOTE
    return Severity.ERROR if effect is Effect.FATAL else Severity.WARNING


def _without_step(refusal: Refusal, profiles: Sequence[Profile]) -> Finding:
    """A finding on what has no step: a config, or the build as a whole."""
    effect = Effect.DIFFERS if refusal.differs else Effect.FATAL if refusal.certain else Effect.CONDITIONAL
    verdicts = {p.name: effect if refusal.row.refuses(p, insecure=False) else Effect.WORKS for p in profiles}
    return Finding(
        refusal.rule.code,
        refusal.rule.name,
        _severity(effect, refusal),
        effect,
        refusal.message,
        refusal.guidance,
        refusal.fact.place,
        None,
        refusal.origin,
        verdicts,
        None,
        None if callable(refusal.fix) else refusal.fix,
    )
