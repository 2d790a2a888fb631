"""An image made of kaniko's cannot build under BuildKit's terms.

Where a Dockerfile starts from kaniko's image, or copies /kaniko out of it, the result is a builder of one's own. What
takes its place is moby/buildkit, or `COPY --from=moby/buildkit /usr/bin/buildctl /usr/bin/` in an image that only talks
to a daemon. moby/buildkit is an Alpine: it has a shell, and `apk add` for what else the jobs need.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.build import Build, sources
from ...linter.pod import ImageKind
from ...linter.profile import EVERYWHERE
from ...linter.rule import Good, Refusal, Rule
from ...linter.tools.images import image_kind

rule = Rule(
    code="NS903",
    name="kaniko-image",
    summary="an image is made of kaniko's",
    refused=EVERYWHERE,
    guidance="Start from moby/buildkit, or copy /usr/bin/buildctl from it.",
    only_from=("kaniko",),
    examples=(
        Good(
            "FROM debian AS kaniko\nRUN touch /f\nFROM debian\nCOPY --from=kaniko /f /f\n", why="a stage of that name"
        ),
        Good("FROM debian\nRUN echo gcr.io/kaniko-project/executor > /srv/x\n", why="it is only written about"),
    ),
    references=("https://hub.docker.com/r/moby/buildkit",),
)


@rule.check(Build)
def kaniko_image(build: Build) -> Iterator[Refusal]:
    names = {stage.name for stage in build.stages}
    for stage in build.stages:
        if stage.base is not None and stage.base.lower() not in names and _is_kaniko(stage.base):
            yield rule.refuses(stage.origin, f"it starts from {stage.base}", differs=True)
        for instruction in stage.instructions:
            found = [name for name in sources(instruction) if name.lower() not in names and _is_kaniko(name)]
            if found:
                yield rule.refuses(instruction, f"it takes files of {found[0]}", differs=True)


def _is_kaniko(image: str) -> bool:
    return image_kind(image) is ImageKind.KANIKO
