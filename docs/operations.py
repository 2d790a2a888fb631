"""The operations of the compatibility table (operations.toml) as Dockerfiles, and what was measured of them."""

from __future__ import annotations

import json
import tarfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ns_lint.builders.images import Entry, layer

HERE = Path(__file__).parent
RESULTS = HERE / "compatibility.json"
FAMILIES = {"debian": "GNU", "busybox": "busybox"}
"""Tool families by the base image of the lab that has their tools."""

ARCHIVES = {
    "owner": layer([Entry("file", b"text", uid=70000, gid=70000)]),
    "device": layer([Entry("null", kind=tarfile.CHRTYPE, device=(1, 3))]),
}


class Operation(NamedTuple):
    """`steps` by base image; `rule` is the name of the rule that refuses it, `why` what does where that is no rule."""

    title: str
    steps: dict[str, str]
    rule: str | None
    why: str
    archive: str | None
    harmful: bool


class Form(NamedTuple):
    """One build of an operation: its Dockerfile, plain or with its last RUN insecure."""

    operation: Operation
    base: str
    insecure: bool
    text: str
    files: dict[str, bytes]


class Results(NamedTuple):
    """`built` by Dockerfile and profile: whether it did. `versions` of what decides it; `measured` is a date."""

    measured: str
    versions: dict[str, str]
    built: dict[str, dict[str, bool]]


def groups() -> Iterator[tuple[str, list[Operation]]]:
    """The operations, by the titles that they stand under."""
    for group in tomllib.loads((HERE / "operations.toml").read_text(encoding="utf-8"))["group"]:
        yield group["title"], [_operation(each) for each in group["operations"]]


def _operation(line: dict[str, str]) -> Operation:
    steps = {base: step for base in FAMILIES if (step := line.get(base, line.get("step")))}
    return Operation(
        line["title"], steps, line.get("rule"), line.get("why", ""), line.get("archive"), bool(line.get("harmful"))
    )


def forms(operation: Operation) -> Iterator[Form]:
    """Every build of an operation: a Dockerfile without RUN has no insecure one."""
    files = {} if operation.archive is None else {"a.tar": ARCHIVES[operation.archive]}
    for base, step in operation.steps.items():
        yield Form(operation, base, False, f"FROM {base}\n{step}\n", files)
        before, run, after = step.rpartition("RUN ")
        if run:
            yield Form(operation, base, True, f"FROM {base}\n{before}RUN --security=insecure {after}\n", files)


def read_results() -> Results:
    return Results(**json.loads(RESULTS.read_text(encoding="utf-8")))
