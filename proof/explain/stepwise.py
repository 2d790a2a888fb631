"""Logs that announce each instruction and print what it prints below: docker's classic builder, buildah, Kaniko."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from .log import BuildLog, Failure

_CLASSIC = re.compile(r"Step (\d+)/(\d+) : (.+)")
_BUILDAH = re.compile(r"(?:\[\d+/\d+\] )?STEP (\d+)(?:/(\d+))?: (.+)")
_KANIKO = re.compile(r"(?P<level>INFO|WARN|ERRO|FATA|DEBU|PANI|WARNING|ERROR|FATAL)\[[^\]]*\] ?(?P<text>.*)")
_LOGFMT = re.compile(r'time="[^"]*" level=(?P<level>\w+) msg=(?P<text>"(?:[^"\\]|\\.)*"|\S+)')
_KEYWORD = re.compile(
    r"(?:FROM|RUN|COPY|ADD|WORKDIR|USER|ENV|ARG|LABEL|EXPOSE|CMD|ENTRYPOINT|VOLUME|SHELL|HEALTHCHECK|ONBUILD"
    r"|STOPSIGNAL|MAINTAINER) +\S",
    re.IGNORECASE,
)
_NOISE = re.compile(r"(?: ---> |Removing intermediate container |--> [0-9a-f]+)")
_CLASSIC_ERRORS = (
    re.compile(r"The command '|.*returned a non-zero code: \d+|(COPY|ADD) failed: "),
    re.compile(r"Error"),
)
_BUILDAH_ERRORS = (re.compile(r".*building at STEP "), re.compile(r"Error: "))
_KANIKO_ERROR = re.compile(r"error (?:building image|pushing image|checking push permissions|resolving|executing)\b.*")
_KANIKO_SIGN = re.compile(
    r"Retrieving image manifest|Resolved base name|Unpacking rootfs|Taking snapshot of|Built cross stage deps"
)


class _Announced(NamedTuple):
    name: str
    instruction: str
    at: int


def read_classic(lines: Sequence[str]) -> BuildLog | None:
    """A log of `docker build` without BuildKit; None if it is none."""
    steps = [
        _Announced(f"Step {found[1]}/{found[2]}", found[3], index)
        for index, line in enumerate(lines)
        if (found := _CLASSIC.match(line))
    ]
    if not steps:
        return None
    if any(line.startswith("Successfully built ") for line in lines[steps[-1].at :]):
        return BuildLog("docker classic", (), tuple(lines))
    return _failed("docker classic", lines, steps[-1], _CLASSIC_ERRORS)


def read_buildah(lines: Sequence[str]) -> BuildLog | None:
    """A log of `buildah build` or `podman build`; None if it is none."""
    steps = [
        _Announced(f"STEP {found[1]}" + (f"/{found[2]}" if found[2] else ""), found[3], index)
        for index, line in enumerate(lines)
        if (found := _BUILDAH.match(line))
    ]
    if not steps:
        return None
    if not any(each.match(line) for each in _BUILDAH_ERRORS for line in lines[steps[-1].at :]):
        return BuildLog("buildah", (), tuple(lines))
    return _failed("buildah", lines, steps[-1], _BUILDAH_ERRORS)


def read_kaniko(lines: Sequence[str]) -> BuildLog | None:
    """A log of Kaniko in any of its formats (color, text, json); None if it is none."""
    messages = [_message(line) for line in lines]
    if not any(text is not None and _KANIKO_SIGN.match(text) for text in messages) and not any(
        _KANIKO_ERROR.match(line) for line in lines
    ):
        return None
    error_at = next((i for i in range(len(lines) - 1, -1, -1) if _KANIKO_ERROR.match(lines[i])), None)
    if error_at is None:
        return BuildLog("kaniko", (), tuple(lines))
    steps = [
        _Announced("", text.strip(), index)
        for index, text in enumerate(messages[:error_at])
        if text is not None and _KEYWORD.match(text)
    ]
    error = "\n".join(line for line in lines[error_at:] if _KANIKO_ERROR.match(line))
    if not steps or "building" not in error:
        return BuildLog("kaniko", (Failure("", "", (), error),), tuple(lines))
    step = steps[-1]
    output = tuple(line for i in range(step.at + 1, error_at) if messages[i] is None and (line := lines[i]))
    failure = Failure(step.instruction, step.instruction, output, error)
    return BuildLog("kaniko", (failure,), (*lines[: step.at], *lines[error_at:]))


def _message(line: str) -> str | None:
    """What Kaniko itself says in a line; None for what a step printed."""
    if found := _KANIKO.match(line):
        return found["text"]
    if found := _LOGFMT.match(line):
        return found["text"].strip('"').replace('\\"', '"')
    if line.startswith('{"level"'):
        try:
            return str(json.loads(line).get("msg", ""))
        except ValueError:
            return None
    return None


def _failed(builder: str, lines: Sequence[str], step: _Announced, ends: Sequence[re.Pattern[str]]) -> BuildLog:
    """The last announced step failed. `ends` is what the builder's own words look like, the surest first."""
    after = range(step.at + 1, len(lines))
    error_at = next((i for pattern in ends for i in reversed(after) if pattern.match(lines[i])), len(lines))
    output = tuple(line for line in lines[step.at + 1 : error_at] if line and not _NOISE.match(line))
    error = lines[error_at] if error_at < len(lines) else ""
    failure = Failure(step.name, step.instruction, output, error)
    return BuildLog(builder, (failure,), (*lines[: step.at], *lines[error_at:]))
