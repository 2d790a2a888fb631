"""A pod that builds, as a manifest or a CI's config describes it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from .command import Argument
from .source import Place


class Setting(NamedTuple):
    """One key and its value. `value` is None where it is a template, or no scalar.

    `place` is the key with its value, `removal` what to delete to leave it out.
    """

    value: str | None
    place: Place
    value_place: Place
    removal: Place | None = None

    @property
    def is_true(self) -> bool:
        return self.value in ("true", "True", "TRUE")

    @property
    def is_false(self) -> bool:
        return self.value in ("false", "False", "FALSE")


class Insertion(NamedTuple):
    """Where a line or an item can be put: `before` and `after` go around its text.

    `indent` begins each further line of a text of several.
    """

    place: Place
    before: str
    after: str = ""
    indent: str = ""

    def around(self, text: str) -> str:
        return self.before + text.replace("\n", "\n" + self.indent) + self.after


class ImageKind(Enum):
    """What an image's name says that it builds with."""

    BUILDKIT = "buildkit"
    BUILDKIT_ROOTLESS = "rootless buildkit"
    KANIKO = "kaniko"
    DIND = "docker daemon"
    DIND_ROOTLESS = "rootless docker daemon"
    BUILDAH = "buildah"


class Mount(NamedTuple):
    """A volume's place in a container. `path` is None when it is not known."""

    volume: str | None
    path: str | None
    place: Place
    path_place: Place


class Volume(NamedTuple):
    """`source` is the key that says what it is: `nfs`, `hostPath`, `emptyDir`, …; `settings` are that one's keys."""

    name: str | None
    source: str | None
    settings: Mapping[str, Setting]
    place: Place


class Container(NamedTuple):
    """A container that a job, a step or a pod runs.

    `place` is its mapping, or its image where that is all there is. `command` and `arguments` are as in Kubernetes (in
    a GitLab job `command` is the image's entrypoint), each with its own place; None when they are not given.
    `security` are the keys of the securityContext and `env` the variables, by name.
    """

    place: Place
    name: str | None
    image: str | None
    image_place: Place | None
    kind: ImageKind | None
    command: tuple[Argument, ...] | None = None
    command_place: Place | None = None
    arguments: tuple[Argument, ...] | None = None
    arguments_place: Place | None = None
    env: Mapping[str, Setting] = {}
    security: Mapping[str, Setting] = {}
    mounts: tuple[Mount, ...] = ()
    entry: Insertion | None = None
    """Where a key can be added to it."""
    new_argument: Insertion | None = None
    """Where an argument can be added behind the last one."""


class BuilderPod(NamedTuple):
    """A pod with a container that builds, or that is the builder.

    `place` is its kind, or the spec where that has none. `kind` is the manifest's (`Pod`, `Job`, `TaskRun`, …).
    `builders` are the containers that build, `daemons` those among them that run a buildkitd of their own. `settings`
    are the pod's own: `hostUsers`, `hostNetwork`, … and those of its securityContext as `securityContext.runAsUser`.
    `annotations` are the pod's. `podless` says that the format leaves the pod's own settings to another file, as a
    Tekton Task does. `enforced` is the Pod Security level of its namespace, where the file says that too.
    """

    place: Place
    kind: str
    containers: tuple[Container, ...]
    builders: tuple[Container, ...]
    daemons: tuple[Container, ...] = ()
    settings: Mapping[str, Setting] = {}
    annotations: Mapping[str, Setting] = {}
    volumes: tuple[Volume, ...] = ()
    entry: Insertion | None = None
    """Where a key can be added to the pod's spec."""
    podless: bool = False
    enforced: Setting | None = None

    @property
    def in_user_namespace(self) -> bool | None:
        """Whether the pod has a user namespace of its own; None where another file, or a template, says."""
        setting = self.settings.get("hostUsers")
        if setting is None:
            return None if self.podless else False
        return None if setting.value is None else setting.is_false

    def volume(self, name: str | None) -> Volume | None:
        return next((volume for volume in self.volumes if volume.name == name and name is not None), None)
