"""A kernel parameter cannot be set in a step.

/proc/sys is mounted read-only in every sandboxed step, and without a process sandbox its files belong to a user who is
not mapped: `sysctl -w`, `sysctl -p` and `echo … > /proc/sys/…` fail in every builder's plain step. With
`--security=insecure` it depends on whose parameter it is. `net.*` belongs to the network namespace and can be set;
System V IPC (`kernel.shm*`, `kernel.msg*`, `kernel.sem`) and `fs.mqueue.*` belong to the step's own IPC namespace;
`user.*` to the user namespace; all the rest (`vm.*`, `fs.*`, `kernel.*`) to the host, and only its root may write it.

What a step sets is in no image: it is gone with the step, or it has changed the builder. To have it when the image
*runs*, set it there: `docker run --sysctl`, or in the pod's `securityContext.sysctls`. Files below /etc/sysctl.d can be
written; nothing in a container reads them.

GNU and busybox say no alike, but `sysctl -p` of busybox exits 0 all the same. Keys behind a `-` in a file may fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import FileUse, SetSysctl, UseFile
from ...linter.profile import NO_SANDBOX, PROFILE_NAMES, WITHOUT_CAPABILITIES, WITHOUT_HOST_ROOT, Refused, Row
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

IPC = re.compile(r"fs\.mqueue\..*|kernel\.(?:(?:shm|msg|sem)(?:all|max|mnb|mni|_next_id|_rmid_forced)?|auto_msgmni)")
OF_HOST_NETWORK = re.compile(r"net\.core\.[rw]mem_(?:max|default)|net\.netfilter\.nf_conntrack_(?:max|buckets)")
"""Only the host's network namespace has these, or can write them; procps exits 0 when it finds them read-only."""

WITHOUT_IPC = Refused(frozenset(PROFILE_NAMES) - {NO_SANDBOX.name}, frozenset())
OF_PROCESS_NAMESPACE = Refused(frozenset(PROFILE_NAMES), frozenset({NO_SANDBOX.name}))

rule = Rule(
    code="NS301",
    name="sysctl-write",
    summary="a kernel parameter cannot be set in a step",
    refused=WITHOUT_HOST_ROOT,
    guidance="Set it where the image runs: docker run --sysctl, the pod's securityContext.sysctls, or on the node.",
    symptoms=(
        r'sysctl: permission denied on key "',
        r"sysctl: error setting key '",
        r"sysctl: cannot stat /proc/sys/",
        r"(cannot|can't) create /proc/sys/.*(Read-only file system|Permission denied)",
        r"/proc/sys/.*(Read-only file system|Permission denied)",
    ),
    examples=(
        Bad("FROM debian\nRUN sysctl -w «vm.max_map_count=262144» && echo ok\n", fixed="FROM debian\nRUN echo ok\n"),
        Bad("FROM busybox\nRUN sysctl -w «net.ipv4.ip_forward=1»\n", fixed="FROM busybox\n\n"),
        Bad(
            "FROM debian\nRUN echo 'fs.file-max = 100000' >> /etc/sysctl.conf && «sysctl -p»\n",
            fixed="FROM debian\nRUN echo 'fs.file-max = 100000' >> /etc/sysctl.conf\n",
        ),
        Bad(
            "FROM debian\nCOPY x.conf /etc/sysctl.d/\nRUN «sysctl --system» && echo ok\n",
            context={"x.conf": "# more\nkernel.panic = 10\n"},
            fixed="FROM debian\nCOPY x.conf /etc/sysctl.d/\nRUN echo ok\n",
        ),
        Bad(
            "FROM debian\nRUN set -e; echo 1 «> /proc/sys/net/ipv4/ip_forward»; touch /ok\n",
            fixed="FROM debian\nRUN set -e; touch /ok\n",
        ),
        Bad(
            "FROM busybox\nRUN echo 1 | tee «/proc/sys/vm/overcommit_memory»\n",
            fixed="FROM busybox\n\n",
        ),
        Bad("FROM debian\nRUN --security=insecure sysctl «vm.swappiness=60»\n", fixed="FROM debian\n\n"),
        Bad("FROM debian\nRUN sysctl -q -w «kernel.shmmax=68719476736»\n", fixed="FROM debian\n\n"),
        Warn("FROM debian\nRUN sysctl -w «vm.swappiness=60» || true\n", fixed="FROM debian\n\n"),
        Warn(
            "FROM alpine\nRUN echo vm.swappiness=60 > /etc/sysctl.conf && «sysctl -p»\n",
            fixed="FROM alpine\nRUN echo vm.swappiness=60 > /etc/sysctl.conf\n",
            why="busybox says that it cannot, and exits 0",
        ),
        Good("FROM debian\nRUN --security=insecure sysctl -w net.ipv4.ip_forward=1\n", why="the step's own network"),
        Good("FROM debian\nRUN --security=insecure sysctl -w kernel.msgmax=8192\n", why="the step's own IPC"),
        Good("FROM debian\nRUN sysctl net.ipv4.ip_forward && sysctl -n vm.swappiness\n", why="it only reads"),
        Good("FROM debian\nRUN cat /proc/sys/fs/file-max && sysctl -a > /dev/null\n", why="it only reads"),
        Good("FROM busybox\nRUN echo vm.swappiness=1 > /etc/sysctl.conf\n", why="nothing reads the file here"),
        Good("FROM debian\nRUN printf '# none\\n-vm.swappiness=1\\n' > /x && sysctl -p /x\n", why="it may fail"),
        Good("FROM debian\nRUN echo 'sysctl -w vm.swappiness=1' > /start.sh\n", why="it is only written"),
    ),
    references=(
        "https://man7.org/linux/man-pages/man8/sysctl.8.html",
        "https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/",
    ),
)


def row_of(key: str) -> Row:
    if key.startswith(("net.", "user.")):
        return WITHOUT_CAPABILITIES
    if IPC.fullmatch(key):
        return WITHOUT_IPC
    return OF_PROCESS_NAMESPACE if key == "kernel.pid_max" else WITHOUT_HOST_ROOT


@rule.check(SetSysctl)
def sysctl_write(sysctl: SetSysctl) -> Iterator[Refusal]:
    fix = delete_command(sysctl.command, safety=Safety.UNSAFE)
    if sysctl.key is None:
        if sysctl.strict is not False:
            yield rule.refuses(sysctl, "what the file sets is not known", fix=fix, certain=False)
        return
    yield rule.refuses(
        sysctl,
        f"{sysctl.key} is not for a step to set",
        refused=row_of(sysctl.key),
        fix=fix,
        certain=sysctl.strict is not None and not OF_HOST_NETWORK.fullmatch(sysctl.key),
        differs=sysctl.strict is False,
        origin=sysctl.origin,
    )


@rule.check(UseFile)
def write_below_proc_sys(use: UseFile) -> Iterator[Refusal]:
    if use.use is FileUse.WRITE and use.path.startswith("/proc/sys/"):
        key = use.path.removeprefix("/proc/sys/").replace("/", ".")
        fix = delete_command(use.command, safety=Safety.UNSAFE)
        certain = not OF_HOST_NETWORK.fullmatch(key)
        yield rule.refuses(use, f"{key} is not for a step to set", refused=row_of(key), fix=fix, certain=certain)
