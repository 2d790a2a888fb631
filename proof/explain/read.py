"""Which builder wrote a log, and what it says of the failure."""

from __future__ import annotations

from ...linter.errors import UnreadableInput
from .buildkit import read_buildkit
from .clean import clean, decode
from .log import BuildLog
from .stepwise import read_buildah, read_classic, read_kaniko

_READERS = (read_buildkit, read_kaniko, read_classic, read_buildah)


def read_log(data: bytes) -> BuildLog:
    """The log in a form that does not depend on its builder; an unknown one is all outside of steps.

    Raises UnreadableInput if it is no text.
    """
    text = decode(data)
    if "\0" in text:
        raise UnreadableInput("this is not a build log: it has NUL bytes in it")
    lines = clean(text)
    for read in _READERS:
        if (log := read(lines)) is not None:
            return log
    return BuildLog("", (), tuple(lines))
