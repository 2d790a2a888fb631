"""RUN has the group that USER names; kaniko left it out.

`USER name:group` set only the user of kaniko's RUN steps: they had the user's own group. In BuildKit they run with the
group that is named, and without any other: what they make belongs to that group, and what is open only to another
group of the user is closed to them.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.build import Build
from ...linter.profile import EVERYWHERE
from ...linter.rule import Good, Refusal, Rule, Warn

rule = Rule(
    code="NS933",
    name="kaniko-user-group",
    summary="steps run with the group of USER, which kaniko did not set",
    refused=EVERYWHERE,
    guidance="Leave the group out if the steps need the user's own groups.",
    only_from=("kaniko",),
    examples=(
        Warn('FROM debian\n«USER daemon:games»\nRUN [ "$(id -g)" = 60 ] && [ "$(id -G)" = 60 ]\n'),
        Warn("FROM debian\nARG G=60\n«USER 1:$G»\nWORKDIR /srv\nRUN true\n"),
        Good("FROM debian\nUSER daemon\nRUN true\n", why="there is no group"),
        Good("FROM debian\nRUN true\nUSER daemon:games\nCMD id\n", why="no step runs after it"),
        Good("FROM debian\nUSER 0:0\nRUN true\n", why="root's own group"),
        Good("FROM debian\nUSER daemon:games\nUSER root\nRUN true\n", why="another user comes before the step"),
    ),
    references=("https://docs.docker.com/reference/dockerfile/#user",),
)

_OWN = frozenset({"root:root", "0:0", "root:0", "0:root"})


@rule.check(Build)
def user_group(build: Build) -> Iterator[Refusal]:
    for stage in build.stages:
        if stage in build.skipped:
            continue
        current = None
        for instruction in stage.instructions:
            if instruction.keyword == "USER":
                current = instruction
            elif instruction.keyword == "RUN" and current is not None:
                user = current.words()[0].text if current.words() else ""
                if ":" in user and user not in _OWN:
                    group = user.partition(":")[2]
                    yield rule.refuses(current, f"the steps below run with group {group}", differs=True)
                current = None
