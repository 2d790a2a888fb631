"""Accounts: useradd and its kin, adduser of Debian and of busybox, gpasswd.

A high id is no trouble by itself: these tools write it to /etc/passwd. Giving a home directory to it is; measured with
shadow 4.13, adduser 3.134 and busybox 1.35 (whose ids end at 256000 in Alpine): useradd, newusers and busybox's adduser
warn, leave the home to root and exit 0, Debian's adduser and usermod exit non-zero.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..accounts import NOBODY, Id
from ..command import Argument, Command, decimal
from ..facts import GiveHome, JoinGroup, NewGroup, NewUser
from ..rule import Fact
from ..source import Place
from ..system import Family, System
from .options import Options, options
from .ownership import group_named

_USERADD = (
    "bcdefgGkKpPRsuZ",
    "base-dir comment home-dir expiredate inactive gid groups skel key password prefix root shell uid",
)
_USERMOD = ("cdefgGlpPRsuvwVWZ", "comment home expiredate inactive gid groups login password prefix root shell uid")
_ADDUSER = (
    "hgsGuk",
    "home shell uid gid ingroup gecos firstuid lastuid firstgid lastgid conf add_extra_groups add-extra-groups skel",
)
_ELSEWHERE = ("-R", "--root", "-P", "--prefix")
"""Options with which a tool works on another root's accounts."""


def useradd(command: Command, system: System) -> Iterator[Fact]:
    """`useradd [-m] [-u UID] [-g GROUP] [-G GROUPS] [-d HOME] LOGIN`."""
    given = options(command, *_USERADD)
    if _is_elsewhere(command, given) or given.has("-D", "--defaults") or not given.operands:
        return
    name, uid, group = given.operands[-1], given.value("-u", "--uid"), given.value("-g", "--gid")
    if not name.known:
        return
    base = given.value("-b", "--base-dir")
    home = given.value("-d", "--home-dir")
    path = home.value if home else f"{base.text if base else '/home'}/{name.text}"
    makes_home = given.has("-m", "--create-home") and not given.has("-M", "--no-create-home")
    number = uid.number if uid else None
    if group is None:
        yield NewGroup(command.place, command, name.text, None)
    place = _place(command, uid, group)
    yield NewUser(place, command, name.text, number, group.value if group else name.text, path, has_home=makes_home)
    yield from _joins(command, name.text, given.value("-G", "--groups"))
    if makes_home:
        gid = group_named(group.text, command, system) if group else NOBODY
        at = _place_of_larger(command, uid, group, number, gid.number)
        yield GiveHome(at, command, name.text, path, number, gid.number, aborts=False, origin=gid.origin)


def groupadd(command: Command, _system: System) -> Iterator[Fact]:
    """`groupadd [-g GID] GROUP`, `groupmod -g GID [-n NAME] GROUP`."""
    given = options(command, "gKnpPRU", "gid key new-name password prefix root users")
    gid, name = given.value("-g", "--gid"), given.value("-n", "--new-name")
    if _is_elsewhere(command, given) or not given.operands or (gid is None and command.name == "groupmod"):
        return
    group = name or given.operands[-1]
    if group.known:
        yield NewGroup(_place(command, gid), command, group.text, gid.number if gid else None)


def usermod(command: Command, system: System) -> Iterator[Fact]:
    """`usermod [-u UID] [-g GROUP] [-aG GROUPS] [-d HOME] [-l NAME] LOGIN`.

    A new uid or group is given to what the user owns below its home: shadow's usermod.c, and the lab.
    """
    given = options(command, *_USERMOD)
    if _is_elsewhere(command, given) or not given.operands or not given.operands[-1].known:
        return
    login = given.operands[-1].text
    uid, group, name = given.value("-u", "--uid"), given.value("-g", "--gid"), given.value("-l", "--login")
    home = given.value("-d", "--home")
    user = system.accounts.users.get(login)
    place = _place(command, uid, group)
    yield from _joins(command, login, given.value("-G", "--groups"))
    if uid is None and group is None and name is None and home is None:
        return
    new_name = name.text if name and name.known else login
    number = uid.number if uid else None
    has_home = user is not None and user.has_home
    path = home.value if home else None
    yield NewUser(place, command, new_name, number, group.value if group else None, path, has_home, changes=login)
    if (uid is None and group is None) or (user is not None and user.origin is not None and not has_home):
        return
    gid = group_named(group.text, command, system) if group else NOBODY
    path = user.home if user else None
    at = _place_of_larger(command, uid, group, number, gid.number)
    yield GiveHome(at, command, login, path, number, gid.number, True, has_home, gid.origin)


def adduser(command: Command, system: System) -> Iterator[Fact]:
    """Debian's and busybox's adduser, and Red Hat's, which is useradd.

    `adduser USER GROUP` puts a user into a group. Both make the home unless told not to; Debian's makes none for
    `--system` without `--home`.
    """
    if _is_useradd(command, system):
        yield from useradd(command, system)
        return
    given = options(command, *_ADDUSER)
    if _is_elsewhere(command, given) or not given.operands or not given.operands[0].known:
        return
    if given.has("--group") and not given.has("--system"):
        yield from addgroup(command, system)
        return
    name = given.operands[0].text
    if len(given.operands) > 1:
        yield from _joins(command, name, given.operands[1])
        return
    uid, group = given.value("-u", "--uid"), given.value("-G", "--ingroup", "--gid")
    home = given.value("-h", "--home")
    number = uid.number if uid else None
    system_user = given.has("--system", "-S")
    own_group = group is None and (not system_user or given.has("--group"))
    place = _place(command, uid, group)
    if own_group:
        yield NewGroup(place, command, name, number)
    path = home.value if home else f"/home/{name}"
    makes_home = not given.has("-H", "--no-create-home") and (home is not None or not given.has("--system"))
    gid = group_named(group.text, command, system) if group else Id(number if own_group else None)
    primary = group.value if group else name if own_group else "nogroup"
    yield NewUser(place, command, name, number, primary, path, has_home=makes_home)
    if makes_home:
        debian = system.family is Family.GNU
        certain = system.family is not None or not _is_debian(given)
        at = _place_of_larger(command, uid, group, number, gid.number)
        yield GiveHome(at, command, name, path, number, gid.number, debian or not certain, certain, gid.origin)


def addgroup(command: Command, system: System) -> Iterator[Fact]:
    """`addgroup [--gid GID] GROUP` of Debian, `addgroup [-g GID] [-S] [USER] GROUP` of busybox."""
    given = options(command, "g", "gid conf firstgid lastgid")
    gid = given.value("-g", "--gid")
    if _is_elsewhere(command, given) or not given.operands:
        return
    *users, group = given.operands
    for user in users:
        yield from _joins(command, user.text, group)
    if not users and group.known:
        yield NewGroup(_place(command, gid), command, group.text, gid.number if gid else None)


def gpasswd(command: Command, _system: System) -> Iterator[Fact]:
    """`gpasswd -a USER GROUP`, `gpasswd -M USER,… GROUP`."""
    given = options(command, "adQMA", "add delete root members administrators")
    if _is_elsewhere(command, given) or not given.operands:
        return
    members = given.value("-a", "--add", "-M", "--members")
    for user in members.text.split(",") if members and members.known else ():
        yield from _joins(command, user, given.operands[-1])


def newusers(command: Command, _system: System) -> Iterator[Fact]:
    """Lines of /etc/passwd from standard input. It warns where it cannot give a home away."""
    for line in command.stdin.text.splitlines() if command.stdin is not None and command.root == "/" else ():
        fields = line.split(":")
        if len(fields) < 6 or (number := decimal(fields[2])) is None:
            continue
        name, _, _, group, _, home = fields[:6]
        gid = decimal(group)
        if group and not group.isdecimal():
            yield NewGroup(command.place, command, group, number)
        yield NewUser(command.place, command, name, number, group or name, home, has_home=bool(home))
        yield GiveHome(command.place, command, name, home, number, gid, aborts=False)


def _is_elsewhere(command: Command, given: Options) -> bool:
    return command.root != "/" or given.has(*_ELSEWHERE)


def _is_useradd(command: Command, system: System) -> bool:
    """Whether adduser is Red Hat's: short options that Debian's does not have, in an image that is not busybox's."""
    if system.family is Family.BUSYBOX:
        return False
    letters = {argument.text[:2] for argument in command.argv[1:] if argument.text[:1] == "-" != argument.text[1:2]}
    busybox = letters & {"-D", "-H", "-S", "-h"}
    return bool(letters - {"-q"}) and (system.family is Family.GNU or not busybox)


def _is_debian(given: Options) -> bool:
    """Whether options are written as Debian's adduser has them; busybox has the long ones too."""
    return any(name.startswith("--") for name in given.given)


def _place(command: Command, *arguments: Argument | None) -> Place:
    """The first of the arguments that was given, else the whole command."""
    return next((argument.place for argument in arguments if argument is not None), command.place)


def _place_of_larger(
    command: Command, uid: Argument | None, group: Argument | None, number: int | None, gid: int | None
) -> Place:
    """Where the larger of the two ids was given: it is the one at fault."""
    return _place(command, uid, group) if (number or 0) >= (gid or 0) else _place(command, group, uid)


def _joins(command: Command, user: str, groups: Argument | None) -> Iterator[JoinGroup]:
    if groups is not None and groups.known:
        yield JoinGroup(groups.place, command, user, tuple(name for name in groups.text.split(",") if name))


PROGRAMS = {
    "useradd": useradd,
    "usermod": usermod,
    "groupadd": groupadd,
    "groupmod": groupadd,
    "adduser": adduser,
    "addgroup": addgroup,
    "gpasswd": gpasswd,
    "newusers": newusers,
}
