"""Build a Dockerfile as it is and as it is mended, and hold both against what was predicted."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ..builders import lab
from ..builders.build import BuildRequest
from ..builders.outcome import Outcome
from ..fixes.mend import mend
from ..linter.build import read_stages
from ..linter.context import Context
from ..linter.dockerfile import parse
from ..linter.errors import NoBuilder
from ..linter.finding import Finding
from ..linter.invocation import Target
from ..linter.lint import Question, lint_file
from ..linter.profile import ROOTFUL, Profile
from ..linter.source import Document
from .cache import BuildIn
from .compare import Comparison, compare
from .failures import Failure, Trial, follow

_NO_REGISTRY = re.compile(r"failed to resolve source metadata|failed to do request|no such host|dial tcp")


class Built(NamedTuple):
    """One build, its outcome and what it says of the findings.

    `failures` are all failing steps, the first one first; `complete` says that the build passes without them.
    """

    outcome: Outcome
    findings: tuple[Finding, ...]
    comparison: Comparison
    failures: tuple[Failure, ...] = ()
    complete: bool = True


class Proof(NamedTuple):
    """`fixed` is None when nothing can be mended. `stand_ins` are base images replaced by the lab's own."""

    profile: str
    original: Built
    fixed: Built | None
    stand_ins: Mapping[str, str]


class Subject(NamedTuple):
    """What is verified: the file, its context, how it is built, and what a build request needs beside."""

    document: Document
    context: Context
    target: Target
    request: BuildRequest


class Manner(NamedTuple):
    """How to verify: with unsafe fixes or not, past the first failing step or not, and who is told what goes on."""

    allow_unsafe: bool = True
    all_failures: bool = True
    progress: Callable[[str], None] = lambda _: None


def verify(subject: Subject, question: Question, build: BuildIn, manner: Manner) -> Proof:
    """Build original and mended in the question's profile. Raises NoBuilder."""
    document, context, target, request = subject
    profile = question.profile
    mended = mend(document, context, target, question, allow_unsafe=manner.allow_unsafe)
    name = profile.name
    manner.progress(f"{name}: building the original")
    request, outcome, stand_ins = _build_with_images(build, profile, request, document, target)

    def relint(text: bytes) -> Sequence[Finding]:
        return lint_file(Document(document.path, text), context, target, question).findings

    findings = lint_file(document, context, target, question).findings
    original = _judged(_Side(document, request, findings, "original", relint), outcome, question, build, manner)
    if not mended.changes:
        return Proof(name, original, None, stand_ins)
    manner.progress(f"{name}: building the fixed")
    changed = {path: change.new for path, change in mended.changes.items()}
    text = changed.pop(document.path, document.data)
    root = context.root or "."
    files = {os.path.relpath(path, root): data for path, data in changed.items()}
    request = request._replace(dockerfile_text=text, files=files)
    side = _Side(Document(document.path, text), request, mended.linted.findings, "fixed", relint)
    fixed = _judged(side, build(profile, request), question, build, manner)
    return Proof(name, original, fixed, stand_ins)


class _Side(NamedTuple):
    """The original or the fixed: its file, how it is built, what is predicted of it."""

    document: Document
    request: BuildRequest
    findings: tuple[Finding, ...]
    name: str
    relint: Callable[[bytes], Sequence[Finding]]


def _judged(side: _Side, outcome: Outcome, question: Question, build: BuildIn, manner: Manner) -> Built:
    """What an outcome says of the prediction, the failures behind the first one included if they are asked for."""
    profile, rules = question.profile, tuple(question.ruleset.rules)
    comparison = compare(outcome, side.findings, profile.name, side.document, rules)

    def as_root(text: bytes) -> Outcome | None:
        if side.request.allow:
            return None  # an insecure step of real root acts on this machine
        manner.progress(f"{ROOTFUL.name}: building the {side.name}, to compare")
        with contextlib.suppress(NoBuilder):
            return build(ROOTFUL, side.request._replace(dockerfile_text=text, no_cache=False))
        return None

    if (comparison.unpredicted or comparison.unrelated) and profile is not ROOTFUL:
        baseline = as_root(side.document.data)
        comparison = compare(outcome, side.findings, profile.name, side.document, rules, baseline)
    if outcome.built or not manner.all_failures:
        return Built(outcome, side.findings, comparison)

    def rebuild(text: bytes) -> Outcome:
        manner.progress(f"{profile.name}: building the {side.name} past the failing step")
        return build(profile, side.request._replace(dockerfile_text=text, no_cache=False))

    trial = Trial(side.document, side.findings, profile, rules, rebuild, as_root, side.relint)
    followed = follow(trial, outcome, comparison)
    return Built(outcome, side.findings, followed.comparison, followed.failures, followed.complete)


def _build_with_images(
    build: BuildIn, profile: Profile, request: BuildRequest, document: Document, target: Target
) -> tuple[BuildRequest, Outcome, dict[str, str]]:
    """Build; where no registry is reached, once more with the lab's own images in place of official ones."""
    outcome = build(profile, request)
    if outcome.built or not _NO_REGISTRY.search(outcome.error):
        return request, outcome, {}
    _, stages = read_stages(parse(document), target)
    wanted = {stage.base for stage in stages if stage.base} - {stage.name for stage in stages} - {"scratch"}
    try:
        images = lab.stand_ins(sorted(wanted - set(request.build_contexts)))
    except NoBuilder:
        return request, outcome, {}
    if not images:
        return request, outcome, {}
    request = request._replace(images={**request.images, **images})
    return request, build(profile, request), {name: image.layout.name for name, image in images.items()}
