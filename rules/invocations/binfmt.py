"""Registering emulators changes the kernel of the machine, not BuildKit.

`docker run --privileged tonistiigi/binfmt` and setup-qemu-action write to binfmt_misc of the machine that the Docker
daemon runs on. A pod has no such daemon, and before Linux 6.7 binfmt_misc cannot be written from a user namespace at
all. It is seldom needed: the moby/buildkit images bring emulators for the usual architectures and start a foreign step
through them, with nothing registered.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.invocation import BuilderSetup, Machine, SetupKind
from ...linter.profile import IN_USER_NAMESPACES
from ...linter.rule import Good, Refusal, Rule, Warn

rule = Rule(
    code="NS782",
    name="binfmt-registration",
    summary="registering emulators takes real root on the machine",
    refused=IN_USER_NAMESPACES,
    guidance="Delete it: the moby/buildkit images bring their own emulators.",
    examples=(
        Warn("«docker run --rm --privileged tonistiigi/binfmt --install all»\n", path="setup.sh"),
        Warn("emulate:\n\t«docker run --privileged --rm multiarch/qemu-user-static --reset -p yes»\n", path="Makefile"),
        Warn(
            "jobs:\n  a:\n    runs-on: arc\n    steps:\n      - uses: «docker/setup-qemu-action@v3»\n",
            path=".github/workflows/image.yml",
        ),
        Good(
            "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: docker/setup-qemu-action@v3\n",
            why="on a machine of its own it works",
            path=".github/workflows/image.yml",
        ),
        Good(
            "docker run --rm tonistiigi/xx:1.6 ls\ndocker build --platform=linux/arm64 .\n", why="no one", path="b.sh"
        ),
        Good("docker pull tonistiigi/binfmt\n", why="nothing is registered", path="setup.sh"),
    ),
    references=("https://docs.docker.com/build/building/multi-platform/",),
)


@rule.check(BuilderSetup)
def binfmt(setup: BuilderSetup) -> Iterator[Refusal]:
    if setup.kind is SetupKind.BINFMT and setup.machine is not Machine.HOSTED:
        yield rule.refuses(setup, "this registers emulators in the machine's kernel", certain=False)
