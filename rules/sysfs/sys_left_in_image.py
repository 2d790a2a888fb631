"""What a step leaves below /sys is in the image, when it was built in a user namespace.

There /sys is no mount but an empty directory of the image, so `mkdir -p /sys/fs/cgroup` passes and is kept in the
layer. As real root /sys is the host's: a directory that it has is left alone, and any other is refused as read-only.
Where the image runs, a runtime mounts sysfs over it, so what was left is of no use to anybody.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_operand
from ...linter.edit import Safety
from ...linter.facts import FileUse, UseFile
from ...linter.profile import IN_USER_NAMESPACES
from ...linter.rule import Good, Refusal, Rule, Warn
from .sys_write import is_deep

rule = Rule(
    code="NS323",
    name="sys-left-in-image",
    summary="what is made below /sys stays in the image",
    refused=IN_USER_NAMESPACES,
    guidance="Leave it out: where the image runs, /sys is mounted over it.",
    examples=(
        Warn("FROM debian\nRUN mkdir -p «/sys/fs/cgroup» && touch /ok\n", fixed="FROM debian\nRUN touch /ok\n"),
        Warn("FROM busybox\nRUN mkdir -p /srv/x «/sys/kernel/debug»\n", fixed="FROM busybox\nRUN mkdir -p /srv/x\n"),
        Warn("FROM debian\nRUN echo x «> /sys/note» || true\n"),
        Good("FROM debian\nRUN mkdir -p /sys /proc /dev\n", why="they are there"),
        Good("FROM debian\nRUN mkdir -p /rootfs/sys/fs/cgroup\n", why="another root's /sys is a directory"),
    ),
)


@rule.check(UseFile)
def sys_left_in_image(use: UseFile) -> Iterator[Refusal]:
    if not use.path.startswith("/sys/"):
        return
    message = f"{use.path} stays in the image"
    if use.use is FileUse.MAKE_DIRECTORY and (use.recursive or not is_deep(use.path)):
        fix = delete_operand(use.command, use.place, safety=Safety.SAFE)
        yield rule.refuses(use, message, fix=fix, differs=True)
    elif use.use in (FileUse.WRITE, FileUse.LINK, FileUse.LINK_OVER) and not is_deep(use.path):
        yield rule.refuses(use, message, differs=True)
