"""buildkitd must start as root of its user namespace.

The rootful moby/buildkit image runs as uid 0, which with `hostUsers: false` is nobody on the node. As another user
buildkitd refuses to start: `rootless mode requires to be executed as the mapped root in a user namespace`. With
`runAsNonRoot: true` the kubelet does not even start the container, since it looks at the uid inside.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.configs import leave_out
from ...linter.edit import Safety
from ...linter.pod import BuilderPod, Container, ImageKind, Setting
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule

rule = Rule(
    code="NS804",
    name="rootful-user",
    summary="a rootful buildkitd must run as root",
    refused=EVERYWHERE,
    guidance="Delete it: uid 0 is root only inside, with `hostUsers: false`. Without that, take the -rootless image.",
    symptoms=(
        r"rootless mode requires to be executed as the mapped root in a user namespace",
        r"container has runAsNonRoot and image will run as root",
    ),
    examples=(
        Bad(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext:\n        privileged: true\n        «runAsUser: 1000»\n",
            fixed="apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n"
            "    - image: moby/buildkit:v0.32.2\n      securityContext:\n        privileged: true\n",
            path="pod.yaml",
        ),
        Bad(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  securityContext:\n    «runAsNonRoot: true»\n"
            "    fsGroup: 0\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext: { privileged: true }\n",
            fixed="apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  securityContext:\n"
            "    fsGroup: 0\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext: { privileged: true }\n",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      args: [--oci-worker-no-process-sandbox]\n      securityContext: { runAsUser: 1000 }\n",
            why="that image runs as 1000",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  securityContext: { runAsNonRoot: true }\n"
            "  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext: { privileged: true, runAsNonRoot: false, runAsUser: 0 }\n",
            why="the container's own setting counts",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      command: [buildctl, --addr, tcp://buildkitd:1234, build]\n"
            "      securityContext: { runAsUser: 1000, runAsNonRoot: true }\n",
            why="a client may be anybody",
            path="pod.yaml",
        ),
    ),
    references=("https://github.com/moby/buildkit/blob/master/docs/rootless.md",),
)


@rule.check(BuilderPod)
def rootful_user(pod: BuilderPod) -> Iterator[Refusal]:
    for container in pod.daemons:
        if container.kind is not ImageKind.BUILDKIT:
            continue
        user = _setting(pod, container, "runAsUser")
        if user is not None and user.value is not None and user.value.isdecimal() and int(user.value) != 0:
            yield _refusal(pod, user, "buildkitd does not start as another user than root")
            continue
        non_root = _setting(pod, container, "runAsNonRoot")
        if non_root is not None and non_root.is_true:
            yield _refusal(pod, non_root, "the kubelet does not start an image that runs as root")


def _setting(pod: BuilderPod, container: Container, name: str) -> Setting | None:
    """The container's own setting, else the pod's."""
    return container.security.get(name) or pod.settings.get(f"securityContext.{name}")


def _refusal(pod: BuilderPod, setting: Setting, message: str) -> Refusal:
    name = setting.place
    return rule.refuses(pod._replace(place=name), message, fix=leave_out(setting, "delete it", Safety.UNSAFE))
