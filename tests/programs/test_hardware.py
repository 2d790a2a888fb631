"""Programs that ask about the machine, each measured in all four profiles with Debian 12's packages.

`fails` says that it exits non-zero in the `userns` profile because of a file that is missing there.
"""

from __future__ import annotations

import pytest

from ns_lint.linter.facts import ControlService, UseFile

from .reading import facts

MEASURED = [
    ("lsblk", True),
    ("lsblk -d -o NAME", True),
    ("lscpu -p", True),
    ("lscpu -s /snapshot", False),
    ("lsmem --summary", True),
    ("lsusb -t", True),
    ("lspci -v", False),
    ("lsscsi", False),
    ("lshw -short", False),
    ("hwinfo --short", False),
    ("lstopo", False),
    ("nproc", False),
    ("free", False),
    ("cpupower frequency-info", False),
    ("numastat", True),
    ("numactl -H", False),
    ("numactl -C 0 true", False),
    ("numactl --cpunodebind=0 true", True),
    ("dmidecode -s system-product-name", True),
    ("dmidecode --version", False),
    ("sensors", True),
    ("sensors-detect --auto", True),
    ("lscgroup", True),
    ("cgget -g cpu /", True),
    ("ipmitool sensor", True),
    ("ipmitool -H host sensor", False),
    ("hdparm -I /dev/sda", True),
    ("smartctl --scan", False),
    ("smartctl -a /dev/sda", True),
    ("blkid", False),
    ("blockdev --getsize64 /dev/sda", True),
    ("fdisk -l", False),
    ("parted -l", False),
    ("mkfs.ext4 -F disk.img", False),
    ("mkfs.ext4 /dev/loop0", True),
    ("udevadm info /dev/null", True),
    ("udevadm info -q all -n /dev/null", True),
    ("udevadm info --export-db", False),
    ("udevadm trigger", False),
    ("udevadm settle", False),
    ("udevadm hwdb --update", False),
    ("lscpu --version", False),
    ("lsblk --help", False),
]


@pytest.mark.parametrize(("command", "fails"), MEASURED)
def test_knows_which_cannot_do_without_a_file(command: str, fails: bool) -> None:
    paths = [fact.path for fact in facts(UseFile, f"FROM debian\nRUN {command}\n")]
    assert bool(paths) is fails
    assert all(path.startswith(("/sys/", "/dev/")) for path in paths)


def test_udevadm_control_needs_a_daemon() -> None:
    (fact,) = facts(ControlService, "FROM debian\nRUN udevadm control --reload-rules && udevadm trigger\n")
    assert (fact.tool, fact.verb) == ("udevadm", "control")
