"""From the name BuildKit gives a step, `[build 2/3] RUN make`, to the instruction it came from.

Needed where an error carries no source: a step that hangs, an ADD whose download fails, a cache mount that cannot be
owned. A name counts the RUN, COPY, ADD and WORKDIR of its stage, after the base image if that is pulled
(dockerfile2llb/convert.go).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..linter.dockerfile import Instruction, parse
from ..linter.source import Document

NUMBERED = re.compile(r"\[(?:\S+/\S+ )?(?:(?P<stage>[^\s\]]+) )? *(?P<number>\d+)/(?P<total>\d+)\] (?P<keyword>\w+)")
COUNTED = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})


def instruction_of(name: str, names: Iterable[str], dockerfile: bytes) -> Instruction | None:
    """The instruction of the step called `name`, given all steps' names; None if it is not certain.

    It is not where ONBUILD instructions of a base image shift the numbers.
    """
    found = NUMBERED.match(name)
    if found is None:
        return None
    steps = _counted(found["stage"] or "", dockerfile)
    total, number = int(found["total"]), int(found["number"])
    pulled = any(
        (other := NUMBERED.match(each)) is not None and other["keyword"] == "FROM" and other["stage"] == found["stage"]
        for each in names
    )
    if len(steps) not in (total, total - 1) or not 1 <= number - pulled <= len(steps):
        return None
    step = steps[number - pulled - 1]
    return step if step.keyword == found["keyword"] else None


def _counted(stage: str, dockerfile: bytes) -> list[Instruction]:
    """The instructions that make steps, of the stage named so, `stage-0` and the like included; no name: of the only
    one.
    """
    stages: dict[str, list[Instruction]] = {}
    steps: list[Instruction] = []
    for instruction in parse(Document("Dockerfile", dockerfile)).instructions:
        if instruction.keyword == "FROM":
            words = [word.text for word in instruction.words()]
            name = words[2].lower() if len(words) == 3 else f"stage-{len(stages)}"
            steps = []
            stages[name] = steps
        elif instruction.keyword in COUNTED:
            steps.append(instruction)
    if not stage:
        return next(iter(stages.values())) if len(stages) == 1 else []
    return stages.get(stage, [])
