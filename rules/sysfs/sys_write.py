"""The kernel's settings below /sys cannot be changed in a step.

As real root /sys is mounted read-only; in a user namespace it is not mounted at all, so the directory of the file is
missing. With `--security=insecure` the host's root may write there, and changes the builder's machine. Neither changes
the image: transparent huge pages, block queues and cgroups are set on the node where the image runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import ChangeOwner, FileUse, UseFile
from ...linter.profile import IN_USER_NAMESPACES, WITHOUT_HOST_ROOT
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS322",
    name="sys-write",
    summary="a file below /sys cannot be changed in a step",
    refused=WITHOUT_HOST_ROOT,
    guidance="Set it on the node where the image runs.",
    symptoms=(r"/sys/.*(Read-only file system|No such file or directory|Directory nonexistent|nonexistent directory)",),
    examples=(
        Bad(
            "FROM debian\nRUN echo never «> /sys/kernel/mm/transparent_hugepage/enabled» && touch /ok\n",
            fixed="FROM debian\nRUN touch /ok\n",
        ),
        Bad("FROM busybox\nRUN echo 1500 | tee «/sys/class/net/lo/mtu»\n", fixed="FROM busybox\n\n"),
        Bad("FROM debian\nRUN chmod a+w «/sys/class/net/lo/mtu»\n", fixed="FROM debian\n\n"),
        Bad("FROM debian\nRUN touch «/sys/class/net/x»\n", fixed="FROM debian\n\n"),
        Bad("FROM busybox\nRUN mkdir «/sys/class/x»\n", fixed="FROM busybox\n\n", why="its parent is missing"),
        Warn("FROM debian\nRUN echo 1 «> /sys/kernel/mm/ksm/run» || true\n", fixed="FROM debian\n\n"),
        Good("FROM debian\nRUN echo 'echo 1 > /sys/kernel/mm/ksm/run' > /start.sh\n", why="it is only written"),
        Good("FROM busybox\nRUN rm -rf /sys/x && rm -f /sys/y\n", why="nothing is there to remove"),
    ),
    references=("https://man7.org/linux/man-pages/man5/sysfs.5.html",),
)

MAKES = (FileUse.WRITE, FileUse.LINK, FileUse.LINK_OVER)
CHANGES = (FileUse.CHMOD, FileUse.RENAME)
WRITABLE = re.compile(r"/sys/fs/cgroup(?:/[^/]+)?")
"""A tmpfs that real root may write, on hosts with the first version of cgroups."""


@rule.check(UseFile)
def sys_write(use: UseFile) -> Iterator[Refusal]:
    makes = use.use in MAKES or (use.use is FileUse.MAKE_DIRECTORY and not use.recursive)
    if not use.made and (is_deep(use.path) if makes else use.use in CHANGES):
        yield from _refusals(use, use.path)


@rule.check(ChangeOwner)
def sys_owner(change: ChangeOwner) -> Iterator[Refusal]:
    fact = change._replace(place=change.path_place or change.place)
    yield from _refusals(fact, change.path or "", certain=change.certain)


def _refusals(fact: UseFile | ChangeOwner, path: str, *, certain: bool = True) -> Iterator[Refusal]:
    if path.startswith("/sys/"):
        row = IN_USER_NAMESPACES if WRITABLE.fullmatch(path) else WITHOUT_HOST_ROOT
        fix = delete_command(fact.command, safety=Safety.UNSAFE)
        yield rule.refuses(fact, f"{path} is the host's", refused=row, fix=fix, certain=certain)


def is_deep(path: str) -> bool:
    """Whether the path is in a directory of /sys, which a user namespace does not have."""
    return path.startswith("/sys/") and "/" in path.removeprefix("/sys/")
