"""Heredocs run; kaniko knew none.

To kaniko v1.24 a heredoc is nothing: it runs `<<EOF` as the command, which a shell takes for an empty document and
passes, and copies nothing. Under BuildKit the body runs as a script, or becomes the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.build import Build
from ...linter.profile import EVERYWHERE
from ...linter.rule import Good, Refusal, Rule, Warn

rule = Rule(
    code="NS937",
    name="kaniko-heredoc",
    summary="a heredoc acts, which kaniko ignored",
    refused=EVERYWHERE,
    guidance="Check that the image is to have what the heredoc makes.",
    only_from=("kaniko",),
    examples=(
        Warn("FROM debian\n«RUN <<EOF\ntouch /srv/x\nEOF»\nRUN [ -e /srv/x ]\n"),
        Warn("FROM debian\n«COPY <<EOF /srv/x\n1\nEOF»\nRUN [ -e /srv/x ]\n"),
        Good("FROM debian\nRUN echo '<<EOF'\n", why="it is a text"),
    ),
    references=("https://docs.docker.com/reference/dockerfile/#here-documents",),
)


@rule.check(Build)
def heredoc(build: Build) -> Iterator[Refusal]:
    for step in build.steps:
        if step.instruction.heredocs:
            yield rule.refuses(step.instruction, "kaniko did nothing with this heredoc", differs=True)
