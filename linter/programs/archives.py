"""Archives that root unpacks with their owners: tar, bsdtar, cpio, dpkg.

Measured with GNU tar 1.34, cpio 2.13, bsdtar 3.6, dpkg 1.21 and busybox 1.35: all but busybox's exit non-zero when they
cannot give a file to its owner. tar and dpkg look the owner's name up first, and the archive's number counts only where
there is no such user. Not here, because they never fail so: unzip, ar, pax without -pe, rpm, Python's tarfile, npm.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import IO, TYPE_CHECKING

from ..command import Argument, Command
from ..facts import ArchiveMember, ExtractArchive
from ..profile import unmapped
from ..system import Family, System
from .options import Options, options

if TYPE_CHECKING:
    from ..archive import Member

_TAR_VALUES = "bCfFgHIKLNTVX"
_TAR_LONG = """
    blocking-factor directory exclude exclude-from file files-from format group group-map index-file info-script label
    level listed-incremental mode newer newer-mtime occurrence owner owner-map sort starting-file strip-components
    suffix tape-length to-command transform use-compress-program volno-file xform gid gname uid uname
"""
_LEAVES_OUT = ("--exclude", "--exclude-from", "-X", "--files-from", "-T", "-K", "--newer", "-N", "--occurrence")
"""Options of tar with which some members may stay in the archive."""

_PRINTS_FILE = frozenset(
    "cat zcat gzcat bzcat xzcat gunzip bunzip2 unxz gzip bzip2 xz pigz unpigz pbzip2 lbzip2 pixz pv".split()
)
"""Programs that write a file of theirs to a pipe, unpacked or not: it is recognised by its bytes."""


def tar(command: Command, system: System) -> Iterator[ExtractArchive]:
    """GNU's, busybox's and BSD's tar."""
    given = options(_with_dashes(command), _TAR_VALUES, _TAR_LONG)
    if not given.has("-x", "--extract", "--get") or given.has("-t", "--list", "-O", "--to-stdout", "--to-command"):
        return
    file = given.value("-f", "--file")
    if file is not None and file.text == "-":
        file = None
    if not _is_root(command) or (file is None and _is_fed_own_files(command)):
        return
    members = _read(command, system, file, "tar")
    if members is not None:
        members = tuple(member for member in members if _is_chosen(member, given))
    keeps_owner = _keeps_owner(command, given)
    strict = True if command.name == "bsdtar" else _is_strict(command, system)
    by_name = not given.has("--numeric-owner")
    fact = _extract(command, system, file, members, strict, keeps_owner=keeps_owner, by_name=by_name)
    yield fact._replace(certain=fact.certain and not given.has(*_LEAVES_OUT))


def cpio(command: Command, system: System) -> Iterator[ExtractArchive]:
    """`cpio -i < ARCHIVE`, `cpio -i -F ARCHIVE`; it knows numbers only."""
    given = options(command, "CDEFHIMOR", "block-size directory pattern-file file format message owner")
    if not given.has("-i", "--extract") or given.has("-t", "--list", "--to-stdout") or not _is_root(command):
        return
    file = given.value("-F", "--file", "-I")
    members = _read(command, system, file, "cpio")
    keeps_owner = not given.has("--no-preserve-owner", "-R", "--owner")
    strict = _is_strict(command, system)
    fact = _extract(command, system, file, members, strict, keeps_owner=keeps_owner, by_name=False)
    yield fact._replace(certain=not given.operands)


def dpkg(command: Command, system: System) -> Iterator[ExtractArchive]:
    """`dpkg -i FILE…`, `dpkg-deb -x FILE DIR`: only where a package can be read."""
    given = options(command, "", "option")
    if given.has("-i", "--install", "--unpack", "-x", "-X", "-R", "--extract", "--vextract", "--raw-extract"):
        yield from _packages(command, system, given.operands)


def apt(command: Command, system: System) -> Iterator[ExtractArchive]:
    """`apt-get install ./FILE`."""
    files = [o for o in options(command, "oct", "option config-file target-release").operands if "/" in o.text]
    if any(argument.text in ("install", "reinstall") for argument in command.argv):
        yield from _packages(command, system, files)


def _packages(command: Command, system: System, operands: Iterable[Argument]) -> Iterator[ExtractArchive]:
    for file in operands:
        if file.text.endswith(".deb") and _is_root(command) and (members := _read(command, system, file, "deb")):
            yield _extract(command, system, file, members, True)


def _extract(
    command: Command,
    system: System,
    file: Argument | None,
    members: tuple[Member, ...] | None,
    strict: bool | None,
    *,
    keeps_owner: bool = True,
    by_name: bool = True,
) -> ExtractArchive:
    """The fact, with the ids that the tool gives to the members: `by_name` where the image has such users."""
    accounts = system.accounts
    found: list[ArchiveMember] = []
    certain = True
    for member in members or ():
        uid, gid = (member.uid, member.gid) if keeps_owner else (0, 0)
        if keeps_owner and by_name:
            user, group = accounts.users.get(member.user), accounts.groups.get(member.group)
            uid = (user.uid or 0) if user is not None else uid
            gid = (group.number or 0) if group is not None else gid
            certain = certain and (system.bare or not (member.user or member.group))
        device = member.device and "fakeroot" not in command.wrappers
        found.append(ArchiveMember(member.name, uid, gid, device))
    refusable = tuple(member for member in found if member.device or unmapped(member.uid, member.gid))
    return ExtractArchive(
        file.place if file is not None else command.place,
        command,
        command.name,
        (command.path(file) or file.text) if file is not None else None,
        refusable if members is not None else None,
        strict,
        keeps_owner,
        certain,
    )


# ---------------------------------------------------------------------------------------------- what is unpacked


def _read(command: Command, system: System, file: Argument | None, kind: str) -> tuple[Member, ...] | None:
    """The refusable members of the archive that a command names or is fed; None when it cannot be read."""
    if file is None:
        if command.stdin is not None and command.stdin.text != "\0":
            return _members(io.BytesIO(command.stdin.text.encode("latin-1")), kind)
        return _read_feeder(command.feeder, system, kind) if command.feeder is not None else None
    path = command.path(file)
    content = system.files.read(path) if path is not None else None
    opened = content.open() if content is not None else None
    if opened is None:
        return None
    with opened:
        return _members(opened, kind)


def _read_feeder(feeder: Command, system: System, kind: str) -> tuple[Member, ...] | None:
    """The same of what is piped in; unpacking it on the way is no matter, an archive is known by its bytes."""
    if feeder.name in ("dpkg-deb", "dpkg"):
        kind = "deb"
    elif feeder.name not in _PRINTS_FILE:
        return None
    operands = [argument for argument in feeder.argv[1:] if argument.text[:1] != "-"]
    return _read(feeder, system, operands[-1] if operands else None, kind)


def _members(file: IO[bytes], kind: str) -> tuple[Member, ...] | None:
    from ..archive import read_cpio, read_deb, read_tar

    return {"tar": read_tar, "cpio": read_cpio, "deb": read_deb}[kind](file)


def _is_fed_own_files(command: Command) -> bool:
    """`tar c … | tar x`: files of the image, whose owners have mappings."""
    feeder = command.feeder
    return feeder is not None and feeder.name in ("tar", "bsdtar")


# ---------------------------------------------------------------------------------------------- how it is unpacked


def _with_dashes(command: Command) -> Command:
    """The command with the letters of `tar xzf FILE` taken apart, each followed by its value."""
    program, *rest = command.argv
    if not rest or rest[0].text.startswith("-"):
        return command
    first, argv = rest.pop(0), [program]
    for letter in first.text:
        argv.append(first._replace(text=f"-{letter}", script=None))
        if letter in _TAR_VALUES and rest:
            argv.append(rest.pop(0))
    return Command((*argv, *rest), command.place)


def _is_root(command: Command) -> bool:
    """Others do not change owners."""
    return command.user in ("root", "0")


def _is_strict(command: Command, system: System) -> bool | None:
    if "busybox" in command.wrappers or system.family is Family.BUSYBOX:
        return False
    return True if system.family is Family.GNU else None


def _keeps_owner(command: Command, given: Options) -> bool:
    """GNU's -o beats --same-owner; else the last one counts. BSD's tar takes ids for all from --uid and --gid."""
    if given.has("-o") or given.has("--uid", "--gid") or "no-same-owner" in (command.env.get("TAR_OPTIONS") or ""):
        return False
    said = [argument.text for argument in command.argv if argument.text in ("--same-owner", "--no-same-owner")]
    return not said or said[-1] == "--same-owner"


def _is_chosen(member: Member, given: Options) -> bool:
    """Whether the member is unpacked: it is named or stands below a name, and something is left of its own name."""
    strip = given.value("--strip-components")
    if strip is not None and len([part for part in member.name.split("/") if part]) <= (strip.number or 0):
        return False
    names = [operand.text.rstrip("/") for operand in given.operands]
    if not names:
        return True
    if given.has("--wildcards"):
        return any(fnmatchcase(member.name, name) for name in names)
    return any(member.name == name or member.name.startswith(name + "/") for name in names)


PROGRAMS = {
    "tar": tar,
    "gtar": tar,
    "bsdtar": tar,
    "cpio": cpio,
    "dpkg": dpkg,
    "dpkg-deb": dpkg,
    "apt": apt,
    "apt-get": apt,
}
