"""A Docker daemon of the job's own builds as real root.

`docker:dind` as a service or a sidecar, the Docker plugins of Drone, rules of Bazel that run a container: each needs a
dockerd, which wants a privileged container in the host's user namespace. What is built with it does not go to the
BuildKit in the user namespace, so nothing that holds there holds for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.invocation import BuilderSetup, Machine, SetupKind
from ...linter.pod import ImageKind
from ...linter.profile import Refused
from ...linter.rule import Good, Refusal, Rule, Warn

rule = Rule(
    code="NS783",
    name="docker-daemon",
    summary="a Docker daemon of the job's own builds as real root",
    refused=Refused(frozenset({"userns"}), frozenset({"userns"})),
    guidance="Drop it, and build with buildctl or `docker buildx build` on a remote BuildKit.",
    examples=(
        Warn(
            "build:\n  image: docker:27\n  services: [«docker:27-dind»]\n  script: [docker build .]\n",
            path=".gitlab-ci.yml",
        ),
        Warn(
            "build:\n  image: docker:27\n  services:\n    - «name: docker:dind\n      alias: docker»\n"
            "  script: [docker build .]\n",
            path=".gitlab-ci.yml",
        ),
        Warn(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: «docker:27-dind»\n"
            "      securityContext: { privileged: true }\n",
            path="pod.yaml",
        ),
        Warn("kind: pipeline\nsteps:\n  - name: image\n    image: «plugins/docker»\n", path=".drone.yml"),
        Warn("«dockerd» &\ndocker build .\n", path="build.sh"),
        Good(
            "build:\n  image: docker:27\n  services: [postgres:16]\n  script: [docker buildx build --push .]\n",
            why="no daemon is started",
            path=".gitlab-ci.yml",
        ),
        Good(
            "jobs:\n  a:\n    runs-on: ubuntu-latest\n    services:\n      d: { image: docker:dind }\n    steps: []\n",
            why="on a machine of its own it works",
            path=".github/workflows/image.yml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  runtimeClassName: sysbox-runc\n  containers:\n"
            "    - image: docker:27-dind\n",
            why="root in that pod is nobody on the node",
            path="pod.yaml",
        ),
        Good("systemctl enable docker\ndocker build .\n", why="nothing is started here", path="build.sh"),
    ),
    references=("https://docs.gitlab.com/ci/docker/using_buildkit/",),
)


@rule.check(BuilderSetup)
def docker_daemon(setup: BuilderSetup) -> Iterator[Refusal]:
    rootless = setup.container is not None and setup.container.kind is ImageKind.DIND_ROOTLESS
    if setup.kind is SetupKind.DOCKER_DAEMON and setup.machine is not Machine.HOSTED and not rootless:
        yield rule.refuses(setup, "this starts a Docker daemon, which builds as real root", differs=True)
