"""What a reader collects as it goes through a config, and how it reads the words and scripts it meets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..command import Argument, Command
from ..invocation import BuilderSetup, Form, Invocation
from ..pod import BuilderPod, Container
from ..shell.wrappers import InlineScript, shell_script
from ..source import Document, Place, Script
from ..tools import read as read_command
from ..tools.images import entrypoint
from ..tools.where import Where, span
from .config import ConfigFile, EmbeddedScript, InlineDockerfile, Skipped
from .shell import read_script

Variables = Mapping[str, str | None]


class Collected:
    """One per file; `file` makes the result of it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.invocations: list[Invocation] = []
        self.setups: list[BuilderSetup] = []
        self.pods: list[BuilderPod] = []
        self.scripts: list[EmbeddedScript] = []
        self.dockerfiles: list[InlineDockerfile] = []
        self.skipped: list[Skipped] = []

    def file(self, name: str) -> ConfigFile:
        return ConfigFile(
            self.document,
            name,
            tuple(self.invocations),
            tuple(self.pods),
            tuple(self.setups),
            tuple(self.scripts),
            tuple(self.dockerfiles),
            tuple(self.skipped),
        )

    def place(self, start: int, end: int) -> Place:
        return Place(self.document.path, start, end)

    def skip(self, at: int, message: str) -> None:
        self.skipped.append(Skipped(self.place(at, at), message))

    def add(self, found: Iterable[Invocation | BuilderSetup]) -> bool:
        """Keep what is new of these; whether there was anything."""
        any_found = False
        for one in found:
            any_found = True
            if isinstance(one, Invocation):
                if one not in self.invocations:
                    self.invocations.append(one)
            elif one not in self.setups:
                self.setups.append(one)
        return any_found

    def script(
        self, script: Script, place: Place, where: Where, variables: Variables | None = None, name: str = ""
    ) -> bool:
        """Read a shell text; whether it has a part in builds."""
        self.scripts.append(EmbeddedScript(script, place, name, where.container))
        return self.add(read_script(script, where, variables))

    def words(
        self, argv: tuple[Argument, ...], where: Where, variables: Variables | None = None, name: str = ""
    ) -> bool:
        """Read a list of words: a builder's, or a shell with a script; whether it has a part in builds."""
        if not argv:
            return False
        inline = shell_script(Command(argv, span(argv)))
        if isinstance(inline, InlineScript):
            script = inline.script.script
            if script is None:
                return False
            return self.script(script, inline.script.place, where._replace(form=Form.SHELL), variables, name)
        return self.add(read_command(argv, where))

    def container(self, container: Container, where: Where, variables: Variables | None = None, name: str = "") -> bool:
        """Read what a container runs: its command, or what its image runs by itself."""
        command = container.command
        if command is None:
            if container.image_place is None:
                return False
            command = tuple(Argument(word, True, container.image_place) for word in entrypoint(container.image))
            if not command:
                return False
        return self.words(
            (*command, *(container.arguments or ())), where._replace(container=container), variables, name
        )
