"""`ns-lint explain`: where a log comes from, what is printed, and the exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

REFUSED = """\
#6 [2/2] RUN mknod /srv/n c 1 3
#6 0.1 mknod: /srv/n: Operation not permitted
#6 ERROR: process "/bin/sh -c mknod /srv/n c 1 3" did not complete successfully: exit code: 1
"""


def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from ns_lint.cli.main import main; main()", "explain", *words]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


def test_from_standard_input() -> None:
    ended = run(stdin=REFUSED)
    assert ended.returncode == 0
    assert "NS101 device-node" in ended.stdout
    assert "What to do: " in ended.stdout


def test_as_json_from_a_file(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    log.write_text(REFUSED)
    ended = run(str(log), "--format", "json")
    assert ended.returncode == 0
    (failure,) = json.loads(ended.stdout)["failures"]
    assert failure["instruction"] == "RUN mknod /srv/n c 1 3"
    assert failure["causes"][0]["code"] == "NS101"
    assert failure["causes"][0]["lines"] == ["mknod: /srv/n: Operation not permitted"]


def test_an_unknown_error_says_so() -> None:
    ended = run(stdin=REFUSED.replace("Operation not permitted", "the moon is in the wrong house"))
    assert ended.returncode == 1
    assert "does not know" in ended.stdout
    assert "user namespace" not in ended.stdout


def test_a_failure_of_another_kind_is_named() -> None:
    ended = run(stdin=REFUSED.replace("mknod: /srv/n: Operation not permitted", "E: Unable to locate package x"))
    assert ended.returncode == 1
    assert "nothing to do with user namespaces" in ended.stdout
    assert "| E: Unable to locate package x" in ended.stdout


def test_nothing_to_explain() -> None:
    ended = run(stdin="Step 1/1 : FROM debian\nSuccessfully built 1a\n")
    assert ended.returncode == 1
    assert "no failure" in ended.stdout


def test_unreadable(tmp_path: Path) -> None:
    binary = tmp_path / "image"
    binary.write_bytes(b"\x7fELF\0\0")
    for log in (tmp_path / "missing", tmp_path, binary):
        ended = run(str(log))
        assert ended.returncode == 2
        assert ended.stderr.startswith("ns-lint: ")
        assert "Traceback" not in ended.stderr
