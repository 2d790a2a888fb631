"""JUnit XML: a suite per file, a test case per finding. Only errors count as failures, as they do for the exit code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from ..linter.finding import Finding, Severity
from .report import Report, span
from .text import block

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def render(report: Report) -> str:
    from xml.etree.ElementTree import Element, indent, tostring

    suites = Element("testsuites", name="ns-lint")
    by_path = sorted(report.findings, key=lambda finding: finding.place.path)
    for path, findings in groupby(by_path, key=lambda finding: finding.place.path):
        suites.append(_suite(report, path, tuple(findings)))
    if not report.findings:  # some readers take a report without tests for a broken one
        suites.append(_counted(Element("testsuite", name="ns-lint"), [Element("testcase", name="nothing to report")]))
    indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _suite(report: Report, path: str, findings: Iterable[Finding]) -> Element:
    from xml.etree.ElementTree import Element

    return _counted(Element("testsuite", name=_legal(path)), [_case(report, finding) for finding in findings])


def _counted(suite: Element, cases: list[Element]) -> Element:
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    suite.extend(cases)
    return suite


def _case(report: Report, finding: Finding) -> Element:
    from xml.etree.ElementTree import Element, SubElement

    at = span(report, finding.place)
    path = _legal(finding.place.path)
    case = Element("testcase", classname=path, name=f"{finding.code} {finding.name} at {at.line}:{at.column}")
    case.set("file", path)
    case.set("line", str(at.line))
    text = _legal("\n".join(block(report, finding)))
    if finding.severity is Severity.ERROR:
        SubElement(case, "failure", type=finding.code, message=_legal(finding.message)).text = text
    else:
        SubElement(case, "system-out").text = text
    return case


def _legal(text: str) -> str:
    """XML 1.0 has no way to write control characters, lone surrogates and U+FFFE and U+FFFF."""
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
