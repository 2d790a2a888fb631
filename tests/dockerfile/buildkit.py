"""BuildKit's own parser and word lexer, as a program that answers questions: tests/oracles/dockerfile."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypedDict

CASES = int(os.environ.get("NS_LINT_FUZZ_CASES", "3000"))
SEED = int(os.environ.get("NS_LINT_FUZZ_SEED", "1"))


class HeredocAnswer(TypedDict):
    Name: str
    FD: int
    Expand: bool
    Chomp: bool
    Body: str
    Chomped: str


class NodeAnswer(TypedDict):
    Keyword: str
    Text: str
    Flags: list[str] | None
    Words: list[str] | None
    JSON: bool
    Start: int
    End: int
    Heredocs: list[HeredocAnswer] | None
    Inner: NodeAnswer | None


class Answer(TypedDict):
    ParseError: str
    InstructionError: str
    Escape: str
    Nodes: list[NodeAnswer] | None
    Value: str
    WordError: str
    Unset: list[str] | None


class Oracle:
    """BuildKit, asked in one go."""

    def __init__(self, program: Path) -> None:
        self._program = program

    def ask(self, questions: Iterable[Mapping[str, object]]) -> list[Answer]:
        lines = "\n".join(json.dumps(question) for question in questions)
        run = subprocess.run([self._program], input=lines.encode(), capture_output=True, check=True)
        return [json.loads(line) for line in run.stdout.splitlines()]

    def read(self, files: Iterable[bytes]) -> list[Answer]:
        return self.ask({"Dockerfile": to_base64(data)} for data in files)


def to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def from_base64(text: str) -> bytes:
    return base64.b64decode(text)
