"""A buildx driver that starts BuildKit itself does not start it in a user namespace.

`docker-container`, which is the default, asks a Docker Engine for a privileged container in the host's user namespace.
`kubernetes` makes pods that are privileged or rootless, and has no option for `hostUsers: false`. Either way the steps
do not run on the daemon in the user namespace, but beside it, as real root; and where there is no Docker Engine the
first of them fails. `docker` is Docker Engine's own builder. Only `remote` connects to a BuildKit that is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.invocation import BuilderSetup, Machine, Option, SetupKind
from ...linter.profile import Refused
from ...linter.rule import Good, Refusal, Rule, Warn

rule = Rule(
    code="NS780",
    name="driver-of-its-own",
    summary="a buildx driver starts BuildKit outside of any user namespace",
    refused=Refused(frozenset({"userns"}), frozenset({"userns"})),
    guidance="Run buildkitd in a pod with `hostUsers: false` and connect to it with `--driver remote ENDPOINT`.",
    examples=(
        Warn(
            "jobs:\n  a:\n    runs-on: [self-hosted, k8s]\n    steps:\n      - uses: docker/setup-buildx-action@v3\n"
            "        with:\n          «driver: kubernetes»\n          driver-opts: namespace=ci\n",
            path=".github/workflows/image.yml",
        ),
        Warn("docker buildx create --use «--driver=kubernetes» --driver-opt replicas=2\n", path="setup.sh"),
        Warn("«docker buildx create --name ci --use»\n", path="setup.sh", why="docker-container is the default"),
        Warn(
            "jobs:\n  a:\n    runs-on: arc\n    steps:\n      - uses: «docker/setup-buildx-action@v3»\n",
            path=".github/workflows/image.yml",
        ),
        Good("docker buildx create --driver remote --use tcp://buildkitd:1234\n", why="this connects", path="setup.sh"),
        Good(
            "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: docker/setup-buildx-action@v3\n",
            why="a machine of its own with a Docker Engine is no pod",
            path=".github/workflows/image.yml",
        ),
        Good("docker buildx use ci\ndocker buildx inspect --bootstrap\n", why="nothing is created", path="setup.sh"),
        Good("docker buildx create --driver $DRIVER\n", why="nobody knows which it is", path="setup.sh"),
    ),
    references=("https://docs.docker.com/build/builders/drivers/",),
)


@rule.check(BuilderSetup)
def driver_of_its_own(setup: BuilderSetup) -> Iterator[Refusal]:
    if setup.kind is not SetupKind.BUILDX or setup.machine is Machine.HOSTED:
        return
    option = _driver(setup)
    if setup.driver == "kubernetes":
        message = "the pods of the kubernetes driver have no user namespace of their own"
    elif setup.driver in ("docker-container", "docker") and not _adds_node(setup):
        message = f"the {setup.driver} driver builds in a Docker Engine, as real root"
    else:
        return
    yield rule.refuses(setup._replace(place=option.place if option else setup.place), message, differs=True)


def _driver(setup: BuilderSetup) -> Option | None:
    return next((option for option in setup.values("driver") if option.value == setup.driver), None)


def _adds_node(setup: BuilderSetup) -> bool:
    """`--append` takes over the driver of the builder that it adds a node to."""
    return bool(setup.values("append")) and _driver(setup) is None
