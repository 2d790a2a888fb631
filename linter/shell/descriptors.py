"""What redirections open, write and feed."""

from __future__ import annotations

from collections.abc import Iterator

from ..command import Command, Redirection
from ..facts import FileUse, UseFile, WriteContent
from ..rule import Fact
from ..source import Script, join
from ..system import System
from . import tree as t
from .expand import Expander
from .output import printed

_NO_FILES = ("<<", "<<-", "<<<", "<&")


def redirections(redirects: tuple[t.Redirect, ...], expander: Expander) -> tuple[Redirection, ...]:
    return tuple(
        Redirection(
            redirect.operator,
            redirect.fd,
            expander.argument(redirect.target),
            expander.source.place(redirect.start, redirect.end),
        )
        for redirect in redirects
    )


def opened(command: Command, system: System, output: Script | None = None) -> Iterator[Fact]:
    """The files that a command's redirections read and write, and what they write where that is known.

    `output` is what is printed, unless the command itself says so.
    """
    for redirection in command.redirections:
        path = command.path(redirection.target)
        if path is None or redirection.operator in _NO_FILES or _duplicates(redirection):
            continue
        if redirection.operator == "<":
            yield UseFile(redirection.place, command, path, FileUse.READ, made=system.made(path))
            continue
        standard = redirection.fd in ("", "1")
        content = (output or printed(command, system)) if standard else None
        value = content.text.rstrip("\n") if content is not None else None
        yield UseFile(redirection.place, command, path, FileUse.WRITE, value, made=system.made(path))
        if standard:
            yield WriteContent(redirection.place, command, path, content, redirection.operator in (">>", "&>>"))


def _duplicates(redirection: Redirection) -> bool:
    """`>&2` and `>&-`; `>&file` writes both outputs to a file."""
    return redirection.operator == ">&" and (redirection.target.text.isdecimal() or redirection.target.text == "-")


def standard_input(
    redirects: tuple[t.Redirect, ...], expander: Expander, script: Script, command: Command, system: System
) -> Script | None:
    """What a here-document, a here-string or a known file feeds to a command; the last redirection counts."""
    for redirect in reversed(redirects):
        if redirect.fd not in ("", "0"):
            continue
        if redirect.operator == "<<<":
            return expander.script(redirect.target)
        if redirect.operator == "<":
            path = command.path(expander.argument(redirect.target))
            content = system.files.read(path) if path else None
            return content.script if content else None
        if (heredoc := redirect.heredoc) is None:
            continue
        if heredoc.word is not None:
            return expander.script(heredoc.word)
        body = script.slice(heredoc.start, heredoc.end)
        return _without_tabs(body) if heredoc.tabs else body
    return None


def _without_tabs(body: Script) -> Script:
    """The body of `<<-`, whose lines lose their leading tabs."""
    lines: list[Script] = []
    at = 0
    for line in body.text.splitlines(keepends=True):
        start = at + len(line) - len(line.lstrip("\t"))
        lines.append(body.slice(start, at + len(line)))
        at += len(line)
    return join(lines, "") if lines else body


def closes_output(command: Command) -> bool:
    """Whether both stdout and stderr of a command go elsewhere, or are closed."""
    closed: set[str] = set()
    for redirection in command.redirections:
        operator, target = redirection.operator, redirection.target.text
        if operator in ("&>", "&>>") or (operator == ">&" and not redirection.fd and not _duplicates(redirection)):
            return True
        if operator.startswith(">") and (operator != ">&" or target == "-" or target in closed):
            closed.add(redirection.fd or "1")
    return {"1", "2"} <= closed
