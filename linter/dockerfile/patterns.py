"""The shell patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/replacement}`.

BuildKit knows `*`, `?` and backslashes, and translates them to a regular expression (shell/lex.go). Here a set of
states does the same in time proportional to the value, whatever the pattern.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .expansion import WordError

LONGEST_SEARCHED = 500
"""Characters of a value in which a pattern is searched for; searching is quadratic."""

_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})")


class _Pattern(NamedTuple):
    """Bit i of a state means that i parts of the pattern have matched."""

    parts: tuple[str, ...]
    stars: int
    singles: int
    literals: dict[str, int]

    def ends(self, value: str, start: int) -> list[int]:
        """Where matches that begin at `start` can end, in order."""
        found: list[int] = []
        accepting = 1 << len(self.parts)
        states = self._skip_stars(1)
        at = start
        while states:
            if states & accepting:
                found.append(at)
            if at == len(value):
                break
            character = value[at]
            at += 1
            moved = (states & self.literals.get(character, 0)) << 1
            if character != "\n":
                moved |= (states & self.singles) << 1 | states & self.stars
            states = self._skip_stars(moved)
        return found

    def _skip_stars(self, states: int) -> int:
        return states | (states & self.stars) << 1


def _compile(pattern: str) -> _Pattern:
    parts: list[str] = []
    stars = singles = 0
    literals: dict[str, int] = {}
    characters = iter(pattern.removeprefix("\ufeff"))
    for character in characters:
        bit = 1 << len(parts)
        if character == "*":
            if stars & (bit >> 1):
                continue
            stars |= bit
        elif character == "?":
            singles |= bit
        else:
            if character == "\\":
                character = _escaped(next(characters, ""))
            literals[character] = literals.get(character, 0) | bit
        parts.append(character)
    return _Pattern(tuple(parts), stars, singles, literals)


def _escaped(character: str) -> str:
    if character and character in "}/*?\\":
        return character
    raise WordError(f"invalid escape '\\{character}' in a pattern")


def without_prefix(value: str, pattern: str, longest: bool) -> str:
    """`${value#pattern}`, or `##` when `longest`."""
    ends = _compile(pattern).ends(value, 0)
    return value[ends[-1 if longest else 0] :] if ends else value


def without_suffix(value: str, pattern: str, longest: bool) -> str:
    """`${value%pattern}`, or `%%` when `longest`: the same, backwards."""
    return without_prefix(value[::-1], _reversed(pattern), longest)[::-1]


def _reversed(pattern: str) -> str:
    """Backwards, with each backslash still before what it escapes."""
    return "".join(reversed(re.findall(r"\\.|.", pattern, re.DOTALL)))


def replaced(value: str, pattern: str, replacement: str, everywhere: bool) -> str | None:
    """`${value/pattern/replacement}`, or `//` when `everywhere`; None when the value is too long to be searched."""
    compiled = _compile(pattern)
    if len(value) > LONGEST_SEARCHED:
        return None
    pieces: list[str] = []
    done = at = 0
    while at <= len(value):
        ends = compiled.ends(value, at)
        if not ends:
            at += 1
            continue
        end = ends[-1]
        if not everywhere:
            return value[:at] + replacement + value[end:]
        if end > done or at == 0:
            pieces += value[done:at], _filled_in(replacement, value[at:end])
            done = end
        at = max(end, at + 1)
    pieces.append(value[done:])
    return "".join(pieces)


def _filled_in(replacement: str, match: str) -> str:
    """Go's ReplaceAllString sees a template: `$0` is the match, other groups are empty, `$$` is a dollar."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name is None:
            return "$"
        return match if name == "0" else ""

    return _REFERENCE.sub(value, replacement)
