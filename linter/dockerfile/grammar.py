"""What BuildKit refuses in instructions that it could split: unknown names and flags, missing arguments.

Source: BuildKit 0.34.2, frontend/dockerfile/instructions/parse.go, bflag.go, commands_run*.go. What it finds out only
while it builds (most of a mount's options) is not here, nor is the syntax of `--device`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..source import Place
from . import heredocs, spaces
from .instructions import KEYWORDS, Instruction
from .lines import SyntaxProblem
from .words import Flag

_BOOLEAN, _STRING, _STRINGS = range(3)
_COPY = {"chown": _STRING, "chmod": _STRING, "link": _BOOLEAN, "exclude": _STRINGS}
_FLAGS: dict[str, dict[str, int]] = {
    "ADD": _COPY | {"keep-git-dir": _BOOLEAN, "checksum": _STRING, "unpack": _BOOLEAN},
    "COPY": _COPY | {"from": _STRING, "parents": _BOOLEAN},
    "FROM": {"platform": _STRING},
    "HEALTHCHECK": dict.fromkeys(("interval", "timeout", "start-period", "start-interval", "retries"), _STRING),
    "RUN": {"mount": _STRINGS, "device": _STRINGS, "network": _STRING, "security": _STRING},
}
_FLAGS_IGNORED = frozenset({"ARG", "STOPSIGNAL"})
_VALUES = {"network": ("default", "none", "host"), "security": ("insecure", "sandbox")}
_ANY_ARGUMENTS = frozenset({"CMD", "ENTRYPOINT", "RUN"})
_ONE_ARGUMENT = frozenset({"MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"})
_SOME_ARGUMENT = frozenset({"ARG", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "SHELL", "VOLUME"})
_NEVER_POSTPONED = frozenset({"FROM", "MAINTAINER", "ONBUILD"})
_STAGE_NAME = re.compile(r"[a-z][a-z0-9-_.]*")


def problems(instructions: Iterable[Instruction]) -> Iterator[SyntaxProblem]:
    """Everything wrong with the instructions, and with their order."""
    in_stage = False
    for instruction in instructions:
        yield from _instruction_problems(instruction)
        in_stage = in_stage or instruction.keyword == "FROM"
        if not in_stage and instruction.keyword in KEYWORDS and instruction.keyword != "ARG":
            yield SyntaxProblem(instruction.keyword_place, f"{instruction.keyword} before the first FROM")


def _instruction_problems(instruction: Instruction) -> Iterator[SyntaxProblem]:
    if instruction.keyword not in KEYWORDS:
        yield SyntaxProblem(instruction.keyword_place, f"unknown instruction: {instruction.keyword}")
        return
    yield from _flag_problems(instruction)
    message = _arguments_problem(instruction)
    if message:
        yield SyntaxProblem(_arguments_place(instruction), message)
    if instruction.inner is not None:
        message = _pairs_problem(instruction.inner)
        if message:
            yield SyntaxProblem(_arguments_place(instruction.inner), message)


def _arguments_place(instruction: Instruction) -> Place:
    place = instruction.arguments_place
    return place if place.end > place.start else instruction.keyword_place


# ---------------------------------------------------------------------------------------------- flags


def _flag_problems(instruction: Instruction) -> Iterator[SyntaxProblem]:
    if not instruction.flags or instruction.keyword in _FLAGS_IGNORED or _is_no_health_check(instruction):
        return
    allowed = _FLAGS.get(instruction.keyword, {})
    seen: set[str] = set()
    for flag in instruction.flags:
        message = _flag_problem(flag, allowed.get(flag.name), flag.name in seen)
        if message:
            yield SyntaxProblem(flag.place, message)
        seen.add(flag.name)


def _is_no_health_check(instruction: Instruction) -> bool:
    words = instruction.words() if instruction.keyword == "HEALTHCHECK" else ()
    return bool(words) and words[0].text.upper() == "NONE"


def _flag_problem(flag: Flag, kind: int | None, again: bool) -> str | None:
    if kind is None:
        return f"unknown flag: --{flag.name}"
    if again and kind != _STRINGS:
        return f"duplicate flag specified: --{flag.name}"
    if kind == _BOOLEAN:
        if flag.value is not None and flag.value.lower() not in ("true", "false"):
            return f"expecting boolean value for flag --{flag.name}, not: {flag.value}"
        return None
    if flag.value is None:
        return f"missing a value on flag: --{flag.name}"
    return _value_problem(flag.name, flag.value)


def _value_problem(name: str, value: str) -> str | None:
    from .values import is_count, mount_options, nanoseconds

    if name in _VALUES:
        return None if value in _VALUES[name] else f"invalid value for --{name}: {value!r}"
    if name == "mount":
        options = mount_options(value)
        if options is None:
            return f"--mount={value} is not comma-separated"
        if any(key == "from" and setting and "$" in setting[:-1] for key, setting in options):
            return "--mount's from knows no variables"
        return None
    if name == "retries":
        return None if not value or is_count(value) else f"invalid --retries: {value!r}"
    if name in _FLAGS["HEALTHCHECK"]:
        duration = nanoseconds(value)
        if duration is None or (duration != 0 and duration < 10**6):
            return f"invalid --{name}: {value!r} is not a duration of a millisecond or more"
    return None


# ---------------------------------------------------------------------------------------------- arguments


def _arguments_problem(instruction: Instruction) -> str | None:
    keyword = instruction.keyword
    if keyword in _ANY_ARGUMENTS:
        return None
    count = len(instruction.words())
    if keyword in _ONE_ARGUMENT and count != 1:
        return f"{keyword} requires exactly one argument"
    if keyword in _SOME_ARGUMENT and count == 0 and instruction.inner is None:
        return f"{keyword} requires at least one argument"
    if keyword in ("ADD", "COPY"):
        return _copy_problem(instruction, count)
    match keyword:
        case "ARG" | "ENV" | "LABEL":
            return _pairs_problem(instruction) or _blank_name_problem(instruction)
        case "FROM":
            return _from_problem(instruction)
        case "HEALTHCHECK":
            return _health_check_problem(instruction)
        case "ONBUILD":
            inner = instruction.inner
            if inner is not None and inner.keyword in _NEVER_POSTPONED:
                return f"{inner.keyword} isn't allowed as an ONBUILD trigger"
        case "SHELL" if instruction.exec_form is None:
            return "SHELL requires the arguments to be in JSON form"
        case "VOLUME" if any(not spaces.decode(word.text).strip(spaces.RUNES) for word in instruction.words()):
            return "VOLUME specified can not be an empty string"
        case _:
            pass
    return None


def _copy_problem(instruction: Instruction, count: int) -> str | None:
    if count < 2:
        return f"{instruction.keyword} requires at least two arguments: a source and a destination"
    if heredocs.opens_alone(instruction.words()[-1].text):
        return f"{instruction.keyword} cannot accept a heredoc as a destination"
    return None


def _pairs_problem(instruction: Instruction) -> str | None:
    """The parser itself refuses these, so they count in an ONBUILD too."""
    if instruction.keyword not in ("ENV", "LABEL"):
        return None
    words = instruction.words()
    if not words:
        return None
    if "=" not in words[0].text:
        return None if instruction.pairs() else f"{instruction.keyword} must have two arguments"
    wrong = next((word for word in words if "=" not in word.text), None)
    return None if wrong is None else f"can't find = in {wrong.text!r}: it must be of the form name=value"


def _blank_name_problem(instruction: Instruction) -> str | None:
    words = instruction.words()
    is_old_form = instruction.keyword != "ARG" and words and "=" not in words[0].text
    if not is_old_form and any(word.text.startswith("=") for word in words):
        return f"{instruction.keyword} names can not be blank"
    return None


def _from_problem(instruction: Instruction) -> str | None:
    words = [word.text for word in instruction.words()]
    if len(words) == 3 and spaces.fold(words[1]) == "as":
        name = spaces.fold(words[2])
        return None if _STAGE_NAME.fullmatch(name) else f"invalid name for build stage: {words[2]!r}"
    return None if len(words) == 1 else "FROM requires either one or three arguments"


def _health_check_problem(instruction: Instruction) -> str | None:
    words = instruction.words()
    kind = spaces.fold(words[0].text) if words else ""
    if kind == "none":
        return "HEALTHCHECK NONE takes no arguments" if len(words) > 1 else None
    if kind != "cmd":
        return f"unknown type {words[0].text!r} in HEALTHCHECK (try CMD)" if words else None
    return None if len(words) > 1 else "missing command after HEALTHCHECK CMD"
