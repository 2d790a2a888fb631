"""`ns-lint verify` as users run it: what it keeps, and what it need not do twice; real builds."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ns_lint.builders import lab
from ns_lint.builders.keeper import remove
from ns_lint.builders.local import Daemons

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("daemons")]


@pytest.fixture
def home(tmp_path: Path, daemons: Daemons) -> Path:
    """A lab of its own, with the programs and images of the real one and no outcomes."""
    assert daemons
    folder = tmp_path / "home"
    folder.mkdir()
    for name in ("bin", "images"):
        (folder / name).symlink_to(lab.home() / name)
    return folder


@pytest.fixture
def dockerfile(tmp_path: Path) -> Path:
    path = tmp_path / "context" / "Dockerfile"
    path.parent.mkdir()
    path.write_text("FROM busybox\nRUN mknod /srv/n c 1 3\nRUN mknod /srv/m c 1 3\n")
    return path


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from ns_lint.cli.main import main; main()", "verify", *words]
    environment = {**os.environ, "NS_LINT_LAB": str(home)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_an_unchanged_build_is_not_built_again(home: Path, dockerfile: Path) -> None:
    first = run(home, str(dockerfile), "--format", "json")
    assert [failure["outcome"] for failure in json.loads(first.stdout)["original"]["failures"]] == ["confirmed"] * 2
    began = time.monotonic()
    second = run(home, str(dockerfile), "--format", "json")
    assert time.monotonic() - began < 3
    assert second.stdout == first.stdout
    assert second.returncode == first.returncode == 1
    assert "nothing has changed" in second.stderr
    dockerfile.write_text("FROM busybox\nRUN true\n")
    third = run(home, str(dockerfile), "--format", "json")
    assert third.returncode == 0
    assert json.loads(third.stdout)["original"]["built"]
    fourth = run(home, str(dockerfile), "--no-cache")
    assert "nothing has changed" not in fourth.stderr


def test_what_is_kept_is_named_and_there(home: Path, dockerfile: Path) -> None:
    ended = run(home, str(dockerfile), "--keep", "--first-failure")
    found = re.search(r"each log: (\S+)", ended.stderr)
    state = re.search(r"the userns daemon: (\S+)", ended.stderr)
    assert found
    assert state
    kept, daemon = Path(found[1]), Path(state[1])
    try:
        last = sorted(kept.iterdir())[-1]
        assert (last / "Dockerfile").read_bytes() == dockerfile.read_bytes()
        assert "mknod: /srv/n: Operation not permitted" in (last / "log").read_text()
        assert "buildkitd" in (daemon / "log").read_text() or (daemon / "log").stat().st_size
        assert (daemon / "root").is_dir()
    finally:
        shutil.rmtree(kept)
        remove(daemon)


def test_a_time_limit_ends_a_build_and_is_not_remembered(home: Path, dockerfile: Path) -> None:
    dockerfile.write_text("FROM busybox\nRUN sleep 60\n")
    for _ in range(2):
        began = time.monotonic()
        ended = run(home, str(dockerfile), "--timeout", "3", "--format", "json")
        assert time.monotonic() - began > 3
        printed = json.loads(ended.stdout)["original"]
        assert printed["error"].startswith("gave up")
        assert printed["failed_step"]["line"] == 2
        assert ended.returncode == 1
