"""Build a Dockerfile as it is and as it is mended, and hold both against what was predicted."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..builders import lab
from ..builders.build import BuildRequest, build
from ..builders.local import Daemon
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
from .compare import Comparison, compare

_NO_REGISTRY = re.compile(r"failed to resolve source metadata|failed to do request|no such host|dial tcp")


class Built(NamedTuple):
    """One build, its outcome and what it says of the findings."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    comparison: Comparison


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


def verify(
    subject: Subject,
    question: Question,
    daemon_of: Callable[[Profile], Daemon],
    *,
    allow_unsafe: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> Proof:
    """Build original and mended in the question's profile. Raises NoBuilder."""
    profile = question.profile
    daemon = daemon_of(profile)
    document, context, target, request = subject
    mended = mend(document, context, target, question, allow_unsafe=allow_unsafe)
    progress(f"{profile.name}: building the original")
    request, outcome, stand_ins = _build_with_images(daemon, request, document, target)
    findings = lint_file(document, context, target, question).findings
    comparison = compare(outcome, findings, profile.name, document, question.ruleset.rules)
    if comparison.unpredicted or (comparison.unrelated and profile is not ROOTFUL):
        baseline = _baseline(daemon_of, request, profile, progress)
        comparison = compare(outcome, findings, profile.name, document, question.ruleset.rules, baseline)
    original = Built(outcome, findings, comparison)
    if not mended.changes:
        return Proof(profile.name, original, None, stand_ins)
    progress(f"{profile.name}: building the fixed")
    changed = {path: change.new for path, change in mended.changes.items()}
    text = changed.pop(document.path, document.data)
    root = context.root or "."
    files = {os.path.relpath(path, root): data for path, data in changed.items()}
    after = build(daemon, request._replace(dockerfile_text=text, files=files))
    left = mended.linted.findings
    fixed_document = Document(document.path, text)
    fixed = Built(after, left, compare(after, left, profile.name, fixed_document, question.ruleset.rules))
    return Proof(profile.name, original, fixed, stand_ins)


def _build_with_images(
    daemon: Daemon, request: BuildRequest, document: Document, target: Target
) -> tuple[BuildRequest, Outcome, dict[str, str]]:
    """Build; where no registry is reached, once more with the lab's own images in place of official ones."""
    outcome = build(daemon, request)
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
    return request, build(daemon, request), {name: image.layout.name for name, image in images.items()}


def _baseline(
    daemon_of: Callable[[Profile], Daemon], request: BuildRequest, profile: Profile, progress: Callable[[str], None]
) -> Outcome | None:
    """The same build by real root, to tell a failure that has nothing to do with namespaces; None if there is none."""
    if profile is ROOTFUL or request.allow:
        return None
    try:
        daemon = daemon_of(ROOTFUL)
    except NoBuilder:
        return None
    progress("rootful: building the original, to compare")
    return build(daemon, request)
