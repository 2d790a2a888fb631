"""Lint one Dockerfile as it is built, with the comments that hide findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .build import read_build
from .context import Context
from .dockerfile import Dockerfile, parse
from .engine import Coming, Ruleset, lint, lint_problems
from .errors import UnreadableInput
from .finding import Effect, Finding
from .invocation import Target
from .profile import Profile
from .source import Document, Place
from .suppress import Suppression, SuppressionProblem, apply, suppressions


class Question(NamedTuple):
    """What to judge by: the same for every file of a run."""

    profile: Profile
    coming_from: Coming | None
    ruleset: Ruleset


class Linted(NamedTuple):
    """One Dockerfile's findings. `documents` holds every file that they name."""

    path: str
    findings: tuple[Finding, ...]
    documents: Mapping[str, Document]
    suppressed: int
    suppressions: tuple[Suppression, ...]
    unused: tuple[Suppression, ...]
    problems: tuple[SuppressionProblem, ...]
    windows: bool


def read_file(path: str) -> bytes:
    """The bytes of a file. Raises UnreadableInput."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableInput(f"{path}: {reason}") from error


def lint_file(document: Document, context: Context, target: Target, question: Question) -> Linted:
    """Findings for one Dockerfile, suppressions applied."""
    dockerfile = parse(document)
    documents = {document.path: document}
    if dockerfile.windows:
        return Linted(document.path, (), documents, 0, (), (), (), windows=True)
    findings = lint_problems(dockerfile.problems[:1], question.ruleset)
    if not findings:
        build = read_build(dockerfile, context, target)
        findings = lint(build, _speaking(question, target), question.profile, question.coming_from)
    for place in (place for finding in findings for place in _named(finding)):
        if place.path not in documents:
            found = context.load(place.path)
            documents[place.path] = found if found is not None else Document(place.path, b"")
    said = [suppressions(d, _spans(dockerfile) if d is document else ()) for d in documents.values()]
    found = tuple(one for each in said for one in each.found)
    applied = apply(findings, found)
    wrong = tuple(problem for each in said for problem in each.problems)
    count = len(applied.suppressed)
    return Linted(document.path, applied.kept, documents, count, found, applied.unused, wrong, windows=False)


def _speaking(question: Question, target: Target) -> Ruleset:
    """The rules without those about another builder than the one that the user, or the build's config, comes from."""
    names = {question.coming_from.name} if question.coming_from is not None else set[str]()
    return question.ruleset.speaking(names | ({target.comes_from} if target.comes_from is not None else set[str]()))


def merged(linted: list[Linted]) -> Linted:
    """One file as several builds: what is found in any of them, each finding once, at its worst."""
    first, *others = linted
    if not others:
        return first
    worst: dict[tuple[str, Place], Finding] = {}
    for finding in (finding for one in linted for finding in one.findings):
        known = worst.setdefault((finding.code, finding.place), finding)
        if finding.effect is Effect.FATAL and known.effect is not Effect.FATAL:
            worst[finding.code, finding.place] = finding
    documents = {path: document for one in linted for path, document in one.documents.items()}
    unused = tuple(one for one in first.unused if all(one in other.unused for other in others))
    findings = tuple(sorted(worst.values(), key=lambda finding: (finding.place, finding.code)))
    return first._replace(findings=findings, documents=documents, unused=unused)


def _named(finding: Finding) -> Iterator[Place]:
    """Every place that a finding and its fix speak of."""
    yield from (place for place in (finding.place, finding.origin, finding.step) if place is not None)
    yield from (edit.place for edit in (finding.fix.edits if finding.fix is not None else ()))


def _spans(dockerfile: Dockerfile) -> list[tuple[int, int]]:
    return [(instruction.line, instruction.end_line) for instruction in dockerfile.instructions]
