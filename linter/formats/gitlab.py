"""GitLab CI: jobs with image, services and scripts; `extends`, `default` and `!reference` are resolved in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..invocation import BuilderSetup, Machine, SetupKind
from ..pod import Container, ImageKind, Setting
from ..source import Document, Place, join
from ..tools.images import image_kind
from ..tools.where import Where
from .collected import Collected
from .config import ConfigFile
from .yaml_models import arguments, environment, place, values
from .yaml_places import Mapping, Node, Pair, Scalar, Sequence, items, mapping, new_entry, read_yaml, scalar
from .yaml_scripts import scalar_script

_NOT_JOBS = frozenset(
    {"after_script", "before_script", "cache", "default", "image", "include", "services", "spec", "stages", "types"}
    | {"variables", "workflow"}
)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
MAX_PARENTS = 11
"""How many levels of `extends` GitLab allows."""


def read(document: Document) -> ConfigFile:
    """Every job; a hidden one (`.name`) only where no other job of the file extends it or takes a part of it."""
    collected = Collected(document)
    yaml = read_yaml(document)
    if yaml.problem is not None:
        collected.skip(yaml.at, yaml.problem)
    for root in yaml.roots:
        if isinstance(root, Mapping):
            _Pipeline(collected, root).read()
    return collected.file("gitlab")


class _Pipeline:
    """One document of a GitLab CI file."""

    def __init__(self, collected: Collected, root: Mapping) -> None:
        self.collected = collected
        self.document = collected.document
        self.root = root
        self.default = mapping(root.get("default"))
        self.jobs = {
            pair.key.value: pair.value
            for pair in root.pairs
            if isinstance(pair.value, Mapping) and pair.key.value not in _NOT_JOBS
        }
        self.variables = environment(self.document, root.get("variables"))

    def read(self) -> None:
        used = {name for job in self.jobs.values() for name in _extended(job)} | _referenced(self.root)
        for name, job in self.jobs.items():
            if not (name.startswith(".") and name in used):
                self._job(name, job)

    def _job(self, name: str, job: Mapping) -> None:
        lineage = [job, *self._ancestors(job)]
        variables = {**self.variables, **self._variables(lineage)}
        container = self._container(lineage, variables)
        where = Where(
            self.document.data,
            container=container,
            machine=Machine.UNKNOWN,
            classic=_classic(variables),
            daemon_flags=variables.get("BUILDKITD_FLAGS"),
        )
        for node in items(self._find(lineage, "services")):
            self._service(node, variables)
        main = [self._find(lineage, "before_script"), self._find(lineage, "script")]
        for nodes in (main, [self._find(lineage, "after_script")]):
            lines = [line for node in nodes for line in self._lines(node, 0)]
            if lines:
                script = join([scalar_script(self.document, line) for line in lines], "\n")
                self.collected.script(script, self._place(lines), where, values(variables), name)
        run = [step for node in items(self._find(lineage, "run")) if (step := mapping(node)) is not None]
        for step in run:
            if isinstance(line := step.get("script"), Scalar):
                self.collected.script(scalar_script(self.document, line), place(self.document, line), where)

    def _place(self, lines: list[Scalar]) -> Place:
        return Place(self.document.path, lines[0].start, max(lines[0].end, lines[-1].end))

    # ---------------------------------------------------------------------------------------------- inheritance

    def _ancestors(self, job: Mapping) -> list[Mapping]:
        """What a job extends, the nearest first: of several parents the last one listed wins."""
        found: list[Mapping] = []
        waiting = [(name, 1) for name in reversed(_extended(job))]
        for name, level in waiting:
            parent = self.jobs.get(name)
            if parent is None or level > MAX_PARENTS or any(parent is one for one in found):
                continue
            found.append(parent)
            waiting.extend((other, level + 1) for other in reversed(_extended(parent)))
        return found

    def _pair(self, lineage: list[Mapping], key: str) -> Pair | None:
        """A keyword of a job: its own, an ancestor's, the default's, or the old global one."""
        for one in (*lineage, self.default, self.root):
            if one is not None and (found := one.pair(key)) is not None:
                return found
        return None

    def _find(self, lineage: list[Mapping], key: str) -> Node | None:
        found = self._pair(lineage, key)
        return found.value if found is not None else None

    def _variables(self, lineage: list[Mapping]) -> dict[str, Setting]:
        found: dict[str, Setting] = {}
        for one in reversed(lineage):
            found.update(environment(self.document, one.get("variables")))
        return found

    def _lines(self, node: Node | None, depth: int) -> Iterator[Scalar]:
        """The lines of a script: a string, or a list that may hold lists and references to other jobs' scripts."""
        if depth > MAX_PARENTS:
            return
        if isinstance(node, Scalar):
            if scalar(node) is not None:
                yield node
        elif isinstance(node, Sequence):
            if node.tag == "!reference":
                yield from self._lines(self._referenced(node), depth + 1)
                return
            for item in node.items:
                yield from self._lines(item, depth + 1)

    def _referenced(self, node: Sequence) -> Node | None:
        keys = [scalar(item) for item in node.items]
        found: Node | None = self.root
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) and key is not None else None
        return found

    # ---------------------------------------------------------------------------------------------- what runs where

    def _container(self, lineage: list[Mapping], variables: dict[str, Setting]) -> Container | None:
        pair = self._pair(lineage, "image")
        if pair is None:
            return None
        node = pair.value
        name = node.get("name") if isinstance(node, Mapping) else node
        image = _expanded(scalar(name), variables)
        entrypoint = node.get("entrypoint") if isinstance(node, Mapping) else None
        here = Place(self.document.path, pair.key.start, max(pair.end, pair.key.end))
        return Container(
            here,
            None,
            image,
            place(self.document, name) if isinstance(name, Scalar) else None,
            image_kind(image),
            arguments(self.document, entrypoint),
            place(self.document, entrypoint) if entrypoint is not None else None,
            env=variables,
            entry=new_entry(self.document, node) if isinstance(node, Mapping) else None,
        )

    def _service(self, node: Node, variables: dict[str, Setting]) -> None:
        name = node.get("name") if isinstance(node, Mapping) else node
        image = _expanded(scalar(name), variables)
        kind = image_kind(image)
        if kind in (ImageKind.DIND, ImageKind.DIND_ROOTLESS):
            here = place(self.document, node)
            container = Container(here, None, image, place(self.document, name) if name else None, kind)
            self.collected.add([BuilderSetup(here, SetupKind.DOCKER_DAEMON, (), None, container)])


def _referenced(root: Node) -> set[str | None]:
    """The jobs that a `!reference` takes a part of."""
    found: set[str | None] = set()
    waiting, seen = [root], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen or isinstance(node, Scalar):
            continue
        seen.add(id(node))
        if isinstance(node, Sequence):
            if node.tag == "!reference" and node.items:
                found.add(scalar(node.items[0]))
            waiting.extend(node.items)
        else:
            waiting.extend(pair.value for pair in node.pairs)
    return found


def _extended(job: Mapping) -> list[str]:
    node = job.get("extends")
    names = [scalar(item) for item in items(node)] or [scalar(node)]
    return [name for name in names if name is not None]


def _classic(variables: dict[str, Setting]) -> Place | None:
    setting = variables.get("DOCKER_BUILDKIT")
    return setting.place if setting is not None and setting.value == "0" else None


def _expanded(text: str | None, variables: dict[str, Setting]) -> str | None:
    """An image's name with the variables of the file; those that it does not set stay as they are."""
    if text is None or "$" not in text:
        return text

    def value(found: re.Match[str]) -> str:
        setting = variables.get(found[1] or found[2])
        return setting.value if setting is not None and setting.value is not None else found[0]

    return _VARIABLE.sub(value, text)
