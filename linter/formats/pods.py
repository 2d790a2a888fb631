"""A pod's spec, wherever it stands: a manifest, a workflow's template, a Jenkinsfile's string."""

from __future__ import annotations

from ..invocation import BuilderSetup, Form, Machine, SetupKind
from ..pod import BuilderPod, Container, ImageKind, Setting, Volume
from ..tools.where import Where
from .collected import Collected
from .yaml_models import container, place, scalar, settings, values, volumes
from .yaml_places import Mapping, Node, items, new_entry

DOCKER_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")
_OWN = ("hostUsers", "hostNetwork", "hostPID", "hostIPC", "runtimeClassName", "securityContext", "restartPolicy")


def where_of(collected: Collected) -> Where:
    """Words in a manifest: a list, in a pod, with no checkout to be relative to."""
    return Where(collected.document.data, Form.LIST, None, machine=Machine.POD)


def read_pod(
    collected: Collected,
    spec: Mapping,
    kind: str,
    annotations: Node | None,
    overrides: dict[str, Setting] | None = None,
) -> None:
    """Read a PodSpec; it becomes a BuilderPod when one of its containers builds. `overrides` are set elsewhere."""
    nodes = [
        item for key in ("initContainers", "containers") for item in items(spec.get(key)) if isinstance(item, Mapping)
    ]
    document = collected.document
    own = {name: one for name, one in settings(document, spec).items() if name.partition(".")[0] in _OWN}
    add_pod(
        collected,
        spec,
        kind,
        nodes,
        settings={**own, **(overrides or {})},
        annotations=settings(document, annotations, depth=1),
        volumes=volumes(document, spec.get("volumes")),
    )


def add_pod(
    collected: Collected,
    spec: Mapping,
    kind: str,
    nodes: list[Mapping],
    *,
    settings: dict[str, Setting],
    annotations: dict[str, Setting],
    volumes: tuple[Volume, ...],
    podless: bool = False,
) -> None:
    """Read the containers of a pod; keep the pod when one of them builds."""
    document = collected.document
    containers: list[Container] = []
    builders: list[Container] = []
    for node in nodes:
        found = container(document, node)
        containers.append(found)
        where = where_of(collected)
        built = collected.container(found, where, values(dict(found.env)), found.name or "")
        script = node.get("script")
        if scalar(script) is not None:
            from .yaml_places import Scalar
            from .yaml_scripts import scalar_script

            assert isinstance(script, Scalar)
            inner = where._replace(form=Form.SHELL, container=found)
            text = scalar_script(document, script)
            built |= collected.script(text, place(document, script), inner, values(dict(found.env)), found.name or "")
        if built or found.kind is not None:
            builders.append(found)
        if found.kind in (ImageKind.DIND, ImageKind.DIND_ROOTLESS) and not built:
            collected.add([BuilderSetup(found.place, SetupKind.DOCKER_DAEMON, (), None, found, Machine.POD)])
    if builders:
        collected.pods.append(
            BuilderPod(
                place(document, spec),
                kind,
                tuple(containers),
                tuple(builders),
                settings,
                annotations,
                volumes,
                new_entry(document, spec),
                podless,
            )
        )
