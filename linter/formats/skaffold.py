"""skaffold.yaml: the artifacts that docker, kaniko or a command of one's own builds."""

from __future__ import annotations

import re
from posixpath import dirname, join

from ..command import Argument
from ..invocation import Form, Invocation, Option, Tool
from ..source import Document, Place
from ..tools.docker import BUILD
from ..tools.flags import split
from ..tools.where import Where, last, target_of
from .collected import Collected
from .config import ConfigFile
from .inputs import options
from .yaml_models import arguments, place
from .yaml_places import Mapping, Pair, Scalar, at, items, read_yaml, scalar
from .yaml_scripts import scalar_script

_DOCKER_NAMES = {
    "addHost": "add-host",
    "buildArgs": "build-arg",
    "cacheFrom": "cache-from",
    "dockerfile": "file",
    "noCache": "no-cache",
    "secrets": "secret",
}
_KANIKO_NAMES = {"buildArgs": "build-arg", "label": "label"}


def read(document: Document) -> ConfigFile:
    """Each artifact, those of profiles too."""
    collected = Collected(document)
    yaml = read_yaml(document)
    if yaml.problem is not None:
        collected.skip(yaml.at, yaml.problem)
    for root in yaml.roots:
        for node in (root, *items(at(root, "profiles"))):
            for artifact in items(at(node, "build", "artifacts")):
                if isinstance(artifact, Mapping):
                    _artifact(collected, artifact)
    return collected.file("skaffold")


def _artifact(collected: Collected, artifact: Mapping) -> None:
    document = collected.document
    context = scalar(artifact.get("context")) or "."
    folder = dirname(document.path)
    command = at(artifact, "custom", "buildCommand")
    if isinstance(command, Scalar):
        where = Where(document.data, directory=folder)
        collected.script(scalar_script(document, command), place(document, command), where)
    for key, tool in (("docker", Tool.DOCKER), ("kaniko", Tool.KANIKO)):
        pair = artifact.pair(key)
        if pair is not None:
            collected.invocations.append(_built(document, pair, tool, context, folder))


def _built(document: Document, pair: Pair, tool: Tool, context: str, folder: str) -> Invocation:
    names = _DOCKER_NAMES if tool is Tool.DOCKER else _KANIKO_NAMES
    node = pair.value
    given: list[Option] = []
    if isinstance(node, Mapping):
        renamed = {one.key.value: _dashed(one.key.value, names) for one in node.pairs}
        plain = node._replace(pairs=tuple(one for one in node.pairs if one.key.value != "cliFlags"))
        given = options(document, plain, renamed, frozenset())
        flags = node.get("cliFlags")
        words = arguments(document, flags) or ()
        if flags is not None:
            program = Argument("docker", True, Place(document.path, flags.start, flags.start))
            given.extend(split((program, *words), 1, BUILD, document.data).options)
    file = last(tuple(given), "file") or last(tuple(given), "dockerfile")
    return Invocation(
        Place(document.path, pair.key.start, pair.key.end),
        tool,
        tuple(given),
        join(context, file.text) if file and file.text else None,
        context,
        target_of(tuple(given)),
        folder,
        Form.KEYS,
    )


def _dashed(key: str, names: dict[str, str]) -> str:
    """Skaffold's names are those of the flags in camel case."""
    return names.get(key) or re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", key).lower()
