"""A kaniko job can be a BuildKit job.

Kaniko is archived since June 2025. `--unsafe-fixes` makes a BuildKit job of a kaniko one: the image becomes
moby/buildkit, `/kaniko/executor` becomes `buildctl-daemonless.sh build`, and every flag what BuildKit has for it, in
the place where it stood. In a pod, the container becomes privileged and the pod gets `hostUsers: false`, so it is root
in a user namespace of its own, and nobody on the node. Credentials move from /kaniko/.docker to /root/.docker.

What BuildKit has no flag for is named in the guidance: settings of registries go to buildkitd.toml, a context in a
bucket has to be fetched first. Flags without a counterpart that matters (`--snapshot-mode`, `--use-new-run`,
`--cleanup`, …) are left out. kaniko's cache is a repository with a tag for each layer, BuildKit's is one tag of it,
`buildkit`.

In GitLab CI the runner decides what a job's pod is: `privileged = true` and `host_users = false` under
`[runners.kubernetes]`. A Tekton Task cannot say it either: its TaskRun does, with `podTemplate: {hostUsers: false}`.
Cloud Build runs steps on a machine with a Docker daemon, so there the client is `docker buildx`.

What is in the image may differ too: `ns-lint --from kaniko` says where (NS931 and up).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...linter.formats.config import ConfigFile
from ...linter.invocation import Tool
from ...linter.profile import EVERYWHERE
from ...linter.rule import Good, Refusal, Rule, Warn

if TYPE_CHECKING:
    from ...fixes.kaniko.convert import Conversion

_GITLAB = """\
build:
  image:
    name: {image}
    entrypoint: [""]
  script:
    - mkdir -p {home}/.docker && cp "$AUTH" {home}/.docker/config.json
    - >-
      {command}
"""

rule = Rule(
    code="NS901",
    name="kaniko-job",
    summary="a job builds with kaniko",
    refused=EVERYWHERE,
    guidance="Build with BuildKit: --unsafe-fixes rewrites the job.",
    examples=(
        Warn(
            _GITLAB.format(
                image="gcr.io/kaniko-project/executor:v1.24.0-debug",
                home="/kaniko",
                command='«/kaniko/executor -c "$CI_PROJECT_DIR" -d "$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA" --cleanup»',
            ),
            fixed=_GITLAB.format(
                image="moby/buildkit:v0.34.2",
                home="/root",
                command='buildctl-daemonless.sh build --frontend=dockerfile.v0 --local="context=$CI_PROJECT_DIR"'
                ' --output="type=image,name=$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA,push=true"'
                ' --local="dockerfile=$CI_PROJECT_DIR"',
            ),
            path=".gitlab-ci.yml",
        ),
        Warn(
            "FROM=$(cat base)\n«/kaniko/executor -c s3://bucket/context.tar.gz -d registry.example/app:1»\n",
            path="build.sh",
            why="an archive in a bucket has to be fetched first",
        ),
        Good(
            "build:\n  image: alpine\n  script: [echo /kaniko/executor]\n",
            path=".gitlab-ci.yml",
            why="it is only spoken of",
        ),
        Good("FROM debian\nRUN true\n", why="a Dockerfile is no job"),
    ),
    references=(
        "https://github.com/GoogleContainerTools/kaniko",
        "https://docs.gitlab.com/ci/docker/using_buildkit/",
    ),
)


@rule.check(ConfigFile)
def kaniko_job(config: ConfigFile) -> Iterator[Refusal]:
    if not any(invocation.tool is Tool.KANIKO for invocation in config.invocations):
        return
    from ...fixes.kaniko.convert import conversions

    for one in conversions(config):
        yield rule.refuses(
            one.invocation,
            "kaniko builds this" + (f", and it takes a person to translate it: {one.obstacle}" if one.obstacle else ""),
            guidance=_guidance(one),
            fix=one.fix,
            differs=True,
        )


def _guidance(conversion: Conversion) -> str:
    """What a person has to do beside the fix."""
    from ...fixes.kaniko.flags import Fate

    said = [f"--{note.flag}: {note.text}" for note in conversion.notes if note.fate is Fate.GUIDANCE]
    first = f"{rule.guidance} {conversion.remark}".strip() if conversion.fix else "Build with BuildKit."
    return " ".join([first, *(f"{one}." for one in said)])
