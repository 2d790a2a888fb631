"""Which files are linted, and as which builds: from the paths, the options and the repo's settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..linter.context import Context
from ..linter.discovery import dockerfiles
from ..linter.invocation import Target
from ..linter.lint import read_file
from ..linter.settings import Settings, is_excluded
from ..linter.source import Document

STDIN = "<stdin>"


class Asked(NamedTuple):
    """What the command line says of the builds."""

    paths: tuple[str, ...]
    context: str | None
    target: str | None
    arguments: dict[str, str]
    allow: frozenset[str]


class Build(NamedTuple):
    """A Dockerfile, and one way in which it is built."""

    document: Document
    context: Context
    target: Target


def builds(asked: Asked, settings: Settings) -> Iterator[tuple[Build, ...]]:
    """Each Dockerfile's builds, as the settings list them; one of the last stage where nothing is said."""
    if asked.paths == ("-",):
        document = Document(STDIN, sys.stdin.buffer.read())
        yield (Build(document, Context(asked.context), _target(asked)),)
        return
    named = {os.path.normpath(path) for path in asked.paths}
    for path in dockerfiles(asked.paths or (".",)):
        if path in named or not is_excluded(settings, path):
            yield tuple(_builds_of(path, asked, settings))


def _builds_of(path: str, asked: Asked, settings: Settings) -> Iterator[Build]:
    document = Document(path, read_file(path))
    found = [] if asked.target is not None else [b for b in settings.builds if _is(settings, b.dockerfile, path)]
    for build in found:
        root = asked.context or (_below(settings, build.context) if build.context is not None else None)
        target = Target(build.target, {**build.args, **asked.arguments}, asked.allow, build.platform)
        yield Build(document, _context(path, root), target)
    if not found:
        yield Build(document, _context(path, asked.context), _target(asked))


def _target(asked: Asked) -> Target:
    return Target(asked.target, asked.arguments, asked.allow)


def _context(path: str, root: str | None) -> Context:
    return Context(root or os.path.dirname(path) or ".", dockerfile=path)


def _below(settings: Settings, path: str) -> str:
    return os.path.relpath(os.path.join(settings.folder or ".", path))


def _is(settings: Settings, written: str, path: str) -> bool:
    return os.path.realpath(os.path.join(settings.folder or ".", written)) == os.path.realpath(path)


def names(text: str | None) -> Iterable[str]:
    """The names in a list with commas."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]
