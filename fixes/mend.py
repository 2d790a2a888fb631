"""Apply fixes and lint again, until nothing more can be mended. Nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..linter.context import Context
from ..linter.invocation import Target
from ..linter.lint import Linted, Question, lint_file, read_file
from ..linter.source import Document
from .apply import Change, Skipped, plan

MAX_ROUNDS = 10
"""Fixes are applied and the result linted again, this often at the most."""


class Mended(NamedTuple):
    """`linted` is what is left; `changes` are the files' bytes before and after."""

    linted: Linted
    changes: Mapping[str, Change]
    skipped: tuple[Skipped, ...]
    applied: int


def mend(document: Document, context: Context, target: Target, question: Question, *, allow_unsafe: bool) -> Mended:
    """Mend a Dockerfile, and the scripts it runs, as one build."""

    def lint(overlay: Mapping[str, bytes]) -> Linted:
        current = Document(document.path, overlay.get(document.path, document.data))
        return lint_file(current, context.with_overlay(overlay), target, question)

    return mend_with(lint, allow_unsafe=allow_unsafe)


def mend_with(lint: Callable[[Mapping[str, bytes]], Linted], *, allow_unsafe: bool) -> Mended:
    """Apply fixes and lint again until none is left that can be applied; `lint` is given the files changed so far."""
    originals: dict[str, bytes] = {}
    overlay: dict[str, bytes] = {}
    count = 0
    skipped: tuple[Skipped, ...] = ()
    linted = lint(overlay)
    for _ in range(MAX_ROUNDS):
        documents = linted.documents

        def read(path: str, known: Mapping[str, Document] = documents) -> bytes:
            return known[path].data if path in known else overlay[path] if path in overlay else read_file(path)

        planned = plan(
            [finding.fix for finding in linted.findings if finding.fix is not None], read, allow_unsafe=allow_unsafe
        )
        skipped = planned.skipped
        if not planned.changes:
            break
        count += len(planned.applied)
        for path, change in planned.changes.items():
            originals.setdefault(path, change.old)
            overlay[path] = change.new
        linted = lint(dict(overlay))
    changes = {path: Change(old, overlay[path]) for path, old in originals.items() if overlay[path] != old}
    return Mended(linted, changes, skipped, count)
