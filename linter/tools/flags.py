"""A tool's command line as Go's flag libraries split it: `--flag value`, `--flag=value`, `-fvalue`, `-it`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from ..command import Argument
from ..invocation import Option
from ..source import Place


class Flags(NamedTuple):
    """The flags that a command knows: names without dashes, a letter for a short one, to the name an Option gets.

    `valued` take a value, from the next word where there is no `=`; `switches` take one only behind a `=`. `go` says
    that one dash does for a long name too, as in urfave/cli and Go's own flag package. `permute` says that flags may
    come behind operands.
    """

    valued: Mapping[str, str]
    switches: Mapping[str, str]
    go: bool = False
    permute: bool = True


def names(text: str) -> dict[str, str]:
    """A table of flags out of a text: `file,f` is a flag with a short form, `m=memory` one with another name."""
    table: dict[str, str] = {}
    for item in text.split():
        spellings, _, name = item.partition("=")
        first, *others = spellings.split(",")
        for spelling in (first, *others):
            table[spelling] = name or first
    return table


class Split(NamedTuple):
    """`end` is the number of the first word that was not read, past the last one where all were."""

    options: tuple[Option, ...]
    operands: tuple[Argument, ...]
    end: int


def split(argv: tuple[Argument, ...], at: int, flags: Flags, data: bytes) -> Split:
    """Split the words from number `at` on. `data` are the bytes of the file that they stand in."""
    options: list[Option] = []
    operands: list[Argument] = []
    while at < len(argv):
        text = argv[at].text
        if text == "--":
            operands.extend(argv[at + 1 :])
            return Split(tuple(options), tuple(operands), len(argv))
        if not text.startswith("-") or text == "-":
            if not flags.permute:
                break
            operands.append(argv[at])
            at += 1
            continue
        count = _read(argv, at, flags, data, options)
        at += count
    return Split(tuple(options), tuple(operands), at)


def _read(argv: tuple[Argument, ...], at: int, flags: Flags, data: bytes, options: list[Option]) -> int:
    """Read the flags of one word; the number of words they take."""
    word = argv[at]
    long = word.text.startswith("--") or flags.go
    if not long:
        return _read_letters(argv, at, flags, data, options)
    written, equals, _ = word.text.lstrip("-").partition("=")
    name = flags.valued.get(written) or flags.switches.get(written)
    if equals:
        value = tail(word, word.text.index("=") + 1, data)
        options.append(_option(argv, at, at, name or written, written, value, data))
        return 1
    if written in flags.valued and at + 1 < len(argv):
        options.append(_option(argv, at, at + 1, name or written, written, argv[at + 1], data))
        return 2
    options.append(_option(argv, at, at, name or written, written, None, data))
    return 1


def _read_letters(argv: tuple[Argument, ...], at: int, flags: Flags, data: bytes, options: list[Option]) -> int:
    """`-it`, `-fvalue`, `-f value`, `-f=value`: letters up to the first that takes a value."""
    word = argv[at]
    letters = word.text[1:]
    alone = len(letters) == 1
    for number, letter in enumerate(letters, 1):
        if letter not in flags.valued:
            name = flags.switches.get(letter, letter)
            option = _option(argv, at, at, name, letter, None, data)
            options.append(option if alone else option._replace(removal=None))
            continue
        rest = word.text[number + 1 :]
        first = number == 1
        if rest:
            value = tail(word, number + 1 + rest.startswith("="), data)
            option = _option(argv, at, at, flags.valued[letter], letter, value, data)
            options.append(option if first else option._replace(removal=None))
            return 1
        if at + 1 < len(argv):
            option = _option(argv, at, at + 1, flags.valued[letter], letter, argv[at + 1], data)
            options.append(option if first else option._replace(removal=None))
            return 2
        options.append(_option(argv, at, at, flags.valued[letter], letter, None, data))
    return 1


def _option(
    argv: tuple[Argument, ...],
    first: int,
    last: int,
    name: str,
    written: str,
    value: Argument | None,
    data: bytes,
) -> Option:
    start, end = argv[first].place, argv[last].place
    place = Place(start.path, start.start, max(end.end, start.end)) if start.path == end.path else start
    removal = cut(argv[first - 1].place, place, data) if first else None
    if value is None:
        return Option(name, None, place, None, written, removal)
    return Option(name, value.value, place, value.place, written, removal, value.text)


def tail(word: Argument, start: int, data: bytes) -> Argument:
    """The word from character `start` on, its place inside the quotes that hold the word, quotes of its own included.

    Where the word does not begin in the file as its text does, the place is the whole word's.
    """
    text = word.text[start:]
    path, begin, end = word.place
    head = word.text[:start].encode("utf-8", "surrogateescape")
    if data[begin : begin + 1] in (b'"', b"'") and data[begin : begin + 1] == data[end - 1 : end] and end - begin > 1:
        begin, end = begin + 1, end - 1
    place = Place(path, begin + len(head), end) if data.startswith(head, begin) else word.place
    return Argument(text, word.known, place)


_BETWEEN_WORDS = re.compile(rb"(?:[ \t\r\n]|\\{1,2}\r?\n)+|\s*,\s*", re.ASCII)
_BEFORE_ITEM = re.compile(rb"(?:\r?\n|^)[ \t]*-[ \t]+\Z", re.ASCII)
_BEHIND_ITEM = re.compile(rb"[ \t]*(?:#[^\n\r]*)?(?=\r?\n|\Z)", re.ASCII)
_BEFORE_FIRST = re.compile(rb"\[[ \t]*\Z")
_BEHIND_FIRST = re.compile(rb"[ \t]*,[ \t]*")


def cut(before: Place, place: Place, data: bytes) -> Place | None:
    """What to delete to leave `place` out, `before` being the word or the item in front of it.

    That is what stands between them, or a line of its own for an item of a YAML sequence, with a comment on that line.
    None where something else than blanks, a comma or a dash stands there.
    """
    if before.path != place.path or before.end > place.start or before.start == place.start:
        return None
    between = data[before.end : place.start]
    if _BETWEEN_WORDS.fullmatch(between):
        return Place(place.path, before.end, place.end)
    dash = _BEFORE_ITEM.search(between)
    if dash and (behind := _BEHIND_ITEM.match(data, place.end)):
        return Place(place.path, before.end + dash.start(), behind.end())
    if _BEFORE_FIRST.search(between) and (behind := _BEHIND_FIRST.match(data, place.end)):
        return Place(place.path, place.start, behind.end())
    return None
