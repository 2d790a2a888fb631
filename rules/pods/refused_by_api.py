"""Some settings of a pod exclude each other, and the API server refuses the pod.

With `hostUsers: false` a pod may not share the node's network, PID or IPC namespace, and may not have block devices
(`volumeDevices`). Without it, `procMount: Unmasked` is refused: `` `hostUsers` must be false to use `Unmasked` ``. And
`allowPrivilegeEscalation: false` contradicts `privileged: true`. All of this is the validation of Kubernetes 1.36.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.pod import BuilderPod, Setting
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule

rule = Rule(
    code="NS802",
    name="refused-pod",
    summary="the API server refuses a pod whose settings exclude each other",
    refused=EVERYWHERE,
    guidance="Take one of the two out.",
    symptoms=(r"when `hostUsers` is false", r"`hostUsers` must be false to use `Unmasked`"),
    examples=(
        Bad(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  «hostNetwork: true»\n  containers:\n"
            "    - image: moby/buildkit:v0.32.2\n      securityContext: { privileged: true }\n",
            path="pod.yaml",
        ),
        Bad(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      securityContext: { «procMount: Unmasked» }\n",
            path="pod.yaml",
        ),
        Bad(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext:\n        privileged: true\n        «allowPrivilegeEscalation: false»\n",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  hostNetwork: false\n  containers:\n"
            "    - image: moby/buildkit:v0.32.2\n      securityContext: { privileged: true, procMount: Unmasked }\n",
            why="these go together",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: true\n  containers:\n"
            "    - image: moby/buildkit:v0.32.2\n      securityContext: { privileged: true }\n",
            why="without a user namespace that is allowed",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: tekton.dev/v1\nkind: Task\nspec:\n  steps:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      securityContext: { procMount: Unmasked }\n      command: [buildctl-daemonless.sh, build]\n",
            why="the run may say hostUsers: false",
            path="task.yaml",
        ),
    ),
    references=("https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/#limitations",),
)


@rule.check(BuilderPod)
def refused_pod(pod: BuilderPod) -> Iterator[Refusal]:
    own = pod.in_user_namespace
    if own is True:
        for name in ("hostNetwork", "hostPID", "hostIPC"):
            setting = pod.settings.get(name)
            if setting is not None and setting.is_true:
                yield _refusal(pod, setting, f"hostUsers: false excludes {name}")
    for container in pod.containers:
        unmasked = container.security.get("procMount")
        if own is False and unmasked is not None and unmasked.value == "Unmasked":
            yield _refusal(pod, unmasked, "procMount: Unmasked takes hostUsers: false")
        privileged, escalation = (container.security.get(n) for n in ("privileged", "allowPrivilegeEscalation"))
        if privileged is not None and privileged.is_true and escalation is not None and escalation.is_false:
            yield _refusal(pod, escalation, "privileged: true excludes allowPrivilegeEscalation: false")


def _refusal(pod: BuilderPod, setting: Setting, message: str) -> Refusal:
    return rule.refuses(pod._replace(place=setting.place), message)
