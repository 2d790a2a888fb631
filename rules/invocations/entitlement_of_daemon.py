"""An entitlement is asked for that the daemon must grant as well.

`--allow`, bake's and Compose's `entitlements` and Compose's `privileged` only say that the client agrees. The daemon
refuses the whole build unless it was started with `--allow-insecure-entitlement`, or has the name among the
`insecure-entitlements` of its config: `granting entitlement security.insecure is not allowed by build daemon
configuration`. The daemon that setup-buildx-action starts grants security.insecure and network.host by itself; a
BuildKit that somebody else runs grants nothing.

In a user namespace security.insecure is worth less than on a machine of its own: all capabilities, but only over that
namespace. It lets a step mount a tmpfs; it does not let it make a device node, mount a loop device or load a module.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.invocation import DOCKER_FAMILY, Invocation, Machine, Option, Tool
from ...linter.profile import EVERYWHERE, IN_USER_NAMESPACES
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

OF_DAEMON = frozenset({"security.insecure", "network.host"})
"""The client decides on the others (`device`, `fs.read`, `ssh`, …) alone."""

rule = Rule(
    code="NS761",
    name="entitlement-of-daemon",
    summary="an entitlement is asked for that the daemon must grant",
    refused=IN_USER_NAMESPACES,
    guidance="Start the daemon with `--allow-insecure-entitlement`, or rewrite the step that needs it.",
    symptoms=(r"granting entitlement \S+ is not allowed by build daemon configuration",),
    examples=(
        Bad("docker buildx build «--allow security.insecure» --push -t app .\n", path="build.sh", allow=frozenset()),
        Bad(
            "services:\n  app:\n    build:\n      context: .\n      «privileged: true»\n",
            path="compose.yaml",
            allow=frozenset(),
            why="Compose asks for security.insecure",
        ),
        Bad(
            "services:\n  app:\n    build:\n      context: .\n      entitlements:\n        - «security.insecure»\n",
            path="compose.yaml",
            allow=frozenset(),
        ),
        Bad(
            '{"target": {"app": {"entitlements": [«"security.insecure"»]}}}\n',
            path="docker-bake.json",
            allow=frozenset(),
        ),
        Bad("buildctl build «--allow=security.insecure»\n", path="build.sh", allow=frozenset()),
        Warn(
            "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: docker/build-push-action@v6\n"
            "        with: { allow: «security.insecure», push: true }\n",
            path=".github/workflows/image.yml",
            why="the daemon of setup-buildx-action grants it",
        ),
        Good(
            "docker buildx bake --allow device --allow fs.read=.. --allow ssh\n",
            why="the client decides on these",
            path="b.sh",
        ),
        Good(
            "services:\n  app:\n    privileged: true\n    build: .\n",
            why="the service runs privileged, its image is built as any other",
            path="compose.yaml",
        ),
        Good("docker run --privileged app\n", why="this runs an image", path="run.sh"),
        Good("buildah bud --device /dev/fuse .\n", why="it is not BuildKit that builds", path="build.sh"),
    ),
    references=("https://docs.docker.com/build/buildkit/toml-configuration/",),
)


@rule.check(Invocation)
def entitlement(invocation: Invocation) -> Iterator[Refusal]:
    if invocation.tool not in (*DOCKER_FAMILY, Tool.BUILDCTL):
        return
    for option in (*invocation.values("allow"), *invocation.values("privileged")):
        name = _asked(option, invocation)
        if name is not None and name not in invocation.granted:
            yield rule.refuses(
                invocation._replace(place=option.place),
                f"the daemon must grant {name} too",
                refused=EVERYWHERE if invocation.tool is Tool.BUILDCTL else None,
                certain=invocation.machine is not Machine.HOSTED,
            )


def _asked(option: Option, invocation: Invocation) -> str | None:
    """The entitlement of the daemon's that an option asks for; network.host is NS760's where it is used at once."""
    if option.name == "privileged":
        return "security.insecure" if invocation.tool is Tool.COMPOSE and option.value == "true" else None
    name = (option.value or "").partition("=")[0]
    if name == "network.host" and any(one.value == "host" for one in invocation.values("network")):
        return None
    return name if name in OF_DAEMON else None
