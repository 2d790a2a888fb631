"""Which fixes can be applied together, and what the files are then. Nothing is written here.

A fix is applied whole or not at all. Two fixes that overlap, or only touch, cannot both be: each was made for a text
that the other changes. The first in the file wins, and the other is found again when the result is linted.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from ..linter.edit import Edit, Fix, Safety
from ..linter.errors import NsLintError

UNSAFE_NOT_ASKED = "unsafe: it is applied only with --unsafe-fixes"
CHANGES_NOTHING = "it changes nothing"
OVERLAPS_ITSELF = "its own edits overlap"
OVERLAPS = "it overlaps another fix: fix again"
NOT_AS_LINTED = "the file is not the one that was linted"


class Change(NamedTuple):
    """A file's bytes before and after."""

    old: bytes
    new: bytes


class Skipped(NamedTuple):
    fix: Fix
    reason: str


class Plan(NamedTuple):
    """`applied` and `skipped` together are all the fixes that were asked for, equal ones counted each."""

    changes: Mapping[str, Change]
    applied: tuple[Fix, ...]
    skipped: tuple[Skipped, ...]


def plan(fixes: Iterable[Fix], read: Callable[[str], bytes], *, allow_unsafe: bool = False) -> Plan:
    """Choose the fixes to apply and apply them to what `read` gives, whatever order they come in.

    `read` returns the bytes of a file as it was linted. If it raises NsLintError or OSError, because the file is gone
    or lies outside the tree, the fix is skipped for that reason. Where all of a file's lines end in CRLF, new ones do.
    """
    work = _Work(read)
    applied: list[Fix] = []
    skipped: list[Skipped] = []
    for fix in sorted(fixes, key=_order):
        reason = UNSAFE_NOT_ASKED if fix.safety is Safety.UNSAFE and not allow_unsafe else None
        if work.accepted_before(fix):
            reason = None
        elif reason is None:
            reason = work.accept(fix)
        if reason is None:
            applied.append(fix)
        else:
            skipped.append(Skipped(fix, reason))
    return Plan(work.changes(), tuple(applied), tuple(skipped))


def _order(fix: Fix) -> tuple[object, ...]:
    return (sorted(fix.edits), fix.safety is Safety.UNSAFE, fix.title)


def _in_order(fix: Fix) -> tuple[Edit, ...]:
    """The edits by place; those at one point stay in the order they are listed in."""
    return tuple(sorted(fix.edits, key=lambda edit: edit.place))


class _Work:
    """The files read, and for each the edits accepted so far, which stay sorted and apart."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._files: dict[str, bytes] = {}
        self._edits: dict[str, list[Edit]] = {}
        self._accepted: set[tuple[Edit, ...]] = set()

    def accepted_before(self, fix: Fix) -> bool:
        return _in_order(fix) in self._accepted

    def accept(self, fix: Fix) -> str | None:
        """Take the fix in, or say why it cannot be."""
        edits = _in_order(fix)
        try:
            if not all(self._stands_in_file(edit) for edit in edits):
                return NOT_AS_LINTED
        except (NsLintError, OSError) as error:
            return str(error)
        if not any(self._changes(edit) for edit in edits):
            return CHANGES_NOTHING
        if any(_overlap(one, after) for one, after in pairwise(edits)):
            return OVERLAPS_ITSELF
        if any(self._touched(edit) for edit in edits):
            return OVERLAPS
        for edit in edits:
            insort(self._edits.setdefault(edit.place.path, []), edit, key=lambda other: other.place)
        self._accepted.add(edits)
        return None

    def changes(self) -> dict[str, Change]:
        made = {path: Change(self._file(path), _edited(self._file(path), edits)) for path, edits in self._edits.items()}
        return {path: change for path, change in sorted(made.items()) if change.old != change.new}

    def _file(self, path: str) -> bytes:
        if path not in self._files:
            self._files[path] = self._read(path)
        return self._files[path]

    def _changes(self, edit: Edit) -> bool:
        data = self._file(edit.place.path)
        return data[edit.place.start : edit.place.end] != _encoded(edit.text, data)

    def _stands_in_file(self, edit: Edit) -> bool:
        return 0 <= edit.place.start <= edit.place.end <= len(self._file(edit.place.path))

    def _touched(self, edit: Edit) -> bool:
        accepted = self._edits.get(edit.place.path, [])
        after = bisect_left(accepted, edit.place, key=lambda other: other.place)
        before = accepted[after - 1] if after else None
        if before and before.place.end >= edit.place.start:
            return True
        return after < len(accepted) and accepted[after].place.start <= edit.place.end


def _overlap(one: Edit, after: Edit) -> bool:
    return one.place.path == after.place.path and after.place.start < one.place.end


def _edited(data: bytes, edits: Iterable[Edit]) -> bytes:
    pieces: list[bytes] = []
    copied = 0
    for edit in edits:
        pieces += data[copied : edit.place.start], _encoded(edit.text, data)
        copied = edit.place.end
    return b"".join([*pieces, data[copied:]])


def _encoded(text: str, data: bytes) -> bytes:
    encoded = text.encode("utf-8", "surrogateescape")
    crlf = data.count(b"\r\n")
    if b"\n" in encoded and crlf and crlf == data.count(b"\n"):
        return re.sub(rb"(?<!\r)\n", b"\r\n", encoded)
    return encoded
