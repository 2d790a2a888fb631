"""Local archives that ADD unpacks, as the builder does it: by numbers, and with --chown all for one owner."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .command import Command
from .context import Context
from .dockerfile import Instruction
from .facts import ArchiveMember, ExtractArchive

_ARCHIVE = re.compile(r"\.(tar(\.\w+)?|t[gbx]z2?|tzst|tlz)$", re.IGNORECASE)


def unpacked(instruction: Instruction, command: Command, context: Context) -> Iterator[ExtractArchive]:
    """The archives among the sources of an ADD. What is fetched from elsewhere is not unpacked."""
    unpack = instruction.flag("unpack")
    if instruction.keyword != "ADD" or (unpack is not None and (unpack.value or "").lower() in ("false", "0", "f")):
        return
    keeps_owner = instruction.flag("chown") is None
    for source in command.argv[1:-1]:
        if not source.known or source.text.startswith("<<") or "://" in source.text:
            continue
        wild = any(char in source.text for char in "*?[")
        for name in context.matching(source.text) if wild else (source.text,):
            found = _members(context, name)
            if found is not None or _ARCHIVE.search(name):
                owned = found if keeps_owner or found is None else tuple(m._replace(uid=0, gid=0) for m in found)
                yield ExtractArchive(source.place, command, "ADD", name, owned, True, keeps_owner)


def _members(context: Context, name: str) -> tuple[ArchiveMember, ...] | None:
    """The refusable members of a tar in the context; None when it is none, or cannot be read."""
    file = context.open(name)
    if file is None:
        return None
    from .archive import read_tar

    with file:
        found = read_tar(file)
    return tuple(ArchiveMember(m.name, m.uid, m.gid, m.device) for m in found) if found is not None else None
