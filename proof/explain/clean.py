"""What a CI service, a terminal or `kubectl` adds to a build log, taken off again."""

from __future__ import annotations

import re
from collections.abc import Iterator

_COLOURS = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][A-Za-z0-9]|[@-Z\\^_=>])")
_TIME = re.compile(r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)\]? ?(?! level=)")
_GITLAB_STREAM = re.compile(r"\d\d[OE](\+| |$)")
_GITHUB_COLUMNS = re.compile(r"[^\t]+\t[^\t]+\t(?=\ufeff?\d{4}-\d\d-\d\dT)")
_POD = re.compile(r"\[(?:pod/[^\]\s]+|[\w./-]+ : [\w./-]+)\] ?")
_GITLAB_SECTION = re.compile(r"section_(?:start|end):\d+:\S*")
_GITHUB_MARK = re.compile(r"(?:##\[(\w+)\]|::(group|endgroup|error|warning|notice|debug)(?: [^:]*)?::)")


def decode(data: bytes) -> str:
    """A log's text; PowerShell's `>` writes UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "replace").removeprefix("\ufeff")


def clean(text: str) -> list[str]:
    """The lines as the builder wrote them: no colours, timestamps, stream marks, pod names, section or group marks.

    A carriage return ends a line, since what follows it stands on the same line of a terminal.
    """
    lines: list[str] = []
    plain = _COLOURS.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    for line in plain.split("\n"):
        for joins, part in _unwrapped(line):
            if joins and lines:
                lines[-1] += part
            else:
                lines.append(part)
    return lines


def _unwrapped(line: str) -> Iterator[tuple[bool, str]]:
    """The line without what was put in front of it, and whether it goes on the line before; nothing for a mark."""
    line = _GITHUB_COLUMNS.sub("", line, count=1) if "\t" in line else line
    line = line.removeprefix("\ufeff")
    joins = False
    if pod := _POD.match(line):
        line = line[pod.end() :]
    if time := _TIME.match(line):
        line = line[time.end() :]
        if stream := _GITLAB_STREAM.match(line):
            joins = stream[1] == "+"
            line = line[stream.end() :]
    if section := _GITLAB_SECTION.match(line):
        line = line[section.end() :]
        if not line:
            return
    if mark := _GITHUB_MARK.match(line):
        if (mark[1] or mark[2]) == "endgroup":
            return
        line = line[mark.end() :]
    yield joins, line.rstrip()
