"""Keywords by dockerfile-parse, which gets one line per instruction.

It reads continuations, heredocs and byte-order marks otherwise than BuildKit does, so it is not shown any: what it is
given is the head of each instruction's joined text, on a line of its own, in ASCII.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from typing import IO, TypedDict, cast

_HEAD = 80
"""Characters of an instruction that hold its keyword, if it has one that BuildKit knows."""

_NOT_PLAIN = re.compile(r"[^\t\x20-\x7e]")


class _Entry(TypedDict):
    instruction: str
    startline: int


def keywords(texts: Sequence[str]) -> list[str]:
    """The upper-case first word of each joined text; none where dockerfile-parse sees other instructions than these."""
    from dockerfile_parse import DockerfileParser

    lines = "\n".join(map(_line, texts))
    file = cast("IO[str]", BytesIO(lines.encode("ascii")))  # its annotation says str, its code decodes bytes
    parser = DockerfileParser(fileobj=file, env_replace=False)
    structure = cast("list[_Entry]", parser.structure)
    if [entry["startline"] for entry in structure] != list(range(len(texts))):
        return []
    return [entry["instruction"] for entry in structure]


def _line(text: str) -> str:
    """The word at the end keeps the line from being continued, and gives every keyword an argument."""
    return (_NOT_PLAIN.sub("?", text[:_HEAD]).strip() or "?") + " ?"
