"""`ns-lint init`: what a newcomer gets, and that nothing that is there is lost."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.cli import hooks, snippets
from ns_lint.linter.settings import read

ROOT = Path(__file__).parents[2]
NS_LINT = Path(sys.executable).with_name("ns-lint")
BAD = "FROM debian\nRUN mknod /srv/n c 1 3\n"


def ns_lint(folder: Path, *arguments: str, code: int = 0) -> str:
    done = subprocess.run([NS_LINT, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_repo_gets_settings_and_a_hook_and_what_its_ci_needs(tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    ns_lint(tmp_path, "init")
    assert sorted(files(tmp_path)) == [".github/workflows/ns-lint.yml", ".ns-lint.toml", ".pre-commit-config.yaml"]
    written = read(str(tmp_path / ".ns-lint.toml"))
    assert written is not None
    assert (written.profile, written.origin, written.baseline) == ("userns", None, None)
    config = yaml.safe_load((tmp_path / ".pre-commit-config.yaml").read_text())
    assert config["repos"] == [yaml.safe_load(snippets.PRE_COMMIT)]
    workflow = yaml.safe_load((tmp_path / ".github/workflows/ns-lint.yml").read_text())
    assert workflow["jobs"]["ns-lint"]["steps"][1]["uses"].startswith("ns-lint/ns-lint@v")


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    ns_lint(tmp_path, "init", "--ci", "github", "--ci", "gitlab", "--baseline")
    before = files(tmp_path)
    said = ns_lint(tmp_path, "init", "--ci", "github", "--ci", "gitlab", "--baseline")
    assert files(tmp_path) == before
    assert len(re.findall("already", said)) == 5


def test_print_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / ".pre-commit-config.yaml").write_text("repos:\n- repo: local\n  hooks: []\n")
    before = files(tmp_path)
    said = ns_lint(tmp_path, "init", "--print", "--baseline", "--ci", "gitlab")
    assert files(tmp_path) == before
    assert '    profile = "userns"' in said
    assert "    +- repo: https://" in said
    assert "    ns-lint:\n      image: " in said


def test_from_install_to_green(tmp_path: Path) -> None:
    """What is there today is accepted, what comes then is not, wherever ns-lint is started from."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app/Dockerfile").write_text(BAD)
    ns_lint(tmp_path, ".", code=1)
    assert "1 in the baseline" in ns_lint(tmp_path, "init", "--baseline")
    ns_lint(tmp_path, ".")
    ns_lint(tmp_path / "app", "Dockerfile")
    (tmp_path / "app/Dockerfile").write_text(BAD + "RUN mknod /srv/m c 1 5\n")
    assert "/srv/m" in ns_lint(tmp_path, ".", code=1)
    ns_lint(tmp_path, "--update-baseline", ".")
    ns_lint(tmp_path, ".")


def test_a_baseline_can_be_taken_later(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(BAD)
    ns_lint(tmp_path, "init")
    ns_lint(tmp_path, "init", "--baseline")
    ns_lint(tmp_path, ".")


def test_settings_that_are_there_stay_and_one_is_told_what_to_add(tmp_path: Path) -> None:
    own = b'# mine\n[tool.ns-lint]\nprofile = "rootless"\n'
    (tmp_path / "pyproject.toml").write_bytes(own)
    said = ns_lint(tmp_path, "init", "--baseline")
    assert (tmp_path / "pyproject.toml").read_bytes() == own
    assert not (tmp_path / ".ns-lint.toml").exists()
    assert '    baseline = ".ns-lint-baseline.json"' in said


def test_a_repo_that_builds_with_kaniko_says_so(tmp_path: Path) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text(
        "build:\n  image: gcr.io/kaniko-project/executor:debug\n  script:\n"
        "    - /kaniko/executor --context . --dockerfile Dockerfile --destination r/i\n"
    )
    said = ns_lint(tmp_path, "init")
    settings = read(str(tmp_path / ".ns-lint.toml"))
    assert settings is not None
    assert settings.origin == "kaniko"
    assert ".gitlab-ci.yml: it is yours. Add this:" in said


def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / ".ns-lint.toml").symlink_to("../outside.toml")
    ns_lint(tmp_path, "init", code=2)
    assert not (tmp_path.parent / "outside.toml").exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("repos:\n- repo: a\n", "repos:\n- repo: a\nENTRY", id="items at the key's column"),
        pytest.param("repos:\n  - repo: a\n", "repos:\n  - repo: a\n  ENTRY", id="items further in"),
        pytest.param("repos:\r\n- repo: a\r\n", "repos:\r\n- repo: a\r\nENTRY", id="CRLF"),
        pytest.param("repos:\n- repo: a", "repos:\n- repo: a\nENTRY", id="no newline at the end"),
        pytest.param("repos:\n- repo: a # why\n\n# end\n", "repos:\n- repo: a # why\nENTRY\n# end\n", id="comments"),
        pytest.param("repos:\n- repo: é\nci:\n  a: b\n", "repos:\n- repo: é\nENTRYci:\n  a: b\n", id="a key behind"),
        pytest.param(
            "repos:\n- repo: a\n  hooks:\n  - id: x\n    files: |\n      a\n      b\n\nfail_fast: true\n",
            "repos:\n- repo: a\n  hooks:\n  - id: x\n    files: |\n      a\n      b\nENTRY\nfail_fast: true\n",
            id="a block scalar at the end",
        ),
        pytest.param("repos: [{repo: a}]\n", None, id="flow style"),
        pytest.param("repos: []\n", None, id="no entry yet"),
        pytest.param("ci: {}\n", None, id="no repos"),
        pytest.param("repos:\n- {{ a }}\n", None, id="a template"),
        pytest.param("", None, id="empty"),
        pytest.param("\xff", None, id="no YAML"),
    ],
)
def test_the_hook_is_added_behind_the_last_repo(before: str, after: str | None) -> None:
    indent = "  " if after and "\n  ENTRY" in after else ""
    line_end = "\r\n" if "\r\n" in before else "\n"
    entry = "- " + snippets.PRE_COMMIT.replace("\n", f"\n{indent}  ").rstrip(" ")
    data = before.encode("latin-1" if before == "\xff" else "utf-8")
    expected = None if after is None else after.replace("ENTRY", entry).replace("\r\n", "\n").replace("\n", line_end)
    added = hooks.with_entry(data, snippets.PRE_COMMIT)
    assert (added.decode() if added is not None else None) == expected


YAML_BITS = [
    "repos:",
    "\n",
    "\n",
    "- repo: a",
    "  ",
    "hooks:",
    "- id: x",
    "|",
    " # c",
    "&a ",
    "*a",
    "[",
    "]",
    "'",
    "\t",
    "\r",
]


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(YAML_BITS), max_size=20).map("".join))
def test_whatever_the_file_is_only_an_entry_is_added(text: str) -> None:
    data = ("repos:\n- repo: a\n" + text).encode()
    added = hooks.with_entry(data, snippets.PRE_COMMIT)
    if added is not None:
        old, new = yaml.safe_load(data), yaml.safe_load(added)
        assert new == {**old, "repos": [*old["repos"], yaml.safe_load(snippets.PRE_COMMIT)]}
        rest = added
        for line in data.splitlines(keepends=True):
            assert line.strip() in rest
            rest = rest[rest.index(line.strip()) + len(line.strip()) :]
