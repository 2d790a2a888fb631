"""A list of kaniko's arguments in YAML becomes a list of buildctl's, item by item."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from ...linter.command import Argument
from ...linter.edit import Edit
from ...linter.formats.yaml_places import Mapping, Sequence, Yaml
from ...linter.source import Place
from ...linter.tools.flags import cut
from .client import Client, command_after, command_before
from .host import Escape
from .job import Obstacle, Surroundings
from .quoting import NotRead, Words
from .translate import Translation, translate

_PLAIN = re.compile(r"[A-Za-z0-9_./-][\w./:=@%+-]*", re.ASCII)
_RESERVED = frozenset("y n yes no on off true false null ~ -".split())


class Items(NamedTuple):
    """The items of a container: its own mapping, and the words that it runs from the program's name on.

    `implied` says that the program's name is the image's own.
    """

    yaml: Yaml
    node: Mapping
    argv: tuple[Argument, ...]
    implied: bool
    command_key: str = "command"
    """`entrypoint` in Cloud Build, where it is one word."""


def rewrite_arguments(
    items: Items, client: Client, around: Surroundings, escape: Escape
) -> tuple[list[Edit], Translation]:
    """Raises Obstacle."""
    words = Words()
    program, *arguments = items.argv
    if not arguments:
        raise Obstacle("it has no arguments")
    try:
        texts = [words.read_config(argument.text) for argument in arguments]
    except NotRead as error:
        raise Obstacle(f"`{error}` was not understood") from error
    environment = around.environment

    def variable(name: str) -> str:
        if name not in environment:
            raise Obstacle(f"--build-arg {name} takes its value from the environment: write it out")
        return words.hold_raw(f"$({name})")

    translation = translate(texts, client.dialect, around._replace(variable=variable), keep=True)
    writer = _Writer(items, words, escape)
    command = _command(client, translation, words)
    if items.command_key == "entrypoint":
        # Cloud Build's entrypoint is one word: what the shell is to do are its first arguments
        command, translation = command[:1], translation._replace(head=(*command[1:], *translation.head))
    edits = list(_flag_edits(arguments, translation, writer))
    edits.append(_command_edit(items, program, command, writer))
    return edits, translation


def _command(client: Client, translation: Translation, words: Words) -> list[str]:
    """The program in the place of kaniko's; a shell around it where there is more to do than to build."""
    before, after = command_before(client, translation, words), command_after(translation, words)
    if not before and not after:
        return client.program.split()
    script = " && ".join(part for part in (before, client.program + ' "$@"', after) if part)
    return ["sh", "-c", script, client.program.split()[-1]]


class _Writer:
    """Items as the sequence that holds them has them."""

    def __init__(self, items: Items, words: Words, escape: Escape) -> None:
        self._data = items.yaml.document.data
        self._escape = escape
        self._words = words
        self._flow = {
            (item.start, sequence.flow, _column(self._data, sequence.start))
            for sequence in _sequences(items.node)
            for item in sequence.items
        }

    def separator(self, place: Place) -> str:
        for start, flow, column in self._flow:
            if start == place.start:
                return ", " if flow else "\n" + column + "- "
        raise Obstacle("its arguments are no list")

    def items(self, texts: list[str], place: Place) -> str:
        """The items, as what stands at a place is written."""
        style = self._data[place.start : place.start + 1].decode("latin-1")
        separator = self.separator(place)
        return separator.join(self.scalar(text, style) for text in texts)

    def scalar(self, text: str, style: str = "") -> str:
        shown = self._words.shown(text)
        full = self._words.finished(shown)
        if style not in ("'", '"') and _PLAIN.fullmatch(full) and full.lower() not in _RESERVED:
            return full
        if style == '"' and "\\" not in full:
            return self._words.finished(self._escape('"' + shown.replace('"', '\\"') + '"'))
        if "\n" in full:
            return self._words.finished(self._escape(json.dumps(shown, ensure_ascii=False)))
        return self._words.finished(self._escape("'" + shown.replace("'", "''") + "'"))

    def cut(self, before: Place, place: Place) -> Place:
        found = cut(before, place, self._data)
        if found is None:
            raise Obstacle("its arguments do not stand in one list, one behind the other")
        return found


def _flag_edits(arguments: list[Argument], translation: Translation, writer: _Writer) -> Iterator[Edit]:
    spans = list(translation.stand_ins(range(len(arguments))))
    head, tail = list(translation.head), list(translation.tail)
    if not spans or spans[0][0] != 0:
        raise Obstacle("its first argument is not known")
    for number, (first, last, new) in enumerate(spans):
        start, end = arguments[first].place, arguments[last].place
        place = Place(start.path, start.start, end.end)
        if start.path != end.path or end.end < start.start:
            raise Obstacle("its arguments do not stand in one list, one behind the other")
        texts = [*(head if number == 0 else []), *new, *(tail if number == len(spans) - 1 else [])]
        if new or number == 0:
            yield Edit(place, writer.items(texts, start))
        else:
            gone = writer.cut(arguments[first - 1].place, place)
            added = writer.separator(start) + writer.items(texts, start) if texts else ""
            yield Edit(gone, added)


def _command_edit(items: Items, program: Argument, command: list[str], writer: _Writer) -> Edit:
    if not items.implied:
        return Edit(program.place, writer.items(command, program.place))
    pair = items.node.pair("args")
    if pair is None or items.node.pair(items.command_key) is not None:
        raise Obstacle("its arguments are no list of its own")
    texts = ", ".join(writer.scalar(word) for word in command)
    text = f"{items.command_key}: " + (texts if items.command_key == "entrypoint" else f"[{texts}]")
    data = items.yaml.document.data
    glue = ", " if items.node.flow else "\n" + _column(data, pair.key.start)
    return Edit(Place(items.yaml.document.path, pair.key.start, pair.key.start), text + glue)


def _sequences(node: Mapping) -> Iterator[Sequence]:
    for pair in node.every():
        if isinstance(pair.value, Sequence):
            yield pair.value


def _column(data: bytes, at: int) -> str:
    """Blanks as wide as what stands before an offset on its line."""
    line = data[data.rfind(b"\n", 0, at) + 1 : at].decode("utf-8", "replace")
    return "".join("\t" if char == "\t" else " " for char in line)
