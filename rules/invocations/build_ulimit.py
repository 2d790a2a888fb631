"""A limit above the daemon's own hard limit cannot be set in a user namespace.

`--ulimit` is applied by the runtime before the step's command starts. Raising a hard limit takes CAP_SYS_RESOURCE in
the *initial* user namespace, so above the hard limit of the process that runs buildkitd every RUN fails: `error
setting rlimit type 7: operation not permitted`. What that limit is, the node decides; systemd gives services 524288
open files and 8 MiB of locked memory, and no less than that is assumed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fixes.configs import leave_out
from ...linter.edit import Safety
from ...linter.invocation import DOCKER_FAMILY, Invocation, Tool
from ...linter.profile import IN_USER_NAMESPACES
from ...linter.rule import Good, Refusal, Rule, Warn

USUAL = {"nofile": 524288, "memlock": 8388608, "rtprio": 0, "nice": 0}
"""The hard limits that a pod can count on (systemd 252's for a service); a limit that is not here is unlimited."""

_ULIMIT = re.compile(r"(\w+)=(-?\d+)(?::(-?\d+))?")

rule = Rule(
    code="NS764",
    name="build-ulimit",
    summary="a step's limit cannot be raised above the daemon's in a user namespace",
    refused=IN_USER_NAMESPACES,
    guidance="Lower it to what the node gives, or leave it out.",
    symptoms=(r"error setting rlimit type \d+: operation not permitted",),
    examples=(
        Warn(
            "docker build «--ulimit nofile=1048576:1048576» -t app .\n",
            fixed="docker build -t app .\n",
            path="build.sh",
        ),
        Warn("docker build «--ulimit=memlock=-1:-1» .\n", fixed="docker build .\n", path="build.sh"),
        Warn(
            "services:\n  app:\n    build:\n      context: .\n      ulimits:\n"
            "        «memlock: { soft: -1, hard: -1 }»\n",
            path="compose.yaml",
        ),
        Good("docker build --ulimit nofile=1024:65536 .\n", why="every node gives that", path="build.sh"),
        Good("docker build --ulimit core=-1 .\n", why="that one is unlimited for everybody", path="build.sh"),
        Good(
            "services:\n  app:\n    build: .\n    ulimits: { memlock: -1 }\n",
            why="this is about the running service",
            path="compose.yaml",
        ),
    ),
    references=("https://man7.org/linux/man-pages/man2/getrlimit.2.html",),
)


@rule.check(Invocation)
def build_ulimit(invocation: Invocation) -> Iterator[Refusal]:
    if invocation.tool not in (*DOCKER_FAMILY, Tool.BUILDCTL):
        return
    for option in invocation.values("ulimit"):
        found = _ULIMIT.fullmatch(option.value or "")
        if found is None or found[1] not in USUAL:
            continue
        hard = int(found[3] or found[2])
        if hard < 0 or hard > USUAL[found[1]]:
            yield rule.refuses(
                invocation._replace(place=option.place),
                f"{found[1]} {'unlimited' if hard < 0 else hard} may be above the daemon's hard limit",
                fix=leave_out(option, f"delete `{option.written}`", Safety.UNSAFE),
                certain=False,
            )
