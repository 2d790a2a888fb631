"""Programs that ask about the machine: which file each cannot do without.

Measured without /sys (Debian 12's tools, busybox 1.35): nproc, free, lspci, lshw, hwinfo, lstopo, lsscsi, cpupower,
fdisk -l, `numactl -H`, `udevadm trigger` and `udevadm settle` exit 0 all the same, so they are not here.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..command import Command
from ..facts import ControlService, FileUse, UseFile
from ..system import System
from .options import options

_NEEDED = {
    "cgcreate": "/sys/fs/cgroup",
    "cgexec": "/sys/fs/cgroup",
    "cgget": "/sys/fs/cgroup",
    "cgset": "/sys/fs/cgroup",
    "chmem": "/sys/devices/system/memory",
    "dmidecode": "/dev/mem",
    "ipmitool": "/dev/ipmi0",
    "lsblk": "/sys/dev/block",
    "lscgroup": "/sys/fs/cgroup",
    "lscpu": "/sys/devices/system/cpu/possible",
    "lsmem": "/sys/devices/system/memory",
    "lsusb": "/sys/bus/usb/devices",
    "numastat": "/sys/devices/system/node",
    "rdmsr": "/dev/cpu/0/msr",
    "sensors": "/sys/class/hwmon",
    "sensors-detect": "/sys/class/hwmon",
    "wrmsr": "/dev/cpu/0/msr",
}
_HARMLESS = frozenset(("--help", "--version", "-V", "--sysroot"))
_HARMLESS_FOR = {
    "dmidecode": {"-h", "--from-dump", "-d", "--dev-mem"},
    "ipmitool": {"-h", "-H", "-I"},
    "lscpu": {"-h", "-s"},
    "lsmem": {"-h", "-s"},
    "lsblk": {"-h"},
    "sensors": {"-h", "-v"},
}
"""Options with which such a program asks nothing, or something else than this machine."""

_ON_DEVICES = frozenset(
    """
    badblocks blkdiscard blkid blockdev debugfs dumpe2fs e2fsck e2label fsck hdparm mkfs mkfs.btrfs mkfs.ext2 mkfs.ext3
    mkfs.ext4 mkfs.fat mkfs.vfat mkfs.xfs mkswap nvme parted partprobe resize2fs sfdisk sgdisk smartctl tune2fs wipefs
    """.split()
)
"""Programs that fail when a device they are given is not there."""


def needing(command: Command, system: System) -> Iterator[UseFile]:
    """A program that opens the same file whatever it is asked."""
    name = command.name
    asked = {argument.text.partition("=")[0] for argument in command.argv[1:]}
    if asked.isdisjoint(_HARMLESS | _HARMLESS_FOR.get(name, set())):
        path = _NEEDED[name]
        yield UseFile(command.place, command, path, FileUse.READ, made=system.made(path))


def on_device(command: Command, system: System) -> Iterator[UseFile]:
    for argument in command.argv[1:]:
        path = command.path(argument)
        if path is not None and argument.text.startswith("/dev/"):
            yield UseFile(argument.place, command, path, FileUse.READ, made=system.made(path))


def numactl(command: Command, system: System) -> Iterator[UseFile]:
    """`numactl -N NODES PROGRAM`: only choosing a node needs to know which processors it has."""
    given = options(command, "iNmCpPw", "interleave cpunodebind membind physcpubind preferred", permute=False)
    if given.has("-N", "--cpunodebind"):
        path = "/sys/devices/system/node"
        yield UseFile(command.place, command, path, FileUse.READ, made=system.made(path))


def udevadm(command: Command, system: System) -> Iterator[UseFile | ControlService]:
    """`udevadm info DEVICE` reads /sys; `udevadm control` speaks to a daemon that runs in no step."""
    given = options(command, "qnpaxPr", "query name path property value")
    verb = given.operands[0].text if given.operands else ""
    if verb == "control" and not given.has("-h", "--help", "-V", "--version"):
        yield ControlService(command.place, command, "udevadm", verb, None)
    device = len(given.operands) > 1 or given.value("-n", "--name", "-p", "--path") is not None
    if verb in ("info", "test") and device:
        path = "/sys/devices"
        yield UseFile(command.place, command, path, FileUse.READ, made=system.made(path))


PROGRAMS = {
    **dict.fromkeys(_NEEDED, needing),
    **dict.fromkeys(_ON_DEVICES, on_device),
    "numactl": numactl,
    "udevadm": udevadm,
}
