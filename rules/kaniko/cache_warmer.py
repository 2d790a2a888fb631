"""Kaniko's warmer has nothing to do for BuildKit.

The warmer downloads base images into a volume, which the executor reads with `--cache-dir`. BuildKit cannot read them.
It keeps what it has pulled in its own state: put that on a volume (/var/lib/buildkit), let the daemon live longer than
a job, or have a mirror near: `registry."docker.io".mirrors = ["mirror.example"]` in buildkitd.toml.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.invocation import Invocation, Tool
from ...linter.profile import EVERYWHERE
from ...linter.rule import Good, Refusal, Rule, Warn

rule = Rule(
    code="NS902",
    name="kaniko-warmer",
    summary="the cache that kaniko's warmer fills is of no use to BuildKit",
    refused=EVERYWHERE,
    guidance="Delete it: keep BuildKit's state on a volume, or use a registry mirror.",
    examples=(
        Warn("«/kaniko/warmer --cache-dir=/cache --image=debian:12»\n", path="warm.sh"),
        Good("/kaniko/executor -c . --no-push\n", path="build.sh", why="the executor is another program"),
        Good("FROM debian\nRUN true\n", why="a Dockerfile is no job"),
    ),
    references=("https://github.com/GoogleContainerTools/kaniko#caching-base-images",),
)


@rule.check(Invocation)
def cache_warmer(invocation: Invocation) -> Iterator[Refusal]:
    if invocation.tool is Tool.WARMER:
        yield rule.refuses(invocation, "BuildKit does not read the images that this downloads", differs=True)
