"""A file of an archive cannot be given to its owner whose id has no mapping.

tar keeps owners when root unpacks, so an archive that was packed by somebody with a high id (a directory service's
user, a pod on OpenShift) holds files that chown(2) refuses, with EINVAL. ADD does the same to a local archive, by
number. tar, bsdtar and dpkg look for the owner's name first: a file of `root` is root's, whatever its number. The
archives of the build context are read here; what a step fetches or makes itself cannot be seen. busybox's tar and cpio
exit 0 and leave such files to root; unzip, npm and Python's tarfile give none away, and rpm goes by names.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import insert_after
from ...linter.accounts import unmapped_id
from ...linter.edit import Fix, Safety
from ...linter.facts import ExtractArchive
from ...linter.profile import IN_USER_NAMESPACES, BeyondMap
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

_HIGH = (
    b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcb\xc9/g\xa050\0\x023\x13\x130\r\x04\xe84\x16\xb6\x99\x89\xa99\x83\x82\x01\x03\x1d"
    b"@iqIb\x11\xd0J\x86\x91\t22\xd33\xe8\x16\xffF\x86\x06\xa6fD\xc5\xbf\x99\xa1\xf1h\xfc\x8f\x82Q0\nF\x01-\x01\0w\xb3"
    b"\x19\xd5\0\x08\0\0"
)
"""A gzipped tar of `low`, which is root's, and `high`, which is user 70000's."""

_LOW = (
    b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcb\xc9/g\xa050\0\x023\x13\x13\x10mhnj\x80L\xc3\0\x1a\xdb\xcc\xd4\xd0\x90A\xc1\x80"
    b"\x81\x0e\xa0\xb4\xb8$\xb1\x08h%\xc3(\x18\x05\xa3`\x14\x8c,\0\0rYL3\0\x06\0\0"
)
"""One of `low`, which is user 1000's."""

_CPIO = (
    b"070701000000010000" + b"81A4" + b"00011170" + b"0000000000000001" + b"0" * 48 + b"0000000500000000high\0\0"
    b"0707010000000100000000" + b"0" * 16 + b"00000001" + b"0" * 48 + b"0000000B00000000TRAILER!!!\0\0\0\0"
)
"""A cpio archive of `high`, which is user 70000's."""

rule = Rule(
    code="NS207",
    name="unmapped-archive-owner",
    summary="a file of an archive cannot be given to an owner whose id has no mapping",
    refused=IN_USER_NAMESPACES,
    guidance="Unpack without owners (tar --no-same-owner, ADD --chown), or pack with --owner=0 --group=0.",
    symptoms=(
        r"(tar|cpio): .*Cannot change ownership to uid \d+, gid \d+: Invalid argument",
        r"Can't set user=\d+/group=\d+ for .*: Invalid argument",
        r"error setting ownership of .*: Invalid argument",
        r"failed to Lchown \"(?!\S*containerd-mount)\S+ for UID \d+, GID \d+: lchown .*: invalid argument",
    ),
    examples=(
        Bad(
            "FROM debian\nADD «files.tar.gz» /srv/\n",
            context={"files.tar.gz": _HIGH},
            fixed="FROM debian\nADD --chown=0:0 files.tar.gz /srv/\n",
        ),
        Bad(
            "FROM scratch\nADD --link «*.tgz» /\n",
            context={"files.tgz": _HIGH},
            fixed="FROM scratch\nADD --chown=0:0 --link *.tgz /\n",
        ),
        Bad(
            "FROM debian\nCOPY files.tgz /tmp/\nRUN cd /tmp && tar xzf «files.tgz» && rm files.tgz\n",
            context={"files.tgz": _HIGH},
            fixed="FROM debian\nCOPY files.tgz /tmp/\n"
            "RUN cd /tmp && tar xzf files.tgz --no-same-owner && rm files.tgz\n",
        ),
        Bad(
            "FROM debian\nRUN --mount=type=bind,target=/mnt gunzip -c < /mnt/a.tgz | cat | id; \\\n"
            "    zcat /mnt/a.tgz | «tar -C /srv -x»\n",
            context={"a.tgz": _HIGH},
            fixed="FROM debian\nRUN --mount=type=bind,target=/mnt gunzip -c < /mnt/a.tgz | cat | id; \\\n"
            "    zcat /mnt/a.tgz | tar -C /srv -x --no-same-owner\n",
        ),
        Bad(
            "FROM debian\nCOPY a.tgz /\nRUN tar -x --same-owner -f «a.tgz» high\n",
            context={"a.tgz": _HIGH},
            fixed="FROM debian\nCOPY a.tgz /\nRUN tar -x --same-owner -f a.tgz high --no-same-owner\n",
        ),
        Bad(
            "FROM debian\nCOPY a.cpio /\nRUN «cpio -id» < a.cpio\n",
            context={"a.cpio": _CPIO},
            fixed="FROM debian\nCOPY a.cpio /\nRUN cpio -id --no-preserve-owner < a.cpio\n",
        ),
        Warn(
            "FROM busybox\nCOPY a.tgz /\nRUN zcat a.tgz | «tar x»\n",
            context={"a.tgz": _HIGH},
            why="busybox leaves what it cannot give away to root, and exits 0",
        ),
        Warn(
            "FROM debian\nCOPY a.tgz /\nRUN tar xzf «a.tgz» --exclude=high\n",
            context={"a.tgz": _HIGH},
            fixed="FROM debian\nCOPY a.tgz /\nRUN tar xzf a.tgz --exclude=high --no-same-owner\n",
            why="what is excluded is not unpacked",
        ),
        Warn(
            "FROM debian\nRUN mkdir /a && tar -C /a -cf /a.tar . && tar -xf «/a.tar» -C /srv\n",
            why="whose files they are cannot be seen: a note",
        ),
        Good("FROM debian\nADD a.tgz /srv/\n", why="user 1000 is mapped", context={"a.tgz": _LOW}),
        Good("FROM debian\nADD --chown=1000 a.tgz /srv/\n", why="they get another owner", context={"a.tgz": _HIGH}),
        Good("FROM debian\nADD --unpack=false a.tgz /srv/\n", why="it stays packed", context={"a.tgz": _HIGH}),
        Good("FROM debian\nCOPY a.tgz /srv/\nRUN tar tzf /srv/a.tgz\n", why="it is listed", context={"a.tgz": _HIGH}),
        Good(
            "FROM debian\nCOPY a.tgz /srv/\nRUN cd /srv && tar -xzof a.tgz && tar xzf a.tgz --no-same-owner low\n",
            why="the owner is not kept",
            context={"a.tgz": _HIGH},
        ),
        Good("FROM debian\nCOPY a.tgz /\nRUN tar xzf a.tgz low\n", why="low is root's", context={"a.tgz": _HIGH}),
        Good(
            "FROM debian\nUSER daemon\nWORKDIR /tmp\nRUN --mount=target=/mnt tar xzf /mnt/a.tgz\n",
            why="only root gives files away",
            context={"a.tgz": _HIGH},
        ),
        Good("FROM debian\nRUN mkdir /a && tar -C /a -c . | tar -x -C /srv\n", why="the image's files have owners"),
    ),
    references=(
        "https://www.gnu.org/software/tar/manual/html_section/Attributes.html",
        "https://docs.docker.com/reference/dockerfile/#add",
    ),
)


@rule.check(ExtractArchive)
def unmapped_archive_owner(archive: ExtractArchive) -> Iterator[Refusal]:
    if not archive.keeps_owner:
        return
    if archive.members is None:
        if archive.strict is not False:
            yield rule.notes(archive, f"whose files {archive.archive or 'the archive'} holds cannot be seen")
        return
    found = [(unmapped_id(member.uid, member.gid), member) for member in archive.members]
    owner, member = max(
        ((each, member) for each, member in found if each is not None), default=(None, None), key=lambda pair: pair[0]
    )
    if owner is None or member is None:
        return
    left = archive.strict is False
    yield rule.refuses(
        archive,
        f"{member.name} has {owner.words}, which has no mapping" + (": it is left to root" if left else ""),
        refused=BeyondMap(owner.number),
        fix=None if left else _without_owners(archive),
        certain=archive.certain and archive.strict is not None,
        differs=left,
    )


def _without_owners(archive: ExtractArchive) -> Fix | None:
    """Leave the files to root."""
    argv = archive.command.argv
    if archive.tool == "ADD":
        return insert_after(argv[0], "--chown=0:0", "give the files to root", Safety.UNSAFE)
    option = {"tar": "--no-same-owner", "bsdtar": "--no-same-owner", "cpio": "--no-preserve-owner"}.get(archive.tool)
    if option is None or any(argument.text == "--" for argument in argv):
        return None
    return insert_after(argv[-1], option, f"unpack with {option}", Safety.UNSAFE)
