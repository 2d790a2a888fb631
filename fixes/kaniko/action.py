"""int128/kaniko-action becomes docker/build-push-action: most of its inputs are the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...linter.edit import Edit
from ...linter.formats.config import ConfigFile
from ...linter.formats.yaml_places import Mapping, Pair, Sequence, new_entry, removal, scalar
from ...linter.invocation import Invocation
from ...linter.source import Place
from .flags import Fate, Note
from .host import nodes_to, yaml_of
from .job import CACHE_TAG, Obstacle, repository_of
from .quoting import Words

ACTION = "docker/build-push-action@v6"
SETUP = "docker/setup-buildx-action@v3"

_SAME = frozenset({"context", "file", "build-args", "labels", "push", "tags", "target"})
_GONE = frozenset({"cache", "cache-repository", "cache-ttl", "executor", "push-retry", "verbosity"})
_WORDS = re.compile(r"\S+")


def rewrite_action(config: ConfigFile, invocation: Invocation) -> tuple[list[Edit], list[Note]]:
    """Raises Obstacle."""
    path = nodes_to(yaml_of(config, invocation.place), invocation.place.start)
    steps, step = (path[-3], path[-2]) if len(path) > 2 else (None, None)
    uses = step.pair("uses") if isinstance(step, Mapping) else None
    given = step.get("with") if isinstance(step, Mapping) else None
    name = scalar(uses.value) if uses is not None else None
    if uses is None or not isinstance(step, Mapping) or not (name or "").startswith("int128/kaniko-action@"):
        raise Obstacle("the action is not known: use docker/login-action and docker/build-push-action")
    if not isinstance(given, Mapping) or given.flow:
        raise Obstacle("it has no inputs of its own")
    notes = [Note("registry-mirror", Fate.GUIDANCE, "belongs into the builder's buildkitd.toml")]
    new = [*_context(given), "provenance: false", *_cache(given)]
    edits = [Edit(invocation.place, ACTION), *_inputs(config, given)]
    entry = new_entry(config.document, given)
    assert entry is not None
    edits.append(Edit(entry.place, entry.around("\n".join(new))))
    if any(line.startswith("cache-to") for line in new):
        edits.extend(_builder(config, step, steps))
    return edits, notes if given.pair("registry-mirror") is not None else []


def _text(node: Mapping, key: str) -> str | None:
    return scalar(node.get(key))


def _context(given: Mapping) -> Iterator[str]:
    """Without one, build-push-action builds the repository as it is on the server, not the checkout."""
    if given.pair("context") is None:
        yield "context: ."


def _inputs(config: ConfigFile, given: Mapping) -> Iterator[Edit]:
    """What is not an input any more goes; a Dockerfile is given from the checkout's top, not from the context."""
    context = _text(given, "context") or "."
    for pair in given.every():
        key, value = pair.key.value, scalar(pair.value)
        if key in ("kaniko-args", "docker-run-args") and value:
            words = _WORDS.findall(value)
            raise Obstacle(f"`{words[0] if words else key}` is given as a word: translate it by hand")
        if key not in _SAME:
            if key not in _GONE | {"registry-mirror", "kaniko-args", "docker-run-args"}:
                raise Obstacle(f"its input `{key}` is not known")
            yield Edit(_removal(config, pair), "")
        elif key == "file" and value and context not in (".", "./") and not value.startswith("/"):
            yield Edit(Place(config.document.path, pair.value.start, pair.value.end), f"{context.rstrip('/')}/{value}")


def _removal(config: ConfigFile, pair: Pair) -> Place:
    place = removal(config.document.data, pair, config.document.path)
    if place is None:
        raise Obstacle(f"its input `{pair.key.value}` does not stand on a line of its own")
    return place


def _cache(given: Mapping) -> Iterator[str]:
    if _text(given, "cache") != "true":
        return
    repository = _text(given, "cache-repository")
    if repository is None:
        words = Words()
        lines = (_text(given, "tags") or "").split("\n")
        first = repository_of(words.read_config(lines[0].strip())) if lines[0].strip() else None
        if first is None:
            raise Obstacle("where its cache is cannot be seen: name it with cache-repository")
        repository = words.finished(first) + "/cache"
    yield f"cache-from: type=registry,ref={repository}:{CACHE_TAG}"
    yield f"cache-to: type=registry,ref={repository}:{CACHE_TAG},mode=max"


def _builder(config: ConfigFile, step: Mapping, steps: object) -> Iterator[Edit]:
    """Docker's own builder keeps no cache in a registry: a step in front makes one that does."""
    if not isinstance(steps, Sequence) or steps.flow or step.flow:
        raise Obstacle("its steps are no list of lines")
    line = config.document.data.rfind(b"\n", 0, steps.start) + 1
    indent = " " * (steps.start - line)
    place = Place(config.document.path, step.start, step.start)
    yield Edit(place, f"uses: {SETUP}\n{indent}- ")
