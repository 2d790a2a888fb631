"""How the configs of a repo say that its Dockerfiles are built, and what lint makes of that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ns_lint.linter.formats import read_config
from ns_lint.linter.formats.config import ConfigFile
from ns_lint.linter.source import Document
from ns_lint.linter.targets import ConfiguredBuild, granted_by, targets_of

DOCKERFILES = ["Dockerfile", "app/Dockerfile", "app/Dockerfile.dev", "docker/D"]


def config(path: str, text: str) -> list[ConfigFile]:
    found = read_config(Document(path, text.encode()))
    return [found] if found is not None else []


def shown(builds: tuple[ConfiguredBuild, ...]) -> list[str]:
    return [f"{one.target.target or '-'} {dict(one.target.arguments)} < {one.context}" for one in builds]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("build.sh", "docker build .\n", {"Dockerfile": ["- {} < ."]}),
        ("ci/build.sh", "docker build --target t app\n", {"app/Dockerfile": ["t {} < app"]}),
        ("build.sh", "cd app && docker build -f Dockerfile.dev ..\n", {"app/Dockerfile.dev": ["- {} < ."]}),
        (
            "build.sh",
            "docker build -f docker/D --build-arg A=1 --build-arg B=$B .\n",
            {"docker/D": ["- {'A': '1', 'B': None} < ."]},
        ),
        (
            "compose.yaml",
            "services: { a: { build: { context: app, dockerfile: Dockerfile.dev } } }\n",
            {"app/Dockerfile.dev": ["- {} < app"]},
        ),
        ("app/compose.yaml", "services: { a: { build: . } }\n", {"app/Dockerfile": ["- {} < app"]}),
        (
            "docker-bake.json",
            '{"target": {"a": {"dockerfile": "docker/D", "target": "t"}}}',
            {"docker/D": ["t {} < ."]},
        ),
        (
            ".devcontainer/devcontainer.json",
            '{"build": {"dockerfile": "../docker/D", "context": ".."}}',
            {"docker/D": ["- {} < ."]},
        ),
        (
            ".gitlab-ci.yml",
            "a: { script: [/kaniko/executor -c $CI_PROJECT_DIR/app -f Dockerfile.dev] }\n",
            {"app/Dockerfile.dev": ["- {} < app"]},
        ),
        (
            "build.sh",
            "buildctl build --local context=. --local dockerfile=docker --opt filename=D\n",
            {"docker/D": ["- {} < ."]},
        ),
        ("build.sh", "docker build -f $X .\n", {}),
        ("build.sh", "cd $X && docker build .\n", {}),
        ("build.sh", "docker build https://git.local/x.git\n", {}),
        ("build.sh", "docker build - < Dockerfile\n", {}),
        ("build.sh", "docker build -f docker/D https://git.local/x.git\n", {"docker/D": ["- {} < None"]}),
        ("build.sh", "docker build --target $T .\n", {"Dockerfile": ["- {} < ."]}),
    ],
)
def test_targets(path: str, text: str, expected: dict[str, list[str]]) -> None:
    found = targets_of(config(path, text), DOCKERFILES)
    assert {name: shown(builds) for name, builds in found.items()} == expected


def test_below_the_top_of_a_repo() -> None:
    found = targets_of(config("build.sh", "docker build app\n"), ["repo/app/Dockerfile"], "repo")
    assert {name: shown(builds) for name, builds in found.items()} == {"repo/app/Dockerfile": ["- {} < repo/app"]}


def test_each_way_to_build_counts_once() -> None:
    text = "docker build --target a .\ndocker build --target b .\ndocker build --target a -t x .\n"
    found = targets_of(config("build.sh", text), DOCKERFILES)
    assert shown(found["Dockerfile"]) == ["a {} < .", "b {} < ."]


def test_entitlements_that_the_repos_daemons_grant() -> None:
    assert granted_by(config("buildkitd.toml", 'insecure-entitlements = ["network.host"]\n')) == {"network.host"}
    assert granted_by(config("b.sh", "buildkitd --allow-insecure-entitlement security.insecure &\n")) == {
        "security.insecure"
    }
    assert granted_by(config("b.sh", "docker buildx create --buildkitd-flags '--debug'\n")) == frozenset()


# -------------------------------------------------------------------------------------------------- the whole repo


def lint(folder: Path, *arguments: str) -> str:
    words = [str(Path(sys.executable).with_name("ns-lint")), *arguments]
    done = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout


BAD = "FROM debian AS a\nRUN mknod /dev/x c 1 3\nFROM debian AS b\nRUN true\n"


@pytest.mark.parametrize(
    ("script", "arguments", "found"),
    [
        ("", (), False),
        ("docker build .\n", (), False),
        ("docker build --target a .\n", (), True),
        ("docker build --target a .\n", ("--target", "b"), False),
        ("docker build --target b .\n", ("--target", "a"), True),
        ("docker build --target b .\ndocker build --target a .\n", (), True),
        ("docker build --target b .\ndocker build --target $T .\n", (), False),
    ],
)
def test_a_stage_runs_when_a_build_reaches_it(
    tmp_path: Path, script: str, arguments: tuple[str, ...], found: bool
) -> None:
    (tmp_path / "Dockerfile").write_text(BAD)
    (tmp_path / "build.sh").write_text(script)
    assert ("NS101" in lint(tmp_path, "check", *arguments, ".")) == found


def test_a_repos_configs_are_linted_and_mended(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian\n")
    (tmp_path / "build.sh").write_text("docker build --squash -t app .\n")
    (tmp_path / "compose.yaml").write_text(
        "services:\n  a:\n    build:\n      dockerfile_inline: |\n"
        "        FROM debian\n        RUN mknod /dev/x c 1 3 && true\n"
    )
    assert {code for code in ("NS770", "NS101") if code in lint(tmp_path, ".")} == {"NS770", "NS101"}
    assert "NS770" not in lint(tmp_path, "Dockerfile")
    assert "NS770" in lint(tmp_path, "build.sh")
    lint(tmp_path, "--fix", ".")
    assert (tmp_path / "build.sh").read_text() == "docker build -t app .\n"
    assert (tmp_path / "compose.yaml").read_text().endswith("        FROM debian\n        RUN true\n")


def test_an_ignore_comment_hides_a_finding_in_a_config(tmp_path: Path) -> None:
    (tmp_path / "build.sh").write_text("# ns-lint: ignore[NS770] until spring\ndocker build --squash .\n")
    assert "NS770" not in lint(tmp_path, ".")


def test_a_daemon_of_the_repo_grants_what_its_builds_ask_for(tmp_path: Path) -> None:
    (tmp_path / "build.sh").write_text("docker build --network=host .\n")
    assert "NS760" in lint(tmp_path, ".")
    (tmp_path / "buildkitd.toml").write_text('insecure-entitlements = ["network.host"]\n')
    assert "NS760" not in lint(tmp_path, ".")


def test_what_could_not_be_read_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text("apiVersion: v1\n{{ if x }}\nkind: Pod # docker\n")
    assert "not read" not in lint(tmp_path, ".")
    assert "pod.yaml:3: not read: it is a template" in lint(tmp_path, "--notes", ".")
