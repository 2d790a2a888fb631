"""A failing step is taken out as gently as can be, and no line moves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.linter.context import Context
from ns_lint.linter.dockerfile import parse
from ns_lint.linter.engine import Ruleset
from ns_lint.linter.finding import Effect, Finding
from ns_lint.linter.invocation import Target
from ns_lint.linter.lint import Question, lint_file
from ns_lint.linter.profile import USERNS
from ns_lint.linter.source import Document
from ns_lint.proof.neutralise import Cut, Means, Neutralised, neutralise, without
from ns_lint.rules import all_rules


def ways(text: str, line: int) -> list[tuple[Means, str]]:
    document = Document("Dockerfile", text.encode())
    found = neutralise(document, line, errors(document, line))
    return [(way.means, without(document, way.cuts).decode()) for way in found]


def errors(document: Document, line: int) -> list[Finding]:
    """The errors predicted for the step at that line."""
    question = Question(USERNS, None, Ruleset(all_rules()))
    findings = lint_file(document, Context(None, {}), Target(), question).findings
    return [
        finding
        for finding in findings
        if finding.effect is Effect.FATAL and finding.step is not None and document.line_of(finding.step.start) == line
    ]


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        (
            "FROM debian\nRUN mknod /srv/n c 1 3 && echo ok\nRUN true\n",
            2,
            [
                (Means.COMMANDS, "FROM debian\nRUN true && echo ok\nRUN true\n"),
                (Means.STEP, "FROM debian\n#\nRUN true\n"),
            ],
        ),
        (
            "FROM debian\nRUN echo ok && \\\n  mknod /srv/n \\\n    c 1 3 \\\n  && mknod /srv/m b 1 3\nRUN true\n",
            2,
            [
                (Means.COMMANDS, "FROM debian\nRUN echo ok && \\\n  \\\ntrue \\\n  && true\nRUN true\n"),
                (Means.STEP, "FROM debian\n#\n#\n#\n#\nRUN true\n"),
            ],
        ),
        (
            "FROM debian\nRUN <<EOF\nset -e\nmknod /srv/n \\\n  c 1 3\necho done\nEOF\n",
            2,
            [
                (Means.COMMANDS, "FROM debian\nRUN <<EOF\nset -e\n\\\ntrue\necho done\nEOF\n"),
                (Means.STEP, "FROM debian\n#\n#\n#\n#\n#\n#\n"),
            ],
        ),
        (
            "FROM debian\nCOPY --chown=70000 --chmod=644 a /\n",
            2,
            [(Means.FLAG, "FROM debian\nCOPY  --chmod=644 a /\n"), (Means.STEP, "FROM debian\n#\n")],
        ),
        (
            "FROM debian\nUSER 70000\nRUN true\n",
            3,
            [(Means.ORIGIN, "FROM debian\n#\nRUN true\n"), (Means.STEP, "FROM debian\nUSER 70000\n#\n")],
        ),
        ('FROM debian\nRUN ["mknod", "/srv/n", "c", "1", "3"]', 2, [(Means.STEP, "FROM debian\n#")]),
        ("FROM debian\n  RUN false # why\n", 2, [(Means.STEP, "FROM debian\n#\n")]),
        (
            "FROM debian\nCOPY i.sh /\nRUN sh \\\n# a comment\n\n  /i.sh\nRUN true\n",
            3,
            [(Means.STEP, "FROM debian\nCOPY i.sh /\n#\n#\n#\n#\nRUN true\n")],
        ),
        ("FROM debian\nRUN cat <<A >/x\none\nA\nRUN true\n", 2, [(Means.STEP, "FROM debian\n#\n#\n#\nRUN true\n")]),
        (
            "FROM debian\r\nRUN false \\\r\n  ;\r\nRUN true\r\n",
            2,
            [(Means.STEP, "FROM debian\r\n#\n#\r\nRUN true\r\n")],
        ),
        ("ARG A\nFROM debian\nRUN true\n", 2, []),
        ("FROM debian\n", 9, []),
    ],
)
def test_ways(text: str, line: int, expected: list[tuple[Means, str]]) -> None:
    assert ways(text, line) == expected


def test_the_larger_cut_counts_where_one_holds_the_other() -> None:
    document = Document("Dockerfile", b"0123456789")
    assert without(document, [Cut(3, 5, b"x"), Cut(2, 7, b"#"), Cut(8, 9, b"")]) == b"01#79"


STEPS = st.sampled_from(
    [
        "RUN mknod /srv/n c 1 3",
        "RUN mknod /srv/n \\\n    c 1 3 && \\\n  # why\n  echo x",
        "RUN <<EOF\nmknod /srv/n c 1 3\nEOF",
        "RUN cat <<A <<B\none\nA\ntwo\nB",
        "COPY --chown=70000:70000 a \\\n  /b",
        "COPY <<EOF /etc/x\n#!/bin/sh\nEOF",
        "USER 70000",
        "ENV A=1 \\\n\n B=2",
        "# a comment",
        "",
        "FROM busybox AS more",
        "WORKDIR /made/here",
    ]
)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(STEPS, max_size=8), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_no_line_moves(steps: list[str], ending: str, ends: bool) -> None:
    text = "\n".join(["FROM debian", *steps]).replace("\n", ending) + ending * ends
    document = Document("Dockerfile", text.encode())
    for instruction in parse(document).instructions:
        for way in neutralise(document, instruction.line, errors(document, instruction.line)):
            after = Document("Dockerfile", without(document, way.cuts))
            assert len(after.line_starts) == len(document.line_starts)
            assert others(after, way, document) == others(document, way, document)


def others(document: Document, way: Neutralised, original: Document) -> list[tuple[str, int]]:
    """Keyword and line of the instructions that were not touched."""
    touched = {
        each.line
        for each in parse(original).instructions
        for cut in way.cuts
        if each.place.start < cut.end and cut.start < each.place.end
    }
    return [(each.keyword, each.line) for each in parse(document).instructions if each.line not in touched]
