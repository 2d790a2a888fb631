"""What a real build says about a prediction, in the words of the contract."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from ..builders.outcome import Outcome
from ..linter.finding import Effect, Finding
from ..linter.rule import Rule
from ..linter.source import Document


class Word(Enum):
    """What became of one predicted error, or of one failing step.

    CONFIRMED: the build failed at this step, and the log says so in the rule's own terms. NOT_REACHED: it failed at
    another predicted error before. OVER_PREDICTED: the step passed. UNRELATED: it failed for something else.
    UNPREDICTED: it failed, and nothing was said of it. UNPROVEN: it failed, or passed, only after other failing steps
    had been taken out, and real root cannot tell whether it would have without.
    """

    CONFIRMED = "confirmed"
    NOT_REACHED = "not reached"
    OVER_PREDICTED = "over-predicted"
    UNRELATED = "unrelated"
    UNPREDICTED = "unpredicted"
    UNPROVEN = "unproven"


class Said(NamedTuple):
    finding: Finding
    word: Word


class Comparison(NamedTuple):
    """One build beside what was predicted of it.

    `agrees` says that the prediction held. `unpredicted` is set when the build failed at a step of which nothing was
    said, with the codes of the rules whose symptoms are in its log; `unrelated` when it failed without any symptom, or
    the baseline fails in the same way. `lines` are the log lines that matter.
    """

    agrees: bool
    said: tuple[Said, ...]
    unpredicted: bool
    unrelated: bool
    codes: tuple[str, ...]
    lines: tuple[str, ...]


def compare(
    outcome: Outcome,
    findings: Sequence[Finding],
    profile: str,
    document: Document,
    rules: Iterable[Rule],
    baseline: Outcome | None = None,
) -> Comparison:
    """Hold a build's outcome against the errors predicted for `profile`.

    `baseline` is the same build where nothing is refused: a failure that it shares is unrelated. Where the step failed
    without a word, as `test` does, a baseline that passes it is the evidence that a symptom would be.
    """
    errors = [finding for finding in findings if finding.verdicts.get(profile) is Effect.FATAL]
    if outcome.built:
        said = tuple(Said(finding, Word.OVER_PREDICTED) for finding in errors)
        return Comparison(not errors, said, unpredicted=False, unrelated=False, codes=(), lines=())
    by_code = {rule.code: rule for rule in rules}
    log = failure_log(outcome)
    at_step = [finding for finding in errors if is_at(finding, outcome, document)]
    confirmed = [finding for finding in at_step if matching_lines(log, by_code[finding.code].symptoms)]
    if not confirmed and _is_silent(outcome) and baseline is not None and not _fails_alike(outcome, baseline):
        confirmed = at_step
    if confirmed:
        codes = tuple(dict.fromkeys(finding.code for finding in confirmed))
        said = tuple(Said(f, Word.CONFIRMED if f in confirmed else Word.NOT_REACHED) for f in errors)
        lines = tuple(line for code in codes for line in matching_lines(log, by_code[code].symptoms))
        return Comparison(True, said, unpredicted=False, unrelated=False, codes=codes, lines=_few(lines))
    codes = () if _fails_alike(outcome, baseline) else symptomatic(log, by_code)
    lines = tuple(line for code in codes for line in matching_lines(log, by_code[code].symptoms))
    said = tuple(Said(finding, Word.UNRELATED) for finding in errors)
    return Comparison(
        False, said, unpredicted=bool(codes), unrelated=not codes, codes=codes, lines=_few(lines or _last(log))
    )


def failure_log(outcome: Outcome) -> str:
    """The failed step's output and BuildKit's error."""
    printed = outcome.failed.log if outcome.failed is not None else outcome.log
    return f"{printed}\n{outcome.error}"


def matching_lines(log: str, symptoms: Iterable[str]) -> list[str]:
    """The lines of a log in which one of these regular expressions is found."""
    patterns = [re.compile(symptom) for symptom in symptoms]
    return [line.strip() for line in log.splitlines() if any(pattern.search(line) for pattern in patterns)]


def symptomatic(log: str, rules: Mapping[str, Rule]) -> tuple[str, ...]:
    """Codes of the rules that know this log."""
    return tuple(code for code, rule in rules.items() if matching_lines(log, rule.symptoms))


def is_at(finding: Finding, outcome: Outcome, document: Document) -> bool:
    """Whether the build failed at the step of this finding."""
    if finding.step is None or outcome.failed is None:
        return True  # BuildKit blames no line when it cannot even read the file
    line = document.line_of(finding.step.start)
    return outcome.failed.line <= line <= max(outcome.failed.end_line, outcome.failed.line)


def _is_silent(outcome: Outcome) -> bool:
    return outcome.failed is not None and not outcome.failed.log.strip()


def _fails_alike(outcome: Outcome, baseline: Outcome | None) -> bool:
    if baseline is None or baseline.built or baseline.failed is None or outcome.failed is None:
        return False
    return baseline.failed.line == outcome.failed.line


def _last(log: str) -> tuple[str, ...]:
    return tuple(line for line in log.splitlines() if line.strip())[-5:]


def _few(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))[:8]
