"""The pod that a kaniko container runs in becomes one that BuildKit can run in: a user namespace, and root in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...linter.edit import Edit
from ...linter.formats.yaml_places import Mapping, Node, Scalar, Yaml, at, mapping, new_entry, scalar
from ...linter.pod import BuilderPod
from ...linter.source import Place

_TEKTON_RUNS = ("TaskRun", "PipelineRun")


def privileged(yaml: Yaml, container: Mapping) -> Iterator[Edit]:
    """`privileged: true`, which is root in the user namespace only."""
    context = container.pair("securityContext")
    if context is None:
        yield from _behind_image(yaml, container)
        return
    node = context.value
    if not isinstance(node, Mapping):
        return
    flag = node.pair("privileged")
    if flag is None:
        yield from _insert(yaml, node, "privileged: true", "privileged: true")
    elif scalar(flag.value) != "true":
        yield _replace(yaml, flag.value, "true")
    escalation = node.pair("allowPrivilegeEscalation")
    if escalation is not None and scalar(escalation.value) == "false":
        yield _replace(yaml, escalation.value, "true")


def user_namespace(yaml: Yaml, pod: BuilderPod) -> Iterator[Edit]:
    """`hostUsers: false`, wherever the format keeps what a pod is."""
    path = _path_to(yaml, pod.place)
    spec = mapping(path[-1]) if path else None
    if spec is None:
        return
    if pod.kind.endswith("Workflow") or pod.kind.endswith("WorkflowTemplate"):
        if spec.pair("podSpecPatch") is None:
            yield from _insert(yaml, spec, "podSpecPatch: 'hostUsers: false'", "podSpecPatch: 'hostUsers: false'")
        return
    if pod.podless or "hostUsers" in pod.settings:
        setting = pod.settings.get("hostUsers")
        if setting is not None and setting.is_true:
            yield Edit(setting.value_place, "false")
        return
    if pod.kind in _TEKTON_RUNS:
        yield from _run(yaml, path, pod.kind)
    else:
        yield from _insert(yaml, spec, "hostUsers: false", "hostUsers: false")


def _run(yaml: Yaml, path: list[Node], kind: str) -> Iterator[Edit]:
    """A TaskRun has a podTemplate, a PipelineRun has it in its taskRunTemplate."""
    spec = mapping(at(path[0], "spec"))
    if spec is None:
        return
    keys = ["podTemplate"] if kind == "TaskRun" else ["taskRunTemplate", "podTemplate"]
    while keys and (found := mapping(spec.get(keys[0]))) is not None:
        spec = found
        keys.pop(0)
    lines = [f"{'  ' * depth}{key}:" for depth, key in enumerate(keys)]
    block = "\n".join([*lines, "  " * len(keys) + "hostUsers: false"])
    flow = "".join(f"{key}: {{" for key in keys) + "hostUsers: false" + "}" * len(keys)
    yield from _insert(yaml, spec, block, flow)


def _path_to(yaml: Yaml, place: Place) -> list[Node]:
    """The nodes from a root down to the one at a place."""
    waiting: list[list[Node]] = [[root] for root in yaml.roots]
    while waiting:
        path = waiting.pop()
        node = path[-1]
        if (node.start, node.end) == (place.start, place.end) and not isinstance(node, Scalar):
            return path
        if isinstance(node, Mapping):
            waiting.extend([*path, pair.value] for pair in node.pairs if not pair.alias)
        elif not isinstance(node, Scalar):
            waiting.extend([*path, item] for item in node.items)
    return []


def mapping_at(yaml: Yaml, place: Place) -> Mapping | None:
    path = _path_to(yaml, place)
    return mapping(path[-1]) if path else None


def _insert(yaml: Yaml, node: Mapping, block: str, flow: str) -> Iterator[Edit]:
    insertion = new_entry(yaml.document, node)
    if insertion is not None:
        yield Edit(insertion.place, insertion.around(flow if node.flow else block))


def _behind_image(yaml: Yaml, container: Mapping) -> Iterator[Edit]:
    """The container's securityContext, on lines of its own below the image."""
    image = container.pair("image")
    if image is None:
        return
    data, end = yaml.document.data, image.end
    if container.flow:
        yield Edit(Place(yaml.document.path, end, end), ", securityContext: {privileged: true}")
        return
    line = re.compile(rb"[^\r\n]*").match(data, end)
    end = line.end() if line else end
    indent = " " * (image.key.start - data.rfind(b"\n", 0, image.key.start) - 1)
    text = f"\n{indent}securityContext:\n{indent}  privileged: true"
    yield Edit(Place(yaml.document.path, end, end), text)


def _replace(yaml: Yaml, node: Node, text: str) -> Edit:
    return Edit(yaml.place(node), text)
