"""Cloud Build: steps that run images with words or scripts, on a machine of Google's with a Docker daemon."""

from __future__ import annotations

from ..command import Argument
from ..invocation import Form, Machine
from ..pod import Container
from ..source import Document
from ..tools.images import entrypoint, image_kind
from ..tools.where import Where
from .collected import Collected
from .config import ConfigFile
from .jsonc import read_json
from .yaml_models import arguments, environment, place, values
from .yaml_places import Mapping, Node, Scalar, Sequence, at, items, new_item, read_yaml, scalar
from .yaml_scripts import scalar_script

_BUILDERS = {"docker": "docker", "gcloud": "gcloud"}


def read(document: Document) -> ConfigFile:
    """Each step of the build."""
    collected = Collected(document)
    found = read_json(document) if document.path.endswith(".json") else read_yaml(document)
    if found.problem is not None:
        collected.skip(found.at, found.problem)
    for root in found.roots:
        for step in items(at(root, "steps")):
            if isinstance(step, Mapping):
                _step(collected, step)
    return collected.file("cloudbuild")


def _step(collected: Collected, step: Mapping) -> None:
    document = collected.document
    image_node = step.get("name")
    image = scalar(image_node)
    if image is None or image_node is None:
        return
    here = place(document, image_node)
    words_node = step.get("args")
    words = arguments(document, words_node)
    env = environment(document, step.get("env"))
    container = Container(
        place(document, step),
        scalar(step.get("id")),
        image,
        here,
        image_kind(image),
        arguments_place=place(document, words_node) if words_node is not None else None,
        arguments=words,
        env=env,
        new_argument=new_item(document, words_node) if isinstance(words_node, Sequence) else None,
    )
    where = Where(document.data, Form.LIST, _directory(step.get("dir")), container, Machine.HOSTED)
    name = container.name or ""
    script = step.get("script")
    if isinstance(script, Scalar):
        shell = where._replace(form=Form.SHELL)
        collected.script(scalar_script(document, script), place(document, script), shell, values(env), name)
        return
    chosen = arguments(document, step.get("entrypoint"))
    program = chosen or tuple(Argument(word, True, here) for word in _program(image))
    collected.words((*program, *(words or ())), where, values(env), name)


def _program(image: str) -> tuple[str, ...]:
    """What an image runs: Cloud Build's own builders are called as the tool in them."""
    if image.startswith(("gcr.io/cloud-builders/", "docker")):
        tool = image.rsplit("/", 1)[-1].partition(":")[0]
        return (tool,) if tool in _BUILDERS else ()
    return entrypoint(image)


def _directory(node: Node | None) -> str | None:
    text = scalar(node)
    if text is None:
        return ""
    return None if text.startswith("/") or "$" in text else text.rstrip("/")
