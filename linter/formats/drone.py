"""Drone, Woodpecker and Vela pipelines: steps with commands, and the plugins that build."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..invocation import BuilderSetup, Form, Invocation, SetupKind, Tool
from ..pod import Container, ImageKind
from ..source import Document, Place
from ..source import join as joined
from ..tools.images import image_kind
from ..tools.where import Where, last, target_of
from .collected import Collected
from .config import ConfigFile
from .inputs import options
from .yaml_models import container, environment, values
from .yaml_places import Mapping, Node, Scalar, at, items, read_yaml, scalar
from .yaml_scripts import scalar_script

KANIKO_PLUGIN = re.compile(
    r"(?:^|/)(?:plugins/kaniko(?:-(?:gcr|gar|ecr|acr))?|woodpeckerci/plugin-kaniko|banzaicloud/drone-kaniko"
    r"|target/vela-kaniko)(?:[:@]|$)"
)
DOCKER_PLUGIN = re.compile(
    r"(?:^|/)(?:plugins/(?:docker|ecr|gcr|acr|gar)|plugins/docker-[\w-]+|woodpeckerci/plugin-docker(?:-buildx)?"
    r"|target/vela-docker|thegeeklab/drone-docker(?:-buildx)?)(?:[:@]|$)"
)
"""Plugins that start a Docker daemon of their own, for which the runner gives them privileges."""

KANIKO_SETTINGS = {
    "args": "build-arg",
    "build_args": "build-arg",
    "build_args_new": "build-arg",
    "cache_repo": "cache-repo",
    "custom_labels": "label",
    "destinations": "destination",
    "dry_run": "no-push",
    "enable_cache": "cache",
    "mirrors": "registry-mirror",
    "registry_mirrors": "registry-mirror",
}
_DOCKER_SETTINGS = {
    "add_host": "add-host",
    "build_args": "build-arg",
    "cache_from": "cache-from",
    "custom_labels": "label",
    "dockerfile": "file",
    "labels": "label",
    "platforms": "platform",
}


def read(document: Document) -> ConfigFile:
    """The steps of every pipeline in the file."""
    collected = Collected(document)
    yaml = read_yaml(document)
    if yaml.problem is not None:
        collected.skip(yaml.at, yaml.problem)
    for root in yaml.roots:
        stages = at(root, "stages")
        owners: list[Node] = [root]
        if isinstance(stages, Mapping):
            owners.extend(pair.value for pair in stages.pairs)
        for owner in owners:
            for key in ("steps", "pipeline", "services"):
                for name, step in _steps(at(owner, key)):
                    _step(collected, name, step)
    return collected.file("drone")


def _steps(node: Node | None) -> Iterator[tuple[str, Mapping]]:
    """A list of steps, or a mapping of them by name."""
    if isinstance(node, Mapping):
        yield from ((pair.key.value, pair.value) for pair in node.pairs if isinstance(pair.value, Mapping))
    for item in items(node):
        if isinstance(item, Mapping):
            yield scalar(item.get("name")) or "", item


def _step(collected: Collected, name: str, step: Mapping) -> None:
    document = collected.document
    found = container(document, step)
    env = environment(document, step.get("environment"))
    where = Where(document.data, Form.SHELL, "", found)
    commands = step.get("commands")
    lines = [item for item in (items(commands) or (commands,)) if isinstance(item, Scalar)]
    if lines:
        script = joined([scalar_script(document, line) for line in lines], "\n")
        here = Place(document.path, lines[0].start, max(lines[0].end, lines[-1].end))
        collected.script(script, here, where, values(env), name)
        return
    if found.image is None:
        return
    if KANIKO_PLUGIN.search(found.image):
        collected.invocations.append(_plugin(document, step, found, Tool.KANIKO, KANIKO_SETTINGS))
    elif DOCKER_PLUGIN.search(found.image):
        collected.invocations.append(_plugin(document, step, found, Tool.DOCKER, _DOCKER_SETTINGS))
        collected.setups.append(
            BuilderSetup(found.image_place or found.place, SetupKind.DOCKER_DAEMON, (), None, found)
        )
    elif image_kind(found.image) in (ImageKind.DIND, ImageKind.DIND_ROOTLESS):
        collected.setups.append(
            BuilderSetup(found.image_place or found.place, SetupKind.DOCKER_DAEMON, (), None, found)
        )


def _plugin(document: Document, step: Mapping, found: Container, tool: Tool, names: dict[str, str]) -> Invocation:
    """Settings are a plugin's flags with underscores; Vela calls them parameters."""
    node = step.get("settings") or step.get("parameters")
    keys = [pair.key.value for pair in node.pairs] if isinstance(node, Mapping) else []
    renamed = {key: names.get(key) or key.replace("_", "-") for key in keys}
    given = tuple(options(document, node, renamed, frozenset()))
    context, file = last(given, "context"), last(given, "file") or last(given, "dockerfile")
    return Invocation(
        found.image_place or found.place,
        tool,
        given,
        file.text if file else None,
        (context.text if context else None) or ".",
        target_of(given),
        "",
        Form.KEYS,
        container=found,
    )
