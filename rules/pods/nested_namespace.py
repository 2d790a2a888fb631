"""A rootless BuildKit in a pod with a user namespace needs one inside the other.

The -rootless image makes a user namespace by itself, out of the subordinate ids 100000 to 165535. With
`hostUsers: false` the pod's own namespace maps ids 0 to 65535 unless the kubelet's `idsPerPod` is raised, so there are
none to hand on: `newuidmap: write to uid_map failed`. The rootful image with `privileged: true` asks for less and is
root of the same one user namespace.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.pod import BuilderPod, ImageKind
from ...linter.profile import EVERYWHERE
from ...linter.rule import Good, Refusal, Rule, Warn

rule = Rule(
    code="NS810",
    name="nested-namespace",
    summary="a rootless BuildKit needs a second user namespace inside the pod's",
    refused=EVERYWHERE,
    guidance="Take the image without -rootless and `privileged: true`, or raise idsPerPod to 196608 on the nodes.",
    symptoms=(r"newuidmap: write to uid_map failed",),
    examples=(
        Warn(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n"
            "    - image: «moby/buildkit:v0.32.2-rootless»\n      securityContext: { procMount: Unmasked }\n",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext: { privileged: true }\n",
            why="one user namespace is enough",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      args: [--oci-worker-no-process-sandbox]\n",
            why="here its own is the only one",
            path="pod.yaml",
        ),
    ),
    references=("https://kubernetes.io/docs/tasks/configure-pod-container/user-namespaces/",),
)


@rule.check(BuilderPod)
def nested_namespace(pod: BuilderPod) -> Iterator[Refusal]:
    for container in pod.daemons:
        if pod.in_user_namespace is True and container.kind is ImageKind.BUILDKIT_ROOTLESS:
            place = container.image_place or container.place
            yield rule.refuses(pod._replace(place=place), "this makes a second user namespace", certain=False)
