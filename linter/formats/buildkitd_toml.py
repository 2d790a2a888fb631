"""buildkitd.toml: keys with their places. tomllib says whether the file is TOML, but not where a key stands."""

from __future__ import annotations

import re
import tomllib
from typing import NamedTuple

from ..invocation import BuilderSetup, Option, SetupKind
from ..source import Document, Place
from .collected import Collected
from .config import ConfigFile

_TABLE = re.compile(rb"[ \t]*\[\[?[ \t]*([^\]\n]*?)[ \t]*\]\]?[ \t]*(?:#[^\n]*)?\r?$")
_KEY = re.compile(rb"[ \t]*((?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')(?:[ \t]*\.[ \t]*(?:[\w-]+|\"[^\"\n]*\"))*)[ \t]*=[ \t]*")
_STRING = re.compile(rb'"""(?:[^\\]|\\.)*?"""|' + rb"'''.*?'''" + rb'|"(?:[^"\\\n]|\\.)*"|' + rb"'[^'\n]*'", re.DOTALL)
_ITEM = re.compile(rb"#[^\n]*|" + _STRING.pattern, re.DOTALL)
_PART = re.compile(rb"[\w-]+|\"[^\"]*\"|'[^']*'")


class Entry(NamedTuple):
    """One key: its dotted name, the place of `key = value`, and of the value."""

    name: str
    place: Place
    value_place: Place


def read(document: Document) -> ConfigFile:
    """The daemon's settings as one setup; a list is one option for each string in it."""
    collected = Collected(document)
    try:
        tomllib.loads(document.data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        collected.skip(0, f"it is not TOML: {error}")
        return collected.file("buildkitd_toml")
    given: list[Option] = []
    for entry in entries(document):
        given.extend(_options(document, entry))
    whole = Place(document.path, 0, len(document.data))
    first = given[0].place if given else whole
    collected.setups.append(BuilderSetup(first, SetupKind.CONFIG, tuple(given)))
    return collected.file("buildkitd_toml")


def entries(document: Document) -> list[Entry]:
    """Every `key = value` of a file that is TOML."""
    data = document.data
    found: list[Entry] = []
    prefix: tuple[str, ...] = ()
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while at < len(data):
        newline = data.find(b"\n", at)
        line_end = newline if newline >= 0 else len(data)
        if table := _TABLE.match(data, at, line_end):
            prefix = _parts(table[1])
        elif key := _KEY.match(data, at, line_end):
            end = _value_end(data, key.end())
            name = ".".join((*prefix, *_parts(key[1])))
            place = Place(document.path, key.start(1), end)
            found.append(Entry(name, place, Place(document.path, key.end(), end)))
            newline = data.find(b"\n", end)
            line_end = newline if newline >= 0 else len(data)
        at = line_end + 1
    return found


def _parts(text: bytes) -> tuple[str, ...]:
    return tuple(part.decode("utf-8", "replace").strip("\"'") for part in _PART.findall(text))


def _value_end(data: bytes, at: int) -> int:
    """Where a value ends: brackets may hold strings, comments and line breaks."""
    depth, end = 0, at
    while at < len(data):
        char = data[at : at + 1]
        if string := _STRING.match(data, at):
            at = end = string.end()
            continue
        if char == b"#":
            at = _line_end(data, at)
            continue
        if char == b"\n" and depth <= 0:
            break
        if char in (b"[", b"{"):
            depth += 1
        elif char in (b"]", b"}"):
            depth -= 1
        at += 1
        if not char.isspace():
            end = at
    return end


def _line_end(data: bytes, at: int) -> int:
    newline = data.find(b"\n", at)
    return newline if newline >= 0 else len(data)


def _options(document: Document, entry: Entry) -> list[Option]:
    data, path = document.data, document.path
    line = data.rfind(b"\n", 0, entry.place.start) + 1
    line_end = min(_line_end(data, entry.place.end) + 1, len(data))
    alone = not data[line : entry.place.start].strip() and data[entry.place.end : line_end].strip()[:1] in (b"", b"#")
    cut = Place(path, line, line_end) if alone else None
    start, end = entry.value_place.start, entry.value_place.end
    written = entry.name.rsplit(".", 1)[-1]
    if data[start : start + 1] != b"[":
        text = _unquoted(data[start:end])
        return [Option(entry.name, text, entry.place, entry.value_place, written, cut, text)]
    found: list[Option] = []
    items = [item for item in _ITEM.finditer(data, start, end) if not item[0].startswith(b"#")]
    for item in items:
        here = Place(path, item.start(), item.end())
        text = _unquoted(item[0])
        found.append(Option(entry.name, text, here, here, written, cut if len(items) == 1 else None, text))
    return found or [Option(entry.name, None, entry.place, entry.value_place, written, cut, None)]


def _unquoted(value: bytes) -> str:
    text = value.decode("utf-8", "replace")
    return text[1:-1] if text[:1] in ("'", '"') else text
