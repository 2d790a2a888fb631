"""What a real build came to, read from buildctl's `--progress=rawjson` events and the error it ends with.

The events name each step and hold its log. Which lines failed is in no event: buildctl prints the solver's source
ranges as an excerpt (`Dockerfile:3`, then numbered lines, the failing ones behind `>>>`), which is exact for heredocs,
continued lines and equal instructions.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime
from typing import NamedTuple, cast

EXCERPT_LINE = re.compile(r" *(\d+) \| (>>>|   ) ")
RULER = "-" * 20
PARSE_ERROR = re.compile(r"parse error on line (\d+)")


class Step(NamedTuple):
    """A step as BuildKit ran it: `name` is like `[build 2/3] RUN make`, `seconds` None if it never ended."""

    name: str
    cached: bool
    seconds: float | None
    log: str
    error: str


class FailedStep(NamedTuple):
    """The instruction a build failed at: its lines in the Dockerfile, 1-based and both inclusive; 0 if BuildKit names
    none.

    `name` is its step's, or empty where no step had begun; `log` is what the step printed, stdout and stderr as they
    came.
    """

    path: str
    line: int
    end_line: int
    name: str
    log: str
    error: str


class Outcome(NamedTuple):
    """`error` is BuildKit's own message, empty if it built; `seconds` includes sending the context."""

    built: bool
    failed: FailedStep | None
    log: str
    error: str
    seconds: float
    steps: tuple[Step, ...] = ()


class _Vertex:
    def __init__(self, name: str) -> None:
        self.name = name
        self.cached = False
        self.error = ""
        self.started = ""
        self.completed = ""
        self.output: list[bytes] = []

    def step(self) -> Step:
        seconds = None
        if self.started and self.completed:
            seconds = max((_time(self.completed) - _time(self.started)).total_seconds(), 0.0)
        log = b"".join(self.output).decode("utf-8", "replace")
        return Step(self.name, self.cached, seconds, log, self.error)


def read_outcome(stderr: bytes, *, status: int, seconds: float, path: str, gave_up: str = "") -> Outcome:
    """The outcome of a buildctl that ended with `status`; `path` is the Dockerfile's name for reports.

    `gave_up` says why we ended it, if we did.
    """
    events: list[dict[str, object]] = []
    tail: list[str] = []
    for line in stderr.decode("utf-8", "replace").split("\n"):
        event = _event(line)
        if event is None:
            tail.append(line)
        else:
            events.append(event)
    steps = tuple(vertex.step() for vertex in _vertices(events))
    log = "".join(_as_text(step) for step in steps)
    if status == 0 and not gave_up:
        return Outcome(True, None, log, "", seconds, steps)
    error = gave_up or _final_error(tail)
    return Outcome(False, None if gave_up else _failed(path, tail, error, steps), log, error, seconds, steps)


def _event(line: str) -> dict[str, object] | None:
    if not line.startswith("{"):
        return None
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None


def _vertices(events: list[dict[str, object]]) -> list[_Vertex]:
    """Steps in the order in which they began; BuildKit reports a step again at each change."""
    found: dict[str, _Vertex] = {}
    for event in events:
        for each in _objects(event, "vertexes"):
            vertex = found.setdefault(str(each["digest"]), _Vertex(str(each.get("name", ""))))
            vertex.cached = bool(each.get("cached", False))
            vertex.error = str(each.get("error", ""))
            vertex.started = str(each.get("started", ""))
            vertex.completed = str(each.get("completed", ""))
        for each in _objects(event, "logs"):
            if vertex := found.get(str(each["vertex"])):
                vertex.output.append(base64.b64decode(str(each.get("data") or "")))
    return sorted(found.values(), key=lambda vertex: vertex.started or "~")


def _objects(event: dict[str, object], key: str) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", event.get(key) or [])


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text[:26].rstrip("Z").ljust(26, "0") if "." in text else text.rstrip("Z"))


def _as_text(step: Step) -> str:
    state = " CACHED" if step.cached else ""
    error = f"ERROR: {step.error}\n" if step.error else ""
    log = step.log if not step.log or step.log.endswith("\n") else step.log + "\n"
    return f"{step.name}{state}\n{log}{error}"


def _final_error(tail: list[str]) -> str:
    for index, line in enumerate(tail):
        if line.startswith("error: "):
            return "\n".join(tail[index:]).removeprefix("error: ").removeprefix("failed to solve: ").strip()
    return "\n".join(tail).strip() or "buildctl ended without a word"


def _failed(path: str, tail: list[str], error: str, steps: tuple[Step, ...]) -> FailedStep | None:
    lines = _marked_lines(tail)
    if not lines and (found := PARSE_ERROR.search(error)):
        lines = [int(found[1])]
    blamed = [step for step in steps if step.error and step.error in error]
    name, log = (blamed[-1].name, blamed[-1].log) if blamed else ("", "")
    if not lines and not blamed:
        return None
    return FailedStep(path, lines[0] if lines else 0, lines[-1] if lines else 0, name, log, error)


def _marked_lines(tail: list[str]) -> list[int]:
    """Numbers of the lines that the innermost excerpt marks."""
    marked: list[int] = []
    inside = False
    for line in tail:
        if line == RULER:
            if inside and marked:
                return marked
            inside = not inside
        elif inside and (match := EXCERPT_LINE.match(line)) and match[2] == ">>>":
            marked.append(int(match[1]))
    return marked
