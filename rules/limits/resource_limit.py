"""A step cannot raise a limit above the hard limit that it was given.

Only CAP_SYS_RESOURCE in the initial user namespace raises hard limits, and no step has it by default. What the hard
limit is, the builder's pod or its host decides, so the same line passes on one builder and fails on another: this is a
warning. A limit set in a step ends with the step; the image's own limits are set where it runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import SetLimit
from ...linter.profile import WITHOUT_HOST_ROOT
from ...linter.rule import Good, Log, Refusal, Rule, Warn

_ORDINARY = 1024
"""Every builder in use grants so many open files and processes."""

rule = Rule(
    code="NS651",
    name="resource-limit",
    summary="a limit cannot be raised above the builder's hard limit",
    refused=WITHOUT_HOST_ROOT,
    guidance="Leave it out, or set the limit where the builder or the image runs: --ulimit, or the pod's runtime.",
    symptoms=(
        r"ulimit: .*(Operation not permitted|cannot modify limit)",
        r"sh: error setting limit: Operation not permitted",
        r"prlimit: failed to set the .* resource limit: Operation not permitted",
    ),
    examples=(
        Warn(
            "FROM debian\nRUN ulimit -n «1048576» || true; touch /ok\n",
            fixed="FROM debian\nRUN touch /ok\n",
            why="the hard limit of this builder decides",
        ),
        Warn("FROM debian\nRUN ulimit -l «unlimited»; touch /ok\n", fixed="FROM debian\nRUN touch /ok\n"),
        Warn("FROM busybox\nRUN ulimit -n «1048576» || touch /ok\n", fixed="FROM busybox\n\n"),
        Good("FROM debian\nRUN ulimit -n 1024 && ulimit -c 0 && ulimit -a\n", why="these are below any hard limit"),
        Good("FROM debian\nRUN ulimit -c unlimited && ulimit -s unlimited\n", why="these are unlimited by default"),
        Good("FROM debian\nRUN ulimit -n && ulimit -Sn 100\n", why="it prints, and it lowers"),
        Log("/bin/sh: 1: ulimit: error setting limit (Operation not permitted)\n"),
    ),
    references=("https://man7.org/linux/man-pages/man2/getrlimit.2.html",),
)


@rule.check(SetLimit)
def resource_limit(limit: SetLimit) -> Iterator[Refusal]:
    if limit.value is not None and limit.value <= _ORDINARY:
        return
    value = "unlimited" if limit.value is None else str(limit.value)
    fix = delete_command(limit.command, safety=Safety.UNSAFE) if limit.command.name == "ulimit" else None
    message = f"{value} {limit.resource} may be above the builder's hard limit"
    yield rule.refuses(limit, message, fix=fix, certain=False)
