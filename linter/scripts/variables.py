"""Variables of a Makefile: what `$(…)` becomes, as far as it can be known without running anything.

Where a value is not known, UNKNOWN stands for it. An undefined variable is empty, as it is for make: what the base
image's environment may hold does not count here.

Source: the GNU make manual 4.4, "How to Use Variables" and "Functions for Transforming Text".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import basename, dirname, normpath

from ..command import Argument, Command, decimal
from ..shell.output import output
from ..source import Place, Script, join, stand_in
from ..system import System

UNKNOWN = "\0"

MAX_DEPTH = 32
"""How deep variables may refer to each other."""

MAX_TEXT = 64 * 1024
"""A longer text is not known."""

MAX_WORK = 4_000_000
"""No more characters than this are expanded for one make."""

_BUILT_IN = {
    ".SHELLFLAGS": "-c",
    "AR": "ar",
    "CC": "cc",
    "CXX": "g++",
    "LD": "ld",
    "MAKE": "make",
    "MAKEFILE_LIST": "",
    "RM": "rm -f",
    "SHELL": "/bin/sh",
}
_CLOSERS = {"(": ")", "{": "}"}
_CONTINUATION = re.compile(r"\s*\\\n\s*")
_FUNCTION = re.compile(r"([a-z-]+)[ \t]+")
_SHELL_SYNTAX = re.compile(r"[|&;<>$`\\\"'*?\[~(){}]")


class Value:
    """A variable: its text, and whether that is still to be expanded (`=`) or was (`:=`)."""

    __slots__ = ("deferred", "text")

    def __init__(self, text: str, *, deferred: bool) -> None:
        self.text = text
        self.deferred = deferred


class Variables:
    """The variables of one make. What the command line sets, the Makefile cannot change."""

    def __init__(
        self, system: System, cwd: str, environment: Mapping[str, str | None], given: Mapping[str, str]
    ) -> None:
        self.system = system
        self.cwd = cwd
        self.given = frozenset(given)
        self.exported: set[str] = set(given)
        self.exports_all = False
        self._values: dict[str, Value] = {}
        self._work = [MAX_WORK]
        for name, value in environment.items():
            self._values[name] = Value(UNKNOWN if value is None else value, deferred=False)
        for name, text in {**_BUILT_IN, "CURDIR": cwd, **given}.items():
            self._values[name] = Value(text, deferred=name in given)

    def define(self, name: str, operator: str, text: str, *, override: bool = False) -> None:
        """`name operator text`, with one of make's operators."""
        if name in self.given and not override:
            return
        before = self._values.get(name)
        match operator:
            case "?=":
                if before is None:
                    self._values[name] = Value(text, deferred=True)
            case "+=" if before is not None:
                more = text if before.deferred else self.expand_text(text)
                self._values[name] = Value(f"{before.text} {more}".strip()[:MAX_TEXT], deferred=before.deferred)
            case ":=" | "::=":
                self._values[name] = Value(self.expand_text(text), deferred=False)
            case "!=":
                self._values[name] = Value(self._shell(self.expand_text(text)), deferred=False)
            case _:
                self._values[name] = Value(text, deferred=True)

    def undefine(self, name: str) -> None:
        self._values.pop(name, None)

    def is_defined(self, name: str) -> bool:
        return name in self._values and self._values[name].text != ""

    def environment(self) -> tuple[tuple[str, str | None], ...]:
        """What recipes find exported, besides what make itself was given."""
        names = sorted(self._values) if self.exports_all else sorted(self.exported & self._values.keys())
        values = ((name, self.value(name)) for name in names if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII))
        return tuple((name, None if UNKNOWN in value else value) for name, value in values)

    def scoped(self) -> Variables:
        """A copy, for the variables of one target."""
        other = Variables(self.system, self.cwd, {}, {})
        other.given, other.exports_all = self.given, self.exports_all
        other.exported = set(self.exported)
        other._values = dict(self._values)
        other._work = self._work
        return other

    # ------------------------------------------------------------------------------------------ expansion

    def value(self, name: str, depth: int = 0) -> str:
        found = self._values.get(name)
        if found is None:
            return ""
        return self.expand_text(found.text, depth + 1) if found.deferred else found.text

    def expand_text(self, text: str, depth: int = 0) -> str:
        """The text with all its references expanded."""
        out: list[str] = []
        at = 0
        for start, end, inner in references(text):
            out.append(text[at:start])
            out.append("$" if inner == "$" else self.reference(inner, depth))
            at = end
        out.append(text[at:])
        result = "".join(out)
        self._work[0] -= len(result)
        return result if len(result) <= MAX_TEXT else UNKNOWN

    def expand(self, script: Script) -> Script:
        """The same for a text whose places are kept: what a reference becomes stands where the reference is."""
        pieces: list[Script] = []
        at = 0
        for start, end, inner in references(script.text):
            pieces.append(script.slice(at, start))
            value = "$" if inner == "$" else self.reference(_CONTINUATION.sub(" ", inner), 0)
            place = script.source.place(start, end)
            pieces.append(stand_in(value, Place(place.path, place.start, place.end)))
            at = end
        pieces.append(script.slice(at, len(script.text)))
        return join(pieces, "")

    def reference(self, inner: str, depth: int) -> str:
        """What `$(inner)` becomes."""
        self._work[0] -= 20
        if depth > MAX_DEPTH or self._work[0] < 0:
            return UNKNOWN
        function = _FUNCTION.match(inner)
        if function is not None and (apply := _FUNCTIONS.get(function[1])) is not None:
            return apply(self, inner[function.end() :], depth + 1)
        if function is not None and function[1] in _OTHER_FUNCTIONS:
            return UNKNOWN
        name, colon, change = inner.partition(":")
        if colon and "=" in change and "$" not in name:
            before, _, after = (self.expand_text(part, depth + 1) for part in change.partition("="))
            pattern = before if "%" in before else f"%{before}"
            return _patsubst(pattern, after if "%" in before else f"%{after}", self.value(name, depth))
        return self.value(self.expand_text(inner, depth + 1), depth)

    def arguments(self, text: str, count: int, depth: int) -> list[str]:
        """A function's arguments, expanded; the last of `count` holds what is left, commas included."""
        parts = _split_arguments(text, count)
        return [self.expand_text(part, depth) for part in parts] + [""] * (count - len(parts))

    def _shell(self, command: str) -> str:
        """`$(shell command)`, for the few commands whose output is known."""
        words = command.split()
        if not words or _SHELL_SYNTAX.search(command) or UNKNOWN in command:
            return UNKNOWN
        place = Place("", 0, 0)
        argv = tuple(Argument(word, True, place) for word in words)
        printed = output(Command(argv, place, cwd=self.cwd), self.system)
        return UNKNOWN if printed is None else printed.replace("\n", " ")

    def shell(self, text: str, depth: int) -> str:
        return self._shell(self.expand_text(text, depth))

    def call(self, text: str, depth: int) -> str:
        """`$(call name,a,b)`: the variable `name` with `$(1)`, `$(2)` set."""
        parts = [self.expand_text(part, depth) for part in _split_arguments(text, 100)]
        found = self._values.get(parts[0].strip())
        if found is None:
            return ""
        saved = {str(number): self._values.get(str(number)) for number in range(10)}
        for number in range(10):
            self._values[str(number)] = Value(parts[number] if number < len(parts) else "", deferred=False)
        try:
            return self.expand_text(found.text, depth) if found.deferred else found.text
        finally:
            for number, value in saved.items():
                self._values.pop(number, None)
                if value is not None:
                    self._values[number] = value

    def foreach(self, text: str, depth: int) -> str:
        name, words, body, *_ = *_split_arguments(text, 3), "", ""
        name = self.expand_text(name, depth).strip()
        saved = self._values.get(name)
        out: list[str] = []
        for word in self.expand_text(words, depth).split():
            self._values[name] = Value(word, deferred=False)
            out.append(self.expand_text(body, depth))
        self._values.pop(name, None)
        if saved is not None:
            self._values[name] = saved
        return " ".join(out)

    def choose(self, text: str, depth: int) -> str:
        """`$(if condition,then,else)`."""
        condition, yes, no, *_ = *_split_arguments(text, 3), "", ""
        value = self.expand_text(condition.strip(), depth)
        if UNKNOWN in value:
            return UNKNOWN
        return self.expand_text(yes if value else no, depth)

    def first(self, text: str, depth: int) -> str:
        """`$(or a,b)`: the first that is not empty."""
        values = (self.expand_text(part.strip(), depth) for part in _split_arguments(text, 100))
        return next((value for value in values if value), "")

    def last(self, text: str, depth: int) -> str:
        """`$(and a,b)`: the last, unless one is empty."""
        values = [self.expand_text(part.strip(), depth) for part in _split_arguments(text, 100)]
        return UNKNOWN if any(UNKNOWN in value for value in values) else values[-1] if all(values) else ""

    def wildcard(self, text: str, depth: int) -> str:
        """Known files only: whether there are others cannot be told, unless the pattern has no wildcard."""
        found: list[str] = []
        for pattern in self.expand_text(text, depth).split():
            directory, name = dirname(pattern), basename(pattern)
            names = self.system.files.names(f"{self.cwd}/{directory}") if UNKNOWN not in pattern else []
            matching = _like(name)
            found.extend(f"{directory}/{each}" if directory else each for each in names if matching.fullmatch(each))
        return " ".join(found)

    def evaluated(self, _text: str, _depth: int) -> str:
        """`$(info …)` and its like print something and become nothing."""
        return ""


def references(text: str) -> list[tuple[int, int, str]]:
    """Where `$x`, `$(…)` and `${…}` stand in a text, and what is between the brackets; `$` stands for `$$`."""
    found: list[tuple[int, int, str]] = []
    at = text.find("$")
    while 0 <= at < len(text) - 1:
        char = text[at + 1]
        if char not in _CLOSERS:
            found.append((at, at + 2, char))
            at = text.find("$", at + 2)
            continue
        end = _closing(text, at + 1)
        if end < 0:
            break
        found.append((at, end + 1, text[at + 2 : end]))
        at = text.find("$", end + 1)
    return found


def _closing(text: str, start: int) -> int:
    """Where the bracket at `start` is closed, -1 if nowhere; only brackets of its own kind nest."""
    opener, closer = text[start], _CLOSERS[text[start]]
    depth = 0
    for at in range(start, len(text)):
        if text[at] == opener:
            depth += 1
        elif text[at] == closer:
            depth -= 1
            if not depth:
                return at
    return -1


def _split_arguments(text: str, count: int) -> list[str]:
    """A function's arguments; commas between brackets do not count."""
    parts: list[str] = []
    depth, start = 0, 0
    for at, char in enumerate(text):
        if char in "({":
            depth += 1
        elif char in ")}":
            depth -= 1
        elif char == "," and depth <= 0 and len(parts) < count - 1:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


# ---------------------------------------------------------------------------------------------- functions


def _like(pattern: str) -> re.Pattern[str]:
    from fnmatch import translate

    return re.compile(translate(pattern))


def stem(pattern: str, word: str) -> str | None:
    """What `%` stands for when the pattern is this word."""
    head, percent, tail = pattern.partition("%")
    if not percent:
        return "" if word == pattern else None
    fits = len(word) >= len(head) + len(tail) and word.startswith(head) and word.endswith(tail)
    return word[len(head) : len(word) - len(tail)] if fits else None


def _patsubst(pattern: str, replacement: str, text: str) -> str:
    words: list[str] = []
    for word in text.split():
        found = stem(pattern, word)
        words.append(word if found is None else replacement.replace("%", found, 1))
    return " ".join(words)


def _matches(patterns: str, word: str) -> bool:
    return any(stem(pattern, word) is not None for pattern in patterns.split())


def _apply(function: str, parts: list[str]) -> str:
    """The functions that look at nothing but their arguments."""
    *_, text = parts
    words = text.split()
    match function:
        case "subst":
            return text.replace(parts[0], parts[1]) if parts[0] else text
        case "patsubst":
            return _patsubst(parts[0].strip(), parts[1].strip(), text)
        case "filter":
            return " ".join(word for word in words if _matches(parts[0], word))
        case "filter-out":
            return " ".join(word for word in words if not _matches(parts[0], word))
        case "findstring":
            return parts[0] if parts[0] in text else ""
        case "strip":
            return " ".join(words)
        case "sort":
            return " ".join(sorted(set(words)))
        case "words":
            return str(len(words))
        case "firstword":
            return words[0] if words else ""
        case "lastword":
            return words[-1] if words else ""
        case "word":
            number = decimal(parts[0].strip())
            return words[number - 1] if number and number <= len(words) else ""
        case "dir":
            return " ".join(f"{dirname(word) or '.'}/".replace("//", "/") for word in words)
        case "notdir":
            return " ".join(map(basename, words))
        case "basename":
            return " ".join(re.sub(r"\.[^./]*$", "", word) for word in words)
        case "suffix":
            return " ".join(found[0] for word in words if (found := re.search(r"\.[^./]*$", word)))
        case "addprefix":
            return " ".join(parts[0] + word for word in words)
        case "addsuffix":
            return " ".join(word + parts[0] for word in words)
        case _:
            return UNKNOWN


_PLAIN = {
    **dict.fromkeys(("subst", "patsubst"), 3),
    **dict.fromkeys(("filter", "filter-out", "findstring", "word", "addprefix", "addsuffix"), 2),
    **dict.fromkeys(("strip", "sort", "words", "firstword", "lastword", "dir", "notdir", "basename", "suffix"), 1),
}
"""Functions that look at nothing but their arguments, and how many they take."""


def _plain(function: str):
    def apply(variables: Variables, text: str, depth: int) -> str:
        parts = variables.arguments(text, _PLAIN[function], depth)
        return UNKNOWN if any(UNKNOWN in part for part in parts) else _apply(function, parts)

    return apply


def _absolute(variables: Variables, text: str, depth: int) -> str:
    words = variables.expand_text(text, depth).split()
    return " ".join(normpath(word if word.startswith("/") else f"{variables.cwd}/{word}") for word in words)


_FUNCTIONS = {
    **{function: _plain(function) for function in _PLAIN},
    "abspath": _absolute,
    "and": Variables.last,
    "call": Variables.call,
    "error": Variables.evaluated,
    "foreach": Variables.foreach,
    "if": Variables.choose,
    "info": Variables.evaluated,
    "or": Variables.first,
    "realpath": _absolute,
    "shell": Variables.shell,
    "warning": Variables.evaluated,
    "wildcard": Variables.wildcard,
}

_OTHER_FUNCTIONS = frozenset(("eval", "file", "flavor", "guile", "join", "origin", "value", "wordlist"))
"""Functions that are not followed."""
