"""Kernel parameters: sysctl, with what it reads from files.

Measured with procps 4.0.2 and busybox 1.35. Of a parameter that is refused, both say so and exit non-zero, with -e and
-q too; but `sysctl -p` of busybox exits 0 whatever happens, and procps passes over `-key` in a file, and with -e over
keys that are not there. Without -w, an operand with a `=` is written all the same. systemd-sysctl exits 0 when it is
refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..command import Command
from ..facts import SetSysctl
from ..source import Place, Script
from ..system import System
from .families import is_gnu
from .options import Options, options

_DIRECTORIES = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d")
_DEFAULT_FILE = "/etc/sysctl.conf"


class Line(NamedTuple):
    """One assignment of a file; `place` is where it stands."""

    key: str
    value: str
    place: Place


def sysctl(command: Command, system: System) -> Iterator[SetSysctl]:
    """`sysctl [-w] KEY=VALUE…`, `sysctl -p [FILE…]`, `sysctl --system`."""
    given = options(command, "r", "pattern")
    if given.has("-h", "--help", "-V", "--version", "-d"):
        return
    if given.has("--system"):
        yield from _system(command, system)
    elif given.has("-p", "-f", "--load"):
        yield from _load(command, given, system)
    else:
        passes_unknown = given.has("-e", "--ignore") and is_gnu(system) is not False
        for operand in given.operands:
            key, equals, value = operand.text.partition("=")
            if equals and not key.startswith("-"):
                strict = None if passes_unknown else True
                yield SetSysctl(operand.place, command, dotted(key), value.strip(), strict=strict)


def _load(command: Command, given: Options, system: System) -> Iterator[SetSysctl]:
    named = given.value("--load")
    attached = tuple(word._replace(text=word.text[2:]) for word in command.argv if word.text.startswith("-p/"))
    arguments = (named,) if named is not None else (*attached, *given.operands)
    strict = is_gnu(system)
    if not arguments:
        content = system.files.read(_DEFAULT_FILE)
        if content is not None:
            yield from _lines(command, content.script, strict=strict)
        elif system.files.made(_DEFAULT_FILE):
            yield SetSysctl(command.place, command, None, None, strict=strict)
    for argument in arguments:
        if argument.text == "-":
            script = command.stdin
        else:
            path = command.path(argument)
            content = system.files.read(path) if path else None
            script = content.script if content is not None else None
        if script is not None:
            yield from _lines(command, script, strict=strict)
        else:
            yield SetSysctl(argument.place, command, None, None, strict=strict)


def _system(command: Command, system: System) -> Iterator[SetSysctl]:
    """Every file that says something; those of the base image are not known. It is procps's own option."""
    paths = [f"{each}/{name}" for each in _DIRECTORIES for name in system.files.names(each) if name.endswith(".conf")]
    for path in (*paths, _DEFAULT_FILE):
        if (content := system.files.read(path)) is not None:
            yield from _lines(command, content.script, strict=True)
    yield SetSysctl(command.place, command, None, None)


def _lines(command: Command, script: Script, *, strict: bool | None) -> Iterator[SetSysctl]:
    for line in assignments(script):
        yield SetSysctl(command.place, command, line.key, line.value, line.place, strict)


def assignments(script: Script) -> Iterator[Line]:
    """What a file in the format of sysctl.conf(5) sets, without the keys behind a `-`, which may fail."""
    at = 0
    for line in script.text.split("\n"):
        key, equals, value = line.strip().partition("=")
        key = key.strip()
        if equals and key and key[0] not in "#;-":
            start = at + len(line) - len(line.lstrip())
            yield Line(dotted(key), value.strip(), script.source.place(start, at + len(line.rstrip())))
        at += len(line) + 1


def dotted(key: str) -> str:
    """A key with dots: written with slashes, its dots stand for slashes in a name. Source: sysctl(8)."""
    key = key.strip()
    first = next((char for char in key if char in "./"), ".")
    return key.translate(str.maketrans("./", "/.")) if first == "/" else key


PROGRAMS = {"sysctl": sysctl}
