"""`--only-changed REV` in real repositories."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

NS_LINT = Path(sys.executable).with_name("ns-lint")
BAD = "FROM debian\nRUN mknod /srv/n c 1 3\n"
RUNS_SCRIPT = "FROM debian\nCOPY scripts /scripts\nRUN sh /scripts/i.sh\n"


def git(folder: Path, *arguments: str) -> None:
    settings = ["user.name=test", "user.email=test@example.org", "init.defaultBranch=main", "commit.gpgsign=false"]
    flags = [word for setting in settings for word in ("-c", setting)]
    subprocess.run(["git", *flags, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, **files: str) -> None:
    write(folder, files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "m")


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Two Dockerfiles that fail, and one that runs a script which does not yet."""
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "--quiet")
    files = {"a/Dockerfile": BAD, "b/Dockerfile": BAD, "c/Dockerfile": RUNS_SCRIPT, "c/scripts/i.sh": "true\n"}
    commit(folder, **files)
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([NS_LINT, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def found(folder: Path, *arguments: str, since: str = "HEAD") -> list[str]:
    """The files with findings; the run must have worked."""
    done = run(folder, "--only-changed", since, *arguments)
    assert done.returncode in (0, 1), done.stderr
    return re.findall(r"^(\S+?):\d+:\d+: ", done.stdout, re.MULTILINE)


def test_nothing_changed_is_nothing_to_report(repo: Path) -> None:
    done = run(repo, "--only-changed", "HEAD", ".")
    assert done.returncode == 0
    assert done.stdout == "nothing to report in no files, profile userns\n"


@pytest.mark.parametrize("how", ["worktree", "index", "commit", "untracked"])
def test_a_changed_dockerfile_is_linted_however_far_the_change_has_come(repo: Path, how: str) -> None:
    name = "a/new.Dockerfile" if how == "untracked" else "a/Dockerfile"
    write(repo, {name: BAD + "# changed\n"})
    since = "HEAD"
    if how == "index":
        git(repo, "add", "--all")
    if how == "commit":
        git(repo, "commit", "--quiet", "--all", "--message", "m")
        since = "HEAD~1"
    assert found(repo, ".", since=since) == [name]


def test_a_dockerfile_is_linted_when_a_script_that_it_runs_changed(repo: Path) -> None:
    write(repo, {"c/scripts/i.sh": "mknod /srv/n c 1 3\n", "c/scripts/other.sh": "mknod /srv/n c 1 3\n"})
    assert found(repo, ".") == ["c/scripts/i.sh"]


def test_a_script_that_no_step_runs_changes_nothing(repo: Path) -> None:
    write(repo, {"c/scripts/other.sh": "mknod /srv/n c 1 3\n", "a/readme": "x"})
    assert found(repo, ".") == []


def test_a_dockerfile_is_linted_when_its_script_is_gone_or_hidden(repo: Path) -> None:
    commit(repo, **{"c/scripts/i.sh": "mknod /srv/n c 1 3\n"})
    assert found(repo, ".") == []
    write(repo, {"c/.dockerignore": "# nothing\n"})
    assert found(repo, ".") == ["c/scripts/i.sh"]
    (repo / "c/.dockerignore").unlink()
    (repo / "c/scripts/i.sh").unlink()
    done = run(repo, "--only-changed", "HEAD", ".")
    assert "in 1 file," in done.stdout


def test_what_the_other_branch_did_meanwhile_is_not_ours(repo: Path) -> None:
    git(repo, "switch", "--quiet", "--create", "ours")
    commit(repo, **{"a/Dockerfile": BAD + "# ours\n"})
    git(repo, "switch", "--quiet", "main")
    commit(repo, **{"b/Dockerfile": BAD + "# theirs\n"})
    git(repo, "switch", "--quiet", "ours")
    assert found(repo, ".", since="main") == ["a/Dockerfile"]


def test_paths_are_found_from_any_folder_and_through_links(repo: Path) -> None:
    write(repo, {"a/Dockerfile": BAD + "# changed\n"})
    assert found(repo / "b", "../a", ".") == ["../a/Dockerfile"]
    (repo.parent / "link").symlink_to(repo)
    assert found(repo.parent, "link") == ["link/a/Dockerfile"]


def test_odd_names(repo: Path) -> None:
    write(repo, {"d é\n/Dockerfile": BAD})
    assert "NS101" in run(repo, "--only-changed", "HEAD", ".").stdout


def test_only_what_changed_is_fixed(repo: Path) -> None:
    bad = "FROM debian\nRUN mknod /dev/loop7 b 7 7 && echo ok\n"
    commit(repo, **{"a/Dockerfile": bad, "b/Dockerfile": bad})
    write(repo, {"a/Dockerfile": bad + "# changed\n"})
    assert run(repo, "--only-changed", "HEAD", "--fix", ".").returncode == 0
    assert (repo / "a/Dockerfile").read_text() == "FROM debian\nRUN echo ok\n# changed\n"
    assert (repo / "b/Dockerfile").read_text() == bad


def test_only_configs_that_changed_are_linted(repo: Path) -> None:
    job = "build:\n  image: gcr.io/kaniko-project/executor:debug\n  script:\n    - /kaniko/executor --context .\n"
    commit(repo, **{".gitlab-ci.yml": job})
    assert found(repo, ".") == []
    write(repo, {".gitlab-ci.yml": job + "# changed\n"})
    assert set(found(repo, ".")) == {".gitlab-ci.yml"}


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        ("missing", "git knows no commit missing here"),
        ("--output=x", "git knows no commit --output=x here"),
        ("", "git knows no commit"),
        ("lonely", "lonely and HEAD have no commit in common"),
    ],
)
def test_a_commit_that_cannot_be_compared_with_is_told(repo: Path, revision: str, said: str) -> None:
    git(repo, "switch", "--quiet", "--orphan", "lonely")
    git(repo, "commit", "--quiet", "--allow-empty", "--message", "m")
    git(repo, "switch", "--quiet", "main")
    done = run(repo, f"--only-changed={revision}", ".")
    assert done.returncode == 2
    assert said in done.stderr
    assert not (repo / "x").exists()


def test_outside_of_a_repository_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(BAD)
    done = run(tmp_path, "--only-changed", "HEAD", ".")
    assert done.returncode == 2
    assert done.stderr.startswith("ns-lint: --only-changed: . is in no git repository")


def test_without_git_it_says_so(repo: Path) -> None:
    environment = {**os.environ, "PATH": str(repo)}
    done = subprocess.run(
        [NS_LINT, "--only-changed", "HEAD", "."], cwd=repo, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (
        2,
        "ns-lint: --only-changed: git cannot be run: No such file or directory\n",
    )


def test_standard_input_has_no_history(repo: Path) -> None:
    assert run(repo, "--only-changed", "HEAD", "-").returncode == 2
