"""Makefiles: the recipes as shell scripts, with the variables that the file gives one plain value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..invocation import BuilderSetup, Invocation
from ..source import Document, Place
from ..tools.where import Where
from .collected import Collected
from .config import ConfigFile
from .mapped import MappedText

_ASSIGNMENT = re.compile(rb"^(?:export[ \t]+|override[ \t]+)*([\w.-]+)[ \t]*(\?=|:{0,3}=|\+=)[ \t]*", re.ASCII)
_RULE = re.compile(rb"^[^\t#=\n][^=\n]*?::?(?!=)")
_DIRECTIVE = re.compile(rb"^[ \t]*(?:if|ifn?eq|ifn?def|else|endif|include|-include|sinclude|define|endef|vpath)\b")
_REFERENCE = re.compile(r"\$(?:\(([^()$]*)\)|\{([^{}$]*)\}|(.))", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_COMMENT = re.compile(r"(?<!\\)#")
_PREFIX = re.compile(r"[@+\-\s]*")
MAX_VALUE = 10_000
MAX_DEPTH = 8


def read(document: Document) -> ConfigFile:
    """Every recipe line is a script of its own, as make runs it."""
    collected = Collected(document)
    lines = _logical_lines(document.data)
    variables = _variables(document.data, lines)
    in_rule = False
    for start, end in lines:
        line = document.data[start:end]
        if line.startswith(b"\t"):
            if in_rule:
                _recipe(collected, start + 1, end, variables)
        elif not line.strip() or line.lstrip().startswith(b"#") or _DIRECTIVE.match(line):
            continue
        elif _ASSIGNMENT.match(line):
            in_rule = False
        elif rule := _RULE.match(line):
            in_rule = True
            inline = line.find(b";", rule.end())
            if inline >= 0 and b"#" not in line[:inline]:
                _recipe(collected, start + inline + 1, end, variables)
    return collected.file("makefile")


def _logical_lines(data: bytes) -> list[tuple[int, int]]:
    """Lines joined at a backslash, without their line ending."""
    found: list[tuple[int, int]] = []
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while at < len(data):
        end = at
        while True:
            newline = data.find(b"\n", end)
            if newline < 0:
                end = following = len(data)
                break
            following = newline + 1
            end = newline - (data[newline - 1 : newline] == b"\r")
            backslashes = len(data[at:end]) - len(data[at:end].rstrip(b"\\"))
            if backslashes % 2 == 0:
                break
            end = following
        found.append((at, end))
        at = following
    return found


class _Variable(NamedTuple):
    """A variable's value, and where it stands in the file, from its first character on."""

    text: str
    start: int


Variables = Mapping[str, "_Variable | None"]


def _variables(data: bytes, lines: list[tuple[int, int]]) -> dict[str, _Variable | None]:
    """Variables that are set once in the file; what is set twice is not known."""
    found: dict[str, _Variable | None] = {}
    for start, end in lines:
        line = data[start:end]
        assignment = _ASSIGNMENT.match(line)
        if assignment is None or line.startswith(b"\t"):
            continue
        name = assignment[1].decode("latin-1")
        text = line[assignment.end() :].decode("latin-1")
        value = _Variable(_COMMENT.split(text, maxsplit=1)[0].rstrip(), start + assignment.end())
        if name in found and assignment[2] != b"?=":
            found[name] = None
        elif assignment[2] != b"!=":
            found.setdefault(name, value)
    return found


def _recipe(collected: Collected, start: int, end: int, variables: Variables) -> None:
    document = collected.document
    text = document.data[start:end].decode("latin-1")
    prefix = _PREFIX.match(text)
    begin = prefix.end() if prefix else 0
    mapped = MappedText(document.path)
    _expand(mapped, text[begin:], start + begin, variables, 0)
    script = mapped.script()
    if script.text.strip():
        before = len(collected.invocations), len(collected.setups)
        collected.script(script, collected.place(start, end), Where(document.data))
        collected.invocations[before[0] :] = [_within(one, start, end) for one in collected.invocations[before[0] :]]
        collected.setups[before[1] :] = [_within(one, start, end) for one in collected.setups[before[1] :]]


def _expand(mapped: MappedText, text: str, start: int, variables: Variables, depth: int) -> None:
    """A recipe line as the shell gets it: `$$` is `$`, a variable of make's is its value, where that is known.

    A value of several words that stands alone keeps the place of its definition, which is where it can be mended.
    Elsewhere a value has the place of the reference. What is not known stays, as something the shell does not know.
    """
    at = 0
    for found in _REFERENCE.finditer(text):
        mapped.verbatim(text[at : found.start()], start + at)
        at = found.end()
        here = start + found.start(), start + found.end()
        name = _name(found)
        variable = variables.get(name)
        if found[3] == "$":
            mapped.value("$", *here)
        elif variable is None or depth > MAX_DEPTH or len(variable.text) > MAX_VALUE:
            mapped.value(found[0] if _NAME.fullmatch(name) else "${_}", *here)
        elif " " in variable.text and _stands_alone(text, found):
            _expand(mapped, variable.text, variable.start, variables, depth + 1)
        else:
            inner = MappedText(mapped.path)
            _expand(inner, variable.text, variable.start, variables, depth + 1)
            mapped.value(inner.script().text[:MAX_VALUE], *here)
    mapped.verbatim(text[at:], start + at)


def _name(found: re.Match[str]) -> str:
    return found[1] if found[1] is not None else found[2] if found[2] is not None else found[3]


def _stands_alone(text: str, found: re.Match[str]) -> bool:
    """Whether the reference is a word, or several, by itself."""
    before, behind = text[: found.start()][-1:], text[found.end() :][:1]
    return before in ("", " ", "\t", "\n", ";", "(") and behind in ("", " ", "\t", "\n", ";", ")", "\r")


def _within(one: Invocation | BuilderSetup, start: int, end: int) -> Any:
    """With the place in the recipe: words may stand in the definition of a variable, far away."""
    words = one.argv if isinstance(one, Invocation) else one.operands
    inside = [word.place for word in words if start <= word.place.start and word.place.end <= end]
    if start <= one.place.start and one.place.end <= end:
        return one
    place = Place(one.place.path, inside[0].start, inside[-1].end) if inside else Place(one.place.path, start, end)
    return one._replace(place=place)
