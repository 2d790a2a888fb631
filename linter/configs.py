"""Lint a build config, and the Dockerfiles that stand in it, with the comments that hide findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .context import Context
from .edit import Edit, Fix
from .engine import lint_facts
from .finding import Finding
from .formats import read_config
from .formats.config import ConfigFile, InlineDockerfile
from .lint import Linted, Question, lint_file
from .source import Document, Place, Script
from .suppress import apply, suppressions

if TYPE_CHECKING:
    from .rule import Fact

LEADERS = {"bake": ("#", "//"), "devcontainer": ("//",), "jenkins": ("//",)}
"""What begins a comment; `#` in every other format."""


def lint_config(document: Document, question: Question, granted: frozenset[str] = frozenset()) -> Linted | None:
    """Findings on one config, None for a file that is none. `granted` are entitlements that the repo's daemons give."""
    config = read_config(document)
    if config is None:
        return None
    return lint_read(config, question, granted)


def lint_read(config: ConfigFile, question: Question, granted: frozenset[str]) -> Linted:
    """Findings on a config that has been read."""
    document = config.document
    findings = lint_facts(facts_of(config, granted), question.ruleset, question.profile, question.coming_from)
    for inline in config.dockerfiles:
        findings.extend(_inline_findings(inline, document, question))
    said = suppressions(document, leaders=LEADERS.get(config.format, ("#",)))
    applied = apply(findings, said.found)
    return Linted(
        document.path,
        applied.kept,
        {document.path: document},
        len(applied.suppressed),
        said.found,
        applied.unused,
        said.problems,
        windows=False,
    )


def facts_of(config: ConfigFile, granted: frozenset[str]) -> Iterable[Fact]:
    """What rules judge of a config: the whole of it, and each of its parts."""
    yield config
    for invocation in config.invocations:
        yield invocation._replace(granted=invocation.granted | granted)
    yield from config.setups
    yield from config.pods


# --------------------------------------------------------------------------------------------------- inline Dockerfiles


def _inline_findings(inline: InlineDockerfile, document: Document, question: Question) -> list[Finding]:
    """Findings on a Dockerfile in a config, moved to where its text stands there."""
    script = inline.script
    text = Document(document.path, script.text.encode("latin-1"))
    target = inline.invocation.target
    linted = lint_file(text, Context(None), target, question)
    return [_moved(finding, script, document) for finding in linted.findings]


def _moved(finding: Finding, script: Script, document: Document) -> Finding:
    def place(one: Place | None) -> Place | None:
        return None if one is None else script.source.place(one.start, one.end)

    here = place(finding.place)
    assert here is not None
    return finding._replace(
        place=here,
        step=place(finding.step),
        origin=place(finding.origin),
        fix=_moved_fix(finding.fix, script, document, place),
    )


def _moved_fix(
    fix: Fix | None, script: Script, document: Document, place: Callable[[Place | None], Place | None]
) -> Fix | None:
    """The fix for the text in the config; none where what it deletes does not stand there as it is."""
    if fix is None:
        return None
    edits: list[Edit] = []
    for edit in fix.edits:
        moved = place(edit.place)
        assert moved is not None
        before = script.text[edit.place.start : edit.place.end]
        if document.data[moved.start : moved.end].decode("latin-1") != before or set(edit.text) & set("\n\"'\\"):
            return None
        edits.append(Edit(moved, edit.text))
    return fix._replace(edits=tuple(edits))
