"""CircleCI: the `run` steps of jobs and of reusable commands, on machines with a Docker daemon of CircleCI's."""

from __future__ import annotations

from ..invocation import Machine
from ..pod import Container
from ..source import Document
from ..tools.images import image_kind
from ..tools.where import Where
from .collected import Collected
from .config import ConfigFile
from .shell import without_expressions
from .yaml_models import environment, place, values
from .yaml_places import Mapping, Node, Scalar, at, items, mapping, read_yaml, scalar
from .yaml_scripts import scalar_script

MAX_DEPTH = 8


def read(document: Document) -> ConfigFile:
    """Every job and command, those of orbs that stand in the file too."""
    collected = Collected(document)
    yaml = read_yaml(document)
    if yaml.problem is not None:
        collected.skip(yaml.at, yaml.problem)
    for root in yaml.roots:
        orbs = mapping(at(root, "orbs"))
        for owner in (root, *(pair.value for pair in (orbs.pairs if orbs else ()))):
            for key in ("jobs", "commands"):
                group = mapping(at(owner, key))
                for pair in group.pairs if group else ():
                    _job(collected, pair.key.value, pair.value)
    return collected.file("circleci")


def _job(collected: Collected, name: str, job: Node) -> None:
    document = collected.document
    container: Container | None = None
    image_node = next((at(item, "image") for item in items(at(job, "docker"))), None)
    if image_node is not None and (image := scalar(image_node)) is not None:
        here = place(document, image_node)
        container = Container(here, None, image, here, image_kind(image))
    where = Where(document.data, container=container, machine=Machine.HOSTED)
    _steps(collected, name, at(job, "steps"), where, values(environment(document, at(job, "environment"))), 0)


def _steps(
    collected: Collected, name: str, node: Node | None, where: Where, outer: dict[str, str | None], depth: int
) -> None:
    if depth > MAX_DEPTH:
        return
    document = collected.document
    for step in items(node):
        for key in ("when", "unless"):
            _steps(collected, name, at(step, key, "steps"), where, outer, depth + 1)
        run = at(step, "run")
        command = run.get("command") if isinstance(run, Mapping) else run
        if not isinstance(command, Scalar) or scalar(command) is None:
            continue
        directory = scalar(at(run, "working_directory"))
        relative = directory is None or not (directory.startswith(("/", "~")) or "<<" in directory)
        inner = where._replace(directory=(directory or "").removeprefix("./") if relative else None)
        variables = {**outer, **values(environment(document, at(run, "environment")))}
        script = without_expressions(scalar_script(document, command))
        collected.script(script, place(document, command), inner, variables, name)
