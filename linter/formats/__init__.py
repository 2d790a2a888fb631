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


def _format(module: str, path: str, *content: bytes, builds: bytes = _BUILDS) -> Format:
    return Format(module, re.compile(path), tuple(re.compile(one, re.MULTILINE) for one in (builds, *content)))


FORMATS = (
    _format("github", r"(?:^|/)\.(?:github|gitea|forgejo)/workflows/[^/]+" + _YAML + r"|(?:^|/)action" + _YAML),
    _format("gitlab", r"(?:^|/)(?:[^/]*\.)?gitlab-ci(?:[.-][^/]*)?" + _YAML),
    _format("compose", r"(?:^|/)(?:docker-)?compose(?:[.-][^/]*)?" + _YAML, builds=rb"\bbuild\"?[ \t]*:"),
    _format("bake", r"(?:^|/)docker-bake(?:[.-][^/]*)?\.(?:hcl|json)$", builds=rb"\btarget\b"),
    _format("circleci", r"(?:^|/)\.circleci/[^/]+" + _YAML),
    _format(
        "drone", r"(?:^|/)\.(?:drone|vela)" + _YAML + r"|(?:^|/)\.woodpecker(?:" + _YAML + r"|/[^/]+" + _YAML + ")"
    ),
    _format("cloudbuild", r"(?:^|/)[^/]*cloudbuild[^/]*\.(?:ya?ml|json)$", rb"^[ \t{]*\"?steps\"?[ \t]*:"),
    _format("skaffold", _YAML, builds=rb"^apiVersion:[ \t]*[\"']?skaffold/"),
    _format("kubernetes", _YAML, rb"^[ \t{-]*\"?apiVersion\"?[ \t]*:"),
    _format("devcontainer", r"(?:^|/)\.?devcontainer\.json$"),
    _format("buildkitd_toml", r"(?:^|/)[^/]*buildkit[^/]*\.toml$", builds=rb""),
    _format("jenkins", r"(?:^|/)Jenkinsfile(?:[.-][^/]*)?$|(?:^|/)[^/]*\.(?:jenkinsfile|groovy)$"),
    _format("makefile", r"(?:^|/)(?:GNU)?[Mm]akefile(?:[.-][^/]*)?$|\.(?:mk|mak)$"),
    _format("shell", r"\.(?:sh|bash|zsh|ksh)$"),
    _format("python", r"(?:^|/)Tiltfile(?:[.-][^/]*)?$|\.tilt$", rb"docker_build|custom_build|local"),
    _format(
        "python", r"(?:^|/)(?:BUILD|WORKSPACE)(?:\.bazel)?$|\.bzl$", rb"container_run_and|install_pkgs|dockerfile_image"
    ),
    _format("python", r"\.py$", rb"subprocess|os\.(?:system|popen)|python_on_whales|\.build\("),
    _format("shell", r"(?:^|/)[^/.]+$", rb"\A#![^\n]*\b(?:ba|da|k|z)?sh\b"),
)
"""The first that matches holds. A script without an ending is one by its first line."""


def may_be_config(path: str) -> bool:
    """Whether a file's path alone lets it be a config, before it is read."""
    return any(one.path.search(path) for one in FORMATS)


def recognise(path: str, data: bytes) -> Format | None:
    """The format of a file that may say something of builds, None for every other file."""
    path = path.replace("\\", "/")
    for one in FORMATS:
        if one.path.search(path) and all(pattern.search(data) for pattern in one.content):
            return one
    return None


def read_config(document: Document) -> ConfigFile | None:
    """What a file says of builds, None when it is in no format that is known. Never raises on any content."""
    found = recognise(document.path, document.data)
    return read_as(found.module, document) if found is not None else None


def read_as(module: str, document: Document) -> ConfigFile:
    """The file read in the format of that module, whatever it is called."""
    return import_module(f".{module}", __package__).read(document)
