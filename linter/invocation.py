"""What is built, how, and by what: the models that every config format is read into. Rules judge these, not formats."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from .command import Argument
from .source import Place

if TYPE_CHECKING:
    from .lock import BaseImage
    from .pod import Container


class Target(NamedTuple):
    """How a Dockerfile is built, as far as lint needs it.

    `target` is the stage (None: the last one), `arguments` the build args (None: given, and not known), `allow` the
    entitlements that are granted, `platform` such as `linux/amd64`. `comes_from` is set where a config builds with
    another builder than BuildKit. `images` is what is known of base images, by their whole names.
    """

    target: str | None = None
    arguments: Mapping[str, str | None] = {}
    allow: frozenset[str] = frozenset()
    platform: str | None = None
    comes_from: str | None = None
    images: Mapping[str, BaseImage] = {}


class Tool(Enum):
    """What a build is asked of; its options have the tool's own names."""

    BUILDCTL = "buildctl"
    BUILDX = "docker buildx build"
    DOCKER = "docker build"
    BAKE = "docker buildx bake"
    COMPOSE = "docker compose build"
    SDK = "docker SDK"
    KANIKO = "kaniko executor"
    WARMER = "kaniko warmer"
    BUILDAH = "buildah build"
    PODMAN = "podman build"
    IMG = "img build"


DOCKER_FAMILY = frozenset({Tool.BUILDX, Tool.DOCKER, Tool.BAKE, Tool.COMPOSE})
"""The tools that ask BuildKit through docker buildx."""


class Form(Enum):
    """How an invocation stands in its file, which decides how it is rewritten."""

    SHELL = "shell"
    """A command in a script: words are quoted for the shell, and what stands around them may be YAML or Groovy."""
    LIST = "list"
    """A list of strings, each an argument: YAML, JSON, Python."""
    KEYS = "keys"
    """Options are keys with values: an action's `with`, a Compose `build`, a bake target, keyword arguments."""


class Machine(Enum):
    """Where an invocation runs."""

    UNKNOWN = "unknown"
    HOSTED = "hosted"
    """A virtual machine of the CI's vendor, with a Docker daemon of its own."""
    POD = "pod"


class Option(NamedTuple):
    """One option of an invocation.

    Options of docker, buildah, podman and buildctl have the name that docker buildx has for them (`add-host`, also for
    `--opt add-hosts=…`); what buildx has no name for, and kaniko's, have the tool's own long name. `written` is the
    name as it stands in the file. `value` is None for a switch, and where it is not known; `text` is the value with
    what is not known in it as it was written, such as `$TAG`.

    `place` is the whole option, `value_place` its value. `removal` is what to delete to leave the option out, None
    where that cannot be done with one cut (it stands in a variable).
    """

    name: str
    value: str | None
    place: Place
    value_place: Place | None
    written: str
    removal: Place | None = None
    text: str | None = None


class Invocation(NamedTuple):
    """One call of a builder. Paths are as written, relative to `directory` (itself relative to the repo's top).

    `directory` is None when it is not known. `argv` are the words of the command from the program's name on, none for
    the form KEYS, and `operands` those that are neither options nor their values. `container` is where it runs.
    `classic` is the place where the builder before BuildKit is asked for. `granted` are the entitlements that the
    daemon gives, as far as lint is told. For bake, `operands` are the targets.
    """

    place: Place
    tool: Tool
    options: tuple[Option, ...]
    dockerfile: str | None
    context: str | None
    target: Target
    directory: str | None
    form: Form = Form.SHELL
    argv: tuple[Argument, ...] = ()
    operands: tuple[Argument, ...] = ()
    container: Container | None = None
    machine: Machine = Machine.UNKNOWN
    classic: Place | None = None
    granted: frozenset[str] = frozenset()

    def values(self, *names: str) -> list[Option]:
        """The options of these names, in order."""
        return [option for option in self.options if option.name in names]


class SetupKind(Enum):
    """What is set up for builds."""

    BUILDX = "a buildx builder"
    """`docker buildx create`, setup-buildx-action: options have the names of `docker buildx create`."""
    BUILDKITD = "buildkitd"
    """The daemon's command line: options have its long names."""
    CONFIG = "buildkitd.toml"
    """The daemon's config file: options have its dotted keys, such as `worker.oci.snapshotter`."""
    BINFMT = "binfmt registration"
    DOCKER_DAEMON = "a Docker daemon"
    """docker:dind, dockerd, or a mounted docker.sock."""


class BuilderSetup(NamedTuple):
    """What a config sets up to build with. `driver` is that of a buildx builder, None where it is not known.

    `operands` are the words that are neither options nor their values, such as a builder's endpoint. `rootless` says
    that RootlessKit starts the daemon, by name or in the -rootless image.
    """

    place: Place
    kind: SetupKind
    options: tuple[Option, ...] = ()
    driver: str | None = None
    container: Container | None = None
    machine: Machine = Machine.UNKNOWN
    operands: tuple[Argument, ...] = ()
    form: Form = Form.SHELL
    rootless: bool = False

    def values(self, *names: str) -> list[Option]:
        """The options of these names, in order."""
        return [option for option in self.options if option.name in names]
