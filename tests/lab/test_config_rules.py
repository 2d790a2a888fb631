"""What the rules for invocations say of a command line is what buildctl and buildx do with it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from ns_lint.builders import lab
from ns_lint.builders.local import Daemon, Daemons
from ns_lint.linter.configs import lint_config
from ns_lint.linter.engine import Ruleset
from ns_lint.linter.finding import Effect, Finding
from ns_lint.linter.lint import Question
from ns_lint.linter.profile import ROOTFUL, USERNS, Profile
from ns_lint.linter.source import Document
from ns_lint.rules import all_rules, find_rule

pytestmark = pytest.mark.lab

GRANTED = frozenset({"security.insecure", "network.host"})
"""What the lab's daemons grant."""

COMMANDS = (
    ("NS760", "buildctl build --opt force-network-mode=host"),
    ("", "buildctl build --opt force-network-mode=none"),
    ("", "buildctl build --opt force-network-mode=host --allow network.host"),
    ("", "docker buildx build --allow device ."),
    ("", "docker buildx build --allow security.insecure ."),
    ("", "docker buildx build --network=host ."),
    ("NS762", "buildctl build --opt add-hosts=a=host-gateway"),
    ("NS762", "docker buildx build --add-host a=host-gateway ."),
    ("NS762", "docker buildx build --add-host=a:host-gateway ."),
    ("", "docker buildx build --add-host a=10.0.0.1 ."),
    ("NS763", "buildctl build --opt force-network-mode=ci"),
    ("NS763", "docker buildx build --network ci ."),
    ("", "docker buildx build --network default ."),
    ("NS764", "docker buildx build --ulimit nofile=1024:2147483584 ."),
    ("", "docker buildx build --ulimit nofile=1024:2048 ."),
    ("NS766", "buildctl build -t a"),
    ("NS766", "buildctl build --build-arg A=1"),
    ("NS766", "buildctl build --target=a"),
    ("NS766", "buildctl build --platform linux/amd64"),
    ("NS767", "buildctl build --local dockerfile=Dockerfile"),
    ("NS769", "docker buildx build --memory 20m ."),
    ("NS769", "docker buildx build --resource memory=20m ."),
    ("NS769", "buildctl build --opt cgroup-parent=/ci"),
    ("NS770", "docker buildx build --squash ."),
    ("NS770", "docker buildx build --security-opt seccomp=unconfined ."),
    ("", "docker buildx build --rm --compress --shm-size=8m ."),
    ("NS781", "docker buildx create --driver remote --buildkitd-flags --debug tcp://127.0.0.1:1"),
    ("NS781", "docker buildx create --driver remote --config buildkitd.toml tcp://127.0.0.1:1"),
    ("NS781", "docker buildx create --driver remote --driver-opt image=a tcp://127.0.0.1:1"),
    ("NS781", "docker buildx create --driver remote --driver-opt cacert=ca.pem tcp://127.0.0.1:1"),
    ("", "docker buildx create --driver remote --driver-opt default-load=true tcp://127.0.0.1:1"),
)
"""A rule's code, or none, and what it speaks of. Contexts, and the base image, are added when it is run."""


class Lab:
    """A daemon, a folder with a project, and the environment that the clients run in."""

    def __init__(self, daemon: Daemon, folder: Path) -> None:
        self.address = daemon.address
        self.folder = folder
        self.environment = {**os.environ, "HOME": str(folder), "DOCKER_CONFIG": str(folder / ".docker")}
        self.image = lab.image("busybox")
        (folder / "Dockerfile").write_text("FROM base\nRUN dd if=/dev/zero of=/dev/null bs=60M count=1\n")
        (folder / "buildkitd.toml").write_text("debug = true\n")

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the table; its status and all that it says."""
        return subprocess.run(
            self.words(shlex.split(command)),
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )

    def words(self, words: list[str]) -> list[str]:
        if words[0] == "buildctl":
            base = f"--opt=context:base=oci-layout://base@{self.image.digest}"
            inputs = ["--frontend=dockerfile.v0", f"--oci-layout=base={self.image.layout}", base, "--local=context=."]
            if not any("dockerfile=" in word for word in words):
                inputs.append("--local=dockerfile=.")
            asked = [*words[2:], "--no-cache"]
            return [str(lab.tool("buildctl")), "--addr", self.address, "build", *inputs, *asked]
        words = [str(lab.tool("buildx")), *words[2:]]
        if words[1] == "build":
            base = f"base=oci-layout://{self.image.layout}@{self.image.digest}"
            words[2:2] = ["--builder=lab", "--no-cache", "--progress=plain", f"--build-context={base}"]
        return words


@pytest.fixture(scope="module")
def in_user_namespace(daemons: Daemons, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    made = Lab(daemons.of(USERNS), tmp_path_factory.mktemp("configs"))
    created = made.run(f"docker buildx create --name lab --driver remote {made.address}")
    assert created.returncode == 0, created.stdout
    return made


def findings(command: str, profile: Profile = USERNS) -> list[Finding]:
    document = Document("build.sh", command.encode() + b"\n")
    linted = lint_config(document, Question(profile, None, Ruleset(all_rules())), GRANTED)
    assert linted is not None
    return [finding for finding in linted.findings if finding.code in {code for code, _ in COMMANDS}]


@pytest.mark.parametrize(("code", "command"), COMMANDS)
def test_the_rule_speaks_of_it_and_no_other(code: str, command: str) -> None:
    assert [finding.code for finding in findings(command)] == ([code] if code else [])


@pytest.mark.parametrize(("code", "command"), COMMANDS)
def test_it_fails_where_lint_says_so(code: str, command: str, in_user_namespace: Lab) -> None:
    done = in_user_namespace.run(command)
    effects = {finding.effect for finding in findings(command)}
    fails = bool(effects & {Effect.FATAL, Effect.CONDITIONAL})
    assert (done.returncode != 0) == fails, done.stdout[-2000:]
    if fails:
        symptoms = find_rule(code).symptoms
        assert any(re.search(symptom, done.stdout) for symptom in symptoms), done.stdout[-2000:]


def test_a_limit_holds_as_real_root(daemons: Daemons, tmp_path: Path, in_user_namespace: Lab) -> None:
    """What the rule calls ignored is applied where there are cgroups: the same build is killed there."""
    rootful = Lab(daemons.of(ROOTFUL), tmp_path)
    rootful.run(f"docker buildx create --name lab --driver remote {rootful.address}")
    command = "docker buildx build --resource memory=20m ."
    assert in_user_namespace.run(command).returncode == 0
    assert "exit code: 137" in rootful.run(command).stdout
