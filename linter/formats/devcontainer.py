"""devcontainer.json: the `build` that the image is made with. How the container runs is no build's matter."""

from __future__ import annotations

from posixpath import dirname

from ..command import Argument
from ..invocation import Form, Invocation, Option, Tool
from ..source import Document
from ..tools.docker import BUILD
from ..tools.flags import split
from ..tools.where import last, target_of
from .collected import Collected
from .config import ConfigFile
from .inputs import options
from .jsonc import read_json
from .yaml_models import arguments, place
from .yaml_places import Mapping, Scalar, at

_NAMES = {"args": "build-arg", "cacheFrom": "cache-from", "dockerfile": "file", "dockerFile": "file"}


def read(document: Document) -> ConfigFile:
    """The one build of a dev container, if it has one."""
    collected = Collected(document)
    found = read_json(document)
    if found.problem is not None:
        collected.skip(found.at, found.problem)
    for root in found.roots:
        build = at(root, "build")
        old = root.pair("dockerFile") if isinstance(root, Mapping) else None
        if isinstance(build, Mapping):
            _build(collected, build, [])
        elif old is not None and isinstance(old.value, Scalar):
            here = place(document, old.value)
            _build(collected, None, [Option("file", old.value.value, here, here, "dockerFile", None, old.value.value)])
    return collected.file("devcontainer")


def _build(collected: Collected, build: Mapping | None, given: list[Option]) -> None:
    """`build.options` are words for `docker build`; the other keys have the same meaning as its flags."""
    document = collected.document
    here = given[0].place if given else None
    if build is not None:
        plain = build._replace(pairs=tuple(pair for pair in build.pairs if pair.key.value != "options"))
        given = [*given, *options(document, plain, _NAMES, frozenset())]
        words = arguments(document, build.get("options")) or ()
        start = place(document, build.get("options") or build)
        program = Argument("docker", True, start._replace(end=start.start))
        given.extend(split((program, *words), 1, BUILD, document.data).options)
        here = place(document, build)
    context, file = last(tuple(given), "context"), last(tuple(given), "file")
    assert here is not None
    folder = dirname(document.path)
    collected.invocations.append(
        Invocation(
            here,
            Tool.BUILDX,
            tuple(given),
            file.text if file else None,
            (context.text if context else None) or ".",
            target_of(tuple(given)),
            folder,
            Form.KEYS,
        )
    )
