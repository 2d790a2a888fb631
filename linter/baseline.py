"""Findings that are known and accepted: only what is new since then is reported.

A finding is known again by its rule, its file and the text it stands on, with blanks and line ends evened out, never
by its line: what is added above or below moves nothing. Of equal findings, so many are known as there were.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, cast

from .errors import UnreadableInput
from .finding import Finding
from .source import Document, Place

_VERSION = 1


class Key(NamedTuple):
    """What makes two findings the same one."""

    code: str
    path: str
    text: str


class Compared(NamedTuple):
    """`gone` is how many known findings are there no more: the baseline can be written anew."""

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    gone: int


def key(finding: Finding, documents: Mapping[str, Document], folder: str | None = None) -> Key:
    """The finding's key; with a `folder`, its path is relative to that."""
    path = finding.place.path
    shown = os.path.relpath(path, folder) if folder is not None else os.path.normpath(path)
    return Key(finding.code, shown.replace(os.sep, "/"), normalised(documents[path], finding.place))


def normalised(document: Document, place: Place) -> str:
    """The text at a place as one line: continuations, line ends and blanks become single blanks."""
    return " ".join(document.text(place).replace("\\\r\n", " ").replace("\\\n", " ").split())


def write(file: str, findings: Iterable[Finding], documents: Mapping[str, Document]) -> None:
    """Make all these findings known. Raises CannotWrite."""
    import json

    from .atomic import replace

    counts = Counter(key(finding, documents, os.path.dirname(file) or ".") for finding in findings)
    known = [{**one._asdict(), "count": count} for one, count in sorted(counts.items())]
    text = json.dumps({"version": _VERSION, "findings": known}, indent=2) + "\n"
    replace(file, text.encode("ascii"))


def read(file: str) -> Counter[Key]:
    """How many findings of each key are known. Raises UnreadableInput."""
    import json

    try:
        with open(file, "rb") as opened:
            loaded: object = json.load(opened)
    except FileNotFoundError as error:
        raise UnreadableInput(f"{file}: there is no such baseline: --update-baseline writes it") from error
    except OSError as error:
        raise UnreadableInput(f"{file}: {error.strerror}") from error
    except ValueError as error:
        raise UnreadableInput(f"{file}: not a baseline, and not JSON: {error}") from error
    known = cast("dict[str, object]", loaded) if isinstance(loaded, dict) else {}
    version: object = known.get("version")
    entries: object = known.get("findings")
    if isinstance(version, int) and version > _VERSION:
        raise UnreadableInput(f"{file}: a baseline of version {version}, written by a newer ns-lint: update ns-lint")
    if version != _VERSION or not isinstance(entries, list):
        raise UnreadableInput(f"{file}: not a baseline of ns-lint")
    counts: Counter[Key] = Counter()
    for entry in cast("list[object]", entries):
        one, count = _entry(file, entry)
        counts[one] += count
    return counts


def _entry(file: str, entry: object) -> tuple[Key, int]:
    match entry:
        case {"code": str(code), "path": str(path), "text": str(text), "count": int(count)} if count > 0:
            return Key(code, path, text), count
        case _:
            raise UnreadableInput(f"{file}: not an entry of a baseline: {entry!r}")


def compare(findings: Sequence[Finding], documents: Mapping[str, Document], file: str) -> Compared:
    """Part findings into new and known ones, the first of equal ones being known. Raises UnreadableInput."""
    left = read(file)
    new: list[Finding] = []
    known: list[Finding] = []
    for finding in findings:
        one = key(finding, documents, os.path.dirname(file) or ".")
        (known if left[one] > 0 else new).append(finding)
        left[one] -= 1
    return Compared(tuple(new), tuple(known), sum(count for count in left.values() if count > 0))
