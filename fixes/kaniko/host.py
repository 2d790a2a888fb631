"""What a shell text looks like in the file that holds it: a YAML scalar, a Groovy string, a script."""

from __future__ import annotations

from collections.abc import Callable

from ...linter.formats.config import ConfigFile
from ...linter.formats.yaml_places import Mapping, Node, Scalar, Sequence, Yaml, read_yaml
from ...linter.source import Document, Place
from .job import Obstacle

Escape = Callable[[str], str]
_YAML = frozenset({"gitlab", "github", "kubernetes", "circleci", "drone", "cloudbuild"})


def escape_at(config: ConfigFile, place: Place) -> Escape:
    """How a text that is put at a place is written there. Raises Obstacle where that is not known."""
    if config.format == "shell":
        return str
    if config.format in _YAML:
        return _yaml(config.document, place)
    if config.format == "jenkins":
        return _groovy(config.document.data, place)
    raise Obstacle(f"it stands in a {config.format} file: rewrite it by hand")


def yaml_of(config: ConfigFile, place: Place) -> Yaml:
    """The YAML that holds a place: the file, or a string of a Jenkinsfile, with the file's offsets."""
    document = config.document
    if config.format != "jenkins":
        return read_yaml(document)
    start, end, _ = _string(document.data, place)
    blank = bytes(0x0A if byte == 0x0A else 0x20 for byte in document.data[:start])
    return read_yaml(Document(document.path, blank + document.data[start:end]))


def nodes_to(yaml: Yaml, at: int) -> list[Node]:
    """The nodes that hold an offset, the outermost first."""
    path: list[Node] = []
    below: tuple[Node, ...] = yaml.roots
    while found := next((node for node in below if node.start <= at < max(node.end, node.start + 1)), None):
        path.append(found)
        match found:
            case Mapping(pairs=pairs):
                below = tuple(pair.value for pair in pairs if not pair.alias)
            case Sequence(items=items):
                below = items
            case Scalar():
                break
    return path


def _yaml(document: Document, place: Place) -> Escape:
    path = nodes_to(read_yaml(document), place.start)
    style = path[-1].style if path and isinstance(path[-1], Scalar) else ""
    if style == '"':
        return lambda text: text.replace("\\", "\\\\").replace('"', '\\"')
    if style == "'":
        return lambda text: text.replace("'", "''")
    return str


def _string(data: bytes, place: Place) -> tuple[int, int, bytes]:
    """The Groovy string that holds a place: where its text begins and ends, and its quotes."""
    for quotes in (b"'''", b'"""'):
        start = data.rfind(quotes, 0, place.start)
        end = data.find(quotes, place.start)
        if start >= 0 and end >= 0 and data.count(quotes, 0, place.start) % 2:
            return start + 3, end, quotes
    line = data.rfind(b"\n", 0, place.start) + 1
    for quote in (b"'", b'"'):
        start, end = data.find(quote, line, place.start), data.find(quote, place.end)
        if start >= 0 and end >= 0 and b"\n" not in data[place.start : end]:
            return start + 1, end, quote
    raise Obstacle("the string that it stands in was not found")


def _groovy(data: bytes, place: Place) -> Escape:
    _, _, quotes = _string(data, place)
    quote = quotes.decode()[:1]

    def escape(text: str) -> str:
        text = text.replace("\\", "\\\\")
        if len(quotes) == 1:
            text = text.replace(quote, "\\" + quote)
        return text.replace("$", "\\$") if quote == '"' else text

    return escape
