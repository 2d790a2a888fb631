"""What every report format is made from, and what several of them say alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from sys import modules
from typing import NamedTuple

from ..linter.edit import Safety
from ..linter.finding import Finding, Severity
from ..linter.rule import Rule
from ..linter.source import Document, Place


class Report(NamedTuple):
    """One run: `findings` are reported in the order given, and `documents` holds each file that they name.

    `files` is how many files were linted, `suppressed` and `known` how many findings a comment or the baseline hides.
    `paths` are the files that were linted, those without findings included, where a format lists them.
    """

    version: str
    profile: str
    findings: Sequence[Finding]
    documents: Mapping[str, Document]
    rules: Sequence[Rule]
    files: int
    suppressed: int = 0
    known: int = 0
    paths: Sequence[str] = ()


class Span(NamedTuple):
    """A place in 1-based lines and code points; the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Summary(NamedTuple):
    """Counts of findings; `safe` and `unsafe` are those with a fix of that kind."""

    errors: int
    warnings: int
    notes: int
    safe: int
    unsafe: int


def span(report: Report, place: Place) -> Span:
    """Where `place` is, for people and editors."""
    document = report.documents[place.path]
    return Span(*document.position(place.start), *document.position(place.end))


def summary(findings: Sequence[Finding]) -> Summary:
    severities = [finding.severity for finding in findings]
    safeties = [finding.fix.safety for finding in findings if finding.fix]
    return Summary(
        errors=severities.count(Severity.ERROR),
        warnings=severities.count(Severity.WARNING),
        notes=severities.count(Severity.NOTE),
        safe=safeties.count(Safety.SAFE),
        unsafe=safeties.count(Safety.UNSAFE),
    )


def blamed_elsewhere(report: Report, finding: Finding) -> Place | None:
    """The step, where it is not the instruction that the finding's place already stands in."""
    step, place = finding.step, finding.place
    if step is None or (step.path == place.path and step.start <= place.start < max(step.end, step.start + 1)):
        return None
    return step


def page(rule: Rule) -> str:
    """The rule's page in Markdown: the docstring of the module that holds its checks; empty when there is none."""
    for check in rule.checks.values():
        return (modules[check.__module__].__doc__ or "").strip()
    return ""
