"""Lint one Dockerfile as it is built, and mend it until nothing more can be mended."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from ..fixes.apply import Change, Plan, Skipped, plan
from ..linter.build import read_build
from ..linter.context import Context
from ..linter.dockerfile import Dockerfile, parse
from ..linter.engine import Coming, Ruleset, lint, lint_problems
from ..linter.errors import UnreadableInput
from ..linter.finding import Finding
from ..linter.invocation import Target
from ..linter.profile import Profile
from ..linter.source import Document
from ..linter.suppress import Suppression, SuppressionProblem, apply, suppressions

MAX_ROUNDS = 10
"""Fixes are applied and the result linted again, this often at the most."""


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
    unused: tuple[Suppression, ...]
    problems: tuple[SuppressionProblem, ...]
    windows: bool


class Mended(NamedTuple):
    """`linted` is what is left; `changes` are the files' bytes before and after."""

    linted: Linted
    changes: Mapping[str, Change]
    skipped: tuple[Skipped, ...]
    applied: int


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
        return Linted(document.path, (), documents, 0, (), (), windows=True)
    findings = lint_problems(dockerfile.problems, question.ruleset)
    if not findings:
        build = read_build(dockerfile, context, target)
        findings = lint(build, question.ruleset, question.profile, question.coming_from)
    for place in (place for finding in findings for place in (finding.place, finding.origin, finding.step) if place):
        if place.path not in documents:
            found = context.load(place.path)
            documents[place.path] = found if found is not None else Document(place.path, b"")
    said = [suppressions(d, _spans(dockerfile) if d is document else ()) for d in documents.values()]
    applied = apply(findings, [one for each in said for one in each.found])
    problems = tuple(problem for each in said for problem in each.problems)
    return Linted(
        document.path, applied.kept, documents, len(applied.suppressed), applied.unused, problems, windows=False
    )


def _spans(dockerfile: Dockerfile) -> list[tuple[int, int]]:
    return [(instruction.line, instruction.end_line) for instruction in dockerfile.instructions]


def mend(document: Document, context: Context, target: Target, question: Question, *, allow_unsafe: bool) -> Mended:
    """Apply fixes and lint again until none is left that can be applied."""
    originals: dict[str, bytes] = {}
    overlay: dict[str, bytes] = {}
    count = 0
    skipped: tuple[Skipped, ...] = ()
    linted = lint_file(document, context, target, question)
    for _ in range(MAX_ROUNDS):
        documents = linted.documents

        def read(path: str, known: Mapping[str, Document] = documents) -> bytes:
            return known[path].data if path in known else overlay[path] if path in overlay else read_file(path)

        planned: Plan = plan(
            [finding.fix for finding in linted.findings if finding.fix is not None], read, allow_unsafe=allow_unsafe
        )
        skipped = planned.skipped
        if not planned.changes:
            break
        count += len(planned.applied)
        for path, change in planned.changes.items():
            originals.setdefault(path, change.old)
            overlay[path] = change.new
        current = Document(document.path, overlay.get(document.path, document.data))
        linted = lint_file(current, context.with_overlay(overlay), target, question)
    changes = {path: Change(old, overlay[path]) for path, old in originals.items() if overlay[path] != old}
    return Mended(linted, changes, skipped, count)


def context_of(path: str, given: str | None) -> Context:
    """The build context: the one that was given, else the nearest directory that holds what is copied."""
    root = given if given is not None else os.path.dirname(path) or "."
    return Context(root, dockerfile=path)
