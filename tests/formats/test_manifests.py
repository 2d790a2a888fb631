"""Kubernetes, Tekton and Argo: which pods build, with what, and what is said of them."""

from __future__ import annotations

import pytest

from ns_lint.linter.formats import read_config
from ns_lint.linter.source import Document

from .shown import builds, pods, read, setups

MANIFESTS = """\
apiVersion: v1
kind: Namespace
metadata: { name: ci, labels: { pod-security.kubernetes.io/enforce: baseline } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: buildkitd, namespace: ci }
spec:
  template:
    metadata: { annotations: { a: b } }
    spec:
      hostUsers: false
      securityContext: { fsGroup: 1000 }
      containers:
        - name: buildkitd
          image: moby/buildkit:v0.32.2
          args: [--addr=unix:///x, --debug]
          env: [{ name: A, value: b }, { name: C, valueFrom: { secretKeyRef: {} } }]
          securityContext: { privileged: true, seccompProfile: { type: Unconfined } }
          volumeMounts: [{ name: state, mountPath: /var/lib/buildkit }]
        - { name: metrics, image: exporter }
      volumes:
        - { name: state, emptyDir: {} }
        - { name: src, nfs: { server: s, path: /p } }
---
apiVersion: batch/v1
kind: CronJob
spec: { jobTemplate: { spec: { template: { spec: {
  containers: [{ name: b, image: "moby/buildkit:v0.32.2-rootless", command: [buildctl-daemonless.sh],
                 args: [build, --local, context=/w] }] } } } } }
---
apiVersion: v1
kind: Pod
spec:
  hostUsers: true
  containers:
    - { image: moby/buildkit, command: [buildctl, --addr, "tcp://b:1", build] }
    - { image: "docker:dind" }
---
apiVersion: v1
kind: Pod
spec: { containers: [{ image: "docker.io/nginx", command: [docker, ps] }] }
---
apiVersion: v1
kind: List
items: [{ apiVersion: v1, kind: Pod, spec: { containers: [{ image: x, command: [sh, -c, docker build .] }] } }]
---
apiVersion: v1
kind: ConfigMap
data: { x: docker build . }
"""


def test_pods() -> None:
    assert pods("k8s.yaml", MANIFESTS) == [
        "Deployment userns: *moby/buildkit:v0.32.2",
        "CronJob host: *moby/buildkit:v0.32.2-rootless",
        "Pod host: moby/buildkit, docker:dind",
        "Pod host: x",
    ]
    assert builds("k8s.yaml", MANIFESTS) == [
        "BUILDCTL ?: /w/Dockerfile < /w context=/w",
        "BUILDCTL ?: - < -",
        "DOCKER ?: - < .",
    ]
    assert setups("k8s.yaml", MANIFESTS) == ["BUILDKITD addr=unix:///x debug", "BUILDKITD", "DOCKER_DAEMON"]


def test_a_pods_parts() -> None:
    pod = read("k8s.yaml", MANIFESTS).pods[0]
    (builder,) = pod.builders
    assert [container.name for container in pod.containers] == ["buildkitd", "metrics"]
    assert {name: one.value for name, one in pod.settings.items() if "." in name or name == "hostUsers"} == {
        "hostUsers": "false",
        "securityContext.fsGroup": "1000",
    }
    assert {name: one.value for name, one in builder.security.items() if one.value} == {
        "privileged": "true",
        "seccompProfile.type": "Unconfined",
    }
    assert {name: one.value for name, one in builder.env.items()} == {"A": "b"}
    assert [(mount.volume, mount.path) for mount in builder.mounts] == [("state", "/var/lib/buildkit")]
    assert [(volume.name, volume.source) for volume in pod.volumes] == [("state", "emptyDir"), ("src", "nfs")]
    assert pod.annotations["a"].value == "b"
    assert pod.enforced is not None
    assert pod.enforced.value == "baseline"
    nfs = pod.volume("src")
    assert nfs is not None
    assert nfs.settings["server"].value == "s"


def test_tekton() -> None:
    text = """\
    apiVersion: tekton.dev/v1
    kind: Task
    spec:
      steps:
        - image: gcr.io/kaniko-project/executor:v1
          args: ["--context=$(workspaces.src.path)", "--destination=$(params.IMAGE)"]
        - image: docker
          script: |
            #!/bin/sh
            docker build -t $(params.IMAGE) .
      sidecars: [{ image: "docker:dind", securityContext: { privileged: true } }]
    ---
    apiVersion: tekton.dev/v1beta1
    kind: PipelineRun
    spec:
      podTemplate: { hostUsers: false }
      pipelineSpec:
        tasks:
          - name: a
            taskSpec: { steps: [{ image: moby/buildkit, command: [buildctl-daemonless.sh, build] }] }
          - { name: b, taskRef: { name: kaniko } }
    """
    assert pods("task.yaml", text) == [
        "Task unknown: gcr.io/kaniko-project/executor:v1, docker, docker:dind",
        "PipelineRun userns: *moby/buildkit",
    ]
    assert builds("task.yaml", text)[:2] == [
        "KANIKO ?: - < $(workspaces.src.path) context?$(workspaces.src.path) destination?$(params.IMAGE)",
        "DOCKER ?: - < . tag?$(params.IMAGE)",
    ]


def test_argo() -> None:
    text = """\
    apiVersion: argoproj.io/v1alpha1
    kind: CronWorkflow
    spec:
      workflowSpec:
        podSpecPatch: |
          hostUsers: false
        templates:
          - name: a
            container: { image: moby/buildkit, command: [buildctl-daemonless.sh, build], args: ["--opt={{x}}"] }
          - name: b
            podSpecPatch: '{"hostUsers":true}'
            script: { image: docker, source: "docker build -t {{inputs.x}} ." }
            sidecars: [{ name: d, image: "docker:dind" }]
          - { name: c, steps: [[{ name: a, template: a }]] }
    """
    assert pods("flow.yaml", text) == ["CronWorkflow userns: *moby/buildkit", "CronWorkflow host: docker, docker:dind"]
    assert builds("flow.yaml", text)[1] == "DOCKER ?: - < . tag?{{inputs.x}}"


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Pod\nspec: docker\n",
        "apiVersion: v1\nkind: Pod\nspec: { containers: { image: docker } }\n",
        "apiVersion: v1\nkind: Pod\nspec: { containers: [docker, { image: [x], args: {}, env: x }] }\n",
        "apiVersion: v1\nkind: List\nitems: &a [*a, docker]\n",
        "apiVersion: tekton.dev/v1\nkind: Task\nspec: { steps: docker }\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: { templates: [docker, { container: x }] }\n",
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: {{ .Values.docker }}\n    args: [{{ x }}]\n",
    ],
)
def test_odd_manifests(text: str) -> None:
    read("x.yaml", text)


def test_a_template_is_skipped_with_a_word() -> None:
    text = (
        "{{- if .Values.x }}\napiVersion: v1\nkind: Pod\nspec: { containers: [{ image: moby/buildkit }] }\n{{- end }}\n"
    )
    found = read("templates/pod.yaml", text)
    assert [skipped.message for skipped in found.skipped] == ["it is a template"]


@pytest.mark.parametrize("path", ["values.yaml", "notes.txt", "a.yml", "src/main.go", "README.md"])
def test_other_files_are_no_configs(path: str) -> None:
    assert read_config(Document(path, b"image: docker\nbuild: docker build .\n")) is None
