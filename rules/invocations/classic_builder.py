"""The builder before BuildKit lives in a Docker daemon, and nowhere else.

`DOCKER_BUILDKIT=0` and the Docker SDK's `images.build` have the image built inside dockerd, step by step in containers
of its own. No BuildKit is asked, so nothing of this reaches a user-namespaced one: where there is no dockerd the call
fails, and where there is one it builds as real root.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.invocation import Invocation, Machine, Tool
from ...linter.profile import IN_USER_NAMESPACES
from ...linter.rule import Good, Refusal, Rule, Warn

rule = Rule(
    code="NS768",
    name="classic-builder",
    summary="the builder before BuildKit needs a Docker daemon",
    refused=IN_USER_NAMESPACES,
    guidance="Leave the switch out and build with `docker buildx build`, or with buildctl.",
    symptoms=(r"Cannot connect to the Docker daemon at \S+",),
    examples=(
        Warn("«DOCKER_BUILDKIT=0» docker build -t app .\n", path="build.sh"),
        Warn(
            'variables:\n  «DOCKER_BUILDKIT: "0"»\nb:\n  script:\n    - docker build -t app .\n',
            path=".gitlab-ci.yml",
        ),
        Warn('import docker\n«docker.from_env().images.build»(path=".", tag="app")\n', path="build.py"),
        Warn("export DOCKER_BUILDKIT=0\ncd app\n«docker build .»\n", path="build.sh"),
        Good("DOCKER_BUILDKIT=1 docker build -t app .\n", why="this asks for BuildKit", path="build.sh"),
        Good("DOCKER_BUILDKIT=0 docker push app\n", why="nothing is built", path="build.sh"),
        Good("DOCKER_BUILDKIT=0 docker buildx build .\n", why="buildx builds with BuildKit always", path="build.sh"),
        Good(
            'variables:\n  DOCKER_BUILDKIT: "0"\nb:\n  script:\n    - DOCKER_BUILDKIT=1 docker build -t app .\n',
            why="it is set again where it counts",
            path=".gitlab-ci.yml",
        ),
        Good(
            "import docker\nfrom mine import setup\nsetup.build()\ndocker.from_env().images.pull('debian')\n",
            why="pulling is no building",
            path="build.py",
        ),
    ),
    references=("https://docs.docker.com/build/buildkit/",),
)


@rule.check(Invocation)
def classic_builder(invocation: Invocation) -> Iterator[Refusal]:
    if invocation.classic is not None and invocation.machine is not Machine.HOSTED:
        what = "the Docker SDK builds" if invocation.tool is Tool.SDK else "DOCKER_BUILDKIT=0 builds"
        yield rule.refuses(invocation._replace(place=invocation.classic), f"{what} in a Docker daemon", certain=False)
