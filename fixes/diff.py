"""A change as a unified diff that patch(1) and git-apply(1) take."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def diff(path: str, old: bytes, new: bytes) -> str:
    """The diff to apply with -p1, empty when nothing changes.

    Bytes that are not UTF-8 are kept as surrogate escapes: write it out with errors="surrogateescape".
    """
    from difflib import unified_diff

    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in unified_diff(list(_lines(old)), list(_lines(new)), _name("a", path), _name("b", path))
    )


def _lines(data: bytes) -> Iterator[str]:
    """Only a newline ends a line here: a lone CR or a form feed does not."""
    text = data.decode("utf-8", "surrogateescape")
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _name(side: str, path: str) -> str:
    """As git writes it: quoted where it must be, and with a tab after a name that holds a blank."""
    name = f"{side}/{posixpath.normpath(path).lstrip('/')}"
    if any(char in _ESCAPES or char < " " or char == "\x7f" for char in name):
        return '"' + "".join(_ESCAPES.get(char) or _octal(char) for char in name) + '"'
    return f"{name}\t" if " " in name else name


def _octal(char: str) -> str:
    return f"\\{ord(char):03o}" if char < " " or char == "\x7f" else char
