"""GitLab's code quality report, a subset of Code Climate's format: one JSON array."""

from __future__ import annotations

import json
from posixpath import normpath

from ..linter.finding import Finding, Severity
from .fingerprint import fingerprints
from .report import Report, span

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(report: Report) -> str:
    return json.dumps([_issue(report, finding, mark) for finding, mark in fingerprints(report)], indent=2)


def _issue(report: Report, finding: Finding, fingerprint: str) -> dict[str, object]:
    at = span(report, finding.place)
    return {
        "description": f"{finding.message}. {finding.guidance}" if finding.guidance else finding.message,
        "check_name": f"{finding.code} {finding.name}",
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": normpath(finding.place.path),
            "positions": {
                "begin": {"line": at.line, "column": at.column},
                "end": {"line": at.end_line, "column": at.end_column},
            },
        },
    }
