"""Give an id without a mapping another number, wherever a build writes it down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count, islice

from ..linter.accounts import ACCOUNT_FILES
from ..linter.build import Build
from ..linter.dockerfile import Instruction
from ..linter.edit import Edit, Fix, Safety
from ..linter.facts import (
    Become,
    ChangeOwner,
    GiveHome,
    GrantAccess,
    JoinGroup,
    MountIds,
    NewGroup,
    NewUser,
    WriteContent,
)
from ..linter.profile import unmapped
from ..linter.rule import BuildFix, Fact
from ..linter.source import Place

FIRST = 10001
"""Ids from here on are free in common images, and are mapped everywhere."""


def remap(number: int) -> BuildFix:
    """Write a free id for this one: in ARG, ENV and USER, in --chown and --mount, and where commands speak of ids.

    UNSAFE: files that others made, and whoever starts the container with the old id, do not follow.
    """
    return lambda build: _remap(build, number)


def _remap(build: Build, number: int) -> Fix | None:
    places = sorted(set(_places(build, number)))
    if not places:
        return None
    new = _free(build, number)
    edits = tuple(Edit(place, str(new)) for place in places)
    return Fix(f"use {new} instead of {number} everywhere", Safety.UNSAFE, edits)


def _free(build: Build, number: int) -> int:
    """A number that stands nowhere in the build, another for every id that has to go."""
    taken = {int(word) for text in _texts(build).values() for word in re.findall(r"(?<!\d)\d{5}(?!\d)", text)}
    mapped = [number, *(each for step in build.steps for _, fact in step.facts for each in _numbers(fact))]
    rank = sorted({each for each in mapped if unmapped(each)}).index(number)
    return next(islice((each for each in count(FIRST) if each not in taken), rank, None))


def _texts(build: Build) -> dict[str, str]:
    """The Dockerfile and the scripts that its steps run from files, in latin-1: offsets are those of the files."""
    document = build.dockerfile.document
    texts = {document.path: document.data.decode("latin-1")}
    for command in (command for step in build.steps for command in step.commands):
        script = command.script
        if script is not None and script.source.texts == (0,) and script.source.files == (0,):
            texts.setdefault(script.source.path, script.text)
    return texts


def _places(build: Build, number: int) -> Iterator[Place]:
    """Where the number stands for the id."""
    word = re.compile(rf"(?<![\w/]){number}(?![\w/])|(?<=\s-[ugoGR]){number}\b", re.ASCII)
    commands = _commands(build)
    for path, text in _texts(build).items():
        spans = _spans(build) if path == build.dockerfile.document.path else [(0, len(text))]
        for match in word.finditer(text):
            at = match.start()
            speaks = _speaks_of_ids(commands.get(path, {}), at)
            if speaks or (speaks is None and any(start <= at < end for start, end in spans)):
                yield Place(path, at, match.end())


def _spans(build: Build) -> list[tuple[int, int]]:
    """The parts of a Dockerfile in which ids are written down."""
    found: list[Place] = []
    for instruction in build.dockerfile.instructions:
        found.extend(_parts(instruction.inner or instruction))
    return [(place.start, place.end) for place in found]


def _parts(instruction: Instruction) -> Iterator[Place]:
    match instruction.keyword:
        case "ARG" | "ENV" | "USER" | "RUN":
            yield instruction.place
        case "COPY" | "ADD":
            yield from (flag.place for flag in instruction.flags if flag.name == "chown")
        case _:
            pass


def _commands(build: Build) -> dict[str, dict[Place, bool]]:
    """The commands in each file by their places, with whether they speak of ids."""
    found: dict[str, dict[Place, bool]] = {}
    for step in build.steps:
        speaking = {number for number, fact in step.facts if _is_about_ids(fact)}
        for number, command in enumerate(step.commands):
            if command.node is None:
                continue
            place = command.place
            speaks = number in speaking or command.name in ("test", "[", "[[")
            known = found.setdefault(place.path, {})
            known[place] = known.get(place, False) or speaks
            if speaks and command.feeder is not None:
                known[command.feeder.place] = True
    return found


def _speaks_of_ids(commands: dict[Place, bool], at: int) -> bool | None:
    """Whether the innermost command there does; None where there is none, as in an assignment."""
    around = [place for place in commands if place.start <= at < place.end]
    return commands[min(around, key=lambda place: place.end - place.start)] if around else None


def _is_about_ids(fact: Fact) -> bool:
    if isinstance(fact, WriteContent):
        return fact.path in ACCOUNT_FILES
    return isinstance(fact, Become | ChangeOwner | GiveHome | GrantAccess | JoinGroup | MountIds | NewGroup | NewUser)


def _numbers(fact: Fact) -> Iterator[int]:
    match fact:
        case ChangeOwner() | GiveHome() | GrantAccess() | MountIds():
            numbers = (fact.uid, fact.gid)
        case Become():
            numbers = (fact.uid, fact.gid, *fact.groups)
        case NewUser():
            numbers = (fact.uid,)
        case NewGroup():
            numbers = (fact.gid,)
        case _:
            return
    yield from (number for number in numbers if number is not None)
