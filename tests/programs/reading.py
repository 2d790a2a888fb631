"""Read a Dockerfile and say what its steps ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from ns_lint.linter.build import Build, read_build
from ns_lint.linter.context import Context
from ns_lint.linter.dockerfile import parse
from ns_lint.linter.invocation import Target
from ns_lint.linter.rule import Fact
from ns_lint.linter.source import Document, Place

F = TypeVar("F", bound=Fact)


def build_of(text: str, context: Context | Mapping[str, bytes] | None = None) -> Build:
    found = context if isinstance(context, Context) else Context(None, context or {})
    return read_build(parse(Document("Dockerfile", text.encode())), found, Target())


def facts(kind: type[F], text: str, context: Context | Mapping[str, bytes] | None = None) -> list[F]:
    """The facts of one kind, in the order in which the steps come to them."""
    steps = build_of(text, context).steps
    return [fact for step in steps for _, fact in step.facts if isinstance(fact, kind)]


def text_at(text: str, place: Place) -> str:
    return text.encode()[place.start : place.end].decode()
