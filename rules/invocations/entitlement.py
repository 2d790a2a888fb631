"""A step that asks for an entitlement needs it from both sides.

`RUN --security=insecure` and `RUN --network=host` are refused before the first step of the build runs, unless the
client allows it (`docker buildx build --allow security.insecure`, `buildctl build --allow …`, `entitlements:` in bake
and Compose) and the daemon was started with `--allow-insecure-entitlement`. A stage that the target does not reach may
ask for what it likes. Kaniko knows neither flag: there every step runs with all that the pod has.

`RUN --device=NAME` without `required` passes everywhere: a device that the daemon does not know is left out. With
`required` it fails, unless the device is registered with the daemon and granted.

An insecure step in a user namespace has all capabilities, but only over that namespace: it can mount a tmpfs or set up
the packet filter, and still cannot load a module, set the clock or make a device node.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.edit import Edit, Fix, Safety
from ...linter.facts import InsecureStep
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule
from ...linter.source import Place

rule = Rule(
    code="NS751",
    name="entitlement-not-granted",
    summary="a step asks for an entitlement that the build is not given",
    refused=EVERYWHERE,
    guidance="Build with `--allow` for it, on a daemon that grants it; or leave the flag out if the step needs it not.",
    symptoms=(
        r"(security\.insecure|network\.host) is not allowed",
        r"required device .* is not registered",
    ),
    examples=(
        Bad(
            "FROM debian\nRUN «--security=insecure» echo ok\n",
            fixed="FROM debian\nRUN echo ok\n",
            allow=frozenset(),
        ),
        Bad(
            "FROM busybox\nRUN «--network=host» true\n",
            fixed="FROM busybox\nRUN true\n",
            allow=frozenset({"security.insecure"}),
            why="another entitlement does not help",
        ),
        Bad(
            "FROM debian\nRUN true\nRUN --mount=type=tmpfs,target=/x \\\n    «--security=insecure» \\\n    true\n",
            fixed="FROM debian\nRUN true\nRUN --mount=type=tmpfs,target=/x \\\n    \\\n    true\n",
            allow=frozenset({"network.host"}),
        ),
        Good("FROM debian\nRUN --security=insecure mount -t tmpfs tmpfs /mnt\n", why="it is granted to this build"),
        Good("FROM debian\nRUN --security=sandbox --network=none true\n", why="these take privileges away"),
        Good(
            "FROM debian\nRUN --device=vendor.com/device=all true\n", why="without the device, the step runs without it"
        ),
    ),
    references=("https://docs.docker.com/reference/dockerfile/#run---security",),
)


@rule.check(InsecureStep)
def entitlement(step: InsecureStep) -> Iterator[Refusal]:
    if step.granted:
        return
    if step.entitlement == "device":
        yield rule.refuses(step, "a required device is granted only to a build that is allowed it", certain=False)
        return
    yield rule.refuses(step, f"{step.entitlement} is not allowed to this build", fix=_without_flag(step))


def _without_flag(step: InsecureStep) -> Fix:
    """A flag is followed by a blank."""
    path, start, end = step.place
    return Fix("leave the flag out", Safety.UNSAFE, (Edit(Place(path, start, end + 1), ""),))
