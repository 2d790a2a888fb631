"""The flags of RUN act; kaniko ignored them.

Kaniko v1.24 warns of `RUN --mount`, `--network` and `--security`, and runs the step as if they were not there. Under
BuildKit they do what they say. What a step leaves in a cache, a tmpfs or a bind mount is no longer part of the image,
and it sees only what is in the mount. A secret is empty unless the build is given it, and a required one that is not
given fails the step. `--network=none` is a step without a network.

`--security=insecure` and `--network=host` have to be granted to the build: that is a rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.build import Build, mount_options
from ...linter.dockerfile import Flag
from ...linter.profile import EVERYWHERE
from ...linter.rule import Good, Refusal, Rule, Warn

rule = Rule(
    code="NS936",
    name="kaniko-run-flag",
    summary="a flag of RUN acts, which kaniko ignored",
    refused=EVERYWHERE,
    guidance="Check that the step needs nothing that was there, and leaves nothing there, without the flag.",
    only_from=("kaniko",),
    examples=(
        Warn("FROM debian\nRUN «--mount=type=cache,target=/srv/c» touch /srv/c/x\nRUN [ ! -e /srv/c/x ]\n"),
        Warn("FROM debian\nRUN «--mount=type=tmpfs,target=/opt» touch /opt/x\nRUN [ ! -e /opt/x ]\n"),
        Warn("FROM debian\nRUN «--mount=type=secret,id=key» [ ! -e /run/secrets/key ]\n", why="it was not given"),
        Warn("FROM debian\nRUN «--mount=target=/src» [ -e /src/f ]\n", context={"f": "1"}),
        Warn("FROM debian\nRUN «--network=none» true\n"),
        Good("FROM debian\nRUN --network=default true\n", why="nothing else than without it"),
        Good("FROM debian\nCOPY --chmod=644 f /srv/\n", context={"f": "1"}, why="kaniko knows it"),
    ),
    references=("https://docs.docker.com/reference/dockerfile/#run---mount",),
)

_GUIDANCE = {
    "secret": "Give it to the build: `--secret id=…,src=…`.",
    "ssh": "Give it to the build: `--ssh default`.",
    "cache": "What the image needs of it has to be copied elsewhere in the same step.",
}


@rule.check(Build)
def run_flag(build: Build) -> Iterator[Refusal]:
    for step in build.steps:
        for flag in step.instruction.flags if step.instruction.keyword == "RUN" else ():
            if flag.name == "mount":
                yield _mount(flag)
            elif flag.name == "network" and flag.value == "none":
                yield rule.refuses(flag, "the step has no network, which it had under kaniko", differs=True)


def _mount(flag: Flag) -> Refusal:
    options = dict(mount_options(flag.value or ""))
    kind = options.get("type", "bind")
    target = options.get("target") or options.get("dst") or options.get("destination")
    what = f"{target} is a {kind} mount" if target else f"there is a {kind} mount"
    return rule.refuses(flag, f"{what} in this step, which kaniko ignored", guidance=_GUIDANCE.get(kind), differs=True)
