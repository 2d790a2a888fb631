"""`--squash`, `--isolation` and `--security-opt` do nothing with BuildKit.

buildx takes them for the sake of old scripts and says in a warning that it drops them: the layers stay apart, and a
step runs under BuildKit's own seccomp and AppArmor profiles whatever was written. Compose's `isolation` goes the same
way.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.configs import leave_out
from ...linter.edit import Safety
from ...linter.invocation import DOCKER_FAMILY, Invocation, Option
from ...linter.profile import EVERYWHERE
from ...linter.rule import Good, Refusal, Rule, Warn

rule = Rule(
    code="NS770",
    name="ignored-option",
    summary="an option of the builder before BuildKit does nothing",
    refused=EVERYWHERE,
    guidance="Delete it. Fewer layers: a last stage with `COPY --from`. More privileges: `RUN --security=insecure`.",
    symptoms=(r"(isolation|security-opt|squash) (flag )?is (deprecated|removed)",),
    examples=(
        Warn("docker build «--squash» -t app .\n", fixed="docker build -t app .\n", path="build.sh"),
        Warn(
            "docker build \\\n  «--security-opt seccomp=unconfined» \\\n  -t app .\n",
            fixed="docker build \\\n  -t app .\n",
            path="build.sh",
        ),
        Warn(
            "services:\n  app:\n    build:\n      context: .\n      «isolation: hyperv»\n",
            fixed="services:\n  app:\n    build:\n      context: .\n",
            path="compose.yaml",
        ),
        Warn(
            '{ "build": { "dockerfile": "Dockerfile", "options": [ "--pull", «"--isolation=hyperv"» ] } }\n',
            fixed='{ "build": { "dockerfile": "Dockerfile", "options": [ "--pull" ] } }\n',
            path=".devcontainer/devcontainer.json",
        ),
        Good("docker build --isolation=default .\n", why="it changed nothing before either", path="build.sh"),
        Good("docker build --rm --force-rm --compress .\n", why="these are about the builder's own ways", path="b.sh"),
        Good("DOCKER_BUILDKIT=0 docker build --squash .\n", why="that builder knows it", path="build.sh"),
        Good("docker run --security-opt seccomp=unconfined app\n", why="this runs an image", path="run.sh"),
        Good("buildah bud --isolation chroot --squash .\n", why="buildah knows them", path="build.sh"),
    ),
    references=("https://docs.docker.com/reference/cli/docker/buildx/build/",),
)


@rule.check(Invocation)
def ignored_option(invocation: Invocation) -> Iterator[Refusal]:
    if invocation.tool not in DOCKER_FAMILY or invocation.classic is not None:
        return
    for option in invocation.values("squash", "isolation", "security-opt"):
        if _says_something(option):
            yield rule.refuses(
                invocation._replace(place=option.place),
                f"BuildKit drops {option.written}",
                fix=leave_out(option, f"delete `{option.written}`", Safety.SAFE),
                differs=True,
            )


def _says_something(option: Option) -> bool:
    if option.name == "squash":
        return option.value in (None, "true")
    return option.name == "security-opt" or option.value not in ("default", "")
