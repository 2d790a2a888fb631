"""A privileged pod without `hostUsers: false` is real root on the node.

BuildKit in a privileged pod can load modules, mount the node's disks and read every other pod's files. With
`hostUsers: false` the same `privileged: true` counts only in a user namespace of the pod's own (Kubernetes 1.33 or
later by default, containerd 2, Linux 6.3). It is a field of the pod. A Tekton Task cannot say it, a TaskRun or a
PipelineRun says it in its podTemplate; an Argo workflow says it in `podSpecPatch`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.configs import put_in
from ...linter.edit import Safety
from ...linter.pod import BuilderPod, ImageKind
from ...linter.profile import Refused
from ...linter.rule import Good, Refusal, Rule, Warn

MANIFESTS = frozenset({"Pod", "Job", "CronJob", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})

rule = Rule(
    code="NS801",
    name="host-users",
    summary="a privileged pod without hostUsers: false is real root on the node",
    refused=Refused(frozenset({"userns"}), frozenset({"userns"})),
    guidance="Add `hostUsers: false` to the pod (Tekton: to the run's podTemplate, Argo: by podSpecPatch).",
    examples=(
        Warn(
            "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n"
            "        - name: buildkitd\n          image: moby/buildkit:v0.32.2\n"
            "          securityContext:\n            «privileged: true»\n",
            fixed="apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n"
            "      hostUsers: false\n      containers:\n"
            "        - name: buildkitd\n          image: moby/buildkit:v0.32.2\n"
            "          securityContext:\n            privileged: true\n",
            path="buildkitd.yaml",
        ),
        Warn(
            "apiVersion: v1\nkind: Pod\nspec: { containers: [{ image: moby/buildkit, "
            "securityContext: { «privileged: true» } }] }\n",
            fixed="apiVersion: v1\nkind: Pod\nspec: { hostUsers: false, containers: [{ image: moby/buildkit, "
            "securityContext: { privileged: true } }] }\n",
            path="pod.yaml",
        ),
        Warn(
            "apiVersion: tekton.dev/v1\nkind: TaskRun\nspec:\n  taskSpec:\n    steps:\n"
            "      - image: moby/buildkit:v0.32.2\n        securityContext: { «privileged: true» }\n"
            "        command: [buildctl-daemonless.sh, build]\n",
            path="run.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext: { privileged: true }\n",
            why="it is root of its own user namespace",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: docker.io/postgres:16\n"
            "      securityContext: { privileged: true }\n",
            why="nothing is built there",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: tekton.dev/v1\nkind: Task\nspec:\n  steps:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext: { privileged: true }\n      command: [buildctl-daemonless.sh, build]\n",
            why="the run says it, in another file",
            path="task.yaml",
        ),
        Good(
            "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec:\n  podSpecPatch: '{\"hostUsers\": false}'\n"
            "  templates:\n    - name: a\n      container:\n        image: moby/buildkit:v0.32.2\n"
            "        securityContext: { privileged: true }\n",
            why="the patch says it",
            path="workflow.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      command: [buildctl, --addr, tcp://buildkitd:1234, build]\n",
            why="a client needs no privilege",
            path="pod.yaml",
        ),
    ),
    references=(
        "https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/",
        "https://github.com/moby/buildkit/tree/master/examples/kubernetes",
    ),
)


@rule.check(BuilderPod)
def host_users(pod: BuilderPod) -> Iterator[Refusal]:
    if pod.in_user_namespace is not False:
        return
    for container in pod.builders:
        privileged = container.security.get("privileged")
        if privileged is None or not privileged.is_true or container.kind is ImageKind.DIND_ROOTLESS:
            continue
        where = pod.entry if pod.kind in MANIFESTS and "hostUsers" not in pod.settings else None
        yield rule.refuses(
            pod._replace(place=privileged.place),
            "this container is real root on the node",
            fix=put_in(where, "hostUsers: false", "add `hostUsers: false`", Safety.UNSAFE),
            differs=True,
        )
