"""Some files of /proc can be read by the host's root only.

The owner of /proc's files is the host's root. Those that are readable by their owner alone (slabinfo, vmallocinfo,
pagetypeinfo, kpage*, the tables of the packet filter, a few parameters) are EACCES in a user namespace, where that user
is not mapped, `--security=insecure` included. /proc/kmsg, mtrr and a process's stack ask for a capability of the host
as well, so no plain step can read them. Without a process sandbox, process 1 is the builder's rootlesskit, and what
tells about its memory is closed: environ, maps, exe, root and the like.

Everything else, /proc/cpuinfo, meminfo, mounts and nearly all of /proc/sys, can be read everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...linter.facts import FileUse, UseFile
from ...linter.profile import IN_USER_NAMESPACES, NO_SANDBOX, WITHOUT_HOST_ROOT, Refused, Row
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

WITHOUT_SANDBOX = Refused(frozenset({NO_SANDBOX.name}), frozenset({NO_SANDBOX.name}))
UNMASKED = Refused(frozenset({NO_SANDBOX.name}), IN_USER_NAMESPACES.insecure)
"""A sandboxed plain step sees an empty file in its place."""

ROWS: tuple[tuple[re.Pattern[str], Row], ...] = (
    (re.compile(r"/proc/(?:slabinfo|vmallocinfo|pagetypeinfo|kpagecount|kpageflags|kpagecgroup)"), IN_USER_NAMESPACES),
    (re.compile(r"/proc/(?:self/)?net/(?:ip6?|arp)_tables_(?:names|matches|targets)"), IN_USER_NAMESPACES),
    (re.compile(r"/proc/(?:self/)?net/(?:nf_conntrack(?:_expect)?|netfilter/.*)"), IN_USER_NAMESPACES),
    (re.compile(r"/proc/sys/(?:vm/(?:stat_refresh|mmap_rnd_\w+)|kernel/cad_pid)"), IN_USER_NAMESPACES),
    (re.compile(r"/proc/sys/kernel/usermodehelper/.*"), IN_USER_NAMESPACES),
    (re.compile(r"/proc/(?:kmsg|mtrr|self/stack)"), WITHOUT_HOST_ROOT),
    (re.compile(r"/proc/timer_list"), UNMASKED),
    (
        re.compile(r"/proc/1/(?:environ|auxv|maps|smaps\w*|numa_maps|io|syscall|exe|root|cwd)(?:/.*)?"),
        WITHOUT_SANDBOX,
    ),
)

rule = Rule(
    code="NS303",
    name="proc-read",
    summary="a file of /proc cannot be read in a user namespace",
    refused=IN_USER_NAMESPACES,
    guidance="Leave it out: it tells about the builder's machine, not about the image.",
    symptoms=(r"/proc/.*(Permission denied|Operation not permitted)",),
    examples=(
        Bad("FROM debian\nRUN cat «/proc/slabinfo» > /srv/slabs\n"),
        Bad("FROM busybox\nRUN wc -l «/proc/vmallocinfo»\n"),
        Bad("FROM debian\nRUN wc -l «< /proc/net/nf_conntrack»\n"),
        Bad("FROM debian\nRUN timeout 1 head -c 1 «/proc/kmsg»\n", why="no plain step may"),
        Bad("FROM busybox\nRUN cat «/proc/1/environ» > /srv/env\n", why="only without a process sandbox"),
        Bad("FROM debian\nRUN cat «/proc/timer_list» > /srv/timers\n", why="only without a process sandbox"),
        Bad("FROM debian\nRUN --security=insecure cat «/proc/timer_list» > /srv/timers\n", why="it is not masked then"),
        Warn("FROM debian\nRUN cat «/proc/slabinfo» 2> /dev/null || true\n"),
        Good("FROM debian\nRUN cat /proc/cpuinfo /proc/meminfo /proc/mounts > /srv/info\n", why="everyone may"),
        Good("FROM busybox\nRUN cat /proc/1/cgroup /proc/sys/fs/file-max && ls /proc\n", why="everyone may"),
        Good("FROM debian\nRUN test -f /proc/slabinfo && ls -l /proc/self/fd\n", why="they are there"),
        Good("FROM debian\nRUN echo /proc/slabinfo > /srv/list\n", why="it is only named"),
    ),
    references=("https://man7.org/linux/man-pages/man5/proc.5.html",),
)


@rule.check(UseFile)
def proc_read(use: UseFile) -> Iterator[Refusal]:
    if use.use is FileUse.READ and use.path.startswith("/proc/") and not _looks_only(use):
        for pattern, row in ROWS:
            if pattern.fullmatch(use.path):
                yield rule.refuses(use, f"{use.path} is for the host's root", refused=row)


def _looks_only(use: UseFile) -> bool:
    """Whether the program does not open the file."""
    return use.command.name in ("du", "find", "ls", "stat")
