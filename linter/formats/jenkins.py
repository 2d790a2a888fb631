"""Jenkinsfiles: the pod in a string of YAML, the scripts of `sh` steps, and `docker.build(…)`.

Groovy is not parsed: its strings are found with their places, and what stands in front of one says what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..invocation import Machine
from ..pod import Container
from ..source import Document, Place, Script, SourceMap, join
from ..tools.images import image_kind
from ..tools.where import Where
from .collected import Collected
from .config import ConfigFile
from .kubernetes import read_into
from .mapped import MappedText

_TOKEN = re.compile(
    rb"//[^\n]*|/\*.*?\*/"
    rb"|'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|[{}]",
    re.DOTALL,
)
_YAML = re.compile(rb"\byaml\s*[:=(]?\s*\(?\s*\Z")
_SHELL = re.compile(rb"\bsh\s*\(?\s*\Z|\bsh\s*\(?[^(){}'\"]*(?:['\"][^'\"\n]*['\"][^(){}'\"]*)*\bscript\s*:\s*\Z")
_CONTAINER = re.compile(rb"\bcontainer\s*\(?\s*(?:name\s*:\s*)?\Z")
_TEMPLATE = re.compile(rb"\bcontainerTemplate\s*\([^)]*?\bimage\s*:\s*\Z", re.DOTALL)
_BUILD = re.compile(rb"\bdocker\.build\s*\(\s*\Z")
_NAME = re.compile(rb"\bname\s*:\s*['\"]([\w.-]+)['\"]")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|\r?\n|.)", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_INTERPOLATION = re.compile(r"\$\{[^{}\n]*\}")
BEFORE = 400
"""How far in front of a string its step's name is looked for, in bytes."""


class Text(NamedTuple):
    """A Groovy string: the place of what is between the quotes, and whether `$` is Groovy's."""

    start: int
    end: int
    interpolated: bool


def read(document: Document) -> ConfigFile:
    """Pods first, so that `container('x')` finds the image of its steps."""
    collected = Collected(document)
    tokens = list(_tokens(document.data))
    for text in tokens:
        if isinstance(text, Text) and _YAML.search(_before(document.data, text)):
            _pod(collected, text)
    containers = {one.name: one for pod in collected.pods for one in pod.containers}
    _steps(collected, tokens, containers)
    return collected.file("jenkins")


def _tokens(data: bytes) -> Iterator[Text | bytes]:
    """Strings and braces, in order."""
    for found in _TOKEN.finditer(data):
        token = found[0]
        if token in (b"{", b"}"):
            yield token
        elif token[:1] in (b"'", b'"'):
            quotes = 3 if token[:3] in (b"'''", b'"""') and len(token) >= 6 else 1
            yield Text(found.start() + quotes, found.end() - quotes, token[:1] == b'"')


def _before(data: bytes, text: Text) -> bytes:
    quotes = 3 if data[text.start - 3 : text.start] in (b"'''", b'"""') else 1
    return data[max(0, text.start - quotes - BEFORE) : text.start - quotes]


def _pod(collected: Collected, text: Text) -> None:
    """The YAML keeps its offsets: everything else of the file becomes blanks."""
    data = collected.document.data
    blank = bytes(0x0A if byte == 0x0A else 0x20 for byte in data[: text.start - 1])
    masked = Document(collected.document.path, blank + b"\n" + data[text.start : text.end])
    inner = Collected(masked)
    read_into(inner, pod_without_kind=True)
    collected.invocations.extend(inner.invocations)
    collected.setups.extend(inner.setups)
    collected.scripts.extend(inner.scripts)
    collected.pods.extend(inner.pods)
    collected.skipped.extend(inner.skipped)


def _steps(collected: Collected, tokens: list[Text | bytes], containers: dict[str | None, Container]) -> None:
    data = collected.document.data
    blocks: list[Container | None] = []
    current: Container | None = None
    coming: Container | None = None
    for token in tokens:
        if token == b"{":
            blocks.append(current)
            current, coming = coming or current, None
        elif token == b"}":
            current = blocks.pop() if blocks else None
        elif isinstance(token, Text):
            before = _before(data, token)
            value = data[token.start : token.end].decode("utf-8", "replace")
            if _CONTAINER.search(before):
                coming = containers.get(value)
            elif found := _TEMPLATE.search(before):
                _template(collected, token, value, found[0], containers)
            elif _BUILD.search(before):
                _docker_build(collected, token, value)
            elif _SHELL.search(before):
                _script(collected, token, current)


def _template(
    collected: Collected, token: Text, image: str, before: bytes, containers: dict[str | None, Container]
) -> None:
    name = _NAME.search(before)
    here = collected.place(token.start, token.end)
    found = Container(here, name[1].decode() if name else None, image, here, image_kind(image))
    containers.setdefault(found.name, found)


def _script(collected: Collected, token: Text, container: Container | None) -> None:
    machine = Machine.POD if container is not None else Machine.UNKNOWN
    where = Where(collected.document.data, container=container, machine=machine)
    place = collected.place(token.start, token.end)
    collected.script(groovy_text(collected.document, token), place, where)


def _docker_build(collected: Collected, token: Text, tag: str) -> None:
    """`docker.build(tag, arguments)` of the Docker Pipeline plugin runs `docker build -t tag arguments`."""
    document = collected.document
    rest = re.compile(rb"['\"]\s*,\s*(['\"])((?:[^'\"\\\n]|\\.)*)\1").match(document.data, token.end)
    here = SourceMap(document.path, (0,), (token.start,))
    pieces = [Script("docker build -t", here), groovy_text(document, token)]
    if rest is not None:
        pieces.append(groovy_text(document, Text(rest.start(2), rest.end(2), rest[1] == b'"')))
    else:
        pieces.append(Script(".", here))
    place = Place(document.path, token.start, rest.end(2) if rest else token.end)
    if tag:
        collected.script(join(pieces, " "), place, Where(document.data))


def groovy_text(document: Document, text: Text) -> Script:
    """The string's value as a script; `${…}` of Groovy's becomes a variable that nothing sets."""
    source = document.data[text.start : text.end].decode("latin-1")
    if text.interpolated:
        source = _INTERPOLATION.sub(lambda found: "${" + "_" * (len(found[0]) - 3) + "}", source)
    mapped = MappedText(document.path)
    at = 0
    for found in _ESCAPE.finditer(source):
        mapped.verbatim(source[at : found.start()], text.start + at)
        at = found.end()
        letter = found[1]
        if letter.strip("\r\n"):
            value = chr(int(letter[1:], 16)) if len(letter) > 1 else _LETTERS.get(letter, letter)
            encoded = value.encode("utf-8", "replace").decode("latin-1") if len(letter) > 1 else value
            mapped.value(encoded, text.start + found.start(), text.start + found.end())
    mapped.verbatim(source[at:], text.start + at)
    return mapped.script()
