"""One JSON object, for scripts: byte offsets in fixes, 1-based code points everywhere else."""

from __future__ import annotations

import json

from ..linter.edit import Fix
from ..linter.finding import Finding
from ..linter.source import Place
from .report import Report, span, summary


def render(report: Report) -> str:
    """The report as ASCII JSON, so that no terminal's or pipe's encoding can spoil it."""
    counts = summary(report.findings)
    return json.dumps(
        {
            "version": report.version,
            "profile": report.profile,
            "findings": [_finding(report, finding) for finding in report.findings],
            "summary": {
                "files": report.files,
                "errors": counts.errors,
                "warnings": counts.warnings,
                "notes": counts.notes,
                "fixable": counts.safe + counts.unsafe,
            },
        },
        indent=2,
    )


def _finding(report: Report, finding: Finding) -> dict[str, object]:
    step = finding.step
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": finding.message,
        "guidance": finding.guidance,
        **_place(report, finding.place),
        "step": {"path": step.path, "line": span(report, step).line} if step else None,
        "origin": _place(report, finding.origin) if finding.origin else None,
        "effect": finding.effect.value,
        "verdicts": {profile: effect.value for profile, effect in finding.verdicts.items()},
        "regression": finding.regression,
        "fix": _fix(finding.fix) if finding.fix else None,
    }


def _place(report: Report, place: Place) -> dict[str, object]:
    return {"path": place.path, **span(report, place)._asdict()}


def _fix(fix: Fix) -> dict[str, object]:
    return {
        "title": fix.title,
        "safety": fix.safety.value,
        "edits": [
            {"path": edit.place.path, "start": edit.place.start, "end": edit.place.end, "text": edit.text}
            for edit in fix.edits
        ],
    }
