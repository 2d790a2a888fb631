"""The build configs among the paths: linted themselves, and what they say of how Dockerfiles are built."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from ..linter.configs import lint_read
from ..linter.discovery import config_files, is_dockerfile
from ..linter.formats import read_as, read_config
from ..linter.formats.config import ConfigFile
from ..linter.formats.hcl import MISSING
from ..linter.lint import Linted, Question, read_file
from ..linter.settings import Settings, is_excluded
from ..linter.source import Document
from ..linter.targets import granted_by
from .builds import Configs

if TYPE_CHECKING:
    from ..fixes.mend import Mended


def read_configs(paths: Iterable[str], settings: Settings, allow: frozenset[str]) -> Configs:
    """The configs among these files and below these directories; a file called as a Dockerfile is none."""
    found: list[ConfigFile] = []
    paths = [path for path in paths if not is_dockerfile(os.path.basename(path)) or os.path.isdir(path)]
    named = {os.path.normpath(path) for path in paths}
    for path in config_files(paths):
        if path not in named and is_excluded(settings, path):
            continue
        config = read_config(Document(path, read_file(path)))
        if config is not None:
            found.append(config)
    return Configs(tuple(found), granted_by(found) | allow)


def remarks(configs: Configs, *, notes: bool) -> Iterator[str]:
    """What could not be read, and why: a template is only worth a note, a missing extra is always said."""
    for config in configs.files:
        for skipped in config.skipped:
            if notes or skipped.message == MISSING:
                line = config.document.line_of(skipped.place.start)
                yield f"{config.document.path}:{line}: not read: {skipped.message}"


def lint_configs(configs: Configs, question: Question) -> list[Linted]:
    return [lint_read(config, question, configs.granted) for config in configs.files]


def mend_configs(configs: Configs, question: Question, *, allow_unsafe: bool) -> list[Mended]:
    """What fixes make of each config."""
    return [_mend(config, question, configs.granted, allow_unsafe) for config in configs.files]


def _mend(config: ConfigFile, question: Question, granted: frozenset[str], allow_unsafe: bool) -> Mended:
    from ..fixes.mend import mend_with

    document = config.document

    def lint(overlay: Mapping[str, bytes]) -> Linted:
        data = overlay.get(document.path)
        current = config if data is None else read_as(config.format, Document(document.path, data))
        return lint_read(current, question, granted)

    return mend_with(lint, allow_unsafe=allow_unsafe)
