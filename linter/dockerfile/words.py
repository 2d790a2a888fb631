"""How BuildKit splits an instruction's arguments into words and flags.

Source: BuildKit 0.34.2, frontend/dockerfile/parser/line_parsers.go and split_command.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..source import Place, Script
from . import spaces

BLANK = re.compile(r"[\t\v\f\r ]+")
"""What separates the keyword from the arguments, and the arguments of FROM, COPY, EXPOSE from each other."""

_PLAIN = re.compile(r"[!#-&(-\[\]-_a-\x7f]+")
"""Characters that are no quote, no escape character, and no byte of white space."""


class Word(NamedTuple):
    """A word as it is written, quotes and `$…` included; `at` is its offset in the instruction's script text."""

    text: str
    place: Place
    at: int


class Pair(NamedTuple):
    """`key=value` of ENV, LABEL or ARG; the value is None for an ARG without a default."""

    key: Word
    value: Word | None
    place: Place


class Flag(NamedTuple):
    """`--name=value`, quotes removed; the value is None without an equals sign. The places are of what is written."""

    name: str
    value: str | None
    place: Place
    value_place: Place | None


def word(script: Script, start: int, end: int) -> Word:
    return Word(script.text[start:end], script.source.place(start, end), start)


def split_blank(script: Script, start: int, end: int) -> Iterator[Word]:
    """Words between blanks; quotes mean nothing."""
    if start == end:
        return
    for blank in BLANK.finditer(script.text, start, end):
        yield word(script, start, blank.start())
        start = blank.end()
    yield word(script, start, end)


def split_quoted(script: Script, start: int, end: int, escape: str) -> Iterator[Word]:
    """Words between white space outside quotes, as ENV, LABEL and ARG have them; the quotes stay.

    An escape character takes the next one with it, except in single quotes; one that ends the text is dropped.
    """
    text = script.text
    at = spaces.skip(text, start)
    while at < end:
        begin = at
        at, stop = _quoted_word(text, at, end, escape)
        if stop > begin:
            yield word(script, begin, stop)
        at = spaces.skip(text, at)


def _quoted_word(text: str, at: int, end: int, escape: str) -> tuple[int, int]:
    """Where the word that begins at `at` ends, and where it ends without an escape character that escapes nothing."""
    quote = ""
    while at < end:
        match = _PLAIN.match(text, at, end)
        if match:
            at = match.end()
            continue
        character = text[at]
        if character == escape and quote != "'":
            if at + 1 == end:
                return end, at
            at += 1
        elif quote:
            if character == quote:
                quote = ""
        elif character in "'\"":
            quote = character
        elif spaces.skip(text, at) > at:
            break
        at += 1
    return at, at


def flags(script: Script, start: int, end: int, escape: str) -> tuple[tuple[Flag, ...], int]:
    """The flags before the arguments, and where the arguments start. Bytes are taken for runes here."""
    found: list[Flag] = []
    text = script.text
    at = start
    while True:
        while at < end and text[at] in spaces.BYTES:
            at += 1
        if not text.startswith("--", at, end):
            return tuple(found), at
        begin = at
        characters: list[tuple[str, int]] = []
        at = _flag_word(text, at, end, escape, characters)
        name, equals, value = "".join(character for character, _ in characters).partition("=")
        if name == "--" and not equals:
            return tuple(found), at
        value_place = None
        if equals:
            value_place = script.source.place(characters[len(name)][1] + 1, at)
        found.append(Flag(name[2:], value if equals else None, script.source.place(begin, at), value_place))


def _flag_word(text: str, at: int, end: int, escape: str, characters: list[tuple[str, int]]) -> int:
    """Collect a flag's characters, and where each stands, without quotes and escapes; return where it ends."""
    quote = ""
    while at < end:
        character = text[at]
        if quote and character == quote:
            quote = ""
        elif not quote and character in spaces.BYTES:
            break
        elif not quote and character in "'\"":
            quote = character
        else:
            if character == escape:
                at += 1
                if at >= end:
                    break
                character = text[at]
            characters.append((character, at))
        at += 1
    return min(at, end)


def first_argument(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the first word of HEALTHCHECK ends, and where the rest begins; bytes are taken for runes."""
    stop = start
    while stop < end and text[stop] not in spaces.BYTES:
        stop += 1
    after = stop
    while after < end and text[after] in spaces.BYTES:
        after += 1
    return stop, after


def pair(script: Script, found: Word) -> Pair:
    """`key=value`, or a key alone."""
    key, equals, value = found.text.partition("=")
    if not equals:
        return Pair(found, None, found.place)
    middle = found.at + len(key)
    key_word = word(script, found.at, middle)
    return Pair(key_word, word(script, middle + 1, middle + 1 + len(value)), found.place)


def old_pair(script: Script, start: int, end: int) -> Pair | None:
    """`ENV name value`, the value running to the end; None without a value."""
    blank = BLANK.search(script.text, start, end)
    if blank is None:
        return None
    value = word(script, blank.end(), end)
    return Pair(word(script, start, blank.start()), value, script.source.place(start, end))
