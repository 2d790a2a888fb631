"""Steps' names lead back to instructions."""

from __future__ import annotations

import pytest

from ns_lint.builders.locate import instruction_of

ONE = b"FROM a\nENV a=b\nRUN one\nWORKDIR /w\nCOPY a b\n"
TWO = b"FROM a AS Base\nRUN one\nFROM Base\nRUN two \\\n  more\nFROM b\nADD x y\n"


@pytest.mark.parametrize(
    ("dockerfile", "name", "others", "line"),
    [
        (ONE, "[1/4] RUN one", (), 3),
        (ONE, "[3/4] COPY a b", (), 5),
        (ONE, "[2/4] RUN one", ("[1/4] FROM docker.io/library/a",), 3),
        (ONE, "[linux/amd64 2/4] RUN one", ("[linux/amd64 1/4] FROM docker.io/library/a",), 3),
        (ONE, "[4/4] COPY a b", ("[1/4] FROM docker.io/library/a",), 5),
        (TWO, "[base 1/2] RUN one", (), 2),
        (TWO, "[stage-1 1/1] RUN two   more", (), 4),
        (TWO, "[stage-2 1/2] ADD x y", ("[base 1/2] FROM a",), 7),
        (ONE, "[1/9] RUN one", (), None),  # instructions of the base image's ONBUILD are counted too
        (ONE, "[2/4] RUN one", (), None),
        (ONE, "[other 1/4] RUN one", (), None),
        (TWO, "[1/2] RUN one", (), None),
        (ONE, "[internal] load build definition from Dockerfile", (), None),
        (ONE, "[9/4] RUN one", (), None),
    ],
)
def test_instruction_of(dockerfile: bytes, name: str, others: tuple[str, ...], line: int | None) -> None:
    found = instruction_of(name, (name, *others), dockerfile)
    assert (found.line if found else None) == line
