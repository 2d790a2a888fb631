"""For people at a terminal: what is wrong, where exactly, why, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator

from ..linter.finding import Effect, Finding, Severity
from .excerpt import excerpt, harmless
from .report import Report, Summary, blamed_elsewhere, span, summary

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
_BOLD = "1"
_FAINT = "2"

_WORDS = {
    Effect.FATAL: "fails in",
    Effect.CONDITIONAL: "may fail in",
    Effect.TOLERATED: "refused, and the step goes on, in",
    Effect.DIFFERS: "differs in",
    Effect.WORKS: "works in",
}


def render(report: Report, *, colour: bool = False) -> str:
    """The report as text. Pass `colour` only when it goes to a terminal."""
    blocks = ["\n".join(block(report, finding, colour=colour)) for finding in report.findings]
    return "\n\n".join([*blocks, _closing(report)]) + "\n"


def block(report: Report, finding: Finding, *, colour: bool = False) -> Iterator[str]:
    """The lines about one finding."""
    place = finding.place
    at = span(report, place)
    severity = finding.severity
    yield (
        _paint(f"{harmless(place.path)}:{at.line}:{at.column}:", _BOLD, colour)
        + f" {_paint(severity.value, _COLOURS[severity], colour)}"
        + f" {finding.code} {finding.name}: {_line(finding.message)}"
    )
    lines = list(excerpt(report.documents[place.path], place))
    digits = max(len(str(line.number)) for line in lines)
    for line in lines:
        number = str(line.number) if line.number else ""
        yield f"  {_paint(number.rjust(digits) + ' |', _FAINT, colour)} {line.text}".rstrip()
        if line.underline:
            margin = _paint(" " * digits + " |", _FAINT, colour)
            yield f"  {margin} {_paint(line.underline, _COLOURS[severity], colour)}"
    for label, text in _remarks(report, finding):
        yield f"  {_paint(f'{label}:', _BOLD, colour)} {_line(text)}"


def _remarks(report: Report, finding: Finding) -> Iterator[tuple[str, str]]:
    summaries = [rule.summary for rule in report.rules if rule.code == finding.code]
    if summaries:
        yield "why", summaries[0]
    if finding.verdicts:
        yield "where", verdicts(finding)
    if finding.regression is not None:
        yield (
            "new",
            "yes, this works where you come from" if finding.regression else "no, it is the same where you come from",
        )
    step = blamed_elsewhere(report, finding)
    if step:
        yield "step", f"{step.path}:{span(report, step).line}, which the builder will blame"
    if finding.origin and finding.origin != finding.place:
        origin = span(report, finding.origin)
        yield "mend", f"{finding.origin.path}:{origin.line}:{origin.column}"
    if finding.guidance:
        yield "do", finding.guidance
    if finding.fix:
        yield f"fix available ({finding.fix.safety.value})", finding.fix.title


def verdicts(finding: Finding) -> str:
    """Every profile's verdict, the worst first: "fails in userns, rootless; works in rootful"."""
    parts: list[str] = []
    for effect, words in _WORDS.items():
        profiles = [profile for profile, verdict in finding.verdicts.items() if verdict is effect]
        if profiles:
            parts.append(f"{words} {', '.join(profiles)}")
    return "; ".join(parts)


def _closing(report: Report) -> str:
    counts = summary(report.findings)
    found = [
        count(counts.errors, "error"),
        count(counts.warnings, "warning"),
        count(counts.notes, "note"),
    ]
    told = ", ".join(part for part in found if part) or "nothing to report"
    hidden = [f"{report.suppressed} suppressed"] if report.suppressed else []
    hidden += [f"{report.known} in the baseline"] if report.known else []
    aside = f" ({', '.join(hidden)})" if hidden else ""
    head = f"{told} in {count(report.files, 'file') or 'no files'}, profile {report.profile}{aside}"
    return ". ".join([head, *_next(counts)])


def _next(counts: Summary) -> Iterator[str]:
    if counts.safe:
        yield f"{counts.safe} fixable with --fix"
    if counts.unsafe:
        yield f"{counts.unsafe} {'more ' if counts.safe else ''}fixable with --fix --unsafe-fixes"


def count(number: int, noun: str) -> str:
    """As in "2 errors" and "1 error"; for none, nothing at all."""
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""


def _line(text: str) -> str:
    return harmless(" ".join(text.split()))


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
