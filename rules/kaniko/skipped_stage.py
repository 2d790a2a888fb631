"""A stage that the target does not need is not built; kaniko built it.

Kaniko v1.24 built every stage up to the target, needed or not, unless it was given `--skip-unused-stages`. BuildKit
builds only what the target starts from, copies or mounts. Where tests run in a stage of their own, they silently stop
running, and the image is pushed all the same.

Build such a stage by itself first (`--opt target=test`, `docker buildx build --target test`), or let the target need
it: a `COPY --from=test` of a file that the tests leave.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.build import Build
from ...linter.profile import EVERYWHERE
from ...linter.rule import Good, Refusal, Rule, Warn

rule = Rule(
    code="NS932",
    name="kaniko-skipped-stage",
    summary="a stage that kaniko built is not reached by BuildKit",
    refused=EVERYWHERE,
    guidance="Build this stage as a target of its own, before the image.",
    only_from=("kaniko",),
    examples=(
        Warn("FROM debian AS base\n«FROM base AS test»\nRUN exit 1\nFROM base\nRUN true\n", why="its tests do not run"),
        Warn("«FROM busybox»\nRUN exit 1\nFROM debian\nRUN true\n"),
        Good("FROM debian AS build\nRUN touch /x\nFROM debian\nCOPY --from=build /x /x\n", why="it is copied from"),
        Good(
            "FROM debian AS test\nRUN touch /ok\nFROM debian\nRUN --mount=from=test,target=/t ls /t/ok\n",
            why="it is mounted",
        ),
        Good("FROM debian AS empty\nENV A=1\nFROM debian\nRUN true\n", why="it runs nothing"),
    ),
    references=("https://docs.docker.com/build/building/multi-stage/#differences-between-legacy-builder-and-buildkit",),
)


@rule.check(Build)
def skipped_stage(build: Build) -> Iterator[Refusal]:
    """Kaniko builds stages in their order, and ends with the target."""
    reached = max((stage.number for stage in build.stages if stage not in build.skipped), default=-1)
    for stage in build.skipped:
        if stage.number < reached and any(one.keyword == "RUN" for one in stage.instructions):
            name = stage.name or f"number {stage.number}"
            yield rule.refuses(stage.origin, f"nothing of stage {name} runs: the target does not need it", differs=True)
