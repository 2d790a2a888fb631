"""`host-gateway` is an address that only Docker Engine's own builder knows.

As an `--add-host` it stands for the machine that dockerd runs on. buildx asks the driver for it, and every driver but
`docker` refuses: `host-gateway is not supported by the remote driver`. buildctl does not know the word at all. Inside
a pod there is no such machine either: what a step needs has to be reached by its own name.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.invocation import DOCKER_FAMILY, Invocation, Machine, Tool
from ...linter.profile import EVERYWHERE, IN_USER_NAMESPACES
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS762",
    name="host-gateway",
    summary="host-gateway is known only to Docker Engine's own builder",
    refused=IN_USER_NAMESPACES,
    guidance="Name the address, or reach the service by its DNS name.",
    symptoms=(r"host-gateway is not supported by the \S+ driver", r"failed to parse IP host-gateway"),
    examples=(
        Bad("docker build «--add-host=proxy:host-gateway» .\n", path="build.sh"),
        Bad(
            'services:\n  app:\n    build:\n      context: .\n      extra_hosts:\n        - «"proxy:host-gateway"»\n',
            path="compose.yaml",
        ),
        Bad(
            "services:\n  app:\n    build:\n      context: .\n      extra_hosts:\n        «proxy: host-gateway»\n",
            path="compose.yaml",
        ),
        Bad('{"target": {"app": {"extra-hosts": {«"proxy": "host-gateway"»}}}}\n', path="docker-bake.json"),
        Bad(
            "buildctl build --frontend dockerfile.v0 --local context=. «--opt add-hosts=proxy=host-gateway»\n",
            path="build.sh",
        ),
        Warn(
            "jobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
            "      - run: docker build «--add-host proxy=host-gateway» .\n",
            path=".github/workflows/image.yml",
            why="that machine has a Docker Engine",
        ),
        Good("docker build --add-host=proxy:10.0.0.1 .\n", why="an address works everywhere", path="build.sh"),
        Good(
            'services:\n  app:\n    build: .\n    extra_hosts: ["proxy:host-gateway"]\n',
            why="this is about the running service",
            path="compose.yaml",
        ),
        Good("docker run --add-host=proxy:host-gateway app\n", why="this runs an image", path="run.sh"),
    ),
    references=("https://docs.docker.com/reference/cli/docker/buildx/build/#add-host",),
)


@rule.check(Invocation)
def host_gateway(invocation: Invocation) -> Iterator[Refusal]:
    if invocation.tool not in (*DOCKER_FAMILY, Tool.BUILDCTL):
        return
    for option in invocation.values("add-host"):
        if option.text is not None and "host-gateway" in option.text.replace(":", "=").split("="):
            yield rule.refuses(
                invocation._replace(place=option.place),
                "no driver but `docker` knows host-gateway",
                refused=EVERYWHERE if invocation.tool is Tool.BUILDCTL else None,
                certain=invocation.machine is not Machine.HOSTED and invocation.classic is None,
            )
