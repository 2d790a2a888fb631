"""Files that are not the image's have an owner and a mode of their own.

/proc belongs to the host's root: chmod(2) and chown(2) of its files are EPERM in a user namespace. And a step holds
mounts that nobody may change: /etc/hosts and /etc/resolv.conf are read-only binds in every profile, as is BuildKit's
socket in /dev, and /proc/sys is one in sandboxed steps. A recursion over `/`, /etc, /dev or /proc meets one of them,
goes on with the rest, and exits non-zero everywhere.

Measured on /etc, /dev and /proc/sys; never try it on / as the host's root: where /proc is writable, it is the host's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fixes.commands import delete_operand
from ...linter.devices import matching
from ...linter.edit import Safety
from ...linter.facts import ChangeOwner, FileUse, UseFile
from ...linter.profile import EVERYWHERE, IN_USER_NAMESPACES, Row
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

TREES = ("/", "/dev", "/etc", "/proc")
OF_PROCESS = re.compile(r"/proc/(?:self|thread-self|\d+|mounts|net)(?:/.*)?")

rule = Rule(
    code="NS304",
    name="pseudo-owner",
    summary="what is not the image's cannot be given a mode or an owner",
    refused=EVERYWHERE,
    guidance="Name the directories that the image needs, such as /etc/nginx, instead of what holds them all.",
    symptoms=(
        r"changing (permissions|ownership|group) of '/(etc|dev|proc)\b.*(Read-only file|Operation not permitted)",
        r"(chmod|chown|chgrp): /(etc|dev|proc)\b.*: (Read-only file system|Operation not permitted)",
    ),
    examples=(
        Bad("FROM debian\nRUN chown -R www-data:www-data «/etc»\n"),
        Bad("FROM busybox\nRUN chmod -R g=u «/etc» && echo ok\n"),
        Bad("FROM debian\nRUN chgrp -R 0 «/dev»\n"),
        Bad("FROM debian\nRUN chmod 755 «/proc» && touch /ok\n", fixed="FROM debian\nRUN touch /ok\n"),
        Bad("FROM busybox\nRUN chown 1000 «/proc»\n", fixed="FROM busybox\n\n"),
        Warn("FROM debian\nRUN chmod -R g=u «/etc» || true\n"),
        Good("FROM debian\nRUN chmod 755 / /etc && chown root:root / /etc /tmp\n", why="directories of the image"),
        Good("FROM debian\nRUN mkdir /etc/x && chown -R 1000 /etc/x /var/log /run\n", why="directories of the image"),
        Good("FROM busybox\nRUN chown 1000 /proc/self/fd/1 && chmod a+w /proc/self/fd/2\n", why="the step's output"),
        Good("FROM debian\nRUN mkdir -p /r/etc && chown -R 1000 /r && chroot / true\n", why="another root"),
    ),
    references=("https://man7.org/linux/man-pages/man2/chown.2.html",),
)


@rule.check(UseFile)
def pseudo_mode(use: UseFile) -> Iterator[Refusal]:
    if use.use is FileUse.CHMOD:
        yield from _refusals(use, use.path, recursive=use.recursive)


@rule.check(ChangeOwner)
def pseudo_owner(change: ChangeOwner) -> Iterator[Refusal]:
    if change.path is not None:
        fact = change._replace(place=change.path_place or change.place)
        yield from _refusals(fact, change.path, recursive=change.recursive, certain=change.certain)


def _refusals(fact: UseFile | ChangeOwner, path: str, *, recursive: bool, certain: bool = True) -> Iterator[Refusal]:
    if recursive and (trees := matching(path, TREES)):
        mounts = "files that are not the image's" if trees[0] == "/" else "mounts that cannot be changed"
        yield rule.refuses(fact, f"{trees[0]} holds {mounts}", certain=certain)
    elif (path == "/proc" or path.startswith("/proc/")) and not OF_PROCESS.fullmatch(path):
        if "fakeroot" in fact.command.wrappers:
            return
        row: Row = EVERYWHERE if path.startswith("/proc/sys/") else IN_USER_NAMESPACES
        fix = delete_operand(fact.command, fact.place, safety=Safety.UNSAFE, besides=1)
        yield rule.refuses(fact, f"{path} belongs to the host", refused=row, fix=fix, certain=certain)
