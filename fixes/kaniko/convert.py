"""The kaniko jobs of a config file, each with the fix that makes a BuildKit job of it, or with what is in the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ...linter.edit import Edit, Fix, Safety
from ...linter.errors import NsLintError
from ...linter.formats import read_as
from ...linter.formats.config import ConfigFile, EmbeddedScript
from ...linter.formats.yaml_places import at, items, scalar
from ...linter.invocation import Form, Invocation, Tool
from ...linter.pod import BuilderPod, Container, ImageKind
from ...linter.shell import tree as t
from ...linter.shell.parse import parse
from ...linter.source import Document, Place
from ..apply import plan
from .action import rewrite_action
from .arguments import Items, rewrite_arguments
from .client import DAEMONLESS, DOCKER, IMAGE, Client
from .flags import Note
from .host import Escape, escape_at, yaml_of
from .job import WORKSPACE, Obstacle, Surroundings
from .pod import mapping_at, privileged, user_namespace
from .script import rewrite_command, runs_in_docker

TITLE = "build with BuildKit instead of kaniko"
PATHS = {
    "/kaniko/.docker": "/root/.docker",
    "/kaniko/ssl/certs/additional-ca-cert-bundle.crt": "/etc/ssl/certs/ca-certificates.crt",
    "/kaniko/ssl/certs/ca-certificates.crt": "/etc/ssl/certs/ca-certificates.crt",
    "/busybox/": "/bin/",
}
"""Where kaniko's image has something, and where BuildKit's has it."""

_PATHS = re.compile("|".join(map(re.escape, PATHS)).encode())
_MANIFESTS = ("kubernetes", "jenkins")


_REMARKS = {
    "gitlab": "The runner has to make the pod: `privileged = true` and `host_users = false` in [runners.kubernetes].",
    "shell": f"Run the script in {IMAGE}, in a pod with `hostUsers: false`.",
    "github": "The container has to be privileged: `options: --privileged`, or a pod with `hostUsers: false`.",
    "circleci": "The container has to be privileged, in a user namespace of its own.",
    "drone": "The step has to be `privileged: true`, in a user namespace of its own.",
}
"""What a format's file cannot say, or does not say where the fix is."""


class Conversion(NamedTuple):
    """One kaniko command: `fix` is None where there is an `obstacle`. `remark` is what is to be done elsewhere."""

    invocation: Invocation
    fix: Fix | None
    notes: tuple[Note, ...]
    obstacle: str | None = None
    remark: str = ""


def conversions(config: ConfigFile) -> list[Conversion]:
    """What becomes of each kaniko command. Those that share a container are converted together."""
    found = [one for one in config.invocations if one.tool is Tool.KANIKO]
    groups: dict[object, list[Invocation]] = {}
    for one in found:
        groups.setdefault(_shared(one), []).append(one)
    return [conversion for group in groups.values() for conversion in _convert(config, group)]


def _shared(invocation: Invocation) -> object:
    container = invocation.container
    return container.image_place if container is not None and container.image_place else invocation.place.path


def _convert(config: ConfigFile, group: list[Invocation]) -> list[Conversion]:
    edits: list[Edit] = []
    notes: dict[Place, tuple[Note, ...]] = {}
    try:
        for invocation in group:
            made, notes[invocation.place] = _rewrite(config, invocation)
            edits.extend(edit for edit in made if edit not in edits)
        edits.extend(_surroundings(config, group, edits))
        _verify(config, group, edits)
    except Obstacle as obstacle:
        return [Conversion(one, None, notes.get(one.place, ()), str(obstacle)) for one in group]
    fix = Fix(TITLE, Safety.UNSAFE, tuple(edits))
    return [Conversion(one, fix, notes[one.place], None, _remark(config, one)) for one in group]


def _remark(config: ConfigFile, invocation: Invocation) -> str:
    pods = [pod for pod in config.pods if any(invocation.container == one for one in pod.builders)]
    if any(pod.podless for pod in pods):
        return "Each TaskRun needs `podTemplate: {hostUsers: false}`."
    return "" if runs_in_docker(invocation) or invocation.form is Form.KEYS else _REMARKS.get(config.format, "")


def _rewrite(config: ConfigFile, invocation: Invocation) -> tuple[list[Edit], tuple[Note, ...]]:
    container = invocation.container
    if container is None and config.format == "jenkins":
        raise Obstacle("the pod that it runs in is not in this file: rewrite both")
    in_docker = runs_in_docker(invocation)
    client = DOCKER if in_docker else _client(config)
    around = Surroundings() if in_docker else _around(config, invocation)
    if invocation.form is Form.SHELL:
        for embedded in config.scripts:
            place = embedded.place
            if place.path == invocation.place.path and place.start <= invocation.place.start < max(place.end, 1):
                rewritten = rewrite_command(config, embedded, invocation, client, around)
                return list(rewritten.edits), rewritten.translation.notes
        raise Obstacle("the script that it stands in was not found")
    if invocation.form is Form.LIST and container is not None:
        yaml = yaml_of(config, container.place)
        node = mapping_at(yaml, container.place)
        if node is None:
            raise Obstacle("the container that it runs in was not found")
        implied = invocation.argv[0].place == container.image_place
        key = "entrypoint" if config.format == "cloudbuild" else "command"
        escape = escape_list(config, container.place)
        edits, translation = rewrite_arguments(Items(yaml, node, invocation.argv, implied, key), client, around, escape)
        return edits, translation.notes
    if invocation.form is Form.KEYS and config.format == "github":
        edits, notes = rewrite_action(config, invocation)
        return edits, tuple(notes)
    raise Obstacle("it is not given as a command: rewrite it by hand")


def _client(config: ConfigFile) -> Client:
    return DOCKER if config.format == "cloudbuild" else DAEMONLESS


def escape_list(config: ConfigFile, place: Place) -> Escape:
    """How an item of a list is written: Cloud Build takes `$` for a variable of its own."""
    if config.format == "cloudbuild":
        return lambda text: text.replace("$", "$$")
    return escape_at(config, place) if config.format == "jenkins" else str


def _around(config: ConfigFile, invocation: Invocation) -> Surroundings:
    container = invocation.container
    environment = {name: one.value for name, one in container.env.items()} if container is not None else {}
    directory = None
    if container is not None and config.format in _MANIFESTS and invocation.container is not None:
        inside = container.place.start <= invocation.place.start < container.place.end
        node = mapping_at(yaml_of(config, container.place), container.place) if inside else None
        if node is not None and node.pair("workingDir") is None:
            directory = WORKSPACE
    return Surroundings(directory, environment, None, _git_secret(config, invocation), _hosts(config, container))


def _git_secret(config: ConfigFile, invocation: Invocation) -> str | None:
    """The variable that kaniko takes the password of a git context from, where one is set."""
    regions = [invocation.container.place] if invocation.container is not None else []
    regions += [one.place for one in config.scripts if one.container == invocation.container]
    text = b"".join(config.document.data[place.start : place.end] for place in regions)
    return next((name for name in ("GIT_TOKEN", "GIT_PASSWORD") if name.encode() in text), None)


def _hosts(config: ConfigFile, container: Container | None) -> tuple[str, ...]:
    """The pod's hostAliases, which steps do not see in BuildKit."""
    pods = [pod for pod in config.pods if container and any(one.place == container.place for one in pod.builders)]
    found: list[str] = []
    for pod in pods:
        spec = mapping_at(yaml_of(config, pod.place), pod.place)
        for alias in items(spec.get("hostAliases")) if spec is not None else ():
            address = scalar(at(alias, "ip"))
            names = [scalar(name) for name in items(at(alias, "hostnames"))]
            found.extend(f"{name}={address}" for name in names if name and address)
    return tuple(found)


# -------------------------------------------------------------------------------------------------------- the container


def _surroundings(config: ConfigFile, group: list[Invocation], made: list[Edit]) -> Iterator[Edit]:
    """The image, what makes it run, and the paths that are elsewhere in it."""
    container = group[0].container
    if runs_in_docker(group[0]):
        return
    regions = [script.place for script in config.scripts if script.container == container]
    if container is not None and container.kind is ImageKind.KANIKO and container.image_place is not None:
        yield from _image(config, container)
        regions.extend(setting.value_place for setting in container.env.values())
        for pod in config.pods:
            if any(builder.place == container.place for builder in pod.builders):
                yield from _pod(config, pod, container)
                regions.append(pod.place)
    if config.format == "jenkins":
        regions = [Place(config.document.path, 0, len(config.document.data))]  # `shell: '/busybox/sh'` is anywhere
    yield from _moved(config, regions, made)
    for script in config.scripts:
        if script.container == container:
            yield from _make_directory(script)


def _image(config: ConfigFile, container: Container) -> Iterator[Edit]:
    assert container.image_place is not None
    image = _client(config).image
    data = config.document.data
    quote = data[container.image_place.start : container.image_place.start + 1].decode("latin-1")
    quoted = f"{quote}{image}{quote}" if quote in ("'", '"') else image
    if config.format == "gitlab" and container.command is None:
        if container.entry is None:
            quoted = f'{{name: "{image}", entrypoint: [""]}}'
        else:
            yield Edit(container.entry.place, container.entry.around('entrypoint: [""]'))
    yield Edit(container.image_place, quoted)


def _pod(config: ConfigFile, pod: BuilderPod, container: Container) -> Iterator[Edit]:
    yaml = yaml_of(config, container.place)
    node = mapping_at(yaml, container.place)
    if node is not None:
        yield from privileged(yaml, node)
    yield from user_namespace(yaml, pod)


def _moved(config: ConfigFile, regions: Iterable[Place], made: list[Edit]) -> Iterator[Edit]:
    """Paths of kaniko's image, where an edit does not replace them already."""
    data = config.document.data
    seen: set[int] = set()
    for region in regions:
        for found in _PATHS.finditer(data, region.start, region.end):
            covered = any(e.place.start < found.end() and found.start() < e.place.end for e in made)
            if found.start() not in seen and not covered:
                seen.add(found.start())
                yield Edit(Place(region.path, found.start(), found.end()), PATHS[found[0].decode()])


def _make_directory(embedded: EmbeddedScript) -> Iterator[Edit]:
    """Where a script writes the credentials without making the directory, which kaniko's image has."""
    text, source = embedded.script.text, embedded.script.source
    if "/kaniko/.docker" not in text or re.search(r"mkdir[^\n;&|]*/kaniko/\.docker", text):
        return
    tree = parse(text).tree
    for node in tree.items if isinstance(tree, t.Sequence) else (tree,):
        if re.search(r"(?:>|\b(?:cp|mv|ln|tee|install)\b)[^\n]*/kaniko/\.docker", text[node.start : node.end]):
            yield Edit(source.place(node.start, node.start), f"mkdir -p {PATHS['/kaniko/.docker']} && ")
            return


# ----------------------------------------------------------------------------------------------------------- the result


def _verify(config: ConfigFile, group: list[Invocation], edits: list[Edit]) -> None:
    """Read the file as it will be: the commands must be gone, and what stands for them must be there."""
    path = config.document.path
    try:
        planned = plan([Fix(TITLE, Safety.UNSAFE, tuple(edits))], lambda _: config.document.data, allow_unsafe=True)
    except NsLintError as error:
        raise Obstacle(str(error)) from error
    if path not in planned.changes:
        reason = planned.skipped[0].reason if planned.skipped else "nothing would change"
        raise Obstacle(f"it could not be rewritten: {reason}")
    after = read_as(config.format, Document(path, planned.changes[path].new))
    left = _count(after, Tool.KANIKO) == _count(config, Tool.KANIKO) - len(group)
    # a list that a shell takes as "$@" is not read as a command
    shells = sum(one.form is Form.SHELL for one in group)
    there = _count(after, Tool.BUILDCTL, Tool.BUILDX) >= _count(config, Tool.BUILDCTL, Tool.BUILDX) + shells
    if len(after.skipped) != len(config.skipped) or not left or not there:
        raise Obstacle("it could not be rewritten well: do it by hand")


def _count(config: ConfigFile, *tools: Tool) -> int:
    return sum(one.tool in tools for one in config.invocations)
