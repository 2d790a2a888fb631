"""Which files are linted, and as which builds: from the paths, the options and the repo's settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..linter.context import Context
from ..linter.discovery import dockerfiles
from ..linter.invocation import Target
from ..linter.lint import read_file
from ..linter.settings import Settings, is_excluded
from ..linter.source import Document

if TYPE_CHECKING:
    from ..linter.formats.config import ConfigFile
    from ..linter.lock import BaseImage
    from ..linter.targets import ConfiguredBuild

STDIN = "<stdin>"
LOCK = ".ns-lint-images.json"
"""Beside the settings: what `ns-lint images` has found out."""


class Configs(NamedTuple):
    """The build configs of the repo. `granted` are the entitlements that a daemon in it grants, or the user says so."""

    files: tuple[ConfigFile, ...] = ()
    granted: frozenset[str] = frozenset()


NO_CONFIGS = Configs()


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


def builds(asked: Asked, settings: Settings, configs: Configs = NO_CONFIGS) -> Iterator[tuple[Build, ...]]:
    """Each Dockerfile's builds, as the settings or the repo's configs have them; else one of the last stage."""
    images = _images(settings)
    for each in _builds(asked, settings, configs):
        yield tuple(build._replace(target=build.target._replace(images=images)) for build in each)


def _images(settings: Settings) -> Mapping[str, BaseImage]:
    """What the lock file says of base images."""
    file = os.path.join(settings.folder or ".", LOCK)
    if not os.path.exists(file):
        return {}
    from ..linter.lock import read

    return read(file)


def _builds(asked: Asked, settings: Settings, configs: Configs) -> Iterator[tuple[Build, ...]]:
    if asked.paths == ("-",):
        document = Document(STDIN, sys.stdin.buffer.read())
        yield (Build(document, Context(asked.context), _target(asked)),)
        return
    named = {os.path.normpath(path) for path in asked.paths}
    skipped = {config.document.path for config in configs.files}
    found = [path for path in dockerfiles(asked.paths or (".",)) if path not in skipped]
    wanted = [path for path in found if path in named or not is_excluded(settings, path)]
    configured = _configured(configs, wanted)
    for path in wanted:
        yield tuple(_builds_of(path, asked, settings, configured.get(path, ())))


def _configured(configs: Configs, paths: list[str]) -> Mapping[str, tuple[ConfiguredBuild, ...]]:
    if not configs.files:
        return {}
    from ..linter.targets import targets_of

    return targets_of(configs.files, paths)


def _builds_of(path: str, asked: Asked, settings: Settings, configured: tuple[ConfiguredBuild, ...]) -> Iterator[Build]:
    document = Document(path, read_file(path))
    found = [] if asked.target is not None else [b for b in settings.builds if _is(settings, b.dockerfile, path)]
    for build in found:
        root = asked.context or (_below(settings, build.context) if build.context is not None else None)
        target = Target(build.target, {**build.args, **asked.arguments}, asked.allow, build.platform)
        yield Build(document, _context(path, root), target)
    if found:
        return
    if asked.target is not None or not configured:
        yield Build(document, _context(path, asked.context), _target(asked))
        return
    for target, context in configured:
        arguments = {**target.arguments, **asked.arguments}
        given = target._replace(arguments=arguments, allow=target.allow | asked.allow)
        yield Build(document, _context(path, asked.context or context), given)


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
