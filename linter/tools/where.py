"""Where a command was found: what its words do not say themselves."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..command import Argument
from ..invocation import Form, Machine, Option, Target
from ..pod import Container, Setting
from ..source import Place

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class Where(NamedTuple):
    """`data` are the bytes of the file, `directory` where the command runs, None when that is not known.

    `classic` is where DOCKER_BUILDKIT=0 is set for it, `daemon_flags` the variable BUILDKITD_FLAGS, where they are set.
    """

    data: bytes
    form: Form = Form.SHELL
    directory: str | None = ""
    container: Container | None = None
    machine: Machine = Machine.UNKNOWN
    classic: Place | None = None
    daemon_flags: Setting | None = None


def span(argv: tuple[Argument, ...]) -> Place:
    """From the first word to the last, as far as they stand in one file in that order."""
    first, last = argv[0].place, argv[-1].place
    return first if last.path != first.path or last.end < first.end else Place(first.path, first.start, last.end)


def target_of(options: tuple[Option, ...]) -> Target:
    """What the options `target`, `build-arg`, `allow` and `platform` say."""
    arguments: dict[str, str | None] = {}
    for option in options:
        if option.name == "build-arg" and option.text:
            name, equals, value = option.text.partition("=")
            if _NAME.fullmatch(name):
                arguments[name] = value if equals and option.value is not None else None
    stages = [option.value for option in options if option.name == "target"]
    platforms = [option.value for option in options if option.name == "platform"]
    allow = frozenset(option.value for option in options if option.name == "allow" and option.value is not None)
    return Target(stages[-1] if stages else None, arguments, allow, platforms[-1] if platforms else None)


def last(options: tuple[Option, ...], name: str) -> Option | None:
    """The last option of that name, which is the one that counts."""
    return next((option for option in reversed(options) if option.name == name), None)
