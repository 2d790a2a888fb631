"""`--output FILE`: the report is written whole or not at all, in every format."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ns_lint.cli.run import FORMATS, Options, check
from ns_lint.linter.atomic import replace
from ns_lint.linter.errors import CannotWrite

BAD = "FROM debian\nRUN mknod /srv/n c 1 3\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "Dockerfile").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_gets_what_standard_output_would(
    form: str, repo: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert check(Options(form=form)) == 1
    printed = capfdbinary.readouterr().out
    assert check(Options(form=form, output="report")) == 1
    assert (repo / "report").read_bytes() == printed
    assert capfdbinary.readouterr() == (b"", b"")


def test_the_command_line_takes_it(repo: Path) -> None:
    command = [Path(sys.executable).with_name("ns-lint"), "--format", "json", "--output", "out.json", "."]
    done = subprocess.run(command, cwd=repo, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert (repo / "out.json").read_text().startswith("{")
    done = subprocess.run([*command[:4], "missing/out.json"], cwd=repo, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "ns-lint: missing/out.json: No such file or directory\n"


def test_an_old_file_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"old")
    (tmp_path / "old").chmod(0o640)
    (tmp_path / "link").symlink_to("old")
    replace(str(tmp_path / "link"), b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "old").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "old").stat().st_mode) == 0o640
    assert sorted(os.listdir(tmp_path)) == ["link", "old"]


def test_a_new_file_has_the_mode_that_umask_leaves(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        replace(str(tmp_path / "new"), b"new")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    replace(str(pipe), b"data")
    reader.join()
    assert read == [b"data"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_what_cannot_be_written_is_said_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="Is a directory"):
        replace(str(tmp_path), b"data")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(CannotWrite, match="symbolic links"):
        replace(str(tmp_path / "loop"), b"data")
    assert os.listdir(tmp_path) == ["loop"]
