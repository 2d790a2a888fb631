from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.linter.edit import Edit, Fix, Safety
from ns_lint.linter.finding import Effect, Finding, Severity
from ns_lint.linter.profile import IN_USER_NAMESPACES
from ns_lint.linter.rule import Rule
from ns_lint.linter.source import Document, Place
from ns_lint.reports import text
from ns_lint.reports.excerpt import excerpt, harmless
from ns_lint.reports.report import Report

DOCKERFILE = b"FROM debian\nRUN mknod /dev/loop7 b 7 7 && echo ok\nRUN sh /i.sh\n"
NODE = Place("Dockerfile", 16, 38)
RULE = Rule(
    "NS101",
    "device-node",
    "a device node cannot be made in a user namespace",
    refused=IN_USER_NAMESPACES,
    guidance="",
    examples=(),
)
FINDING = Finding(
    code="NS101",
    name="device-node",
    severity=Severity.ERROR,
    effect=Effect.FATAL,
    message="/dev/loop7 is a device node",
    guidance="leave it out",
    place=NODE,
    step=Place("Dockerfile", 12, 50),
    origin=None,
    verdicts={"rootful": Effect.WORKS, "userns": Effect.FATAL, "rootless": Effect.FATAL},
    regression=None,
    fix=Fix("Delete the mknod", Safety.SAFE, (Edit(Place("Dockerfile", 16, 42), ""),)),
)


def report(*findings: Finding, documents: Sequence[Document] = (Document("Dockerfile", DOCKERFILE),)) -> Report:
    return Report("1.0", "userns", findings, {document.path: document for document in documents}, (RULE,), 1)


def underlined(data: bytes, start: int, end: int) -> list[tuple[int, str, str]]:
    lines = excerpt(Document("f", data), Place("f", start, end))
    return [(line.number, line.text, line.underline) for line in lines]


def test_a_finding_says_what_where_why_and_what_to_do() -> None:
    assert text.render(report(FINDING)) == (
        "Dockerfile:2:5: error NS101 device-node: /dev/loop7 is a device node\n"
        "  2 | RUN mknod /dev/loop7 b 7 7 && echo ok\n"
        "    |     ^^^^^^^^^^^^^^^^^^^^^^\n"
        "  why: a device node cannot be made in a user namespace\n"
        "  where: fails in userns, rootless; works in rootful\n"
        "  do: leave it out\n"
        "  fix available (safe): Delete the mknod\n"
        "\n"
        "1 error in 1 file, profile userns. 1 fixable with --fix\n"
    )


def test_a_step_and_an_origin_elsewhere_are_named() -> None:
    script = Document("i.sh", b"true\nmknod /srv/n c 1 3\n")
    finding = FINDING._replace(
        place=Place("i.sh", 5, 23), step=Place("Dockerfile", 50, 63), origin=Place("Dockerfile", 0, 11), fix=None
    )
    shown = text.render(report(finding, documents=(Document("Dockerfile", DOCKERFILE), script)))
    assert "i.sh:2:1: error" in shown
    assert "  step: Dockerfile:3, which the builder will blame\n" in shown
    assert "  mend: Dockerfile:1:1\n" in shown


@pytest.mark.parametrize(
    ("regression", "told"),
    [
        (None, []),
        (True, ["  new: yes, this works where you come from"]),
        (False, ["  new: no, it is the same where you come from"]),
    ],
)
def test_a_regression_is_told_when_it_was_asked_for(regression: bool | None, told: list[str]) -> None:
    shown = text.render(report(FINDING._replace(regression=regression)))
    assert [line for line in shown.splitlines() if "new:" in line] == told


@pytest.mark.parametrize(
    ("findings", "closing"),
    [
        ([], "nothing to report in 1 file, profile userns"),
        ([FINDING, FINDING._replace(fix=None)], "2 errors in 1 file, profile userns. 1 fixable with --fix"),
        (
            [FINDING._replace(severity=Severity.WARNING, fix=Fix("x", Safety.UNSAFE, ()))],
            "1 warning in 1 file, profile userns. 1 fixable with --fix --unsafe-fixes",
        ),
        (
            [FINDING, FINDING._replace(severity=Severity.NOTE, fix=Fix("x", Safety.UNSAFE, ()))],
            "1 error, 1 note in 1 file, profile userns. 1 fixable with --fix. 1 more fixable with --fix --unsafe-fixes",
        ),
    ],
)
def test_the_last_line_counts_and_says_what_to_do_next(findings: list[Finding], closing: str) -> None:
    assert text.render(report(*findings)).splitlines()[-1] == closing


def test_what_is_hidden_is_counted() -> None:
    hidden = report()._replace(suppressed=2, known=3, files=0)
    assert text.render(hidden) == "nothing to report in no files, profile userns (2 suppressed, 3 in the baseline)\n"


def test_colour_adds_escapes_and_changes_no_word() -> None:
    plain, coloured = text.render(report(FINDING)), text.render(report(FINDING), colour=True)
    assert "\x1b[31merror\x1b[0m" in coloured
    for code in ("31", "1", "2", "0"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == plain
    assert "\x1b" not in plain


@pytest.mark.parametrize(
    ("data", "marked", "lines"),
    [
        pytest.param(b"\tRUN x y\n", b"x", [(1, "    RUN x y", "        ^")], id="a tab is four columns"),
        pytest.param(b"ab\tx\n", b"x", [(1, "ab  x", "    ^")], id="a tab goes on to the next stop"),
        pytest.param("echo 日本 x\n".encode(), b"x", [(1, "echo 日本 x", "          ^")], id="wide characters"),
        pytest.param("echo 日本\n".encode(), "本".encode(), [(1, "echo 日本", "       ^^")], id="a wide place"),
        pytest.param("e\u0301 x\n".encode(), b"x", [(1, "e\u0301 x", "  ^")], id="combining characters"),
        pytest.param("😀 x\n".encode(), b"x", [(1, "😀 x", "   ^")], id="astral characters"),
        pytest.param(b"a x\r\nb\r\n", b"x\r\n", [(1, "a x", "  ^")], id="CRLF"),
        pytest.param(b"\xef\xbb\xbfRUN x\n", b"x", [(1, "RUN x", "    ^")], id="a BOM takes no column"),
        pytest.param(b"a \xff x\n", b"x", [(1, "a \ufffd x", "    ^")], id="bytes that are not UTF-8"),
        pytest.param(b"a \x1b[31m x\n", b"x", [(1, "a \ufffd[31m x", "        ^")], id="escapes do not pass"),
        pytest.param(
            b"RUN a \\\n\n  # c\n  b\n",
            b"a \\\n\n  # c\n  b",
            [(1, "RUN a \\", "    ^^^"), (2, "", ""), (3, "  # c", "  ^^^"), (4, "  b", "  ^")],
            id="several lines",
        ),
        pytest.param(
            b"1\n2\n3\n4\n5\n6\n7\n",
            b"2\n3\n4\n5\n6\n7",
            [(n, str(n), "^") for n in range(2, 7)] + [(0, "…", "")],
            id="many lines",
        ),
    ],
)
def test_the_underline_stands_below_the_place(data: bytes, marked: bytes, lines: list[tuple[int, str, str]]) -> None:
    start = data.index(marked)
    assert underlined(data, start, start + len(marked)) == lines


def test_an_empty_place_has_one_mark() -> None:
    assert underlined(b"", 0, 0) == [(1, "", "^")]
    assert underlined(b"ab\n", 2, 2) == [(1, "ab", "  ^")]


def test_a_long_line_is_cut_around_the_place() -> None:
    data = b"RUN " + b"a" * 500 + b" mknod " + b"b" * 500 + b"\n"
    start = data.index(b"mknod")
    [(number, shown, underline)] = underlined(data, start, start + 5)
    assert number == 1
    assert len(shown) == 162
    assert (shown[0], shown[-1]) == ("…", "…")
    assert shown[len(underline) - 5 : len(underline)] == "mknod"
    assert underline.strip() == "^^^^^"


def test_text_from_files_cannot_steer_the_terminal() -> None:
    assert harmless("a\x1b]0;title\x07\u202eb\x9b") == "a\ufffd]0;title\ufffd\ufffdb\ufffd"
    assert "\x1b" not in text.render(report(FINDING._replace(message="\x1b[2J\nx")))


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.text(st.sampled_from("ab \t日😀é\u0301\r\\\x00")), st.binary(max_size=30), st.data())
def test_any_place_can_be_shown_and_underlines_never_pass_the_text(line: str, tail: bytes, data: st.DataObject) -> None:
    raw = line.encode() + b"\n" + tail
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))
    for number, shown, underline in underlined(raw, start, end):
        assert number >= 0
        assert "\n" not in shown
        assert "\t" not in shown
        assert set(underline) <= {" ", "^"}
        assert len(underline) <= 2 * len(shown) + 1
