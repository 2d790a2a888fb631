"""GitHub's annotations, GitLab's code quality report and JUnit XML."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.linter.finding import Effect, Finding, Severity
from ns_lint.linter.source import Document, Place
from ns_lint.reports import github, gitlab, junit
from ns_lint.reports.report import Report

TEXT = b"FROM debian\nRUN mknod /a b 7 7 && \\\n  mknod /b b 7 7\n"
FINDING = Finding(
    code="NS101",
    name="device-node",
    severity=Severity.ERROR,
    effect=Effect.FATAL,
    message="/a is a device node",
    guidance="leave it out",
    place=Place("./app/Dockerfile", 16, 30),
    step=Place("./app/Dockerfile", 12, 52),
    origin=None,
    verdicts={"userns": Effect.FATAL},
    regression=None,
    fix=None,
)
LATER = FINDING._replace(severity=Severity.WARNING, message="two\nlines, 100%", place=Place("./app/Dockerfile", 16, 52))
NOTE = FINDING._replace(severity=Severity.NOTE, guidance="", place=Place("a,b:c", 0, 4), step=None)


def report(*findings: Finding) -> Report:
    documents = {path: Document(path, TEXT) for path in ("./app/Dockerfile", "a,b:c")}
    return Report("1.0", "userns", findings, documents, (), 2)


def test_github_annotations() -> None:
    assert github.render(report(FINDING, LATER, NOTE)) == (
        "::error file=app/Dockerfile,line=2,endLine=2,col=5,endColumn=19,title=NS101 device-node::"
        "/a is a device node%0Aleave it out\n"
        "::warning file=app/Dockerfile,line=2,endLine=3,title=NS101 device-node::two%0Alines, 100%25%0Aleave it out\n"
        "::notice file=a%2Cb%3Ac,line=1,endLine=1,col=1,endColumn=5,title=NS101 device-node::/a is a device node\n"
    )
    assert github.render(report()) == ""


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.text(st.sampled_from("a%:,\r\n\ud800\x1b日 ::")))
def test_no_message_ends_its_command_or_begins_another(message: str) -> None:
    shown = github.render(report(FINDING._replace(message=message, guidance="")))
    shown.encode()
    assert shown.count("\n") == 1
    assert "\r" not in shown
    data = shown.rstrip("\n").split("::", 2)[2]
    decoded = data.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
    assert decoded == message.encode("utf-8", "replace").decode()


def test_gitlab_issues() -> None:
    issues = json.loads(gitlab.render(report(FINDING, LATER, NOTE)))
    assert len({issue.pop("fingerprint") for issue in issues}) == 3
    assert issues == [
        {
            "description": "/a is a device node. leave it out",
            "check_name": "NS101 device-node",
            "severity": "critical",
            "location": {
                "path": "app/Dockerfile",
                "positions": {"begin": {"line": 2, "column": 5}, "end": {"line": 2, "column": 19}},
            },
        },
        {
            "description": "two\nlines, 100%. leave it out",
            "check_name": "NS101 device-node",
            "severity": "minor",
            "location": {
                "path": "app/Dockerfile",
                "positions": {"begin": {"line": 2, "column": 5}, "end": {"line": 3, "column": 17}},
            },
        },
        {
            "description": "/a is a device node",
            "check_name": "NS101 device-node",
            "severity": "info",
            "location": {
                "path": "a,b:c",
                "positions": {"begin": {"line": 1, "column": 1}, "end": {"line": 1, "column": 5}},
            },
        },
    ]
    assert json.loads(gitlab.render(report())) == []


def test_gitlab_fingerprints_tell_equal_findings_apart() -> None:
    issues: list[Any] = json.loads(gitlab.render(report(FINDING, FINDING)))
    assert len({issue["fingerprint"] for issue in issues}) == 2


def test_junit_cases() -> None:
    assert junit.render(report(FINDING, NOTE)) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="ns-lint">\n'
        '  <testsuite name="./app/Dockerfile" tests="1" failures="1">\n'
        '    <testcase classname="./app/Dockerfile" name="NS101 device-node at 2:5" file="./app/Dockerfile" line="2">\n'
        '      <failure type="NS101" message="/a is a device node">'
        "./app/Dockerfile:2:5: error NS101 device-node: /a is a device node\n"
        "  2 | RUN mknod /a b 7 7 &amp;&amp; \\\n"
        "    |     ^^^^^^^^^^^^^^\n"
        "  where: fails in userns\n"
        "  do: leave it out</failure>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        '  <testsuite name="a,b:c" tests="1" failures="0">\n'
        '    <testcase classname="a,b:c" name="NS101 device-node at 1:1" file="a,b:c" line="1">\n'
        "      <system-out>a,b:c:1:1: note NS101 device-node: /a is a device node\n"
        "  1 | FROM debian\n"
        "    | ^^^^\n"
        "  where: fails in userns</system-out>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_junit_without_findings_has_a_test_that_passed() -> None:
    suites = ElementTree.fromstring(junit.render(report()))
    assert [case.get("name") for case in suites.iter("testcase")] == ["nothing to report"]
    assert [suite.get("failures") for suite in suites.iter("testsuite")] == ["0"]


@pytest.mark.parametrize("severity", list(Severity))
def test_junit_counts_only_errors_as_failures(severity: Severity) -> None:
    suites = ElementTree.fromstring(junit.render(report(FINDING._replace(severity=severity))))
    assert len(list(suites.iter("failure"))) == (1 if severity is Severity.ERROR else 0)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.text(st.characters(), max_size=8))
def test_any_text_makes_xml_that_can_be_read(text: str) -> None:
    finding = FINDING._replace(message=text, guidance=text, place=Place(text, 0, 4), step=None)
    documents = {text: Document(text, text.encode("utf-8", "surrogatepass") + TEXT)}
    shown = junit.render(Report("1.0", "userns", [finding], documents, (), 1))
    ElementTree.fromstring(shown.encode())
