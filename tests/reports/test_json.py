import json as decoder

from ns_lint.linter.edit import Edit, Fix, Safety
from ns_lint.linter.finding import Effect, Finding, Severity
from ns_lint.linter.source import Document, Place
from ns_lint.reports import json
from ns_lint.reports.report import Report

TEXT = "FROM debian\r\n# \U0001f600 日本\r\nRUN echo \U0001f600 &&\tmknod /dev/loop7 b 7 7\r\nUSER 70000\r\n".encode()
MKNOD = TEXT.index(b"mknod")
FINDING = Finding(
    code="NS101",
    name="device-node",
    severity=Severity.ERROR,
    effect=Effect.FATAL,
    message="/dev/loop7 is a device node",
    guidance="leave it out",
    place=Place("Dockerfile", MKNOD, MKNOD + 22),
    step=Place("Dockerfile", TEXT.index(b"RUN"), MKNOD + 22),
    origin=Place("Dockerfile", TEXT.index(b"USER"), TEXT.index(b"USER") + 10),
    verdicts={"rootful": Effect.WORKS, "userns": Effect.FATAL},
    regression=True,
    fix=Fix("Delete the mknod", Safety.SAFE, (Edit(Place("Dockerfile", MKNOD - 4, MKNOD + 22), ""),)),
)


def rendered(*findings: Finding) -> object:
    report = Report("1.0", "userns", findings, {"Dockerfile": Document("Dockerfile", TEXT)}, (), 3)
    return decoder.loads(json.render(report))


def test_the_contract() -> None:
    assert rendered(FINDING) == {
        "version": "1.0",
        "profile": "userns",
        "findings": [
            {
                "code": "NS101",
                "name": "device-node",
                "severity": "error",
                "message": "/dev/loop7 is a device node",
                "guidance": "leave it out",
                "path": "Dockerfile",
                "line": 3,
                "column": 15,
                "end_line": 3,
                "end_column": 37,
                "step": {"path": "Dockerfile", "line": 3},
                "origin": {"path": "Dockerfile", "line": 4, "column": 1, "end_line": 4, "end_column": 11},
                "effect": "fatal",
                "verdicts": {"rootful": "works", "userns": "fatal"},
                "regression": True,
                "fix": {
                    "title": "Delete the mknod",
                    "safety": "safe",
                    "edits": [{"path": "Dockerfile", "start": MKNOD - 4, "end": MKNOD + 22, "text": ""}],
                },
            }
        ],
        "summary": {"files": 3, "errors": 1, "warnings": 0, "notes": 0, "fixable": 1},
    }


def test_what_is_not_known_is_null() -> None:
    bare = FINDING._replace(step=None, origin=None, regression=None, fix=None, severity=Severity.NOTE, verdicts={})
    match rendered(bare):
        case {
            "findings": [{"step": None, "origin": None, "regression": None, "fix": None, "verdicts": {}}],
            "summary": {"errors": 0, "notes": 1, "fixable": 0},
        }:
            pass
        case other:
            raise AssertionError(other)


def test_nothing_to_report() -> None:
    assert rendered() == {
        "version": "1.0",
        "profile": "userns",
        "findings": [],
        "summary": {"files": 3, "errors": 0, "warnings": 0, "notes": 0, "fixable": 0},
    }


def test_a_file_name_that_is_not_utf8_and_any_text_survive_an_ascii_pipe() -> None:
    name = b"b\xff/Dockerfile".decode("utf-8", "surrogateescape")
    finding = FINDING._replace(place=Place(name, 0, 4), message="\U0001f600\x1b", step=None, origin=None)
    shown = json.render(Report("1.0", "userns", [finding], {name: Document(name, TEXT)}, (), 1))
    shown.encode("ascii")
    match decoder.loads(shown):
        case {"findings": [{"path": str(path), "message": "\U0001f600\x1b"}]}:
            assert path.encode("utf-8", "surrogateescape") == b"b\xff/Dockerfile"
        case other:
            raise AssertionError(other)
