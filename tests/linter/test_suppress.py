import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.linter.finding import Effect, Finding, Severity
from ns_lint.linter.source import Document, Place
from ns_lint.linter.suppress import Suppression, apply, problems, suppressions

NAMES = {"NS101": "device-node", "NS201": "high-id"}


def finding(place: Place, step: Place | None = None, code: str = "NS101") -> Finding:
    return Finding(
        code, NAMES[code], Severity.ERROR, Effect.FATAL, "", "", place, step, None, {}, regression=None, fix=None
    )


def hidden(text: str, spans: list[tuple[int, int]]) -> list[int]:
    """The lines of `text` where a finding about a device node is not reported."""
    document = Document("f", text.encode())
    found = suppressions(document, spans).found
    starts = document.line_starts
    lines = range(1, text.count("\n") + 1)
    return [
        line for line in lines if apply([finding(Place("f", starts[line - 1], starts[line - 1]))], found).suppressed
    ]


IGNORE = "# ns-lint: ignore[device-node]"


@pytest.mark.parametrize(
    ("text", "spans", "lines"),
    [
        pytest.param(f"FROM a\n{IGNORE}\nRUN b\nRUN c\n", [(1, 1), (3, 3), (4, 4)], [3], id="above an instruction"),
        pytest.param(
            f"FROM a\n{IGNORE}\n# why\nRUN b \\\n  c \\\n\n  d\nRUN e\n",
            [(1, 1), (4, 7), (8, 8)],
            [4, 5, 6, 7],
            id="above an instruction of several lines, among comments",
        ),
        pytest.param(f"FROM a\n{IGNORE}\n\nRUN b\n", [(1, 1), (4, 4)], [2], id="a blank line parts them"),
        pytest.param(
            f"FROM a\nRUN b && \\\n  {IGNORE}\n  # why\n\n  c && \\\n  d\n",
            [(1, 1), (2, 7)],
            [6],
            id="inside: the next line",
        ),
        pytest.param(f"FROM a\nRUN b {IGNORE}\nRUN c\n", [(1, 1), (2, 2), (3, 3)], [2], id="at the end of a line"),
        pytest.param(f"FROM a\nRUN b; \\\n c {IGNORE}\n", [(1, 1), (2, 3)], [3], id="at the end of the last line"),
        pytest.param(
            f"FROM a\nRUN <<E\nb\n{IGNORE}\nc \\\n  d\ne\nE\n", [(1, 1), (2, 8)], [5, 6], id="above a heredoc's line"
        ),
        pytest.param(
            f"FROM a\nRUN <<E\nb\nc {IGNORE} why\nd\nE\n", [(1, 1), (2, 6)], [4], id="at the end of a heredoc's line"
        ),
        pytest.param(
            f"FROM a\n{IGNORE}\nRUN <<E\nb\nE\nRUN c\n", [(1, 1), (3, 5), (6, 6)], [3, 4, 5], id="above a heredoc"
        ),
        pytest.param(f"#!/bin/sh\n{IGNORE}\na \\\n  b\nc\n", [], [3, 4], id="above a script's line"),
        pytest.param(f"a\nb \\\n  c {IGNORE}\nd\n", [], [2, 3], id="at the end of a script's line"),
        pytest.param(f"a\n\tb;{IGNORE}\nc\n", [], [2], id="after a semicolon"),
        pytest.param(f"a:\n  {IGNORE}\n  b: 1\n  c: 1 {IGNORE}\n", [], [3, 4], id="YAML"),
        pytest.param(f"a '{IGNORE}'\n", [], [], id="a quoted # begins no comment"),
        pytest.param(f'a "\\"{IGNORE}"\n', [], [], id="escaped quotes"),
        pytest.param(f"a 'b' \"c'd\" {IGNORE}\n", [], [1], id="after quotes"),
        pytest.param(f"a b{IGNORE}\n", [], [], id="a # inside a word begins no comment"),
        pytest.param("# ns-lint: ignore-file[device-node]\nFROM a\nRUN b\n", [(2, 2), (3, 3)], [1, 2, 3], id="file"),
        pytest.param("# syntax=x\n\n# ns-lint: ignore-file[NS101] y\nFROM a\n", [(4, 4)], [1, 2, 3, 4], id="still top"),
        pytest.param("FROM a\n# ns-lint: ignore-file[device-node]\nRUN b\n", [(1, 1), (3, 3)], [], id="not at the top"),
        pytest.param("FROM a\n# hadolint ignore=DL3008,NS101\nRUN b\n", [(1, 1), (3, 3)], [3], id="hadolint"),
        pytest.param("FROM a\n# hadolint ignore=DL3008\nRUN b\n", [(1, 1), (3, 3)], [], id="hadolint's own codes"),
        pytest.param("FROM a\n# hadolint global ignore=NS101\nRUN b\n", [(1, 1), (3, 3)], [1, 2, 3], id="global"),
        pytest.param("\ufeff# ns-lint: ignore[NS101]\r\nFROM a\r\n", [(2, 2)], [2], id="BOM and CRLF"),
        pytest.param(f"FROM a\n{IGNORE}\n", [(1, 1)], [2], id="nothing below"),
        pytest.param(f"FROM a\n{IGNORE}", [(1, 1)], [], id="nothing below, no newline at the end"),
        pytest.param("FROM a\n# ns-lint: ignore[high-id]\nRUN b\n", [(1, 1), (3, 3)], [], id="another rule"),
    ],
)
def test_what_a_comment_covers(text: str, spans: list[tuple[int, int]], lines: list[int]) -> None:
    assert hidden(text, spans) == lines


@pytest.mark.parametrize(
    ("comment", "names", "reason"),
    [
        ("# ns-lint: ignore[device-node]", ("device-node",), ""),
        ("#ns-lint:ignore [ NS101 , high-id,NS101 ]", ("NS101", "high-id"), ""),
        ("# ns-lint: ignore[NS101] the lab needs it", ("NS101",), "the lab needs it"),
        ("# ns-lint: ignore[NS101] — für später  ", ("NS101",), "für später"),
        ("## ns-lint: ignore[NS101]: x", ("NS101",), "x"),
    ],
)
def test_names_and_reason(comment: str, names: tuple[str, ...], reason: str) -> None:
    [suppression] = suppressions(Document("f", f"{comment}\na\n".encode())).found
    assert (suppression.names, suppression.reason) == (names, reason)


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# ns-lint: ignore", "ignoring everything is not possible"),
        ("# ns-lint: ignore the mknod", "ignoring everything is not possible"),
        ("# ns-lint: ignore-file", "ignoring everything is not possible"),
        ("# ns-lint: ignore[]", "no name in the brackets"),
        ("# ns-lint: ignore[ , ]", "no name in the brackets"),
        ("# ns-lint: disable=NS101", "not understood"),
        ("RUN a\n# ns-lint: ignore-file[NS101]", "ignore-file stands above"),
    ],
)
def test_a_comment_that_cannot_work_is_told(comment: str, message: str) -> None:
    document = Document("f", f"{comment}\nRUN b\n".encode())
    found, [problem] = suppressions(document)
    assert found == ()
    assert problem.message.startswith(message)
    assert document.text(problem.place) == comment.splitlines()[-1]


@pytest.mark.parametrize("comment", ["# about ns-lint: ignore[x]", "# ns-linter: x", "# hadolint shell=bash", "# x"])
def test_other_comments_say_nothing(comment: str) -> None:
    assert suppressions(Document("f", f"{comment}\nRUN b\n".encode())) == ((), ())


def test_slashes_begin_a_comment_where_they_are_asked_for() -> None:
    document = Document("f", b'// ns-lint: ignore[NS101]\na = "http://x # y"\n')
    assert suppressions(document).found == ()
    assert len(suppressions(document, leaders=("#", "//")).found) == 1


def test_a_finding_is_hidden_at_its_place_or_at_its_step() -> None:
    dockerfile = Document("Dockerfile", b"FROM a\n# ns-lint: ignore[device-node]\nRUN sh /a.sh\nRUN sh /a.sh\n")
    script = Document("a.sh", b"true\nmknod a b 7 7 # ns-lint: ignore[NS101]\nmknod b b 7 7\n")
    above = suppressions(dockerfile, [(1, 1), (3, 3), (4, 4)]).found
    inside = suppressions(script).found
    first, second = Place("Dockerfile", 38, 50), Place("Dockerfile", 51, 63)
    marked, bare = Place("a.sh", 5, 18), Place("a.sh", 44, 57)
    assert apply([finding(bare, first)], above).kept == ()
    assert apply([finding(bare, second)], above).kept != ()
    assert apply([finding(marked, second)], inside).kept == ()
    assert apply([finding(bare, second)], inside).kept != ()
    assert apply([finding(bare, first, "NS201")], above).kept != ()


def test_a_comment_inside_an_instruction_does_not_cover_the_whole_step() -> None:
    document = Document("f", b"RUN true && \\\n  # ns-lint: ignore[NS101]\n  mknod a && \\\n  mknod b\n")
    step = Place("f", 0, len(document.data) - 1)
    found = suppressions(document, [(1, 4)]).found
    first, second = (
        Place("f", document.data.index(word), document.data.index(word) + 7) for word in (b"mknod a", b"mknod b")
    )
    applied = apply([finding(first, step), finding(second, step)], found)
    assert [one.place for one in applied.kept] == [second]


def test_names_that_hide_nothing_are_unused() -> None:
    document = Document("f", b"# ns-lint: ignore[NS101, high-id]\nRUN a\n# ns-lint: ignore[Device-Node]\nRUN b\n")
    found = suppressions(document, [(2, 2), (4, 4)]).found
    applied = apply([finding(Place("f", 34, 39))], found)
    assert len(applied.suppressed) == 1
    assert [one.names for one in applied.unused] == [("high-id",), ("Device-Node",)]


def told(names: tuple[str, ...], reason: str = "", *, require_reasons: bool = False) -> list[str]:
    place = Place("f", 0, 1)
    found = [Suppression(names, place, place, reason)]
    return [problem.message for problem in problems(found, NAMES, require_reasons=require_reasons)]


def test_unknown_names_and_missing_reasons_are_told() -> None:
    assert told(("NS101", "high-id", "ns201", "HIGH-ID")) == []
    assert told(("device-nodes",)) == ["no rule is called device-nodes: did you mean device-node?"]
    assert told(("NS10",)) == ["no rule is called NS10: did you mean NS101?"]
    assert told(("xyzzy",)) == ["no rule is called xyzzy"]
    assert told(("NS101",), require_reasons=True) == ["the settings require a reason after the brackets"]
    assert told(("NS101",), "because", require_reasons=True) == []


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [IGNORE, "RUN a", "\\", " \\\n", "\n", "\r\n", "'", '"', "# ns-lint: ", "é", "\x00", "`", "ignore["]
        ),
        max_size=15,
    ).map("".join),
    st.lists(st.integers(1, 4), max_size=4),
)
def test_any_file_is_read_and_every_comment_covers_part_of_it(text: str, heights: list[int]) -> None:
    document = Document("f", text.encode())
    lines = len(document.line_starts)
    spans: list[tuple[int, int]] = []
    for height in heights:
        first = spans[-1][1] + 1 if spans else 1
        if first + height - 1 <= lines:
            spans.append((first, first + height - 1))
    for suppression in suppressions(document, spans).found:
        assert 0 <= suppression.covers.start < suppression.covers.end <= len(document.data) + 1
        assert document.text(suppression.place).startswith("#")
