"""Leaving commands and operands out of scripts."""

from __future__ import annotations

import pytest

from ns_lint.fixes.commands import delete_command, delete_operand, delete_with_marks
from ns_lint.linter.build import read_build
from ns_lint.linter.command import Command
from ns_lint.linter.context import Context
from ns_lint.linter.dockerfile import parse
from ns_lint.linter.edit import Fix, Safety
from ns_lint.linter.invocation import Target
from ns_lint.linter.source import Document


def command_named(name: str, text: str) -> Command:
    build = read_build(parse(Document("Dockerfile", text.encode())), Context(None, {}), Target())
    return next(command for step in build.steps for command in step.commands if command.name == name)


def applied(fix: Fix | None, text: str) -> str | None:
    if fix is None:
        return None
    (edit,) = fix.edits
    return text[: edit.place.start] + edit.text + text[edit.place.end :]


DELETED = [
    ("RUN rm /x", ""),
    ("RUN rm /x && a", "RUN a"),
    ("RUN a && rm /x", "RUN a"),
    ("RUN a; rm /x; b", "RUN a; b"),
    ("RUN rm /x || true", ""),
    ("RUN a && (rm /x || b) && c", "RUN a && (true) && c"),
    ("RUN if rm /x; then a; fi", "RUN if true; then a; fi"),
    ("RUN sudo rm /x && a", "RUN a"),
    ("RUN echo 1 | rm /x", ""),
    ("RUN echo 1 | rm /x && a", "RUN a"),
    ("RUN a && printf 1 | rm /x", "RUN a"),
    ("RUN a | rm /x", "RUN a | true"),
    ("RUN echo 1 > /y | rm /x", "RUN echo 1 > /y | true"),
    ("RUN rm /x | a", "RUN true | a"),
    ("RUN find / -exec rm /x ;", None),
    ("RUN rm /x <<E\nE", None),
]


@pytest.mark.parametrize(("text", "expected"), DELETED)
def test_deletes_a_command_with_what_joins_it(text: str, expected: str | None) -> None:
    text = f"FROM debian\n{text}\n"
    fix = delete_command(command_named("rm", text), safety=Safety.SAFE)
    assert applied(fix, text) == (None if expected is None else f"FROM debian\n{expected}\n")


OPERANDS = [
    ("RUN rm -f /x", 0, ""),
    ("RUN rm -f /x /y && a", 0, "RUN rm -f /y && a"),
    ("RUN rm /y  \\\n  /x", 0, "RUN rm /y"),
    ("RUN chmod 644 /x", 1, ""),
    ("RUN chmod 644 /y /x", 1, "RUN chmod 644 /y"),
    ("RUN sudo chmod 644 '/x' /y", 1, "RUN sudo chmod 644 /y"),
]


@pytest.mark.parametrize(("text", "besides", "expected"), OPERANDS)
def test_deletes_an_operand_or_all_of_the_command(text: str, besides: int, expected: str) -> None:
    text = f"FROM debian\n{text}\n"
    command = command_named("chmod" if besides else "rm", text)
    operand = next(argument for argument in command.argv if argument.text == "/x")
    fix = delete_operand(command, operand.place, safety=Safety.SAFE, besides=besides)
    assert applied(fix, text) == f"FROM debian\n{expected}\n"


MARKED = [
    ("RUN rm /x && chmod 600 /x", ""),
    ("RUN a && rm /x && chmod 600 /x && chown 5:6 /x", "RUN a"),
    ("RUN a && rm /x && chmod 600 /x && b", "RUN a && b"),
    ("RUN rm /x \\\n && chmod 600 /x \\\n && b", "RUN b"),
    ("RUN a; rm /x && chmod 600 /x; b", "RUN a; b"),
    ("RUN rm /x && a", None),
    ("RUN rm /x && chmod 600 /x /y", None),
    ("RUN rm /x && chmod 600 /x && cat /x", None),
    ("RUN rm /x; chmod 600 /x", None),
]


@pytest.mark.parametrize(("text", "expected"), MARKED)
def test_deletes_a_command_with_what_marks_its_path(text: str, expected: str | None) -> None:
    text = f"FROM debian\n{text}\n"
    fix = delete_with_marks(command_named("rm", text), "/x", safety=Safety.SAFE)
    assert applied(fix, text) == (None if expected is None else f"FROM debian\n{expected}\n")
