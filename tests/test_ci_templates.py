"""The GitHub Action and the GitLab job: their own shell lines, run here on a repo, with the wheel of this tree."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from ns_lint.cli.snippets import GITHUB, GITLAB, PRE_COMMIT
from ns_lint.cli.version import VERSION

ROOT = Path(__file__).parents[1]
ACTION = cast("dict[str, Any]", yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8")))
INPUTS: dict[str, Any] = ACTION["inputs"]
BAD = "FROM debian\nRUN mknod /srv/n c 1 3\n"
GOOD = "FROM debian\nRUN true\n"


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """$RUNNER_TEMP after the action's first step."""
    temp = tmp_path_factory.mktemp("runner")
    assert step("Install ns-lint", temp, temp, package=str(wheel)).returncode == 0
    return temp


def step(name: str, folder: Path, temp: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """A step of the action as GitHub runs it: inputs in its environment, bash with -e and pipefail."""
    found = next(one for one in ACTION["runs"]["steps"] if one["name"] == name)
    assert found["shell"] == "bash"
    values = {key: str(one["default"]) for key, one in INPUTS.items()} | inputs
    environment = {key: _filled(text, values) for key, text in found["env"].items()}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", found["run"]],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "RUNNER_TEMP": str(temp), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def _filled(text: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: values[found[1]], text)


def test_inputs_reach_the_shell_only_through_the_environment() -> None:
    assert ACTION["runs"]["using"] == "composite"
    for one in ACTION["runs"]["steps"]:
        assert "${{" not in one.get("run", "")
        used = set(re.findall(r"inputs\.(\w+)", json.dumps(one)))
        assert used <= set(INPUTS)


def test_what_is_pinned_is_this_version() -> None:
    assert INPUTS["package"]["default"] == f"ns-lint=={VERSION}"
    for text in (GITHUB, GITLAB, PRE_COMMIT):
        assert VERSION in text


def test_the_action_annotates_and_fails(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(BAD)
    done = step("Lint", tmp_path, installed)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("::error file=Dockerfile,line=2,")
    assert sorted(os.listdir(tmp_path)) == ["Dockerfile"]


def test_the_action_passes_what_is_ready(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(GOOD)
    done = step("Lint", tmp_path, installed)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_the_action_takes_paths_options_and_reports(installed: Path, tmp_path: Path) -> None:
    for name in ("a", "b", "$(touch hacked)"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Dockerfile").write_text(BAD)
    asked = {"paths": "a b", "args": "--from rootful --ignore mount", "sarif": "out.sarif", "html": "out.html"}
    done = step("Lint", tmp_path, installed, **asked)
    assert done.returncode == 1, done.stderr
    assert re.findall("file=([^,]*)", done.stdout) == ["a/Dockerfile", "b/Dockerfile"]
    assert len(json.loads((tmp_path / "out.sarif").read_text())["runs"][0]["results"]) == 2
    assert "of 2 files are ready" in (tmp_path / "out.html").read_text()
    step("Lint", tmp_path, installed, paths="$(touch hacked) `touch hacked`; touch hacked")
    assert not (tmp_path / "hacked").exists()


def test_the_action_says_what_it_could_not_do(installed: Path, tmp_path: Path) -> None:
    done = step("Lint", tmp_path, installed, paths="missing")
    assert done.returncode == 2
    assert "missing: No such file or directory" in done.stderr


def test_the_gitlab_template_is_the_job_that_init_writes() -> None:
    text = (ROOT / "ci/gitlab.yml").read_text(encoding="utf-8")
    assert "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#")) == GITLAB


@pytest.mark.parametrize(("dockerfile", "code"), [(BAD, 1), (GOOD, 0)])
def test_the_gitlab_job_reports_and_fails(
    dockerfile: str, code: int, installed: Path, wheel: Path, tmp_path: Path
) -> None:
    """GitLab joins the lines of `script` in one shell that ends at the first that fails."""
    job = yaml.safe_load(GITLAB)["ns-lint"]
    (tmp_path / "Dockerfile").write_text(dockerfile)
    tools = str(installed / "ns-lint/bin")
    done = subprocess.run(
        ["sh", "-e", "-c", "\n".join(job["script"])],
        cwd=tmp_path,
        env={"PATH": f"{tools}:{os.environ['PATH']}", **job["variables"], "NS_LINT_PACKAGE": str(wheel)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    issues = json.loads((tmp_path / job["artifacts"]["reports"]["codequality"]).read_text())
    assert [issue["location"]["path"] for issue in issues] == ["Dockerfile"] * code
    assert all((tmp_path / name).exists() for name in job["artifacts"]["paths"])


def test_the_hook_that_init_writes_is_one_of_ours() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    asked = yaml.safe_load(PRE_COMMIT)["hooks"]
    assert {one["id"] for one in asked} <= {one["id"] for one in hooks}
