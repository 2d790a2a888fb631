"""Logs of BuildKit, by docker, buildx, bake, compose or buildctl: plain, rawjson, or a terminal's last screen.

A plain line is `#5 …`: first the step's name, then `0.123 output`, `ERROR: …`, `DONE 0.2s`. All three forms end with
the failed steps' last output between rulers (`------`, ` > [2/2] RUN make:`), an excerpt of the Dockerfile whose
failing lines are behind `>>>`, and the error (progressui/display.go, solver/errdefs/source.go).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...builders.outcome import read_outcome
from ...linter.errors import NoBuilder
from .clean import clean
from .log import BuildLog, Failure, instruction_of

_NUMBERED = re.compile(r"#(\d+) (.*)")
_STATE = re.compile(r"DONE|CACHED|CANCELED|\.\.\.|ERROR: |WARN: |sha256:|extracting |transferring |resolve |naming to ")
_PRINTED = re.compile(r"(?:#\d+ )?\d+\.\d+ ?")
_SCREEN = re.compile(r" ?=> (?:ERROR|CANCELED|CACHED) ?\[")
_BLOCK = re.compile(r" > (.+?):?$")
_RULER = "-" * 6
_EXCERPT_AT = re.compile(r"(\S.*):(\d+)$")
_EXCERPT_RULER = "-" * 20
_EXCERPT_LINE = re.compile(r" *(\d+) \| (>>>|   ) ?(.*)")
_FINAL = re.compile(r"(?:(?i:error)\b.*\b)?failed to (?:solve|receive status)\b|target \S+: failed to")
_EVENT = re.compile(r'\{"(?:vertexes|statuses|logs|warnings)"')


class Excerpt(NamedTuple):
    """The failing lines of the Dockerfile, as BuildKit prints them; 1-based and both inclusive."""

    path: str
    line: int
    end_line: int
    text: str


def read_buildkit(lines: Sequence[str]) -> BuildLog | None:
    """A BuildKit log; None if it is none."""
    events = [line for line in lines if _EVENT.match(line)]
    rest = [line for line in lines if not _EVENT.match(line)] if events else list(lines)
    if events:
        return _assembled("buildkit rawjson", _from_events(events), rest)
    numbered = any(_NUMBERED.match(line) and "[" in line for line in lines)
    if numbered:
        steps, outside = _from_plain(lines)
        return _assembled("buildkit plain", steps, outside)
    if any(_SCREEN.match(line) or _FINAL.match(line) for line in lines) or any(_blocks(lines)):
        return _assembled("buildkit", [], rest)
    return None


class _Step:
    def __init__(self, name: str) -> None:
        self.name = name
        self.output: list[str] = []
        self.error = ""


def _from_events(events: Sequence[str]) -> list[_Step]:
    try:
        outcome = read_outcome("\n".join(events).encode(), status=1, seconds=0, path="", dockerfile=b"")
    except NoBuilder:
        return []
    steps: list[_Step] = []
    for each in outcome.steps:
        step = _Step(each.name)
        step.output = clean(each.log.removesuffix("\n"))
        step.error = "" if each.error.endswith("context canceled") else each.error
        steps.append(step)
    return steps


def _from_plain(lines: Sequence[str]) -> tuple[list[_Step], list[str]]:
    """The steps of a plain log, and the lines that are of none."""
    steps: dict[str, _Step] = {}
    outside: list[str] = []
    erring: _Step | None = None
    for line in lines:
        found = _NUMBERED.match(line)
        if found is None:
            if erring is not None and line and not line.startswith(_RULER):
                erring.error += f"\n{line}"
            else:
                erring = None
                outside.append(line)
            continue
        number, text = found[1], found[2]
        if number not in steps or _restarts(text, steps[number]):
            steps[number] = _Step(text)
            erring = None
            continue
        step, erring = steps[number], None
        if text.startswith("ERROR: "):
            step.error = text.removeprefix("ERROR: ")
            erring = step
        elif printed := _PRINTED.match(text):
            step.output.append(text[printed.end() :])
        elif text != step.name and not _STATE.match(text):
            step.output.append(text)
    return list(steps.values()), outside


def _restarts(text: str, step: _Step) -> bool:
    """Whether a step with a known number begins anew: a second build in the same log counts from #1 again."""
    return text.startswith("[") and text != step.name and bool(re.match(r"\[[^\]]+\] \S", text))


def _assembled(builder: str, steps: Sequence[_Step], outside: Sequence[str]) -> BuildLog:
    """Steps, blocks, excerpt and final error of one log put together."""
    failed = {step.name: step for step in steps if step.error}
    for name, output in _blocks(outside):
        step = failed.setdefault(name, _Step(name))
        if not step.output:
            step.output = output
    final = _final_error(outside)
    excerpt = _excerpt(outside)
    failures = [
        Failure(step.name, instruction_of(step.name), tuple(step.output), step.error or final)
        for step in failed.values()
    ]
    failures.sort(key=lambda failure: not failure.error or failure.error not in final)
    if not failures and (final or excerpt is not None):
        failures = [Failure("", "", (), final)]
    if failures and excerpt is not None:
        first = failures[0]
        failures[0] = first._replace(
            instruction=_fuller(first.instruction, excerpt.text),
            path=excerpt.path,
            line=excerpt.line,
            end_line=excerpt.end_line,
        )
    return BuildLog(builder, tuple(failures), tuple(outside))


def _fuller(name: str, text: str) -> str:
    """The instruction as it is written, unless the excerpt is of another: an ONBUILD's is the FROM that pulls it in."""
    return name if name and name.split()[0].upper() != text.split()[0].upper() else text


def _blocks(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The failed steps' names with their last output, from between the rulers."""
    for index, line in enumerate(lines):
        found = _BLOCK.match(line)
        if found is None or index == 0 or lines[index - 1] != _RULER:
            continue
        output: list[str] = []
        for each in lines[index + 1 :]:
            if each == _RULER or _FINAL.match(each):
                break
            output.append(_PRINTED.sub("", each, count=1) if _PRINTED.match(each) else each)
        yield found[1], output


def _excerpt(lines: Sequence[str]) -> Excerpt | None:
    for index, line in enumerate(lines[:-1]):
        found = _EXCERPT_AT.match(line)
        if found is None or lines[index + 1] != _EXCERPT_RULER:
            continue
        marked: list[tuple[int, str]] = []
        for each in lines[index + 2 :]:
            numbered = _EXCERPT_LINE.match(each)
            if numbered is None:
                break
            if numbered[2] == ">>>":
                marked.append((int(numbered[1]), numbered[3]))
        if marked:
            text = "\n".join(text for _, text in marked)
            return Excerpt(found[1], marked[0][0], marked[-1][0], text)
    return None


def _final_error(lines: Sequence[str]) -> str:
    """BuildKit's last word, which goes on over several lines if the step's script does."""
    for index in range(len(lines) - 1, -1, -1):
        if _FINAL.search(lines[index]):
            words = [lines[index]]
            for each in lines[index + 1 :]:
                if not each or "did not complete" in words[-1] or len(words) > 200:
                    break
                words.append(each)
            return "\n".join(words if "did not complete" in words[-1] else words[:1])
    return ""
