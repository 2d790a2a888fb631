"""A step has no loop devices.

/dev in a step holds no /dev/loop* and no /dev/loop-control; only an insecure step of a builder that runs as real root
has them, and there they are the host's own: whoever sets one up and does not detach it leaves it behind. A disk image
can be filled without any: `mkfs.ext4 -d DIRECTORY`, mtools, `mksquashfs`, `genisoimage`, `sfdisk` on the file,
`dd conv=notrunc seek=…` to put a partition in place, libguestfs where a virtual machine is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.facts import AskKernel, KernelRequest
from ...linter.profile import WITHOUT_HOST_ROOT
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS403",
    name="loop-device",
    summary="a step has no loop devices",
    refused=WITHOUT_HOST_ROOT,
    guidance="Fill the image without a loop device: mkfs.ext4 -d DIRECTORY, mtools, mksquashfs or genisoimage.",
    symptoms=(
        r"losetup: .*(cannot find an unused loop device|failed to set up loop device|failed to use device)",
        r"losetup: .*No such (file or directory|device)",
        r"can't set up loop",
        r"device mapper prerequisites not met",
    ),
    examples=(
        Bad("FROM debian\nRUN truncate -s 9M /i && «losetup -f /i»\n"),
        Bad("FROM debian\nRUN truncate -s 9M /i && device=$(«losetup --show --find /i») && mount $device /mnt\n"),
        Bad("FROM busybox\nRUN «losetup /dev/loop0 /etc/passwd»\n"),
        Bad("FROM debian\nRUN «losetup -d /dev/loop0»\n"),
        Bad("FROM debian\nRUN «losetup -f»\n", why="there is none to be found"),
        Bad("FROM debian\nUSER nobody\nRUN «losetup -f /etc/passwd»\n"),
        Warn("FROM debian\nRUN «losetup -d /dev/loop0» || echo none\n"),
        Good(
            "FROM debian\nRUN losetup && losetup -a && losetup -l && losetup -D && losetup --version\n",
            why="these list",
        ),
        Good("FROM busybox\nRUN losetup -f; losetup -a\n", why="busybox names a device without looking"),
        Good("FROM debian\nRUN mkdir /d && truncate -s 9M /i && mkfs.ext4 -q -d /d /i\n", why="mkfs fills the image"),
    ),
    references=("https://man7.org/linux/man-pages/man4/loop.4.html",),
)


@rule.check(AskKernel)
def loop_device(ask: AskKernel) -> Iterator[Refusal]:
    if ask.request is KernelRequest.LOOP_DEVICE and ask.fails is not False:
        yield rule.refuses(ask, f"`{ask.command.name}` finds no loop device in /dev", certain=ask.fails is not None)
