"""A kaniko command in a shell script becomes a buildctl command: each flag is rewritten where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...linter.command import Argument
from ...linter.edit import Edit
from ...linter.formats.config import ConfigFile, EmbeddedScript
from ...linter.invocation import Form, Invocation
from ...linter.shell import tree as t
from ...linter.shell.parse import parse
from ...linter.source import Place, Script
from ..commands import children
from .client import Client, command_after, command_before
from .docker_run import mounts, on_machine, outside
from .host import Escape, escape_at
from .job import WORKSPACE, Obstacle, Surroundings
from .quoting import NotRead, Words, is_opaque, unicode
from .translate import Translation, translate


class Group(NamedTuple):
    """A word of a script, and the arguments it stands for: several where a variable holds them."""

    place: Place
    texts: tuple[str, ...]


class Rewritten(NamedTuple):
    edits: tuple[Edit, ...]
    translation: Translation


def rewrite_command(
    config: ConfigFile, embedded: EmbeddedScript, invocation: Invocation, client: Client, around: Surroundings
) -> Rewritten:
    """Raises Obstacle."""
    script = embedded.script
    found = find_command(script, invocation.argv[0].place)
    if found is None:
        raise Obstacle("it stands in a string, or in another script")
    path, number = found
    node = path[-1]
    assert isinstance(node, t.Simple)
    words = Words()
    escape = escape_at(config, script.source.place(node.start, node.end))
    groups = [_group(word, script, invocation.argv, words, config) for word in node.words[number + 1 :]]
    flat = [text for group in groups for text in group.texts]
    first = number
    if runs_in_docker(invocation):
        first, flat, around = _out_of_docker(node, number, flat, around, words, script, config)
        wrappers = unicode(script.text[node.words[0].start : node.words[first].start])
        client = client._replace(setup=wrappers + client.setup)

    def variable(name: str) -> str:
        return words.hold(f"${name}")

    around = around._replace(variable=variable)
    translation = translate(flat, client.dialect, around)
    writer = _Writer(words, escape)
    program = _whole(script, node.words[first].start, node.words[number].end, config.document.data)
    head = " ".join([client.program, *(writer.word(word) for word in translation.head)])
    edits = [Edit(program, writer.finish(head))]
    edits.extend(_flag_edits(groups, translation, writer, program))
    if translation.tail:
        end = groups[-1].place.end if groups else program.end
        tail = "".join(f" {writer.word(word)}" for word in translation.tail)
        edits = _with_tail(edits, Place(program.path, end, end), writer.finish(tail))
    end = _whole(script, node.start, node.end, config.document.data).end
    edits.extend(_around(path, number, script.source.place(node.start, node.start), end, client, translation, writer))
    return Rewritten(tuple(edits), translation)


def runs_in_docker(invocation: Invocation) -> bool:
    """Whether the command is `docker run IMAGE …`: its program is the image's own."""
    container = invocation.container
    if invocation.form is not Form.SHELL or container is None:
        return False
    first = invocation.argv[0].place
    return first == container.image_place and first.start > container.place.start


def _out_of_docker(
    node: t.Simple,
    number: int,
    flat: list[str],
    around: Surroundings,
    words: Words,
    script: Script,
    config: ConfigFile,
) -> tuple[int, list[str], Surroundings]:
    """The number of the word `docker`, and kaniko's words with paths of the machine."""
    before = [words.read_word(word, lambda s, e: _written(script, s, e, words, config)) for word in node.words[:number]]
    if "docker" not in before or "run" not in before:
        raise Obstacle("kaniko runs under another program: build with `docker buildx build` instead")
    mounted = mounts(before[before.index("run") + 1 :])
    given = any(name.startswith(("-c", "--context")) for name in flat)
    context = around.context if given else outside(WORKSPACE, mounted)
    return before.index("docker"), on_machine(flat, mounted), around._replace(context=context)


class _Writer:
    """Words for a script, as the file that holds it has them."""

    def __init__(self, words: Words, escape: Escape) -> None:
        self.words = words
        self._escape = escape

    def word(self, text: str) -> str:
        return self.words.write(text)

    def finish(self, text: str) -> str:
        return self.words.finished(self._escape(text))


def find_command(script: Script, place: Place) -> tuple[list[t.Node], int] | None:
    """The nodes from the root down to the simple command with a word at that place, and the word's number."""
    waiting: list[list[t.Node]] = [[parse(script.text).tree]]
    while waiting:
        path = waiting.pop()
        node = path[-1]
        if isinstance(node, t.Simple):
            for number, word in enumerate(node.words):
                if script.source.place(word.start, word.end) == place:
                    return path, number
        waiting.extend([*path, child] for child in children(node))
    return None


def _group(word: t.Word, script: Script, argv: tuple[Argument, ...], words: Words, config: ConfigFile) -> Group:
    place = script.source.place(word.start, word.end)
    whole = _whole(script, word.start, word.end, config.document.data)
    here = [argument for argument in argv if argument.place == place]
    try:
        text = words.read_word(word, lambda start, end: _written(script, start, end, words, config))
    except NotRead as error:
        raise Obstacle(f"`{error}` was not understood") from error
    alone = len(text) == 1 and is_opaque(text)
    known = [argument.text for argument in here if argument.known]
    if alone and here and len(known) == len(here) and (len(here) > 1 or known[0].startswith("-")):
        return Group(whole, tuple(known))
    if len(here) > 1:
        raise Obstacle(f"what is in `{script.text[word.start : word.end]}` is not known")
    return Group(whole, (text,))


def _whole(script: Script, start: int, end: int, data: bytes) -> Place:
    """The place of some text, to the end of an escape that its last character is in a YAML or Groovy string."""
    place = script.source.place(start, end)
    cut = data[place.end - 1 : place.end] == b"\\" and script.text[end - 1] != "\\"
    return place._replace(end=place.end + cut)


def _written(script: Script, start: int, end: int, words: Words, config: ConfigFile) -> str:
    """An expansion as it was written; what GitHub or Groovy fills in was made a variable of as many characters."""
    text = script.text[start:end]
    place = script.source.place(start, end)
    if text.startswith("${__") and place.end - place.start == end - start:
        return words.hold_raw(config.document.data[place.start : place.end].decode("utf-8", "surrogateescape"))
    return unicode(text)


def _flag_edits(groups: list[Group], translation: Translation, writer: _Writer, program: Place) -> Iterator[Edit]:
    """For every flag the words that stand for it; words that stand for nothing go with what is in front of them."""
    owners = [number for number, group in enumerate(groups) for _ in group.texts]
    before = program.end
    for first, last, new in translation.stand_ins(owners):
        start, end = groups[first].place.start, groups[last].place.end
        if start < before or end < start:
            raise Obstacle("its words do not stand in one file, one behind the other")
        if new:
            yield Edit(Place(program.path, start, end), writer.finish(" ".join(writer.word(word) for word in new)))
        else:
            yield Edit(Place(program.path, before, end), "")
        before = end


def _with_tail(edits: list[Edit], at: Place, text: str) -> list[Edit]:
    """The words behind all the others belong to the edit that ends where they go."""
    found = [edit._replace(text=edit.text + text) if edit.place.end == at.end else edit for edit in edits]
    return found if found != edits else [*edits, Edit(at, text)]


def _around(
    path: list[t.Node],
    number: int,
    start: Place,
    end: int,
    client: Client,
    translation: Translation,
    writer: _Writer,
) -> Iterator[Edit]:
    """What is to be done before and after the build, joined to it as one command."""
    before, after = command_before(client, translation, writer.words), command_after(translation, writer.words)
    if not before and not after:
        return
    node = path[-1]
    assert isinstance(node, t.Simple)
    if after and number and any(word.literal == "exec" for word in node.words[:number]):
        raise Obstacle("`exec` leaves nobody to write the digest: take it away first")
    grouped = any(not isinstance(parent, t.Sequence | t.And | t.If | t.For | t.While) for parent in path[:-1])
    grouped = grouped or any(isinstance(parent, t.And) and after for parent in path[:-1] if parent.end > node.end)
    if before or grouped:
        yield Edit(start, writer.finish("{ " * grouped + (f"{before} && " if before else "")))
    if after or grouped:
        text = (f" && {after}" if after else "") + "; }" * grouped
        yield Edit(Place(start.path, end, end), writer.finish(text))
