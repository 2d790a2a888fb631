"""BuildKit knows no networks by name.

`--network` takes `default`, `none` and `host`. The name of a Docker network, or `container:…`, worked with the builder
before BuildKit; buildx refuses it before anything is built: `network mode "ci" not supported by buildkit`. A step
reaches what the daemon reaches: in a pod, cluster services by their DNS names.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.configs import leave_out
from ...linter.edit import Safety
from ...linter.invocation import DOCKER_FAMILY, Invocation, Machine, Tool
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS763",
    name="custom-network",
    summary="BuildKit knows no networks by name",
    refused=EVERYWHERE,
    guidance="Leave it out, and reach the service by its DNS name or with `--add-host name:address`.",
    symptoms=(r"network mode .* not supported by buildkit", r"invalid netmode"),
    examples=(
        Bad("docker build «--network ci» -t app .\n", fixed="docker build -t app .\n", path="build.sh"),
        Bad(
            "services:\n  app:\n    build:\n      context: .\n      «network: backend»\n",
            fixed="services:\n  app:\n    build:\n      context: .\n",
            path="compose.yaml",
        ),
        Bad(
            "buildctl build «--opt force-network-mode=ci» --local context=.\n",
            fixed="buildctl build --local context=.\n",
            path="build.sh",
        ),
        Warn(
            "steps:\n  - name: gcr.io/cloud-builders/docker\n    args: [build, «--network=cloudbuild», .]\n",
            fixed="steps:\n  - name: gcr.io/cloud-builders/docker\n    args: [build, .]\n",
            path="cloudbuild.yaml",
            why="the Docker of Cloud Build may build without BuildKit",
        ),
        Good("docker build --network none .\n", why="that one is known", path="build.sh"),
        Good("docker build --network $NETWORK .\n", why="nobody knows what it is", path="build.sh"),
        Good("docker run --network ci app\n", why="this runs an image", path="run.sh"),
        Good(
            "services:\n  app:\n    build: .\n    networks: [backend]\n",
            why="this is about the running service",
            path="compose.yaml",
        ),
        Good("podman build --network slirp4netns .\n", why="it is not BuildKit that builds", path="build.sh"),
    ),
    references=("https://docs.docker.com/reference/cli/docker/buildx/build/#network",),
)


@rule.check(Invocation)
def custom_network(invocation: Invocation) -> Iterator[Refusal]:
    if invocation.tool not in (*DOCKER_FAMILY, Tool.BUILDCTL):
        return
    for option in invocation.values("network"):
        if option.value and option.value not in ("default", "none", "host"):
            yield rule.refuses(
                invocation._replace(place=option.place),
                f"BuildKit does not know the network {option.value}",
                fix=leave_out(option, f"delete `{option.written}`", Safety.UNSAFE),
                certain=invocation.machine is not Machine.HOSTED and invocation.classic is None,
            )
