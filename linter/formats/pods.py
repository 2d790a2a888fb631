"""A pod's spec, wherever it stands: a manifest, a workflow's template, a Jenkinsfile's string."""

from __future__ import annotations

from typing import NamedTuple

from ..invocation import BuilderSetup, Form, Invocation, Machine, SetupKind, Tool
from ..pod import BuilderPod, Container, Setting, Volume
from ..tools.where import Where
from .collected import Collected
from .yaml_models import container, place, settings, values, volumes
from .yaml_places import Mapping, Node, Scalar, items, new_entry, scalar
from .yaml_scripts import scalar_script

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
    enforced: Setting | None = None,
) -> None:
    """Read a PodSpec; it becomes a BuilderPod when one of its containers builds. `overrides` are set elsewhere."""
    nodes = [
        item for key in ("initContainers", "containers") for item in items(spec.get(key)) if isinstance(item, Mapping)
    ]
    document = collected.document
    own = {name: one for name, one in settings(document, spec).items() if name.partition(".")[0] in _OWN}
    pod = PodParts(
        {**own, **(overrides or {})},
        settings(document, annotations, depth=1),
        volumes(document, spec.get("volumes")),
        enforced=enforced,
    )
    add_pod(collected, spec, kind, nodes, pod)


class PodParts(NamedTuple):
    """What is said of a pod beside its containers (see BuilderPod)."""

    settings: dict[str, Setting]
    annotations: dict[str, Setting]
    volumes: tuple[Volume, ...]
    podless: bool = False
    enforced: Setting | None = None


def add_pod(collected: Collected, spec: Mapping, kind: str, nodes: list[Mapping], parts: PodParts) -> None:
    """Read the containers of a pod; keep the pod when one of them builds."""
    document = collected.document
    containers = [container(document, node) for node in nodes]
    before = len(collected.invocations), len(collected.setups)
    builders = tuple(
        found for found, node in zip(containers, nodes, strict=True) if _read_container(collected, found, node)
    )
    invocations, setups = collected.invocations[before[0] :], collected.setups[before[1] :]
    if not builders:
        return
    if _is_isolated(parts):
        collected.setups[before[1] :] = [one for one in setups if one.kind is not SetupKind.DOCKER_DAEMON]
    collected.pods.append(
        BuilderPod(
            place(document, spec),
            kind,
            tuple(containers),
            builders,
            tuple(one for one in builders if _runs_daemon(one, invocations, setups)),
            parts.settings,
            parts.annotations,
            parts.volumes,
            new_entry(document, spec),
            parts.podless,
            parts.enforced,
        )
    )


def _read_container(collected: Collected, found: Container, node: Mapping) -> bool:
    """Read what a container runs; whether it has a part in builds."""
    document = collected.document
    where = where_of(collected)._replace(daemon_flags=found.env.get("BUILDKITD_FLAGS"))
    env, name = values(dict(found.env)), found.name or ""
    built = collected.container(found, where, env, name)
    script = node.get("script")
    if isinstance(script, Scalar) and scalar(script) is not None:
        inner = where._replace(form=Form.SHELL, container=found)
        built |= collected.script(scalar_script(document, script), place(document, script), inner, env, name)
    return built or found.kind is not None


def _is_isolated(parts: PodParts) -> bool:
    """Whether root in the pod is not root on the node: then a Docker daemon in it is none either."""
    own = parts.settings.get("hostUsers")
    return (own is not None and own.is_false) or "runtimeClassName" in parts.settings


def _runs_daemon(found: Container, invocations: list[Invocation], setups: list[BuilderSetup]) -> bool:
    """Whether a container starts buildkitd: by its own command, or through buildctl-daemonless.sh."""
    if any(one.container is found and one.kind is SetupKind.BUILDKITD for one in setups):
        return True
    return any(
        one.container is found and one.tool is Tool.BUILDCTL and one.argv[0].text.endswith("daemonless.sh")
        for one in invocations
    )
