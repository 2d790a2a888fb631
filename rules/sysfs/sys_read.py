"""A step of a user-namespaced build has no sysfs: /sys is an empty directory.

BuildKit leaves the mount out when it runs in a user namespace, insecure steps included. So whatever reads there fails:
cgroup limits, the processors' topology, transparent huge pages, network cards, and the tools that live on it, such as
lscpu, lsblk, lsmem and numastat. Others make do without: nproc, free, lspci, `udevadm settle`. A test for something in
/sys takes the other branch.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.facts import FileUse, UseFile
from ...linter.profile import IN_USER_NAMESPACES
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS321",
    name="sys-read",
    summary="/sys is empty in a user namespace",
    refused=IN_USER_NAMESPACES,
    guidance="Ask when the image runs, or elsewhere: nproc counts processors, /proc/meminfo and cpuinfo are there.",
    symptoms=(
        r"/sys/\S*: No such (file|device)",
        r"'/sys/.*': No such file",
        r"(cannot|can't) open /sys/.*: (No|no) such file",
        r"/sys/.*No such file or directory",
        r"sysfs not mounted|Sysfs not mounted|Cannot read node cpumask from sysfs",
    ),
    examples=(
        Bad("FROM debian\nRUN cat «/sys/class/net/lo/address» > /srv/address\n"),
        Bad("FROM busybox\nRUN ls «/sys/class/net» && echo ok\n"),
        Bad("FROM debian\nRUN «lscpu -p» > /srv/cpus\n"),
        Bad("FROM debian\nRUN «lsblk --json» > /srv/disks\n"),
        Bad("FROM busybox\nRUN read n «< /sys/devices/system/cpu/online» && echo $n\n"),
        Warn("FROM debian\nRUN cat «/sys/kernel/mm/transparent_hugepage/enabled» 2> /dev/null || echo unknown\n"),
        Warn(
            "FROM debian\nRUN if [ -d «/sys/class/net» ]; then ls /sys/class/net; else echo none; fi\n",
            why="it passes, by the other branch",
        ),
        Good("FROM debian\nRUN ls /sys && test -d /sys && nproc && free\n", why="the directory itself is there"),
        Good("FROM debian\nRUN cat /proc/cpuinfo /proc/self/cgroup > /srv/info\n", why="/proc tells as much"),
        Good("FROM busybox\nRUN echo 'cat /sys/class/net/lo/address' > /start.sh\n", why="it is only written"),
        Good("FROM debian\nRUN lscpu --version && lsblk --help > /dev/null\n", why="they ask nothing"),
        Good("FROM debian\nRUN [ ! -e /sys/firmware/efi ] && find / -xdev -name none\n", why="nothing is missed"),
    ),
    references=("https://github.com/moby/buildkit/blob/v0.34.2/util/rootless/specconv/specconv_linux.go",),
)


@rule.check(UseFile)
def sys_read(use: UseFile) -> Iterator[Refusal]:
    if use.use in (FileUse.READ, FileUse.TEST) and use.path.startswith("/sys/") and not use.made:
        yield rule.refuses(use, f"{use.path} is not there: /sys is empty")
