"""Workflow commands, which GitHub Actions turns into annotations of a pull request's lines."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath

from ..linter.finding import Finding, Severity
from .report import Report, span

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report) -> str:
    return "".join(f"{_command(report, finding)}\n" for finding in report.findings)


def _command(report: Report, finding: Finding) -> str:
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in _properties(report, finding))
    return f"::{_COMMANDS[finding.severity]} {properties}::{_data(_message(finding))}"


def _properties(report: Report, finding: Finding) -> Iterator[tuple[str, str | int]]:
    at = span(report, finding.place)
    yield "file", normpath(finding.place.path)
    yield "line", at.line
    yield "endLine", at.end_line
    if at.line == at.end_line:  # GitHub takes columns only within one line
        yield "col", at.column
        yield "endColumn", at.end_column
    yield "title", f"{finding.code} {finding.name}"


def _message(finding: Finding) -> str:
    return f"{finding.message}\n{finding.guidance}" if finding.guidance else finding.message


def _data(text: str) -> str:
    encodable = text.encode("utf-8", "replace").decode()
    return encodable.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
