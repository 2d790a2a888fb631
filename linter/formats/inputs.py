"""Options that stand as keys with values: the inputs of an action, the settings of a plugin, the keys of a `build`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..invocation import Option
from ..source import Document, Place
from .yaml_models import TEMPLATE, place
from .yaml_places import Mapping as YamlMapping
from .yaml_places import Node, Pair, Scalar, Sequence, removal, scalar
from .yaml_scripts import scalar_script

_LINE = re.compile(r"[^\n]+")


def options(document: Document, node: Node | None, names: Mapping[str, str], lists: frozenset[str]) -> list[Option]:
    """The pairs of a mapping as options; `names` gives a key its option's name, others keep theirs.

    A list, a mapping, or a text of several lines under one of the keys in `lists` is one option for each item. What
    is the only key cannot be left out: it would leave nothing behind the key above.
    """
    found: list[Option] = []
    if isinstance(node, YamlMapping):
        for pair in node.every():
            name = names.get(pair.key.value, pair.key.value)
            read = pair_options(document, pair, name, splits=pair.key.value in lists)
            found.extend(read if len(node.pairs) > 1 else (option._replace(removal=None) for option in read))
    return found


def pair_options(document: Document, pair: Pair, name: str, *, splits: bool) -> Iterator[Option]:
    """What one pair says: several options where its value holds several."""
    whole = Place(document.path, pair.key.start, max(pair.key.end, pair.end))
    cut = removal(document.data, pair, document.path)
    key, value = pair.key.value, pair.value
    if isinstance(value, YamlMapping):
        entries = list(value.every())
        for entry in entries:
            text = scalar(entry.value)
            joined = entry.key.value if text is None else f"{entry.key.value}={text}"
            here = Place(document.path, entry.key.start, max(entry.key.end, entry.end))
            inner = removal(document.data, entry, document.path) if len(entries) > 1 else cut
            yield Option(name, known(joined), here, here, key, inner, joined)
    elif isinstance(value, Sequence):
        for item in value.items:
            text = _item_text(item)
            if text is not None:
                alone = len(value.items) == 1
                yield Option(
                    name, known(text), place(document, item), place(document, item), key, cut if alone else None, text
                )
    elif splits:
        yield from _lines(document, value, name, key, cut)
    else:
        text = scalar(value)
        yield Option(name, None if text is None else known(text), whole, place(document, value), key, cut, text)


def _item_text(item: Node) -> str | None:
    """An item as the command line has it: a mapping is `key=value,…`, as of an output or a cache."""
    if not isinstance(item, YamlMapping):
        return scalar(item)
    return ",".join(f"{pair.key.value}={scalar(pair.value) or ''}" for pair in item.every())


def known(text: str) -> str | None:
    """The text, None when a template fills something in."""
    return None if TEMPLATE.search(text) else text


def _lines(document: Document, node: Scalar, name: str, key: str, cut: Place | None) -> Iterator[Option]:
    script = scalar_script(document, node)
    parts = [found for found in _LINE.finditer(script.text) if found[0].strip()]
    for found in parts:
        text = found[0].strip()
        start = found.start() + len(found[0]) - len(found[0].lstrip())
        here = script.source.place(start, start + len(text))
        decoded = text.encode("latin-1").decode("utf-8", "replace")
        removal = cut if len(parts) == 1 else _line_cut(document.data, here) if node.style == "|" else None
        yield Option(name, known(decoded), here, here, key, removal, decoded)


def _line_cut(data: bytes, here: Place) -> Place:
    """The line that holds it, in a literal block where it has one of its own."""
    newline = data.find(b"\n", here.end)
    return Place(here.path, data.rfind(b"\n", 0, here.start) + 1, newline + 1 if newline >= 0 else len(data))
