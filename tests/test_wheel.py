"""The wheel holds what is tracked, installs only `ns_lint.*`, and runs away from the checkout."""

from __future__ import annotations

import os
import subprocess
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("cli", "linter", "rules", "fixes", "builders", "proof", "reports")


def test_holds_the_tracked_modules_and_nothing_else(wheel: Path) -> None:
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", *ROOMS], capture_output=True, text=True, check=True).stdout
    tracked = {
        name for name in listed.splitlines() if name.endswith((".py", "py.typed", ".j2", ".css", ".js", ".json"))
    }
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == {f"ns_lint/{name}" for name in tracked}


def test_runs_where_folders_have_the_same_names(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv/bin/python"
    subprocess.run([python, "-m", "pip", "install", "-q", str(wheel)], check=True, capture_output=True)
    project = tmp_path / "project"
    (project / "rules").mkdir(parents=True)
    (project / "rules/__init__.py").write_text("raise SystemExit('the wrong rules')\n")
    (project / "Dockerfile").write_text("FROM debian\nRUN mknod /dev/x c 1 3\n")
    ran = subprocess.run(
        [tmp_path / "venv/bin/ns-lint", "."],
        cwd=project,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    assert "NS101" in ran.stdout
