"""Build configs: recognised by their name and a look at their bytes, read by one module per format.

Recognising imports nothing, and a file that says nothing of builds is never parsed.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..source import Document
    from .config import ConfigFile


class Format(NamedTuple):
    """`path` is searched in the whole path, each of `content` in the bytes; `module` reads the file."""

    module: str
    path: re.Pattern[str]
    content: tuple[re.Pattern[bytes], ...]


_BUILDS = rb"docker|kaniko|buildkit|buildctl|buildah|podman|nerdctl|dind|binfmt|qemu-user-static"
"""Without one of these words a file has no part in builds."""
_YAML = r"\.ya?ml$"


def _format(module: str, path: str, *content: bytes) -> Format:
    return Format(module, re.compile(path), tuple(re.compile(one, re.MULTILINE) for one in (_BUILDS, *content)))


FORMATS = (
    _format("github", r"(?:^|/)\.github/workflows/[^/]+" + _YAML + r"|(?:^|/)action" + _YAML),
    _format("gitlab", r"(?:^|/)(?:[^/]*\.)?gitlab-ci(?:[.-][^/]*)?" + _YAML),
    _format("kubernetes", _YAML, rb"^[ \t-]*\"?apiVersion\"?:"),
    _format("shell", r"\.(?:sh|bash|zsh|ksh)$"),
)


def recognise(path: str, data: bytes) -> Format | None:
    """The format of a file that may say something of builds, None for every other file."""
    for one in FORMATS:
        if one.path.search(path) and all(pattern.search(data) for pattern in one.content):
            return one
    return None


def read_config(document: Document) -> ConfigFile | None:
    """What a file says of builds, None when it is in no format that is known. Never raises on any content."""
    found = recognise(document.path, document.data)
    if found is None:
        return None
    return import_module(f".{found.module}", __package__).read(document)
