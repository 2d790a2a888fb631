"""Parts of models out of YAML nodes: words, settings, containers, volumes, as Kubernetes writes them."""

from __future__ import annotations

import re

from ..command import Argument
from ..pod import Container, Mount, Setting, Volume
from ..source import Document, Place
from ..tools.images import image_kind
from .yaml_places import Mapping, Node, Pair, Scalar, Sequence, items, mapping, new_entry, new_item, removal, scalar
from .yaml_scripts import scalar_script

TEMPLATE = re.compile(r"\{\{|\$\(|\$\{|\$[A-Za-z_]|<<\s*(?:parameters|pipeline)\.|\{%")
"""What some engine, or Kubernetes itself, puts a value in for."""


def argument(document: Document, node: Node) -> Argument | None:
    """A scalar as a word; None for anything else. A template is not known."""
    if not isinstance(node, Scalar):
        return None
    script = scalar_script(document, node) if re.search(r"[\s;]", node.value) else None
    return Argument(node.value, not TEMPLATE.search(node.value), place(document, node), script)


def arguments(document: Document, node: Node | None) -> tuple[Argument, ...] | None:
    """The words of a sequence of scalars, or of one scalar alone; None where there is none."""
    if isinstance(node, Scalar):
        found = argument(document, node)
        return (found,) if found is not None and scalar(node) is not None else None
    if not isinstance(node, Sequence):
        return None
    words = (argument(document, item) for item in node.items)
    return tuple(word for word in words if word is not None)


def place(document: Document, node: Node) -> Place:
    return Place(document.path, node.start, node.end)


def setting(document: Document, pair: Pair) -> Setting:
    value = scalar(pair.value)
    if value is not None and TEMPLATE.search(value):
        value = None
    return Setting(
        value,
        Place(document.path, pair.key.start, max(pair.key.end, pair.end)),
        place(document, pair.value),
        removal(document.data, pair, document.path),
    )


def settings(document: Document, node: Node | None, prefix: str = "", *, depth: int = 2) -> dict[str, Setting]:
    """The keys of a mapping, those of mappings in it with a dot between, so many levels deep."""
    found: dict[str, Setting] = {}
    if not isinstance(node, Mapping):
        return found
    for pair in node.every():
        found[prefix + pair.key.value] = setting(document, pair)
        if depth > 1 and isinstance(pair.value, Mapping):
            found.update(settings(document, pair.value, f"{prefix}{pair.key.value}.", depth=depth - 1))
    return found


def environment(document: Document, node: Node | None) -> dict[str, Setting]:
    """Variables from a list of `name` and `value`, from a list of NAME=VALUE, or from a mapping."""
    if isinstance(node, Mapping):
        return settings(document, node, depth=1)
    found: dict[str, Setting] = {}
    for item in items(node):
        if isinstance(item, Mapping):
            name = scalar(item.get("name"))
            value = item.pair("value")
            if name is not None and value is not None:
                found[name] = setting(document, value)
        elif isinstance(item, Scalar) and "=" in item.value:
            name, _, text = item.value.partition("=")
            found[name] = Setting(text, place(document, item), place(document, item))
    return found


def values(variables: dict[str, Setting]) -> dict[str, str | None]:
    return {name: one.value for name, one in variables.items()}


def container(document: Document, node: Mapping) -> Container:
    """A container of a pod, a step of a task: anything with `image`, `command` and `args`."""
    image_node = node.get("image")
    image = scalar(image_node)
    command, arguments_node = node.get("command"), node.get("args")
    return Container(
        place(document, node),
        scalar(node.get("name")),
        image,
        place(document, image_node) if isinstance(image_node, Scalar) else None,
        image_kind(image),
        arguments(document, command),
        place(document, command) if command is not None else None,
        arguments(document, arguments_node),
        place(document, arguments_node) if arguments_node is not None else None,
        environment(document, node.get("env")),
        settings(document, node.get("securityContext")),
        tuple(_mounts(document, node.get("volumeMounts"))),
        new_entry(document, node),
        new_item(document, arguments_node) if isinstance(arguments_node, Sequence) else None,
    )


def _mounts(document: Document, node: Node | None) -> list[Mount]:
    found: list[Mount] = []
    for item in items(node):
        if isinstance(item, Mapping) and isinstance(path := item.get("mountPath"), Scalar):
            text = None if TEMPLATE.search(path.value) else path.value
            found.append(Mount(scalar(item.get("name")), text, place(document, item), place(document, path)))
    return found


def volumes(document: Document, node: Node | None) -> tuple[Volume, ...]:
    found: list[Volume] = []
    for item in items(node):
        if not isinstance(item, Mapping):
            continue
        source = next((pair for pair in item.every() if pair.key.value != "name"), None)
        found.append(
            Volume(
                scalar(item.get("name")),
                source.key.value if source else None,
                settings(document, mapping(source.value), depth=1) if source else {},
                place(document, item),
            )
        )
    return tuple(found)
