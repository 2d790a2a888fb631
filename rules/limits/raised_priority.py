"""A step cannot raise a priority.

A negative nice value, a real-time scheduling policy, the real-time I/O class and a lower OOM score need CAP_SYS_NICE or
CAP_SYS_RESOURCE in the initial user namespace. renice, chrt, ionice and choom then fail; nice(1) only warns and runs
its program all the same. Nothing of it is kept in the image.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.facts import SetPriority
from ...linter.profile import EVERYWHERE, WITHOUT_HOST_ROOT
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS652",
    name="raised-priority",
    summary="a step may not raise a priority",
    refused=WITHOUT_HOST_ROOT,
    guidance="Leave the priority out: it is gone when the step ends. Give the builder the resources that it needs.",
    symptoms=(
        r"renice: .*Permission denied",
        r"chrt: failed to set pid .* policy: Operation not permitted",
        r"ionice: ioprio_set( failed)?: Operation not permitted",
        r"choom: failed to set score adjust value: Permission denied",
    ),
    examples=(
        Bad("FROM debian\nRUN «renice -n -5 $$» && touch /ok\n"),
        Bad("FROM busybox\nRUN «renice -n -5 1»\n"),
        Bad("FROM debian\nRUN «chrt -f 10 touch /ok»\n"),
        Bad("FROM debian\nRUN «ionice -c1 -n0 touch /ok»\n"),
        Bad("FROM busybox\nRUN «ionice -c1 -n0 touch /ok»\n"),
        Bad("FROM debian\nRUN «choom -n -100 touch /ok»\n"),
        Warn("FROM debian\nRUN «renice -n -5 $$» || true\n"),
        Good("FROM debian\nRUN nice -n -5 touch /ok && renice 10 $$\n", why="nice only warns, and 10 lowers"),
        Good("FROM debian\nRUN ionice -c3 touch /a && ionice -c2 -n7 touch /b && chrt -b 0 touch /c\n", why="free"),
        Good("FROM debian\nRUN choom -n 100 touch /ok\n", why="a higher score is anybody's to have"),
    ),
    references=("https://man7.org/linux/man-pages/man7/sched.7.html",),
)


@rule.check(SetPriority)
def raised_priority(change: SetPriority) -> Iterator[Refusal]:
    row = EVERYWHERE if change.tool == "choom" else WITHOUT_HOST_ROOT
    yield rule.refuses(change, f"{change.what} is only for the host's root", refused=row)
