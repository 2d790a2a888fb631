"""A source that .dockerignore leaves out does not exist; kaniko skipped it.

Kaniko copied nothing where a COPY or ADD names a file that .dockerignore leaves out, and went on. BuildKit never sends
such a file, so the step fails: `failed to calculate checksum … not found`. A pattern that matches nothing, as `*.txt`,
passes in both. What `!` brings back is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.facts import IgnoredSource
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule

rule = Rule(
    code="NS935",
    name="kaniko-ignored-source",
    summary="COPY names a file that .dockerignore leaves out",
    refused=EVERYWHERE,
    guidance="Take it out of .dockerignore, with a line `!name` at the end, or leave it out of the COPY.",
    symptoms=(r"failed to calculate checksum of ref .*not found",),
    only_from=("kaniko",),
    examples=(
        Bad("FROM debian\nCOPY «f» /f\n", context={"f": "1", ".dockerignore": "f\n"}),
        Bad("FROM debian\nADD g «d» /srv/\n", context={"g": "1", "d/f": "1", ".dockerignore": "d\n"}),
        Bad(
            "FROM debian\nCOPY «.dockerignore» /srv/\n",
            context={".dockerignore": ".dockerignore\n"},
            why="a Dockerfile often leaves out the files of the build itself",
        ),
        Good(
            "FROM debian\nCOPY d /d\n", context={"d/f": "1", "d/g": "", ".dockerignore": "d\n!d/g\n"}, why="d/g is sent"
        ),
        Good("FROM debian\nCOPY d /d\n", context={"d/f": "1", ".dockerignore": "d/*\n"}, why="d itself is sent"),
        Good("FROM debian\nCOPY *.txt /srv/\n", context={"f.txt": "", ".dockerignore": "*.txt\n"}, why="a pattern"),
        Good("FROM debian\nCOPY . /srv/\n", context={"f": "1", ".dockerignore": "f\n"}, why="the rest is copied"),
        Good(
            "FROM debian AS a\nRUN touch /f\nFROM debian\nCOPY --from=a f /f\n",
            context={"f": "1", ".dockerignore": "f\n"},
            why="another stage knows no .dockerignore",
        ),
    ),
    references=("https://docs.docker.com/build/concepts/context/#dockerignore-files",),
)


@rule.check(IgnoredSource)
def ignored_source(source: IgnoredSource) -> Iterator[Refusal]:
    yield rule.refuses(source, f"{source.name} is not sent to the builder: .dockerignore leaves it out")
