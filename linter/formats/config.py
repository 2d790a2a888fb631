"""What a config file says about builds, whatever its format."""

from __future__ import annotations

from typing import NamedTuple

from ..invocation import BuilderSetup, Invocation
from ..pod import BuilderPod, Container
from ..source import Document, Place, Script


class EmbeddedScript(NamedTuple):
    """A shell text in a config; `container` is where it runs, `name` the job or step that it belongs to."""

    script: Script
    place: Place
    name: str = ""
    container: Container | None = None


class InlineDockerfile(NamedTuple):
    """A Dockerfile that stands in a config, as `dockerfile_inline` does.

    `script` is its text with the place of each byte; `place` is the value that holds it.
    """

    script: Script
    place: Place
    invocation: Invocation


class Skipped(NamedTuple):
    """A file, or a part of one, that could not be read, and why."""

    place: Place
    message: str


class ConfigFile(NamedTuple):
    """`format` is the name of the module that read it: `gitlab`, `compose`, …"""

    document: Document
    format: str
    invocations: tuple[Invocation, ...] = ()
    pods: tuple[BuilderPod, ...] = ()
    setups: tuple[BuilderSetup, ...] = ()
    scripts: tuple[EmbeddedScript, ...] = ()
    dockerfiles: tuple[InlineDockerfile, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def place(self) -> Place:
        return Place(self.document.path, 0, 0)
