"""GitHub Actions: workflows and composite actions, their scripts, and the actions that build or set a builder up."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..invocation import BuilderSetup, Form, Invocation, Machine, Option, SetupKind, Tool
from ..pod import Container, ImageKind
from ..source import Document, Place, Script, SourceMap, join
from ..tools.images import entrypoint, image_kind
from ..tools.where import Where, last, target_of
from .collected import Collected
from .config import ConfigFile
from .inputs import options
from .shell import without_expressions
from .yaml_models import environment, place, values
from .yaml_places import Mapping, Node, Scalar, at, items, mapping, read_yaml, scalar
from .yaml_scripts import scalar_script

_HOSTED = re.compile(r"(?:ubuntu|windows|macos)-(?:latest|slim|\d+(?:\.\d+)?(?:-(?:arm|large|xlarge|intel))?)$")
_QUOTED = re.compile(r"(?:&&|\|\|)\s*'([^']+)'")
"""A label that an expression gives: `${{ a == 'b' && 'self-hosted' || 'ubuntu-latest' }}`."""
_MATRIX = re.compile(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}")
_POWERSHELL = re.compile(r"`\s*$", re.MULTILINE)
"""Where PowerShell, the shell of a Windows runner, continues a line."""
_SHELLS = ("", "bash", "sh")

BUILD_INPUTS = {
    "add-hosts": "add-host",
    "annotations": "annotation",
    "attests": "attest",
    "build-args": "build-arg",
    "build-contexts": "build-context",
    "labels": "label",
    "no-cache-filters": "no-cache-filter",
    "outputs": "output",
    "platforms": "platform",
    "secret-envs": "secret",
    "secret-files": "secret",
    "secrets": "secret",
    "tags": "tag",
    "ulimit": "ulimit",
}
"""Inputs of docker/build-push-action that are called otherwise than the option of docker buildx build."""
_BUILD_LISTS = frozenset([*BUILD_INPUTS, "allow", "cache-from", "cache-to", "ssh"])

SETUP_INPUTS = {
    "buildkitd-config-inline": "buildkitd-config",
    "config": "buildkitd-config",
    "config-inline": "buildkitd-config",
    "driver-opts": "driver-opt",
    "endpoint": "endpoint",
}
_SETUP_LISTS = frozenset({"driver-opts"})

KANIKO_INPUTS = {
    "build-args": "build-arg",
    "build_file": "dockerfile",
    "cache-repository": "cache-repo",
    "cache_directory": "cache-dir",
    "cache_ttl": "cache-ttl",
    "file": "dockerfile",
    "labels": "label",
    "path": "context",
    "registry-mirror": "registry-mirror",
    "tags": "destination",
}
_KANIKO_LISTS = frozenset({"build-args", "labels", "tags"})

_BAKE_INPUTS = {"files": "file", "targets": "target"}
_BUILDAH_INPUTS = {
    "build-args": "build-arg",
    "containerfiles": "file",
    "dockerfiles": "file",
    "image": "tag",
    "platforms": "platform",
}


def read(document: Document) -> ConfigFile:
    """A workflow's jobs, or the steps of a composite action."""
    collected = Collected(document)
    yaml = read_yaml(document)
    if yaml.problem is not None:
        collected.skip(yaml.at, yaml.problem)
    for root in yaml.roots:
        outer = environment(document, at(root, "env"))
        jobs = mapping(at(root, "jobs"))
        for pair in jobs.pairs if jobs else ():
            if isinstance(pair.value, Mapping):
                _job(collected, pair.key.value, pair.value, values(outer))
        machine = Machine.UNKNOWN
        for step in items(at(root, "runs", "steps")):
            _step(collected, step, "", Where(document.data, machine=machine), values(outer))
    return collected.file("github")


def _job(collected: Collected, name: str, job: Mapping, outer: dict[str, str | None]) -> None:
    document = collected.document
    node = job.get("container")
    image_node = node.get("image") if isinstance(node, Mapping) else node
    container: Container | None = None
    if node is not None and (image := scalar(image_node)) is not None and image_node is not None:
        here = place(document, image_node)
        container = Container(place(document, node), None, image, here, image_kind(image))
    machine = _machine(job.get("runs-on"), mapping(at(job, "strategy", "matrix")))
    where = Where(document.data, container=container, machine=machine)
    services = mapping(job.get("services"))
    for pair in services.pairs if services else ():
        image = scalar(at(pair.value, "image") or pair.value)
        kind = image_kind(image)
        if kind in (ImageKind.DIND, ImageKind.DIND_ROOTLESS):
            service = Container(place(document, pair.value), pair.key.value, image, None, kind)
            here = Place(document.path, pair.key.start, pair.end)
            collected.add([BuilderSetup(here, SetupKind.DOCKER_DAEMON, (), None, service, machine)])
    variables = {**outer, **values(environment(document, job.get("env")))}
    directory = scalar(at(job, "defaults", "run", "working-directory"))
    for step in items(job.get("steps")):
        _step(collected, step, name, where._replace(directory=_relative(directory, "")), variables)


def _machine(node: Node | None, matrix: Mapping | None) -> Machine:
    """A hosted runner's labels are known; every other one is somebody's own, a pod for all that is known.

    Labels may come from the matrix or stand in an expression; where none does, it is taken for a hosted one.
    """
    labels = [scalar(item) or "" for item in items(node)] or [scalar(node) or ""]
    found: list[str] = []
    for label in labels:
        if "${{" not in label:
            found.append(label)
            continue
        found.extend(_QUOTED.findall(label))
        if matrix is not None and (name := _MATRIX.fullmatch(label)):
            found.extend(text for item in items(matrix.get(name[1])) if (text := scalar(item)) is not None)
    if all(_HOSTED.fullmatch(label) for label in found):
        return Machine.HOSTED
    return Machine.UNKNOWN


def _relative(directory: str | None, before: str | None) -> str | None:
    if directory is None:
        return before
    if "${{" in directory or directory.startswith("/"):
        return None
    return directory.removeprefix("./").rstrip("/")


def _step(collected: Collected, node: Node, name: str, where: Where, outer: dict[str, str | None]) -> None:
    if not isinstance(node, Mapping):
        return
    document = collected.document
    where = where._replace(directory=_relative(scalar(node.get("working-directory")), where.directory))
    env = environment(document, node.get("env"))
    variables = {**outer, **values(env)}
    run = node.get("run")
    if isinstance(run, Scalar):
        shell = (scalar(node.get("shell")) or "").split(" ")[0]
        if shell in _SHELLS and (shell or not _POWERSHELL.search(run.value)):
            setting = env.get("DOCKER_BUILDKIT")
            classic = setting.place if setting and setting.value == "0" else None
            script = without_expressions(scalar_script(document, run))
            collected.script(script, place(document, run), where._replace(classic=classic), variables, name)
        return
    uses = scalar(node.get("uses"))
    if uses is None:
        return
    action = uses.partition("@")[0].lower()
    if uses.startswith("docker://"):
        _docker_action(collected, node, uses.removeprefix("docker://"), where)
    elif (reader := _ACTIONS.get(action)) is not None:
        collected.add([reader(document, node, where)])


def _docker_action(collected: Collected, node: Mapping, image: str, where: Where) -> None:
    """`uses: docker://image` runs the image with the words of `args`, split as a shell does."""
    document = collected.document
    uses, arguments = node.get("uses"), at(node, "with", "args")
    program = scalar(at(node, "with", "entrypoint")) or " ".join(entrypoint(image))
    if not program or uses is None:
        return
    here = place(document, uses)
    container = Container(here, None, image, here, image_kind(image))
    pieces = [Script(program, SourceMap(document.path, (0,), (here.start,)))]
    if isinstance(arguments, Scalar):
        folded = scalar_script(document, arguments)
        pieces.append(Script(folded.text.replace("\n", " "), folded.source))
    script = without_expressions(join(pieces, " "))
    collected.script(script, here, where._replace(container=container), {})


# ------------------------------------------------------------------------------------------------------------- actions

Reader = Callable[[Document, Mapping, Where], "Invocation | BuilderSetup"]


def _built(document: Document, node: Mapping, where: Where, tool: Tool, found: list[Option]) -> Invocation:
    given = tuple(found)
    context, file = last(given, "context"), last(given, "file") or last(given, "dockerfile")
    uses = node.get("uses")
    return Invocation(
        place(document, uses) if uses is not None else place(document, node),
        tool,
        given,
        file.text if file else None,
        (context.text if context else None) or ".",
        target_of(given),
        "",
        Form.KEYS,
        container=where.container,
        machine=where.machine,
    )


def _build_push(document: Document, node: Mapping, where: Where) -> Invocation:
    given = options(document, node.get("with"), BUILD_INPUTS, _BUILD_LISTS)
    return _built(document, node, where, Tool.BUILDX, given)


def _kaniko(document: Document, node: Mapping, where: Where) -> Invocation:
    given = options(document, node.get("with"), KANIKO_INPUTS, _KANIKO_LISTS)
    return _built(document, node, where, Tool.KANIKO, given)


def _buildah(document: Document, node: Mapping, where: Where) -> Invocation:
    given = options(document, node.get("with"), _BUILDAH_INPUTS, frozenset(_BUILDAH_INPUTS))
    return _built(document, node, where, Tool.BUILDAH, given)


def _bake(document: Document, node: Mapping, where: Where) -> Invocation:
    lists = frozenset({"files", "targets", "set", "allow"})
    given = options(document, node.get("with"), _BAKE_INPUTS, lists)
    found = _built(document, node, where, Tool.BAKE, given)
    return found._replace(target=found.target._replace(target=None), context=None, dockerfile=None)


def _setup_buildx(document: Document, node: Mapping, where: Where) -> BuilderSetup:
    given = tuple(options(document, node.get("with"), SETUP_INPUTS, _SETUP_LISTS))
    driver = last(given, "driver")
    uses = node.get("uses")
    return BuilderSetup(
        place(document, uses if uses is not None else node),
        SetupKind.BUILDX,
        given,
        "docker-container" if driver is None else driver.value,
        where.container,
        where.machine,
        form=Form.KEYS,
    )


def _setup_qemu(document: Document, node: Mapping, where: Where) -> BuilderSetup:
    given = tuple(options(document, node.get("with"), {}, frozenset()))
    uses = node.get("uses")
    return BuilderSetup(
        place(document, uses if uses is not None else node),
        SetupKind.BINFMT,
        given,
        None,
        where.container,
        where.machine,
        form=Form.KEYS,
    )


_ACTIONS: dict[str, Reader] = {
    "aevea/action-kaniko": _kaniko,
    "docker/bake-action": _bake,
    "docker/build-push-action": _build_push,
    "docker/setup-buildx-action": _setup_buildx,
    "docker/setup-qemu-action": _setup_qemu,
    "int128/kaniko-action": _kaniko,
    "redhat-actions/buildah-build": _buildah,
}
