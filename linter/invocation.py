"""What is built, how, and by what: the models that every config format is read into. Rules judge these, not formats."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from .source import Place


class Target(NamedTuple):
    """How a Dockerfile is built, as far as lint needs it.

    `target` is the stage (None: the last one), `arguments` the build args, `allow` the entitlements that are granted,
    `platform` such as `linux/amd64`.
    """

    target: str | None = None
    arguments: Mapping[str, str] = {}
    allow: frozenset[str] = frozenset()
    platform: str | None = None


class Tool(Enum):
    """What a build is asked of; its options have the tool's own names."""

    BUILDCTL = "buildctl"
    BUILDX = "docker buildx build"
    DOCKER = "docker build"
    BAKE = "docker buildx bake"
    COMPOSE = "docker compose build"
    KANIKO = "kaniko executor"
    BUILDAH = "buildah build"
    PODMAN = "podman build"


class Option(NamedTuple):
    """One option of an invocation, by the name that docker buildx has for it where it has one (`add-host`).

    `written` is the name as it stands in the file. `value` is None for a switch, and where it is not known; `place` is
    the whole option, `value_place` its value.
    """

    name: str
    value: str | None
    place: Place
    value_place: Place | None
    written: str


class Invocation(NamedTuple):
    """One call of a builder. Paths are as written, relative to `directory` (itself relative to where lint runs)."""

    place: Place
    tool: Tool
    options: tuple[Option, ...]
    dockerfile: str | None
    context: str | None
    target: Target
    directory: str

    def values(self, name: str) -> list[Option]:
        """The options of that name, in order."""
        return [option for option in self.options if option.name == name]
