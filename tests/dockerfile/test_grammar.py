"""Each thing BuildKit refuses, at its place."""

from __future__ import annotations

import pytest

from ns_lint.linter.dockerfile import parse
from ns_lint.linter.source import Document

LONG = "x" * 65536


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ("«»", "no instructions"),
        ("«# a\n»", "no instructions"),
        ("# escape=«x»\nFROM a\n", "invalid escape"),
        ("# check=a\n# check=«b»\nFROM a\n", "only one check"),
        (f"FROM a\nRUN a \\\n«{LONG}»\n", "longer than 65535"),
        ("«FOO» a\nFROM a\n", "unknown instruction: FOO"),
        ("«RUN» a\nFROM a\n", "before the first FROM"),
        ("FROM «a b»\n", "one or three"),
        ("FROM «a AS 1»\n", "invalid name for build stage"),
        ("FROM a\nRUN «--foo» b\n", "unknown flag: --foo"),
        ("FROM a\nRUN --network=none «--network=none» b\n", "duplicate flag"),
        ("FROM a\nRUN «--network» b\n", "missing a value"),
        ("FROM a\nRUN «--network=x» b\n", "invalid value for --network"),
        ("FROM a\nRUN «--security=x» b\n", "invalid value for --security"),
        ("FROM a\nRUN «--mount=from=$X» b\n", "no variables"),
        ("FROM a\nCOPY «--link=x» b c\n", "boolean"),
        ("FROM a\nCOPY «b»\n", "at least two"),
        ("FROM a\n«COPY»\n", "at least two"),
        ("FROM a\nCOPY «b <<E»\nE\n", "heredoc as a destination"),
        ("FROM a\nRUN «[1]»\n", "comprised of strings"),
        ("FROM a\nHEALTHCHECK CMD «[1]»\n", "comprised of strings"),
        ("FROM a\nONBUILD CMD «[1]»\n", "comprised of strings"),
        ("FROM a\n«RUN» <<E\n", "unterminated heredoc E"),
        ("FROM a\nENV «A»\n", "two arguments"),
        ("FROM a\nENV «A=1 B»\n", "can't find = in 'B'"),
        ("FROM a\nENV «=1»\n", "blank"),
        ("FROM a\nARG «=1»\n", "blank"),
        ("FROM a\n«ENV»\n", "at least one"),
        ("FROM a\n«USER»\n", "exactly one"),
        ("FROM a\nSHELL «sh»\n", "JSON"),
        ('FROM a\nVOLUME «["/a", " "]»\n', "empty string"),
        ("FROM a\nHEALTHCHECK «NONE a»\n", "takes no arguments"),
        ("FROM a\nHEALTHCHECK «CMD»\n", "missing command"),
        ("FROM a\nHEALTHCHECK «a»\n", "unknown type"),
        ("FROM a\nHEALTHCHECK «--interval=1» CMD a\n", "duration"),
        ("FROM a\nHEALTHCHECK «--retries=x» CMD a\n", "--retries"),
        ("FROM a\nONBUILD «FROM b»\n", "isn't allowed"),
        ("FROM a\nONBUILD «ONBUILD RUN b»\n", "isn't allowed"),
        ("FROM a\nONBUILD ENV «A»\n", "two arguments"),
    ],
)
def test_problems(marked: str, message: str) -> None:
    before, middle = marked.split("«")
    middle, after = middle.split("»")
    data = (before + middle + after).encode()
    (problem,) = parse(Document("Dockerfile", data)).problems
    assert message in problem.message
    assert data[problem.place.start : problem.place.end].decode() == middle


def test_every_problem_is_reported_in_order() -> None:
    dockerfile = parse(Document("Dockerfile", b"RUN a\nFROM b\nFOO c\nUSER\nENV A\n"))
    assert len(dockerfile.problems) == 4
    assert [problem.place.start for problem in dockerfile.problems] == sorted(
        p.place.start for p in dockerfile.problems
    )


@pytest.mark.parametrize(
    "line",
    [
        "STOPSIGNAL --x 9",
        "ARG --x A",
        "HEALTHCHECK --x NONE",
        "HEALTHCHECK --interval=1m0.5s --retries=+3 cmd a",
        "COPY --link=TRUE --exclude=a --exclude=b c d",
        "RUN --mount=type=cache,target=/a --mount=type=tmpfs,target=/b c",
        "RUN -- --foo",
        "ONBUILD RUN --foo b",
        "ONBUILD FOO b",
    ],
)
def test_what_buildkit_lets_pass(line: str) -> None:
    assert parse(Document("Dockerfile", f"FROM a\n{line}\n".encode())).problems == ()
