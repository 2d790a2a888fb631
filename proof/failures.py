"""All failures of a build, not only the first: build on past each failing step, with that step taken out.

What fails then may fail only because of what was taken out. So a later failure counts only if the same file, with the
same steps taken out, passes that step where nothing is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ..builders.outcome import FailedStep, Outcome
from ..linter.finding import Effect, Finding
from ..linter.profile import ROOTFUL, Profile
from ..linter.rule import Rule
from ..linter.source import Document
from .compare import Comparison, Said, Word, compare, is_at
from .neutralise import Cut, Means, Neutralised, neutralise, without

MAX_FAILURES = 10
"""How many failing steps of one build are looked for."""


class Failure(NamedTuple):
    """One failing step. `findings` were predicted there, `codes` are the rules that its log speaks of, `lines` where.

    `means` says how it was taken out to get further, None where it was not.
    """

    step: FailedStep
    word: Word
    findings: tuple[Finding, ...]
    codes: tuple[str, ...]
    lines: tuple[str, ...]
    means: Means | None


class Followed(NamedTuple):
    """`complete` says that the rest of the build passes."""

    failures: tuple[Failure, ...]
    comparison: Comparison
    complete: bool


class Trial(NamedTuple):
    """What is built on: the file, what was predicted of it, and how to build a changed text of it.

    `rebuild` builds in the profile that is proven, `as_root` where nothing is refused (None where that cannot be had).
    `relint` says what is predicted of a changed text: what was taken out may be what a later step needed.
    """

    document: Document
    findings: tuple[Finding, ...]
    profile: Profile
    rules: tuple[Rule, ...]
    rebuild: Callable[[bytes], Outcome]
    as_root: Callable[[bytes], Outcome | None]
    relint: Callable[[bytes], Sequence[Finding]] = lambda _: ()


def follow(trial: Trial, first: Outcome, comparison: Comparison) -> Followed:
    """Build on from a first outcome and its comparison until nothing fails, or no failing step can be taken out."""
    outcome = first
    built, cuts = first.built, ()
    failures: dict[int, Failure] = {}
    ways: dict[int, Iterator[Neutralised]] = {}
    while outcome.failed is not None and len(failures) < MAX_FAILURES:
        line = outcome.failed.line
        at_step = _errors_at(trial, outcome)
        if line not in failures:
            failures[line] = _failure(trial, outcome, cuts, at_step, comparison if not failures else None)
            ways[line] = iter(()) if _gave_up(outcome) else neutralise(trial.document, line, at_step)
        way = next(ways[line], None)
        if way is None:
            break
        failures[line] = failures[line]._replace(means=way.means)
        cuts = (*cuts, *way.cuts)
        outcome = trial.rebuild(without(trial.document, cuts))
        built = outcome.built
    found = tuple(failures.values())
    return Followed(found, _updated(comparison, found, complete=built), built)


def _errors_at(trial: Trial, outcome: Outcome) -> tuple[Finding, ...]:
    return _fatal_at(trial.findings, trial.document, trial.profile, outcome)


def _fatal_at(
    findings: Sequence[Finding], document: Document, profile: Profile, outcome: Outcome
) -> tuple[Finding, ...]:
    errors = (finding for finding in findings if finding.verdicts.get(profile.name) is Effect.FATAL)
    return tuple(finding for finding in errors if is_at(finding, outcome, document))


def _gave_up(outcome: Outcome) -> bool:
    return outcome.error.startswith("gave up")


def _failure(
    trial: Trial,
    outcome: Outcome,
    cuts: tuple[Cut, ...],
    at_step: tuple[Finding, ...],
    comparison: Comparison | None,
) -> Failure:
    """`comparison` is given for the first failure, which needs no proof by root."""
    assert outcome.failed is not None
    if comparison is not None:
        word = _word(comparison)
    else:
        comparison = compare(outcome, at_step, trial.profile.name, trial.document, trial.rules)
        word = _word(comparison) if _counts(trial, outcome, cuts, at_step) else Word.UNPROVEN
        if word is Word.UNRELATED:
            word = Word.UNPREDICTED  # root passes it, so it is not the program's own failure
        if word is Word.UNPREDICTED and _is_consequence(trial, outcome, cuts):
            word = Word.UNPROVEN
    return Failure(outcome.failed, word, at_step, comparison.codes, comparison.lines, None)


def _is_consequence(trial: Trial, outcome: Outcome, cuts: tuple[Cut, ...]) -> bool:
    """Whether the step fails for want of what was taken out before it, as lint says of the changed text."""
    changed = without(trial.document, cuts)
    document = Document(trial.document.path, changed)
    return bool(_fatal_at(trial.relint(changed), document, trial.profile, outcome))


def _word(comparison: Comparison) -> Word:
    if comparison.agrees:
        return Word.CONFIRMED
    return Word.UNPREDICTED if comparison.unpredicted else Word.UNRELATED


def _counts(trial: Trial, outcome: Outcome, cuts: tuple[Cut, ...], at_step: Sequence[Finding]) -> bool:
    """Whether root passes the step in the same file, or fails at it by the same refusal, as predicted."""
    if trial.profile is ROOTFUL:
        return True
    root = trial.as_root(without(trial.document, cuts))
    if root is None or outcome.failed is None:
        return False
    name = outcome.failed.name
    if root.built or any(step.name == name and step.seconds is not None and not step.error for step in root.steps):
        return True
    if root.failed is None or root.failed.line != outcome.failed.line:
        return False
    everywhere = [finding for finding in at_step if finding.verdicts.get(ROOTFUL.name) is Effect.FATAL]
    return bool(everywhere) and compare(root, everywhere, ROOTFUL.name, trial.document, trial.rules).agrees


def _updated(comparison: Comparison, failures: Sequence[Failure], *, complete: bool) -> Comparison:
    """The comparison, with the words that the later failures give to what was not reached."""
    later = failures[1:]
    said: list[Said] = []
    for each in comparison.said:
        word = each.word
        if word in (Word.NOT_REACHED, Word.UNRELATED):
            for failure in later:
                if each.finding in failure.findings:
                    confirmed = failure.word is Word.CONFIRMED and each.finding.code in failure.codes
                    word = Word.CONFIRMED if confirmed else Word.UNPROVEN
            if word is each.word and complete and not any(each.finding in failure.findings for failure in failures):
                word = Word.UNPROVEN
        said.append(Said(each.finding, word))
    missed = any(failure.word is Word.UNPREDICTED for failure in later)
    return comparison._replace(
        said=tuple(said), agrees=comparison.agrees and not missed, unpredicted=comparison.unpredicted or missed
    )
