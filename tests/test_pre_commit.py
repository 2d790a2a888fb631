"""The hooks, run by the real pre-commit: it clones a commit of this tree and installs it from there."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from ns_lint.linter.discovery import is_dockerfile

ROOT = Path(__file__).parents[1]
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

BAD = b"FROM debian\r\nRUN mknod /dev/loop7 b 7 7 && echo ok\r\n"
FIXED = b"FROM debian\r\nRUN echo ok\r\n"


class Hooks(NamedTuple):
    """A repo with the hooks, at one commit, and the folder where pre-commit installs them."""

    repo: Path
    commit: str
    home: Path


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "core.autocrlf=false"]
    command = ["git", *identity, "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Hooks:
    """A commit of the tree as it stands, with what is not yet committed."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone")
    repo = tmp_path_factory.mktemp("hooks")
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        source, copy = ROOT / name, repo / name
        if name and source.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.symlink_to(source.readlink()) if source.is_symlink() else copy.write_bytes(source.read_bytes())
    git(repo, "init", "--quiet")
    git(repo, "add", "--all", "--force")
    git(repo, "commit", "--quiet", "--message", "as it stands")
    return Hooks(repo, git(repo, "rev-parse", "HEAD"), tmp_path_factory.mktemp("pre-commit"))


def user_repo(folder: Path, hooks: Hooks, hook: str, **files: bytes) -> Path:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    config = {"repos": [{"repo": f"file://{hooks.repo}", "rev": hooks.commit, "hooks": [{"id": hook}]}]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    return folder


def run(folder: Path, hooks: Hooks) -> tuple[int, str]:
    """pre-commit's exit code and what it printed."""
    environment = {**os.environ, "PRE_COMMIT_HOME": str(hooks.home), "PRE_COMMIT_COLOR": "never"}
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_the_lint_hook_reports_and_changes_nothing(hooks: Hooks, tmp_path: Path) -> None:
    repo = user_repo(
        tmp_path,
        hooks,
        "ns-lint",
        **{"Dockerfile": BAD, "Dockerfile-dev": BAD, "app.dockerfile": BAD, "Dockerfile.md": BAD, "README": BAD},
    )
    code, said = run(repo, hooks)
    assert code == 1, said
    assert sorted(re.findall(r"^(\S+?):2:5: error NS101", said, re.MULTILINE)) == [
        "Dockerfile",
        "Dockerfile-dev",
        "app.dockerfile",
    ]
    assert (repo / "Dockerfile").read_bytes() == BAD


def test_the_lint_hook_passes_a_build_that_works(hooks: Hooks, tmp_path: Path) -> None:
    code, said = run(user_repo(tmp_path, hooks, "ns-lint", Dockerfile=FIXED), hooks)
    assert code == 0, said
    assert "Passed" in said


def test_the_fix_hook_mends_what_the_next_run_accepts(hooks: Hooks, tmp_path: Path) -> None:
    repo = user_repo(tmp_path, hooks, "ns-lint-fix", Dockerfile=BAD)
    code, said = run(repo, hooks)
    assert code == 1, said
    assert "files were modified by this hook" in said
    assert (repo / "Dockerfile").read_bytes() == FIXED
    git(repo, "add", "--all")
    code, said = run(repo, hooks)
    assert code == 0, said


def test_hooks_run_serially() -> None:
    assert {hook["id"]: hook["require_serial"] for hook in HOOKS} == {"ns-lint": True, "ns-lint-fix": True}


@pytest.mark.parametrize(
    "name",
    [
        *("Dockerfile", "dockerfile", "Containerfile", "Dockerfile.dev", "Dockerfile-dev", "app.Dockerfile"),
        *("a.b.containerfile", "Dockerfile.md", "Dockerfile.dockerignore", "Dockerfile.YML", "Dockerfile.py~"),
        *("Dockerfile~", "Dockerfile_dev", "MyDockerfile", "dockerfiles", "Dockerfile.bak", "x.dockerfile.json", "x"),
    ],
)
def test_the_hooks_take_the_files_that_a_folder_is_searched_for(name: str) -> None:
    for hook in HOOKS:
        taken = re.search(hook["files"], f"a/{name}") and not re.search(hook["exclude"], f"a/{name}")
        assert bool(taken) is is_dockerfile(name)
