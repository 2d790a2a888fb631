"""The moby/buildkit image needs `privileged: true`, in a user namespace too.

buildkitd mounts snapshots and runc mounts a /proc for every step. An ordinary container has no CAP_SYS_ADMIN, and its
runtime masks parts of /proc, which keeps the kernel from mounting another one even in a user namespace: `failed to
mount …: operation not permitted`. With `hostUsers: false`, `privileged: true` gives both and is root of that user
namespace only. Without privileges there is the rootless image, `moby/buildkit:…-rootless`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.pod import BuilderPod, Container, ImageKind
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule
from ...linter.source import Place

rule = Rule(
    code="NS803",
    name="unprivileged-daemon",
    summary="a rootful buildkitd needs privileged: true",
    refused=EVERYWHERE,
    guidance="Add `privileged: true` beside `hostUsers: false`, or take the -rootless image.",
    symptoms=(r"failed to (read dockerfile: failed to )?mount .*operation not permitted",),
    examples=(
        Bad(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n"
            "    - image: «moby/buildkit:v0.32.2»\n",
            path="pod.yaml",
        ),
        Bad(
            "apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      hostUsers: false\n"
            "      containers:\n        - image: «moby/buildkit:v0.32.2»\n          command: [buildctl-daemonless.sh]\n"
            "          args: [build, --local, context=.]\n          securityContext: { privileged: false }\n",
            path="job.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext: { privileged: true }\n",
            why="that is root of its own user namespace",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      command: [buildctl, --addr, tcp://buildkitd:1234, build]\n",
            why="a client needs no privilege",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      args: [--oci-worker-no-process-sandbox]\n",
            why="that image is made for it",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext: { procMount: Unmasked, capabilities: { add: [SYS_ADMIN] } }\n",
            why="whether that is enough, the node decides",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  runtimeClassName: sysbox-runc\n  containers:\n"
            "    - image: moby/buildkit:v0.32.2\n",
            why="another runtime has other ways",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: mine/buildkit:1\n",
            why="nobody knows how that image was made",
            path="pod.yaml",
        ),
    ),
    references=("https://github.com/moby/buildkit/tree/master/examples/kubernetes",),
)


@rule.check(BuilderPod)
def unprivileged_daemon(pod: BuilderPod) -> Iterator[Refusal]:
    if "runtimeClassName" in pod.settings:
        return
    for container in pod.daemons:
        if container.kind is ImageKind.BUILDKIT and _is_upstream(container) and _is_unprivileged(container):
            yield rule.refuses(pod._replace(place=_place(container)), "this buildkitd may mount nothing")


def _is_upstream(container: Container) -> bool:
    return container.image is not None and "moby/buildkit" in container.image


def _is_unprivileged(container: Container) -> bool:
    security = container.security
    if any(name.startswith(("capabilities", "procMount")) for name in security):
        return False
    privileged = security.get("privileged")
    return privileged is None or privileged.is_false


def _place(container: Container) -> Place:
    return container.image_place or container.place
