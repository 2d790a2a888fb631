"""Kubernetes manifests, Tekton tasks and Argo workflows: one file may hold several of them."""

from __future__ import annotations

import re

from ..pod import Setting
from ..source import Document
from .collected import Collected
from .config import ConfigFile
from .pods import PodParts, add_pod, read_pod
from .yaml_models import place, setting, settings, volumes
from .yaml_places import Mapping, Node, at, items, mapping, read_yaml, scalar

_POD_TEMPLATES = {
    "Pod": (),
    "PodTemplate": ("template",),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
"""Where the mapping that holds a pod's `spec` and `metadata` is; below `spec.template` for all the other kinds."""
_WORKLOADS = frozenset(
    "Job Deployment StatefulSet DaemonSet ReplicaSet ReplicationController AutoscalingRunnerSet RunnerDeployment"
    " RunnerSet".split()
)
_HOST_USERS = re.compile(r"[\"']?hostUsers[\"']?\s*:\s*(true|false)")
MAX_DEPTH = 6


def read(document: Document) -> ConfigFile:
    """Every manifest of the file that has a part in builds."""
    collected = Collected(document)
    read_into(collected)
    return collected.file("kubernetes")


def read_into(collected: Collected, *, pod_without_kind: bool = False) -> None:
    """Read the document of `collected`, which may be a part of another file with the same offsets.

    `pod_without_kind` takes a mapping with a `spec` for a Pod, as a Jenkins agent does.
    """
    yaml = read_yaml(collected.document)
    if yaml.problem is not None:
        collected.skip(yaml.at, yaml.problem)
    enforced = _enforced(collected, yaml.roots)
    for root in yaml.roots:
        node = mapping(root)
        if pod_without_kind and node is not None and node.get("kind") is None:
            spec = mapping(node.get("spec"))
            if spec is not None:
                read_pod(collected, spec, "Pod", at(node, "metadata", "annotations"))
        else:
            _manifest(collected, node, enforced, 0)


ENFORCE = "pod-security.kubernetes.io/enforce"
"""The label with which a namespace says what pods it admits: `privileged`, `baseline` or `restricted`."""


def _enforced(collected: Collected, roots: tuple[Node, ...]) -> dict[str, Setting]:
    """The Pod Security level of each namespace in the file."""
    found: dict[str, Setting] = {}
    for root in roots:
        name = scalar(at(root, "metadata", "name"))
        labels = mapping(at(root, "metadata", "labels"))
        level = labels.pair(ENFORCE) if labels is not None else None
        if scalar(at(root, "kind")) == "Namespace" and name is not None and level is not None:
            found[name] = setting(collected.document, level)
    return found


def _manifest(collected: Collected, root: Mapping | None, enforced: dict[str, Setting], depth: int) -> None:
    if root is None or depth > MAX_DEPTH:
        return
    kind, version = scalar(root.get("kind")) or "", scalar(root.get("apiVersion")) or ""
    if kind == "List":
        for item in items(root.get("items")):
            _manifest(collected, mapping(item), enforced, depth + 1)
    elif version.startswith("tekton.dev/"):
        _tekton(collected, root, kind)
    elif version.startswith("argoproj.io/") and kind.endswith(("Workflow", "WorkflowTemplate")):
        _argo(collected, root, kind)
    elif kind in _POD_TEMPLATES or kind in _WORKLOADS:
        template = mapping(at(root, *_POD_TEMPLATES.get(kind, ("spec", "template"))))
        spec = mapping(at(template, "spec"))
        namespace = scalar(at(root, "metadata", "namespace")) or ""
        if spec is not None:
            annotations = at(template, "metadata", "annotations")
            read_pod(collected, spec, kind, annotations, None, enforced.get(namespace))


# -------------------------------------------------------------------------------------------------------------- Tekton


def _tekton(collected: Collected, root: Mapping, kind: str) -> None:
    spec = mapping(root.get("spec"))
    if spec is None:
        return
    run = _run_settings(collected, spec) if kind.endswith("Run") else None
    if kind in ("Task", "ClusterTask"):
        _task(collected, spec, kind, None)
    elif kind == "TaskRun":
        _task(collected, mapping(spec.get("taskSpec")), kind, run)
    elif kind in ("Pipeline", "PipelineRun"):
        pipeline = mapping(spec.get("pipelineSpec")) if kind == "PipelineRun" else spec
        for key in ("tasks", "finally"):
            for task in items(at(pipeline, key)):
                _task(collected, mapping(at(task, "taskSpec")), kind, run)


def _run_settings(collected: Collected, spec: Mapping) -> dict[str, Setting]:
    """What a run says of the pods that it makes."""
    found: dict[str, Setting] = {}
    for node in (spec.get("podTemplate"), at(spec, "taskRunTemplate", "podTemplate")):
        found.update(settings(collected.document, node))
    return found


def _task(collected: Collected, spec: Mapping | None, kind: str, run: dict[str, Setting] | None) -> None:
    """A task's steps and sidecars are the containers of one pod. A task alone does not say how its pod is."""
    if spec is None:
        return
    nodes = [item for key in ("steps", "sidecars") for item in items(spec.get(key)) if isinstance(item, Mapping)]
    add_pod(
        collected,
        spec,
        kind,
        nodes,
        PodParts(run or {}, {}, volumes(collected.document, spec.get("volumes")), podless=run is None),
    )


# ---------------------------------------------------------------------------------------------------------------- Argo


def _argo(collected: Collected, root: Mapping, kind: str) -> None:
    spec = mapping(at(root, "spec", "workflowSpec") or root.get("spec"))
    if spec is None:
        return
    document = collected.document
    shared = _patched(collected, spec)
    for template in items(spec.get("templates")):
        if not isinstance(template, Mapping):
            continue
        nodes = [m for key in ("container", "script") if (m := mapping(template.get(key))) is not None]
        for sequence in (
            template.get("initContainers"),
            template.get("sidecars"),
            at(template, "containerSet", "containers"),
        ):
            nodes.extend(item for item in items(sequence) if isinstance(item, Mapping))
        own = {name: one for name, one in settings(document, template).items() if name.startswith("securityContext")}
        add_pod(
            collected,
            template,
            kind,
            _with_sources(nodes),
            PodParts(
                {**shared, **own, **_patched(collected, template)},
                settings(document, at(template, "metadata", "annotations"), depth=1),
                (*volumes(document, spec.get("volumes")), *volumes(document, template.get("volumes"))),
            ),
        )


def _with_sources(nodes: list[Mapping]) -> list[Mapping]:
    """An Argo `script` keeps its text under `source`: read it as Tekton's `script`."""
    found: list[Mapping] = []
    for node in nodes:
        source = node.pair("source")
        if source is None:
            found.append(node)
            continue
        renamed = source._replace(key=source.key._replace(value="script"))
        found.append(node._replace(pairs=(*node.pairs, renamed)))
    return found


def _patched(collected: Collected, node: Mapping) -> dict[str, Setting]:
    """`hostUsers` can only be set by a patch of the pod, which is a string of JSON or YAML."""
    patch: Node | None = node.get("podSpecPatch")
    text = scalar(patch)
    found = _HOST_USERS.search(text) if text else None
    if found is None or patch is None:
        return {}
    here = place(collected.document, patch)
    return {"hostUsers": Setting(found[1], here, here)}
