"""A Makefile's rules: targets, what they need, and their recipes with the place of every character.

Conditionals are decided where their operands are known, and left out where they are not.
Source: the GNU make manual 4.4, "How make Processes a Makefile".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..shell.contents import without_carriage_returns
from ..source import Script, join
from .variables import UNKNOWN, Variables

MAX_LINES = 50_000
"""No more lines than this are read, included files counted."""

MAX_INCLUDES = 50

_ASSIGNMENT = re.compile(r"\s*((?:(?:override|export|private|undefine)\s+)*)([^\s:#=+?!]+)\s*(::?:?=|\?=|\+=|!=|=)\s*")
_CONDITIONAL = re.compile(r"\s*(ifdef|ifndef|ifeq|ifneq|else|endif)\b\s*(.*)")
_DEFINE = re.compile(r"\s*(?:override\s+|export\s+)*define\s+(\S+)\s*([:?+!]*=)?\s*$")
_INCLUDE = re.compile(r"\s*(?:-include|sinclude|include)\s+(.*)")
_EXPORT = re.compile(r"\s*(un)?export\b\s*([^=]*)$")
_UNDEFINE = re.compile(r"\s*(?:override\s+)?undefine\s+(\S+)")
_OPERANDS = re.compile(r"\(\s*(.*?)\s*,\s*(.*?)\s*\)\s*$|[\"'](.*?)[\"']\s*[\"'](.*?)[\"']\s*$")
_CONTINUATION = re.compile(r"\s*\\\n\s*")


class Rule(NamedTuple):
    """`recipe` holds logical lines as written; `pattern` is a static pattern, or the target where it has a `%`.

    `alone` is set for `::` rules, of which a target may have several.
    """

    targets: tuple[str, ...]
    pattern: str
    needs: tuple[str, ...]
    order_only: tuple[str, ...]
    recipe: tuple[Script, ...]
    alone: bool


class Setting(NamedTuple):
    """A variable of one target."""

    name: str
    operator: str
    text: str


class Makefile:
    """What has been read so far, included files included."""

    def __init__(self, variables: Variables, find: Callable[[str], Script | None]) -> None:
        self.variables = variables
        self.rules: list[Rule] = []
        self.settings: dict[str, list[Setting]] = {}
        self._find = find
        self._lines = 0
        self._includes = 0
        self._open: _Open | None = None

    def read(self, script: Script, name: str) -> None:
        """Take in a file that make knows by that name. Never raises."""
        self.variables.define("MAKEFILE_LIST", "+=", name)
        conditions: list[_Condition] = []
        lines = _Lines(without_carriage_returns(script))
        while (line := lines.next(in_rule=self._open is not None)) is not None and self._lines < MAX_LINES:
            self._lines += 1
            active = all(condition.holds for condition in conditions)
            if line.is_recipe:
                if active and self._open is not None:
                    self._open.recipe.append(line.script)
                continue
            text = line.script.text
            if found := _CONDITIONAL.match(text):
                self._conditional(found[1], found[2], conditions)
            elif found := _DEFINE.match(text):
                body = lines.until_endef()
                if active:
                    self.variables.define(found[1], found[2] or "=", body)
            elif active and text.strip() and text.lstrip()[0] != "#":
                self._statement(line.script)
        self._close()

    def _conditional(self, word: str, rest: str, conditions: list[_Condition]) -> None:
        if word == "endif":
            if conditions:
                conditions.pop()
        elif word == "else":
            if conditions:
                before = conditions.pop()
                again = _CONDITIONAL.match(rest)
                decided = self._decide(again[1], again[2]) if again else True
                conditions.append(before.otherwise(decided))
        else:
            conditions.append(_Condition.first(self._decide(word, rest)))

    def _decide(self, word: str, rest: str) -> bool | None:
        """Whether a conditional holds, None where it is not known."""
        if word in ("ifdef", "ifndef"):
            name = self.variables.expand_text(_without_comment(rest)).strip()
            return None if UNKNOWN in name else self.variables.is_defined(name) is (word == "ifdef")
        found = _OPERANDS.match(_without_comment(rest).strip())
        if found is None:
            return None
        left, right = (found[1], found[2]) if found[1] is not None else (found[3], found[4])
        values = [self.variables.expand_text(side or "").strip() for side in (left, right)]
        return None if any(UNKNOWN in value for value in values) else (values[0] == values[1]) is (word == "ifeq")

    # ------------------------------------------------------------------------------------------ statements

    def _statement(self, script: Script) -> None:
        text = script.text
        if found := _INCLUDE.match(text):
            self._close()
            self._include(self.variables.expand_text(_without_comment(found[1])))
        elif found := _ASSIGNMENT.match(text):
            self._close()
            self._assign(found, text)
        elif found := _UNDEFINE.match(text):
            self.variables.undefine(found[1])
        elif (found := _EXPORT.match(text)) and ":" not in text:
            self._export(self.variables.expand_text(_without_comment(found[2])).split(), on=not found[1])
        else:
            self._close()
            self._rule(script)

    def _assign(self, found: re.Match[str], text: str) -> None:
        words = found[1].split()
        name = self.variables.expand_text(found[2])
        self.variables.define(name, found[3], _without_comment(text[found.end() :]), override="override" in words)
        if "export" in words:
            self.variables.exported.add(name)

    def _export(self, names: list[str], *, on: bool) -> None:
        if not names:
            self.variables.exports_all = on
        elif on:
            self.variables.exported.update(names)
        else:
            self.variables.exported.difference_update(names)

    def _include(self, names: str) -> None:
        for name in names.split():
            content = self._find(name) if self._includes < MAX_INCLUDES else None
            if content is not None:
                self._includes += 1
                self.read(content, name)

    def _rule(self, script: Script) -> None:
        text = script.text
        colon = _colon(text)
        if colon is None:
            return
        start, end = colon
        targets = self._words(text[:start])
        rest = text[end:]
        if found := _ASSIGNMENT.match(rest):
            setting = Setting(found[2], found[3], _without_comment(rest[found.end() :]))
            for target in targets:
                self.settings.setdefault(target, []).append(setting)
            return
        recipe: list[Script] = []
        if (semicolon := _outside(rest, ";")) is not None:
            recipe.append(script.slice(end + semicolon + 1, len(text)))
            rest = rest[:semicolon]
        pattern = ""
        rest = _without_comment(rest)
        if (second := _colon(rest)) is not None:
            pattern, rest = self.variables.expand_text(rest[: second[0]]).strip(), rest[second[1] :]
        needs, _, order_only = self.variables.expand_text(rest).partition("|")
        self._open = _Open(targets, pattern, _known(needs), _known(order_only), recipe, alone=text[start:end] == "::")

    def _words(self, text: str) -> tuple[str, ...]:
        return _known(self.variables.expand_text(text))

    def _close(self) -> None:
        """The rule that was being read has all of its recipe."""
        if (open_rule := self._open) is not None:
            self._open = None
            self.rules.append(open_rule.rule())


class _Open:
    """A rule whose recipe may go on."""

    def __init__(
        self,
        targets: tuple[str, ...],
        pattern: str,
        needs: tuple[str, ...],
        order_only: tuple[str, ...],
        recipe: list[Script],
        *,
        alone: bool,
    ) -> None:
        self.targets = targets
        self.pattern = pattern
        self.needs = needs
        self.order_only = order_only
        self.recipe = recipe
        self.alone = alone

    def rule(self) -> Rule:
        pattern = self.pattern or next((target for target in self.targets if "%" in target), "")
        return Rule(self.targets, pattern, self.needs, self.order_only, tuple(self.recipe), self.alone)


class _Condition(NamedTuple):
    """`holds` while its lines count; `open` as long as an `else` may still be taken."""

    holds: bool
    open: bool

    @staticmethod
    def first(decided: bool | None) -> _Condition:
        return _Condition(decided is True, decided is False)

    def otherwise(self, decided: bool | None) -> _Condition:
        return _Condition(self.open and decided is True, self.open and decided is False)


class _Line(NamedTuple):
    script: Script
    is_recipe: bool


class _Lines:
    """Logical lines: a backslash at the end joins the next one, in a recipe it stays for the shell."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.at = 0

    def next(self, *, in_rule: bool) -> _Line | None:
        start, end = self.at, self._end_of_line()
        if start >= len(self.script.text):
            return None
        if in_rule and self.script.text[start] == "\t":
            return _Line(self._recipe(start + 1, end), is_recipe=True)
        return _Line(self._joined(start, end), is_recipe=False)

    def _end_of_line(self) -> int:
        """The end of the logical line, without its newline; moves behind it."""
        text = self.script.text
        at = self.at
        while True:
            end = text.find("\n", at)
            if end < 0:
                self.at = len(text)
                return len(text)
            backslashes = end - len(text[at:end].rstrip("\\")) - at
            if backslashes % 2 == 0:
                self.at = end + 1
                return end
            at = end + 1

    def _recipe(self, start: int, end: int) -> Script:
        """The tab that starts a continued line is make's."""
        pieces: list[Script] = []
        at = start
        text = self.script.text
        while (newline := text.find("\n", at, end)) >= 0:
            pieces.append(self.script.slice(at, newline + 1))
            at = newline + 1 + (text[newline + 1 : newline + 2] == "\t")
        pieces.append(self.script.slice(at, end))
        return join(pieces, "") if len(pieces) > 1 else pieces[0]

    def _joined(self, start: int, end: int) -> Script:
        """Around a continuation, blanks become one."""
        pieces: list[Script] = []
        at = start
        for found in _CONTINUATION.finditer(self.script.text, start, end):
            pieces.append(self.script.slice(at, found.start()))
            at = found.end()
        pieces.append(self.script.slice(at, end))
        return join(pieces, " ") if len(pieces) > 1 else pieces[0]

    def until_endef(self) -> str:
        """The lines of a `define`, which may hold others."""
        lines: list[str] = []
        depth = 1
        while self.at < len(self.script.text):
            start, end = self.at, self.script.text.find("\n", self.at)
            end = len(self.script.text) if end < 0 else end
            self.at = end + 1
            line = self.script.text[start:end]
            depth += 1 if _DEFINE.match(line) else -1 if re.match(r"\s*endef\b", line) else 0
            if not depth:
                break
            lines.append(line)
        return "\n".join(lines)


def _known(text: str) -> tuple[str, ...]:
    return tuple(word.removeprefix("./") or "." for word in text.split() if UNKNOWN not in word)


def _without_comment(text: str) -> str:
    found = re.search(r"(?<!\\)#", text)
    return (text[: found.start()] if found else text).rstrip()


def _characters(text: str) -> Iterator[tuple[int, str]]:
    """The characters that stand outside of `$(…)`."""
    depth, at = 0, 0
    while at < len(text):
        char = text[at]
        if char == "$" and text[at + 1 : at + 2] in ("(", "{"):
            depth += 1
            at += 2
            continue
        if depth and char in "({":
            depth += 1
        elif depth and char in ")}":
            depth -= 1
        elif not depth:
            if char == "#" and text[at - 1 : at] != "\\":
                return
            yield at, char
        at += 1


def _outside(text: str, wanted: str) -> int | None:
    return next((at for at, char in _characters(text) if char == wanted), None)


def _colon(text: str) -> tuple[int, int] | None:
    """Where the colon of a rule stands: its start and its end, which `::` and `&:` have apart."""
    at = _outside(text, ":")
    if at is None or text[at + 1 : at + 2] == "=":
        return None
    end = at + 2 if text[at : at + 2] == "::" else at + 1
    start = at - 1 if text[at - 1 : at] == "&" and at else at
    return start, end
