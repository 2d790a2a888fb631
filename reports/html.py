"""One self-contained page for people: readiness by file and by rule, and every finding with its excerpt and its fix.

The page asks nothing of a network, which its own content security policy enforces: only the script and the style that
it was made with run. Without scripts, where a CI server forbids them, everything can still be read.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..fixes.apply import Change, plan
from ..fixes.diff import diff
from ..linter.edit import Fix
from ..linter.finding import Effect, Finding, Severity
from ..linter.profile import PROFILE_NAMES
from ..linter.rule import Rule
from ..linter.source import Document, Place
from .excerpt import harmless, marked_lines
from .report import Report, blamed_elsewhere, page, span, summary

if TYPE_CHECKING:
    from markupsafe import Markup

OPEN_AT_MOST = 12
"""Findings are unfolded when there are no more than these."""

CONTEXT = 3
"""Lines around a change that a diff shows."""

MOST_DIFF_LINES = 200
MOST_COLUMNS = 240
"""Longer lines are cut, around what is marked in them."""

WORDS = {
    Effect.FATAL: "fails",
    Effect.CONDITIONAL: "may fail",
    Effect.DIFFERS: "differs",
    Effect.TOLERATED: "refused, goes on",
    Effect.WORKS: "works",
}
"""The worst first."""

_KINDS = {"+": "added", "-": "deleted", "@": "hunk"}


class Line(NamedTuple):
    """A line of a file, in three pieces of which the middle one is marked. Number 0 stands for lines left out."""

    number: int
    before: str
    marked: str
    after: str


class Shown(NamedTuple):
    """A finding as the page shows it."""

    finding: Finding
    path: str
    position: str
    message: str
    lines: Sequence[Line]
    remarks: Sequence[tuple[str, str]]
    verdicts: Sequence[tuple[str, Effect]]
    title: str
    diff: Sequence[tuple[str, str]]
    """Kind (added, deleted, hunk, same) and text of each line."""


class File(NamedTuple):
    """A file that was linted. `cells` counts, for each profile, the findings of each effect there."""

    path: str
    ready: str
    findings: Sequence[Shown]
    cells: Sequence[Sequence[tuple[Effect, int]]]


class RuleCount(NamedTuple):
    rule: Rule
    paragraphs: Sequence[str]
    findings: int
    files: int
    fixable: int


def render(report: Report) -> str:
    from jinja2 import Environment

    here = Path(__file__).parent
    style = (here / "report.css").read_text(encoding="utf-8")
    script = (here / "report.js").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["prose"] = _prose
    template = environment.from_string((here / "report.html.j2").read_text(encoding="utf-8"))
    files = _files(report)
    return template.render(
        report=report,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        counts=summary(report.findings),
        files=files,
        ready=sum(file.ready == "ready" for file in files),
        rules=_rules(report),
        profiles=PROFILE_NAMES,
        words=WORDS,
        severities=[severity.value for severity in Severity],
        unfolded=len(report.findings) <= OPEN_AT_MOST,
        compares=any(finding.regression is not None for finding in report.findings),
    )


def _prose(text: str) -> Markup:
    """Text in which `words` between backticks are code."""
    from markupsafe import Markup, escape

    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


# -------------------------------------------------------------------------------------------------- by file and by rule


def _files(report: Report) -> list[File]:
    """Every file that was linted; a finding in a script stands with the Dockerfile whose step runs it."""
    by_path: dict[str, list[Finding]] = {path: [] for path in report.paths}
    for finding in report.findings:
        by_path.setdefault(_owner(finding), []).append(finding)
    return [_file(report, path, findings) for path, findings in sorted(by_path.items())]


def _owner(finding: Finding) -> str:
    return finding.step.path if finding.step is not None else finding.place.path


def _file(report: Report, path: str, findings: list[Finding]) -> File:
    effects = {finding.effect for finding in findings if finding.severity is not Severity.NOTE}
    hinders = (Effect.FATAL, Effect.CONDITIONAL, Effect.DIFFERS)
    ready = next((WORDS[effect] for effect in hinders if effect in effects), "ready")
    cells = [_cell(profile, findings) for profile in PROFILE_NAMES]
    return File(harmless(path), ready, [_shown(report, finding) for finding in findings], cells)


def _cell(profile: str, findings: Iterable[Finding]) -> list[tuple[Effect, int]]:
    counts = Counter(f.verdicts.get(profile) for f in findings if f.severity is not Severity.NOTE)
    return [(effect, counts[effect]) for effect in WORDS if effect is not Effect.WORKS and counts[effect]]


def _rules(report: Report) -> list[RuleCount]:
    """The rules that found something, those with most findings first."""
    by_code: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_code.setdefault(finding.code, []).append(finding)
    return [
        RuleCount(
            rule,
            [paragraph.strip() for paragraph in page(rule).split("\n\n") if paragraph.strip()],
            findings=len(by_code[rule.code]),
            files=len({_owner(finding) for finding in by_code[rule.code]}),
            fixable=sum(finding.fix is not None for finding in by_code[rule.code]),
        )
        for rule in sorted(report.rules, key=lambda rule: (-len(by_code.get(rule.code, ())), rule.code))
        if rule.code in by_code
    ]


# ------------------------------------------------------------------------------------------------------------- findings


def _shown(report: Report, finding: Finding) -> Shown:
    at = span(report, finding.place)
    return Shown(
        finding,
        harmless(finding.place.path),
        f"{at.line}:{at.column}",
        _line(finding.message),
        list(_lines(report, finding.place)),
        list(_remarks(report, finding)),
        [(profile, effect) for profile, effect in finding.verdicts.items()],
        _line(finding.fix.title) if finding.fix else "",
        list(_diff(report, finding.fix)) if finding.fix else [],
    )


def _remarks(report: Report, finding: Finding) -> Iterator[tuple[str, str]]:
    step = blamed_elsewhere(report, finding)
    if step:
        yield "Step", f"{harmless(step.path)}:{span(report, step).line}, which the builder will blame"
    if finding.origin and finding.origin != finding.place:
        yield "To mend", f"{harmless(finding.origin.path)}:{span(report, finding.origin).line}"
    if finding.guidance:
        yield "What to do", _line(finding.guidance)


def _line(text: str) -> str:
    return harmless(" ".join(text.split()))


def _lines(report: Report, place: Place) -> Iterator[Line]:
    for number, text, start, end in marked_lines(report.documents[place.path], place):
        first = max(0, start - MOST_COLUMNS // 4) if len(text) > MOST_COLUMNS else 0
        last = min(len(text), first + MOST_COLUMNS)
        before = ("…" if first else "") + text[first:start]
        after = text[min(end, last) : last] + ("…" if last < len(text) else "")
        yield Line(number, *(_code(piece) for piece in (before, text[start : min(end, last)], after)))


def _code(text: str) -> str:
    return harmless(text.expandtabs(4))


def _diff(report: Report, fix: Fix) -> Iterator[tuple[str, str]]:
    """What the fix alone makes of the files, as `ns-lint --diff` prints it."""
    changes = plan([fix], lambda path: report.documents[path].data, allow_unsafe=True).changes
    lines = [line for path, change in changes.items() for line in _near(report.documents[path], change, fix)]
    for line in lines[:MOST_DIFF_LINES]:
        header = line.startswith(("+++ ", "--- "))
        shown = line.rstrip("\r")
        cut = shown[:MOST_COLUMNS] + ("…" if len(shown) > MOST_COLUMNS else "")
        yield "file" if header else _KINDS.get(line[:1], "same"), _code(cut)
    if len(lines) > MOST_DIFF_LINES:
        yield "hunk", f"… and {len(lines) - MOST_DIFF_LINES} lines more"


def _near(old: Document, change: Change, fix: Fix) -> Iterator[str]:
    """The lines of the diff, made from only as much of the file as it shows: a large file has many findings."""
    places = [edit.place for edit in fix.edits if edit.place.path == old.path]
    first = max(1, old.line_of(min(place.start for place in places)) - CONTEXT - 1)
    last = old.line_of(max(place.end for place in places)) + CONTEXT + 1
    start = old.line_starts[first - 1]
    end = old.line_starts[last] if last < len(old.line_starts) else len(old.data)
    near = diff(old.path, old.data[start:end], change.new[start : len(change.new) - (len(old.data) - end)])
    for line in near.split("\n")[:-1]:
        hunk = re.fullmatch(r"@@ -(\d+)(.*) \+(\d+)(.*) @@", line)
        yield f"@@ -{int(hunk[1]) + first - 1}{hunk[2]} +{int(hunk[3]) + first - 1}{hunk[4]} @@" if hunk else line
