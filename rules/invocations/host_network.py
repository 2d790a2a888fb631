"""A build on the host's network needs an entitlement that a BuildKit daemon does not give by itself.

`--network=host` makes docker ask for `network.host`, and a daemon that was not started with
`--allow-insecure-entitlement network.host` refuses the whole build: `granting entitlement network.host is not allowed
by build daemon configuration`. buildctl must be told `--allow network.host` as well. Docker Engine's own builder grants
it, and so does the daemon that setup-buildx-action starts; a BuildKit that somebody else runs does not.

In a user namespace it is seldom needed: there BuildKit's own default is the network of the daemon, so that every step
is on the pod's network as it is. What a step cannot reach in either way is the machine that the client runs on:
`localhost` is the pod.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.edit import Edit, Fix, Safety
from ...linter.invocation import DOCKER_FAMILY, Invocation, Machine, Option, Tool
from ...linter.profile import EVERYWHERE, IN_USER_NAMESPACES
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

ENTITLEMENT = "network.host"

rule = Rule(
    code="NS760",
    name="host-network-build",
    summary="a build on the host's network needs an entitlement of the daemon",
    refused=IN_USER_NAMESPACES,
    guidance="Leave it out: steps are on the pod's network in any case. Else start the daemon with"
    " `--allow-insecure-entitlement network.host`.",
    symptoms=(r"(granting entitlement )?network\.host is not allowed",),
    examples=(
        Bad(
            "docker build «--network=host» -t app .\n",
            fixed="docker build -t app .\n",
            path="build.sh",
            allow=frozenset(),
        ),
        Bad(
            "app:\n  script:\n    - >-\n      docker buildx build\n      «--network host»\n      --push -t $IMAGE .\n",
            fixed="app:\n  script:\n    - >-\n      docker buildx build\n      --push -t $IMAGE .\n",
            path=".gitlab-ci.yml",
            allow=frozenset(),
        ),
        Bad(
            "services:\n  app:\n    build:\n      context: .\n      «network: host» # for the mirror\n",
            fixed="services:\n  app:\n    build:\n      context: .\n",
            path="compose.yaml",
            allow=frozenset(),
        ),
        Bad(
            "jobs:\n  a:\n    runs-on: [self-hosted]\n    steps:\n      - uses: docker/build-push-action@v6\n"
            "        with:\n          «network: host»\n          allow: network.host\n          push: true\n",
            fixed="jobs:\n  a:\n    runs-on: [self-hosted]\n    steps:\n      - uses: docker/build-push-action@v6\n"
            "        with:\n          push: true\n",
            path=".github/workflows/image.yml",
            allow=frozenset(),
            why="what asks for the entitlement goes with it",
        ),
        Bad(
            "buildctl build --frontend dockerfile.v0 --local context=. «--opt force-network-mode=host»\n",
            fixed="buildctl build --frontend dockerfile.v0 --local context=.\n",
            path="build.sh",
            allow=frozenset(),
        ),
        Warn(
            "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker build «--network host» .\n",
            fixed="jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: docker build .\n",
            path=".github/workflows/image.yml",
            why="that machine has a Docker Engine",
        ),
        Good("docker build --network=none .\n", why="taking the network away needs nothing", path="build.sh"),
        Good("docker run --network=host app\n", why="this runs an image", path="run.sh"),
        Good(
            "services:\n  app:\n    network_mode: host\n    build: .\n",
            why="the service runs on the host's network, its image is built as any other",
            path="compose.yaml",
        ),
        Good(
            "echo docker build --network=host .\n# docker build --network=host .\n",
            why="nothing is built here",
            path="build.sh",
        ),
        Good(
            "buildkitd --allow-insecure-entitlement network.host &\n"
            "buildctl build --frontend gateway.v0 --opt source=reg/x\n",
            why="no network is asked for",
            path="build.sh",
        ),
    ),
    references=("https://docs.docker.com/reference/cli/docker/buildx/build/#network",),
)


@rule.check(Invocation)
def host_network(invocation: Invocation) -> Iterator[Refusal]:
    allowed = invocation.tool in DOCKER_FAMILY or ENTITLEMENT in invocation.target.allow
    if invocation.tool not in (*DOCKER_FAMILY, Tool.BUILDCTL) or (allowed and ENTITLEMENT in invocation.granted):
        return
    for option in invocation.values("network"):
        if option.value == "host":
            yield rule.refuses(
                invocation._replace(place=option.place),
                "the daemon must grant network.host for this" if allowed else "this needs `--allow network.host` too",
                refused=EVERYWHERE if invocation.tool is Tool.BUILDCTL else None,
                fix=_without(option, invocation),
                certain=invocation.machine is not Machine.HOSTED and invocation.classic is None,
            )


def _without(option: Option, invocation: Invocation) -> Fix | None:
    """The option goes, and the entitlement that is asked for with it."""
    asked = [one for one in invocation.values("allow") if one.value == ENTITLEMENT]
    cuts = [one.removal for one in (option, *asked)]
    edits = tuple(Edit(cut, "") for cut in cuts if cut is not None)
    if len(edits) < len(cuts):
        return None
    return Fix(f"delete `{option.written}`", Safety.UNSAFE, edits)
