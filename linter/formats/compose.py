"""Docker Compose: the `build` of each service, and nothing of how a service runs.

As compose-spec has it; `docker compose build` hands it to bake (compose 2.40 and 5.7: pkg/compose/build_bake.go).
"""

from __future__ import annotations

from posixpath import dirname, join

from ..invocation import Form, Invocation, Option, Tool
from ..source import Document, Place
from ..tools.where import last, target_of
from .collected import Collected
from .config import ConfigFile, InlineDockerfile
from .inputs import options
from .yaml_models import place
from .yaml_places import Mapping, Pair, Scalar, at, mapping, read_yaml, scalar
from .yaml_scripts import scalar_script

NAMES = {
    "additional_contexts": "build-context",
    "args": "build-arg",
    "cache_from": "cache-from",
    "cache_to": "cache-to",
    "dockerfile": "file",
    "entitlements": "allow",
    "extra_hosts": "add-host",
    "labels": "label",
    "no_cache": "no-cache",
    "no_cache_filter": "no-cache-filter",
    "platforms": "platform",
    "secrets": "secret",
    "shm_size": "shm-size",
    "tags": "tag",
}
"""Keys of `build` → options of docker buildx build."""


def read(document: Document) -> ConfigFile:
    """One invocation for each service that is built."""
    collected = Collected(document)
    yaml = read_yaml(document)
    if yaml.problem is not None:
        collected.skip(yaml.at, yaml.problem)
    for root in yaml.roots:
        services = mapping(at(root, "services"))
        for pair in services.every() if services else ():
            build = pair.value.pair("build") if isinstance(pair.value, Mapping) else None
            if build is not None and build.value.end > build.value.start:
                _service(collected, build)
    return collected.file("compose")


def _service(collected: Collected, build: Pair) -> None:
    document = collected.document
    whole = Place(document.path, build.key.start, build.key.end)
    if isinstance(build.value, Scalar):
        text = scalar(build.value)
        here = place(document, build.value)
        given: tuple[Option, ...] = (Option("context", text, here, here, "build", None, text),)
    else:
        given = _options(document, build.value) if isinstance(build.value, Mapping) else ()
    context, file = last(given, "context"), last(given, "file")
    directory = (context.text if context else None) or "."
    invocation = Invocation(
        whole,
        Tool.COMPOSE,
        given,
        join(directory, file.text) if file and file.text else None,
        directory,
        target_of(given),
        dirname(document.path),
        Form.KEYS,
    )
    inline = build.value.get("dockerfile_inline") if isinstance(build.value, Mapping) else None
    if isinstance(inline, Scalar) and scalar(inline) is not None:
        found = InlineDockerfile(scalar_script(document, inline), place(document, inline), invocation)
        collected.dockerfiles.append(found)
    collected.invocations.append(invocation)


def _options(document: Document, node: Mapping) -> tuple[Option, ...]:
    """The keys of `build`; a ulimit is `name=soft:hard`, as on the command line, `x-bake` has keys of its own."""
    plain = node._replace(pairs=tuple(pair for pair in node.pairs if pair.key.value not in ("ulimits", "x-bake")))
    found = options(document, plain, NAMES, frozenset())
    found.extend(_ulimits(document, node.get("ulimits")))
    found.extend(options(document, node.get("x-bake"), BAKE_NAMES, frozenset()))
    return tuple(found)


BAKE_NAMES = {
    "args": "build-arg",
    "contexts": "build-context",
    "dockerfile": "file",
    "entitlements": "allow",
    "extra-hosts": "add-host",
    "labels": "label",
    "output": "output",
    "platforms": "platform",
    "resources": "resource",
    "tags": "tag",
    "ulimits": "ulimit",
}
"""Keys of a bake target that are called otherwise than the option."""


def _ulimits(document: Document, node: object) -> list[Option]:
    found: list[Option] = []
    if not isinstance(node, Mapping):
        return found
    for pair in node.every():
        soft, hard = scalar(at(pair.value, "soft")), scalar(at(pair.value, "hard"))
        text = scalar(pair.value) or (f"{soft}:{hard}" if soft and hard else hard or soft or "")
        here = Place(document.path, pair.key.start, max(pair.key.end, pair.end))
        found.append(Option("ulimit", f"{pair.key.value}={text}", here, here, "ulimits", None, text))
    return found
