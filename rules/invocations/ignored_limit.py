"""Limits on a build's memory and CPU are not applied in a user namespace.

BuildKit takes the cgroup settings out of every container it starts in a user namespace, because it may not make
cgroups there: `--memory`, the `--cpu-…` family, `--resource`, bake's `resources`, `--cgroup-parent` and the daemon's
`defaultCgroupParent` are accepted and do nothing. A step that allocates 60 MB under `--resource memory=20m` is killed
on a BuildKit that runs as real root, and passes in a user namespace. What limits steps there is the pod.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.configs import leave_out
from ...linter.edit import Safety
from ...linter.invocation import DOCKER_FAMILY, BuilderSetup, Invocation, Option, SetupKind, Tool
from ...linter.profile import IN_USER_NAMESPACES
from ...linter.rule import Good, Refusal, Rule, Warn

LIMITS = (
    *("memory", "memory-swap", "cpu-shares", "cpu-period", "cpu-quota", "cpuset-cpus", "cpuset-mems"),
    *("resource", "cgroup-parent"),
)

rule = Rule(
    code="NS769",
    name="ignored-limit",
    summary="limits on a build are not applied in a user namespace",
    refused=IN_USER_NAMESPACES,
    guidance="Set resources on the pod that runs buildkitd, and `max-parallelism` in its config.",
    examples=(
        Warn("docker build «--memory=2g» -t app .\n", fixed="docker build -t app .\n", path="build.sh"),
        Warn("docker build «-m 2g» .\n", fixed="docker build .\n", path="build.sh"),
        Warn(
            "buildctl build «--opt cgroup-parent=/ci» --local context=.\n",
            fixed="buildctl build --local context=.\n",
            path="build.sh",
        ),
        Warn(
            '{"target": {"app": {"context": ".", "resources": {«"memory": "2g"»}}}}\n',
            fixed='{"target": {"app": {"context": "."}}}\n',
            path="docker-bake.json",
        ),
        Warn(
            '[worker.oci]\n  gc = true\n  «defaultCgroupParent = "/ci"»\n',
            fixed="[worker.oci]\n  gc = true\n",
            path="buildkitd.toml",
        ),
        Good("docker run --memory=2g app\n", why="this runs an image", path="run.sh"),
        Good("docker build --shm-size=1g .\n", why="that one is applied", path="build.sh"),
        Good(
            "services:\n  app:\n    build: .\n    mem_limit: 2g\n    cgroup_parent: ci\n",
            why="this is about the running service",
            path="compose.yaml",
        ),
        Good("podman build --memory=2g .\n", why="it is not BuildKit that builds", path="build.sh"),
    ),
    references=("https://github.com/moby/buildkit/blob/master/docs/rootless.md",),
)


@rule.check(Invocation)
def ignored_limit(invocation: Invocation) -> Iterator[Refusal]:
    if invocation.tool not in (*DOCKER_FAMILY, Tool.BUILDCTL):
        return
    for option in invocation.values(*LIMITS):
        yield _ignored(invocation._replace(place=option.place), option)


@rule.check(BuilderSetup)
def ignored_cgroup(setup: BuilderSetup) -> Iterator[Refusal]:
    if setup.kind is SetupKind.CONFIG:
        for option in setup.values("worker.oci.defaultCgroupParent", "worker.containerd.defaultCgroupParent"):
            yield _ignored(setup._replace(place=option.place), option)


def _ignored(fact: Invocation | BuilderSetup, option: Option) -> Refusal:
    fix = leave_out(option, f"delete `{option.written}`", Safety.UNSAFE)
    return rule.refuses(fact, f"{option.written} does nothing in a user namespace", fix=fix, differs=True)
