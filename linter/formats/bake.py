"""docker-bake.hcl and docker-bake.json: one invocation for each target, with what it inherits."""

from __future__ import annotations

from posixpath import dirname, join

from ..invocation import Form, Invocation, Tool
from ..source import Document, Place, Script
from ..tools.where import last, target_of
from .collected import Collected
from .compose import BAKE_NAMES
from .config import ConfigFile, InlineDockerfile
from .inputs import options
from .jsonc import read_json
from .mapped import MappedText
from .yaml_models import place
from .yaml_places import Mapping, Scalar, at, items, scalar
from .yaml_scripts import scalar_script


class _Target:
    """A target's own attributes, and the place of what names it."""

    def __init__(self, body: Mapping, name_place: Place) -> None:
        self.body = body
        self.name_place = name_place


def read(document: Document) -> ConfigFile:
    """Every target of the file."""
    collected = Collected(document)
    targets = _json_targets(collected) if document.path.endswith(".json") else _hcl_targets(collected)
    for name in targets:
        _target(collected, targets, name)
    return collected.file("bake")


def _hcl_targets(collected: Collected) -> dict[str, _Target]:
    from .hcl import read_hcl

    blocks = read_hcl(collected.document)
    if isinstance(blocks, str):
        collected.skip(0, blocks)
        return {}
    return {
        block.labels[0].value: _Target(block.body, place(collected.document, block.labels[0]))
        for block in blocks
        if block.kind == "target" and block.labels
    }


def _json_targets(collected: Collected) -> dict[str, _Target]:
    found = read_json(collected.document)
    if found.problem is not None:
        collected.skip(found.at, found.problem)
    targets: dict[str, _Target] = {}
    for root in found.roots:
        node = at(root, "target")
        for pair in node.pairs if isinstance(node, Mapping) else ():
            if isinstance(pair.value, Mapping):
                targets[pair.key.value] = _Target(pair.value, place(collected.document, pair.key))
    return targets


def _inherited(targets: dict[str, _Target], name: str, seen: frozenset[str]) -> Mapping:
    """The target's attributes behind those of the targets it inherits from: the last one of a name holds."""
    body = targets[name].body
    pairs = list(body.pairs)
    for parent in reversed([scalar(item) for item in items(body.get("inherits"))]):
        if parent in targets and parent not in seen:
            pairs = [*_inherited(targets, parent, seen | {name, parent}).pairs, *pairs]
    return body._replace(pairs=tuple(pairs[-500:]))


def _target(collected: Collected, targets: dict[str, _Target], name: str) -> None:
    document = collected.document
    body = _inherited(targets, name, frozenset({name}))
    given = tuple(options(document, body, BAKE_NAMES, frozenset()))
    context, file = last(given, "context"), last(given, "file")
    directory = (context.text if context else None) or "."
    invocation = Invocation(
        targets[name].name_place,
        Tool.BAKE,
        given,
        join(directory, file.text) if file and file.text else None,
        directory,
        target_of(given),
        dirname(document.path),
        Form.KEYS,
    )
    collected.invocations.append(invocation)
    inline = targets[name].body.get("dockerfile-inline")
    if isinstance(inline, Scalar) and "${" not in inline.value and inline.value:
        script = _heredoc(document, inline) if inline.style == "<<" else scalar_script(document, inline)
        collected.dockerfiles.append(InlineDockerfile(script, place(document, inline), invocation))


def _heredoc(document: Document, node: Scalar) -> Script:
    """The lines between `<<TAG` and `TAG`; those of `<<-TAG` lose the blanks that all of them begin with."""
    lines = document.data[node.start : node.end].split(b"\n")
    body = lines[1:-1]
    blanks = 0
    if lines[0].startswith(b"<<-"):
        full = [line for line in body if line.strip()]
        blanks = min((len(line) - len(line.lstrip()) for line in full), default=0)
    mapped = MappedText(document.path)
    start = node.start + len(lines[0]) + 1
    for line in body:
        skipped = min(blanks, len(line) - len(line.lstrip()))
        mapped.verbatim((line[skipped:] + b"\n").decode("latin-1"), start + skipped)
        start += len(line) + 1
    return mapped.script()
