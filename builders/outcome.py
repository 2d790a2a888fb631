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

from ..linter.errors import NoBuilder

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

    Of a build that took too long it is the step that hung. `name` is the step's, or empty where none had begun; `log`
    is what the step printed, stdout and stderr as they came.
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
    def __init__(self, name: str, inputs: list[str]) -> None:
        self.name = name
        self.inputs = inputs
        self.cached = False
        self.error = ""
        self.started = ""
        self.completed = ""
        self.output: list[bytes] = []

    def step(self) -> Step:
        seconds = None
        if self.started and self.completed:
            seconds = max((_time(self.completed) - _time(self.started)).total_seconds(), 0.0)
        return Step(self.name, self.cached, seconds, self.log, self.error)

    @property
    def log(self) -> str:
        return b"".join(self.output).decode("utf-8", "replace")


def read_outcome(
    stderr: bytes, *, status: int, seconds: float, path: str, dockerfile: bytes, gave_up: str = ""
) -> Outcome:
    """The outcome of a buildctl that ended with `status`; `path` is the Dockerfile's name for reports.

    `gave_up` says why we ended it, if we did. Raises NoBuilder if BuildKit was never reached, or refused the request.
    """
    events: list[dict[str, object]] = []
    tail: list[str] = []
    for line in stderr.decode("utf-8", "replace").split("\n"):
        event = _event(line)
        if event is None:
            tail.append(line)
        else:
            events.append(event)
    vertices = _vertices(events)
    steps = tuple(vertex.step() for vertex in vertices.values())
    log = "".join(_as_text(step) for step in steps)
    if status == 0 and not gave_up:
        return Outcome(True, None, log, "", seconds, steps)
    error = gave_up or _final_error(tail)
    if not vertices:
        raise NoBuilder(f"BuildKit did not begin the build of {path}: {error}")
    blamed = _running(vertices) if gave_up else _blamed(vertices, error)
    lines = [] if gave_up else _marked_lines(tail)
    if not lines and (found := PARSE_ERROR.search(error)):
        lines = [int(found[1])]
    if not lines and blamed is not None:
        lines = _lines_of(blamed, vertices, dockerfile)
    if not lines and blamed is None:
        return Outcome(False, None, log, error, seconds, steps)
    name, printed = (blamed.name, blamed.log) if blamed else ("", "")
    first, last = (lines[0], lines[-1]) if lines else (0, 0)
    return Outcome(False, FailedStep(path, first, last, name, printed, error), log, error, seconds, steps)


def begun_steps(line: bytes) -> list[str]:
    """Names of the steps that an event's line speaks of as begun and not ended."""
    event = _event(line.decode("utf-8", "replace")) if b'"vertexes"' in line else None
    vertices = _objects(event, "vertexes") if event is not None else []
    return [str(each.get("name", "")) for each in vertices if each.get("started") and not each.get("completed")]


def _event(line: str) -> dict[str, object] | None:
    if not line.startswith("{"):
        return None
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None


def _vertices(events: list[dict[str, object]]) -> dict[str, _Vertex]:
    """Steps by digest, in the order in which they began; BuildKit reports a step again at each change."""
    found: dict[str, _Vertex] = {}
    for event in events:
        for each in _objects(event, "vertexes"):
            inputs = cast("list[str]", each.get("inputs") or [])
            vertex = found.setdefault(str(each["digest"]), _Vertex(str(each.get("name", "")), inputs))
            vertex.cached = bool(each.get("cached", False))
            vertex.error = str(each.get("error", ""))
            vertex.started = str(each.get("started", ""))
            vertex.completed = str(each.get("completed", ""))
        for each in _objects(event, "logs"):
            if vertex := found.get(str(each["vertex"])):
                vertex.output.append(base64.b64decode(str(each.get("data") or "")))
    return dict(sorted(found.items(), key=lambda item: item[1].started or "~"))


def _objects(event: dict[str, object], key: str) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", event.get(key) or [])


def _time(text: str) -> datetime:
    """A time to the microsecond, which is as far as Python counts; Go writes up to nine digits, or none."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}")


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


def _blamed(vertices: dict[str, _Vertex], error: str) -> _Vertex | None:
    """The step whose error ended the build; steps that ran beside it end with an error of their own."""
    return next((vertex for vertex in reversed(vertices.values()) if vertex.error and vertex.error in error), None)


def _running(vertices: dict[str, _Vertex]) -> _Vertex | None:
    return next((vertex for vertex in vertices.values() if vertex.started and not vertex.completed), None)


def _lines_of(blamed: _Vertex, vertices: dict[str, _Vertex], dockerfile: bytes) -> list[int]:
    """First and last line of a step's instruction; a step of BuildKit's own stands for the one step that needs it."""
    from .locate import NUMBERED, instruction_of

    candidates = [blamed]
    if not NUMBERED.match(blamed.name):
        digest = next(digest for digest, vertex in vertices.items() if vertex is blamed)
        candidates = [vertex for vertex in vertices.values() if digest in vertex.inputs]
    if len(candidates) != 1:
        return []
    found = instruction_of(candidates[0].name, [vertex.name for vertex in vertices.values()], dockerfile)
    return [] if found is None else [found.line, found.end_line]


def _marked_lines(tail: list[str]) -> list[int]:
    """Numbers of the lines that the innermost excerpt marks."""
    marked: list[int] = []
    inside = False
    for line in tail:
        if line == RULER:
            if marked:
                return marked
            inside = True
        elif inside and (match := EXCERPT_LINE.match(line)) and match[2] == ">>>":
            marked.append(int(match[1]))
    return marked
