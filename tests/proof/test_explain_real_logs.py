"""What real BuildKit prints of a failed build, in each of its forms, is understood."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from ns_lint.builders import lab
from ns_lint.builders.build import BuildRequest, arguments, stage
from ns_lint.builders.local import Daemons
from ns_lint.linter.profile import USERNS
from ns_lint.proof.explain.causes import explain
from ns_lint.proof.explain.read import read_log
from ns_lint.rules import all_rules

pytestmark = pytest.mark.lab

MKNOD = b"FROM busybox\nRUN echo 'mount: /x: permission denied'\nRUN echo first && \\\n  mknod /srv/n c 1 3\nRUN true\n"


def log_of(daemons: Daemons, folder: Path, text: bytes, progress: str) -> bytes:
    """What buildctl writes to a pipe, or to a terminal."""
    request = BuildRequest(Path("my.Dockerfile"), images=lab.stand_ins(["busybox"]))
    asked = arguments(request, text, stage(request, text, folder))
    words = [str(lab.tool("buildctl")), "--addr", daemons.of(USERNS).address, *asked]
    words = [f"--progress={progress}" if word.startswith("--progress") else word for word in words]
    if progress != "tty":
        return subprocess.run(words, capture_output=True, check=False, timeout=60).stderr
    leader, follower = pty.openpty()
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=follower, stderr=follower)
    os.close(follower)
    written = bytearray()
    while True:
        try:
            written += os.read(leader, 65536)
        except OSError:
            break  # the last process that had the terminal has closed it
    os.close(leader)
    process.wait(timeout=60)
    return bytes(written)


@pytest.mark.parametrize("progress", ["plain", "rawjson", "tty"])
def test_step_line_and_rule(daemons: Daemons, tmp_path: Path, progress: str) -> None:
    log = read_log(log_of(daemons, tmp_path, MKNOD, progress))
    explanation = explain(log, all_rules())[0]
    failure = explanation.failure
    assert failure is not None
    assert failure.instruction.startswith("RUN echo first")
    assert (failure.path, failure.line, failure.end_line) == ("my.Dockerfile", 3, 4)
    assert [cause.code for cause in explanation.causes] == ["NS101"]


@pytest.mark.parametrize("progress", ["plain", "rawjson", "tty"])
@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        (b"FROM busybox\nINSTALL curl\n", 2, "refused-syntax"),
        (b"FROM busybox\nRUN --security=insecure true\n", 0, "entitlement"),
        (b"FROM busybox\nCOPY --chown=70000 my.Dockerfile /\n", 2, "unmapped"),
    ],
)
def test_refusals_of_the_builder(
    daemons: Daemons, tmp_path: Path, text: bytes, line: int, name: str, progress: str
) -> None:
    if b"COPY" in text:
        text = text.replace(b"my.Dockerfile", b"<<EOF").replace(b" /\n", b" /x\nhello\nEOF\n")
    explanation = explain(read_log(log_of(daemons, tmp_path, text, progress)), all_rules())[0]
    assert explanation.failure is not None
    assert explanation.failure.line == line
    assert name in explanation.causes[0].name


def test_a_program_that_is_not_there_is_nothing_of_ours(daemons: Daemons, tmp_path: Path) -> None:
    explanation = explain(read_log(log_of(daemons, tmp_path, b"FROM busybox\nRUN nosuch\n", "plain")), all_rules())[0]
    assert explanation.causes == ()
    assert explanation.unrelated == "a program is not installed"
