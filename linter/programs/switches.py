"""Programs that run another as somebody else: su, runuser, setpriv, gosu, sudo, chroot --userspec, sg and their like.

All fail where the user's id or its primary group has no mapping; measured with util-linux 2.38, coreutils 9.1, gosu
1.14, sudo 1.9, dpkg 1.21, shadow 4.13, libcap 2.66 and busybox 1.35. They differ in supplementary groups: glibc's
initgroups(3) leaves out those that setgroups(2) refuses, and all that call it pass; the others fail.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..accounts import NOBODY, Id
from ..command import Argument, Command
from ..facts import Become
from ..system import Family, System
from .options import options
from .ownership import group_named, primary_group, user_named


def su(command: Command, system: System) -> Iterator[Become]:
    """`su [-] [USER]`, `runuser [-] USER`, `runuser -u USER CMD`, with `-g GROUP` and `-G GROUP`."""
    given = options(command, "cCgGsTuw", "command group supp-group shell user whitelist-environment")
    operands = [operand for operand in given.operands if operand.text != "-"]
    user = given.value("-u", "--user") or (operands[0] if operands else None)
    group, other = given.value("-g", "--group"), given.value("-G", "--supp-group")
    strict = system.family is Family.BUSYBOX and command.name == "su"
    if other is not None:
        yield from _set(command, other, groups=(group_named(other.text, command, system),))
    yield from _switch(command, system, user, group, strict=strict)


def sudo(command: Command, system: System) -> Iterator[Become]:
    """`sudo [-u USER] [-g GROUP] CMD`, `doas [-u USER] CMD`. A `#number` must be in /etc/passwd, so it is no news."""
    given = options(command, "ugCDhpRTUr", "user group chdir close-from prompt role chroot", permute=False)
    yield from _switch(command, system, given.value("-u", "--user"), given.value("-g", "--group"), strict=True)


def gosu(command: Command, system: System) -> Iterator[Become]:
    """`gosu USER[:GROUP] CMD`, su-exec alike; runit's chpst -u and busybox's setuidgid."""
    given = options(command, "ubCdefgGlmnoprstUvwx/", permute=False)
    spec = given.value("-u") if command.name == "chpst" else given.operands[0] if given.operands else None
    if spec is not None:
        yield from _switch(command, system, *_parts(spec), strict=True)


def chroot(command: Command, system: System) -> Iterator[Become]:
    """`chroot [--userspec=USER[:GROUP]] [--groups=GROUP,…] NEWROOT CMD`.

    Names are those of the new root, and a number without a group must be in its /etc/passwd.
    """
    given = options(command, "", "userspec groups", permute=False)
    spec, groups = given.value("--userspec"), given.value("--groups")
    inside = bool(given.operands) and given.operands[0].text == "/"
    if spec is not None:
        user, group = _parts(spec)
        numbers = group is not None and group.text.isdecimal() and (user is None or user.text.isdecimal())
        if inside if group is None else inside or numbers:
            yield from _switch(command, system, user, group, strict=inside and groups is None)
    for group in groups.text.split(",") if groups else ():
        if inside or group.isdecimal():
            yield from _set(command, groups, groups=(group_named(group, command, system),))


def setpriv(command: Command, system: System) -> Iterator[Become]:
    """`setpriv --reuid UID --regid GID --groups GID,… | --init-groups CMD`; --init-groups calls initgroups(3)."""
    names = "reuid regid ruid euid rgid egid groups inh-caps ambient-caps bounding-set securebits pdeathsig"
    given = options(command, "", f"{names} selinux-label apparmor-profile", permute=False)
    for name in ("--reuid", "--ruid", "--euid"):
        if user := given.value(name):
            yield from _set(command, user, user_named(user.text, command, system))
    for name in ("--regid", "--rgid", "--egid"):
        if group := given.value(name):
            yield from _set(command, group, group=group_named(group.text, command, system))
    if groups := given.value("--groups"):
        found = tuple(group_named(group, command, system) for group in groups.text.split(","))
        yield from _set(command, groups, groups=found)


def start_stop_daemon(command: Command, system: System) -> Iterator[Become]:
    """`start-stop-daemon --chuid USER[:GROUP] --group GROUP --exec …`."""
    names = "chuid group exec startas pidfile name user signal retry chdir chroot nicelevel procsched iosched umask"
    given = options(command, "xapnusRcgdrNPIkT", names, permute=False)
    spec, group = given.value("-c", "--chuid"), given.value("-g", "--group")
    if spec is not None:
        user, own = _parts(spec)
        yield from _switch(command, system, user, group or own, strict=system.family is Family.BUSYBOX)
    elif group is not None:
        yield from _set(command, group, group=group_named(group.text, command, system))


def newgrp(command: Command, system: System) -> Iterator[Become]:
    """`newgrp [-] GROUP`, `sg [-] GROUP CMD`: the other groups stay as they are."""
    operands = [argument for argument in command.argv[1:] if argument.text[:1] != "-"]
    if operands:
        yield from _set(command, operands[0], group=group_named(operands[0].text, command, system))


def capsh(command: Command, system: System) -> Iterator[Become]:
    """`capsh --user=USER`, `--uid=UID`, `--gid=GID`."""
    given = options(command)
    if user := given.value("--user"):
        yield from _switch(command, system, user, None, strict=True)
    if uid := given.value("--uid"):
        yield from _set(command, uid, user_named(uid.text, command, system))
    if gid := given.value("--gid"):
        yield from _set(command, gid, group=group_named(gid.text, command, system))


def _switch(
    command: Command, system: System, user: Argument | None, group: Argument | None, *, strict: bool
) -> Iterator[Become]:
    """Become a user, root unless another is named, with its primary group unless another is named.

    `strict` says that the user's supplementary groups count. A group alone leaves the user and its groups as they are.
    """
    place = user or group
    name = user.text if user is not None else "root" if group is None else ""
    primary = group_named(group.text, command, system) if group else primary_group(name, command, system)
    others: tuple[Id, ...] = ()
    if strict and name and command.root == "/":
        others = system.accounts.supplementary_ids(name)
    yield from _set(command, place, user_named(name, command, system), primary, others)


def _set(
    command: Command, place: Argument | None, user: Id = NOBODY, group: Id = NOBODY, groups: tuple[Id, ...] = ()
) -> Iterator[Become]:
    found = (user, group, *groups)
    if all(each.number is None for each in found):
        return
    origin = next((each.origin for each in found if each.origin is not None), None)
    numbers = tuple(each.number for each in groups if each.number is not None)
    where = place.place if place is not None else command.place
    yield Become(where, command, user.number, group.number, numbers, origin, command.name)


def _parts(spec: Argument) -> tuple[Argument | None, Argument | None]:
    """The user and the group of `USER:GROUP`, either of which may be missing."""
    user, _, group = spec.text.partition(":")
    return (
        spec._replace(text=user, script=None) if user else None,
        spec._replace(text=group, script=None) if group else None,
    )


PROGRAMS = {
    "su": su,
    "runuser": su,
    "sudo": sudo,
    "doas": sudo,
    "gosu": gosu,
    "su-exec": gosu,
    "chpst": gosu,
    "setuidgid": gosu,
    "chroot": chroot,
    "setpriv": setpriv,
    "start-stop-daemon": start_stop_daemon,
    "newgrp": newgrp,
    "sg": newgrp,
    "capsh": capsh,
}
