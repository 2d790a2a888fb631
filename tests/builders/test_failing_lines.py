"""Whatever fails, the outcome names the instruction's lines; each case is a real build in the userns profile."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from ns_lint.builders.build import BuildRequest, build
from ns_lint.builders.images import Entry, layer, write_image
from ns_lint.builders.lab import stand_ins
from ns_lint.builders.local import Daemon, Daemons
from ns_lint.linter.profile import USERNS

pytestmark = pytest.mark.lab


class Case(NamedTuple):
    text: str
    lines: tuple[int, int]
    name: str = ""
    log: str = ""
    error: str = ""


FAILING = {
    "one line": Case(
        "FROM debian\nRUN true\nRUN echo out; false\nRUN true\n", (3, 3), "[2/4] RUN echo out; false", "out\n"
    ),
    "continued, with a comment and CRLF": Case(
        "FROM debian\r\nRUN true && \\\r\n# why\r\n  false\r\nRUN true\r\n", (2, 4)
    ),
    "a heredoc": Case("FROM debian\nRUN <<EOF\ntrue\nmknod /srv/n c 1 3\nEOF\n", (2, 5), log="not permitted\n"),
    "a heredoc of many lines": Case("FROM debian\nRUN <<EOF\n" + "true\n" * 1200 + "false\nEOF\n", (2, 1204)),
    "the same instruction in two stages": Case(
        "FROM debian AS one\nRUN test -e /x\nFROM debian AS two\nRUN touch /x\nRUN test -e /x\n"
        "FROM two\nCOPY --from=one /etc/passwd /\n",
        (2, 2),
        "[one 1/2] RUN test -e /x",
    ),
    "a log that looks like an excerpt": Case(
        "FROM debian\nRUN true\nRUN printf '%s\\n' '{}' '--------------------' '   1 | >>> FROM' 'error: no'; false\n",
        (3, 3),
    ),
    "COPY of what is not there": Case("FROM debian\nCOPY <<EOF /x\nEOF\nCOPY nothing /y\n", (4, 4), error="not found"),
    "COPY to an id beyond the map": Case(
        "FROM debian\nCOPY --chown=65536 <<EOF /x\nEOF\n", (2, 3), error="lchown /x: invalid argument"
    ),
    "an unmapped USER: the step after it": Case("FROM debian\nUSER 65536\nENV a=b\nRUN true\n", (4, 4)),
    "an unmapped USER: the WORKDIR after it": Case(
        "FROM debian\nUSER 65536\nWORKDIR /a/b\n", (3, 3), error="lchown /a: invalid argument"
    ),
    "a base image with a high id: its first consumer": Case(
        "FROM high\nENV a=b\nCOPY <<EOF /x\nEOF\n", (3, 4), error="Lchown"
    ),
    "COPY --from an image with a high id": Case(
        "FROM debian\nRUN true\nCOPY --from=high /f /\n", (3, 3), error="Lchown"
    ),
    "RUN --mount from an image with a high id": Case(
        "FROM debian\nRUN --mount=from=high,target=/h true\n", (2, 2), error="Lchown"
    ),
    "ONBUILD: the FROM that sets it off": Case("FROM debian AS base\nONBUILD RUN false\nFROM base\nRUN true\n", (3, 3)),
    "a cache mount of an unmapped owner": Case(
        "FROM debian\nRUN true\nRUN --mount=type=cache,uid=65536,target=/c \\\n  true\n",
        (3, 4),
        error="lchown /cache: invalid argument",
    ),
    "a download": Case("FROM debian\nRUN true\nADD http://127.0.0.1:9/x /\n", (3, 3), error="connection refused"),
    "an unknown instruction": Case("FROM debian\nRUN true\nFOO bar\n", (3, 3), error="unknown instruction: FOO"),
    "a flag of the wrong type": Case(
        "FROM debian\nRUN --mount=type=none true\n", (2, 2), error="unsupported mount type"
    ),
    "a heredoc without an end": Case("FROM debian\nRUN <<EOF\ntrue\n", (2, 3), error="unterminated heredoc"),
    "a file without FROM": Case("RUN true\n", (1, 1), error="no build stage"),
    "a frontend of someone else's": Case("# syntax=nowhere.invalid/x\nFROM debian\n", (1, 1), error="nowhere.invalid"),
}


@pytest.fixture
def userns(daemons: Daemons) -> Daemon:
    return daemons.of(USERNS)


@pytest.mark.parametrize("case", FAILING.values(), ids=FAILING.keys())
def test_failing_lines(userns: Daemon, case: Case, tmp_path: Path) -> None:
    high = write_image(tmp_path / "high", [layer([Entry("f", uid=65536)])])
    outcome = build(
        userns,
        BuildRequest(
            Path("here/Dockerfile"),
            dockerfile_text=case.text.encode(),
            images={**stand_ins(["debian"]), "high": high},
            timeout=60,
        ),
    )
    assert not outcome.built
    assert outcome.failed is not None, outcome.error
    assert (outcome.failed.line, outcome.failed.end_line) == case.lines
    assert outcome.failed.path == "here/Dockerfile"
    assert outcome.failed.name.startswith(case.name)
    assert outcome.failed.log.endswith(case.log)
    assert outcome.failed.error == outcome.error
    assert case.error in outcome.error


def test_a_file_without_instructions_fails_at_no_line(userns: Daemon) -> None:
    outcome = build(userns, BuildRequest(Path("Dockerfile"), dockerfile_text=b""))
    assert (outcome.built, outcome.failed, outcome.error) == (False, None, "the Dockerfile cannot be empty")


def test_each_step_has_its_own_log(userns: Daemon) -> None:
    text = b"FROM debian\nRUN echo one; echo two >&2\nRUN echo three\n"
    outcome = build(userns, BuildRequest(Path("Dockerfile"), dockerfile_text=text, images=stand_ins(["debian"])))
    logs = {step.name: step.log for step in outcome.steps if step.log}
    assert logs == {"[1/3] RUN echo one; echo two >&2": "one\ntwo\n", "[2/3] RUN echo three": "three\n"}
    assert "three" in outcome.log
