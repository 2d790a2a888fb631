"""Who owns files: chown, chgrp, install, rsync --chown, setfacl.

Measured with GNU coreutils 9.1, busybox 1.35, rsync 3.5 and acl 2.3: each exits non-zero for an id without a mapping,
`chown -f` included, and fakeroot does not hide it, as the error is EINVAL and not EPERM.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ..accounts import NOBODY, Id
from ..command import Argument, Command
from ..facts import ChangeOwner, GrantAccess
from ..source import Place
from ..system import System
from .options import options

_FIND_TESTS = re.compile(
    r"\s-(?:amin|anewer|atime|cmin|cnewer|ctime|empty|executable|gid|group|i?lname|i?name|i?path|i?regex|inum|links|"
    r"mindepth|mmin|mtime|newer\w*|nogroup|nouser|perm|readable|samefile|size|uid|used|user|wholename|writable)\s"
)
"""Tests of find(1) that may leave no file."""


class Owner(NamedTuple):
    user: Id
    group: Id


def user_named(name: str, command: Command, system: System) -> Id:
    """A user by name or number; not known from another root's /etc/passwd, or where a variable stands for it."""
    return _named(name, command, system.accounts.user_id)


def group_named(name: str, command: Command, system: System) -> Id:
    return _named(name, command, system.accounts.group_id)


def primary_group(name: str, command: Command, system: System) -> Id:
    return _named(name, command, system.accounts.primary_group_id)


def _named(name: str, command: Command, find: Callable[[str], Id]) -> Id:
    name = name.removeprefix("+")
    if not name or "$" in name or "`" in name or (command.root != "/" and not name.isdecimal()):
        return NOBODY
    return find(name)


def owner(spec: str, command: Command, system: System) -> Owner:
    """What `USER[:[GROUP]]` stands for; a dot separates too where no user has the whole as a name.

    Source: chown(1); busybox takes the dot as well.
    """
    name, colon, group = spec.partition(":")
    if not colon and "." in spec and spec not in system.accounts.users:
        name, colon, group = spec.partition(".")
    user = user_named(name, command, system)
    if group:
        return Owner(user, group_named(group, command, system))
    return Owner(user, primary_group(name, command, system) if colon and not name.isdecimal() else NOBODY)


def chown(command: Command, system: System) -> Iterator[ChangeOwner]:
    """`chown [OPTION]… OWNER[:[GROUP]] FILE…`, or `chown --reference=RFILE FILE…`."""
    given = options(command, "", "from reference")
    operands = given.operands
    if given.has("--reference"):
        yield from _owned(command, command.place, Owner(NOBODY, NOBODY), operands, given.has("-R", "--recursive"))
    elif operands:
        spec, *files = operands
        found = owner(spec.text, command, system)
        certain = not given.has("--from") and not _may_find_nothing(command)
        recursive = given.has("-R", "--recursive")
        yield from _owned(command, spec.place, found, files, recursive, certain=certain)


def chgrp(command: Command, system: System) -> Iterator[ChangeOwner]:
    """`chgrp [OPTION]… GROUP FILE…`."""
    given = options(command, "", "reference")
    group, files = NOBODY, given.operands
    place = command.place
    if not given.has("--reference"):
        if not files:
            return
        group, place, files = group_named(files[0].text, command, system), files[0].place, files[1:]
    recursive = given.has("-R", "--recursive")
    certain = not _may_find_nothing(command)
    yield from _owned(command, place, Owner(NOBODY, group), files, recursive, certain=certain)


def install(command: Command, system: System) -> Iterator[ChangeOwner]:
    """`install [-o OWNER] [-g GROUP] SOURCE… DEST`, or with -d: DIRECTORY…."""
    given = options(command, "mogtS", "mode owner group target-directory suffix strip-program")
    user, group = given.value("-o", "--owner"), given.value("-g", "--group")
    into = given.value("-t", "--target-directory")
    files = [into] if into else given.operands if given.has("-d", "--directory") else given.operands[-1:]
    if user is not None:
        yield from _owned(command, user.place, Owner(user_named(user.text, command, system), NOBODY), files)
    if group is not None:
        yield from _owned(command, group.place, Owner(NOBODY, group_named(group.text, command, system)), files)


def rsync(command: Command, system: System) -> Iterator[ChangeOwner]:
    """`rsync --chown=USER:GROUP`, `--usermap=FROM:TO,…`, `--groupmap=FROM:TO,…`."""
    given = options(command, "eBMTf@", "chown usermap groupmap rsh exclude include filter files-from")
    files = given.operands[-1:]
    if files and ":" in files[0].text:
        return  # another machine's
    if spec := given.value("--chown"):
        name, _, group = spec.text.partition(":")
        found = Owner(user_named(name, command, system), group_named(group, command, system))
        yield from _owned(command, spec.place, found, files)
    if users := given.value("--usermap"):
        for name in _mapped(users.text):
            yield from _owned(command, users.place, Owner(user_named(name, command, system), NOBODY), files)
    if groups := given.value("--groupmap"):
        for name in _mapped(groups.text):
            yield from _owned(command, groups.place, Owner(NOBODY, group_named(name, command, system)), files)


def _mapped(text: str) -> list[str]:
    return [pair.rpartition(":")[2] for pair in text.split(",")]


def setfacl(command: Command, system: System) -> Iterator[GrantAccess]:
    """`setfacl -m [d:]u:USER:PERMS,…`; what is removed with -x asks for nothing."""
    given = options(command, "mMxX", "modify set modify-file set-file remove remove-file")
    entries = given.value("-m", "--modify", "--set")
    if entries is None:
        return
    for entry in entries.text.split(","):
        parts = entry.strip().split(":")
        if parts[0] in ("d", "default"):
            parts = parts[1:]
        if len(parts) < 2:
            continue
        user = user_named(parts[1], command, system) if parts[0] in ("u", "user") else NOBODY
        group = group_named(parts[1], command, system) if parts[0] in ("g", "group") else NOBODY
        if user.number is None and group.number is None:
            continue
        for file in given.operands or (None,):
            path = command.path(file) if file is not None else None
            origin = user.origin or group.origin
            yield GrantAccess(entries.place, command, path, user.number, group.number, origin)


def _owned(
    command: Command,
    place: Place,
    found: Owner,
    files: Iterable[Argument],
    recursive: bool = False,
    *,
    certain: bool = True,
) -> Iterator[ChangeOwner]:
    """A fact for each file, or one where none is named: find and xargs name them."""
    user, group = found
    for file in tuple(files) or (None,):
        known = file is not None and "fakeroot" not in command.wrappers  # which hides whose files it cannot have
        yield ChangeOwner(
            place,
            command,
            command.path(file) if file is not None and known else None,
            user.number,
            group.number,
            recursive,
            user.origin or group.origin,
            command.name,
            file.place if file is not None else None,
            certain,
        )


def _may_find_nothing(command: Command) -> bool:
    """Whether `find … -exec` runs the command, and what find looks for may not be there."""
    if "find" not in command.wrappers or command.script is None or command.node is None:
        return False
    text = command.script.text[command.node.start : command.node.end]
    return _FIND_TESTS.search(text.partition("-exec")[0]) is not None


PROGRAMS = {"chown": chown, "chgrp": chgrp, "install": install, "rsync": rsync, "setfacl": setfacl}
