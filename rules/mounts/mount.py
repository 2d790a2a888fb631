"""A step may not mount.

mount(2) needs CAP_SYS_ADMIN, which no plain RUN step has, in any profile. Builds that come from Kaniko or from a
privileged daemon meet this first.

Under `--security=insecure` it depends on what is mounted. A user namespace may mount tmpfs, ramfs, overlay, devpts,
mqueue and binfmt_misc, bind and move, remount and change propagation. It may mount proc where the step has a process
sandbox, and cgroup file systems where the daemon has a cgroup namespace of its own. Everything else (sysfs, debugfs,
devtmpfs, bpf, block devices, network file systems, images on loop devices) takes real root on the host.

What a step mounts is gone when it ends, and is never part of the image. `RUN --mount=type=tmpfs`, `type=bind` and
`type=cache` are mounted by the builder and work everywhere. Most packages install into a chroot without /proc and /dev.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...fixes.mounts import mount_by_builder
from ...linter.edit import Fix, Safety
from ...linter.facts import Mount
from ...linter.profile import NO_SANDBOX, PROFILE_NAMES, ROOTLESS, WITHOUT_CAPABILITIES, WITHOUT_HOST_ROOT, Refused, Row
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

_ALL = frozenset(PROFILE_NAMES)

_PROC = Refused(_ALL, frozenset({NO_SANDBOX.name}))
_CGROUP = Refused(_ALL, frozenset({ROOTLESS.name, NO_SANDBOX.name}))

_ROWS: dict[str | None, Row] = {
    "proc": _PROC,
    "cgroup": _CGROUP,
    "cgroup2": _CGROUP,
    None: WITHOUT_CAPABILITIES,
    **dict.fromkeys("bind move propagation remount".split(), WITHOUT_CAPABILITIES),
    **dict.fromkeys("binfmt_misc devpts mqueue overlay ramfs tmpfs".split(), WITHOUT_CAPABILITIES),
}
"""Measured; file systems that are not here lack FS_USERNS_MOUNT in the kernel."""

_DISPENSABLE = frozenset({"devpts", "devtmpfs", "proc", "propagation", "remount", "sysfs"})
_OF_THE_KERNEL = ("/dev", "/proc", "/run", "/sys")

rule = Rule(
    code="NS401",
    name="mount",
    summary="a step may not mount",
    refused=WITHOUT_CAPABILITIES,
    guidance="Let the builder mount: RUN --mount=type=tmpfs, bind or cache. What a step mounts is gone when it ends.",
    symptoms=(
        r"mount: .*[Pp]ermission denied",
        r"mount: .*Operation not permitted",
        r"mount: .*(can't find in|can't read) .*fstab",
    ),
    examples=(
        Bad(
            "FROM debian\nRUN «mount -t tmpfs tmpfs /mnt» && touch /mnt/x\n",
            fixed="FROM debian\nRUN --mount=type=tmpfs,target=/mnt touch /mnt/x\n",
        ),
        Bad(
            "FROM busybox\nRUN mkdir -p /x && «mount -t tmpfs -o size=64m none /x» && ls /x\n",
            fixed="FROM busybox\nRUN --mount=type=tmpfs,target=/x mkdir -p /x && ls /x\n",
        ),
        Bad("FROM debian\nRUN «mount --bind /etc /mnt» && ls /mnt/passwd\n", why="what to do without it is not known"),
        Bad(
            "FROM debian\nRUN mkdir -p /r/proc && «mount -t proc p /r/proc» && «mount -o rbind /dev /mnt» && echo ok\n",
            fixed="FROM debian\nRUN mkdir -p /r/proc && echo ok\n",
        ),
        Bad("FROM debian\nRUN --security=insecure «mount -t sysfs sysfs /mnt»\n", fixed="FROM debian\n\n"),
        Bad("FROM debian\nRUN --security=insecure «mount -t proc proc /mnt»\n", why="only without a process sandbox"),
        Bad("FROM debian\nRUN --security=insecure «mount -t cgroup2 none /mnt»\n"),
        Bad("FROM debian\nRUN truncate -s 9M /i && mkfs.ext4 -q /i && «mount -o loop /i /mnt»\n"),
        Bad(
            "FROM debian\nRUN echo 'tmpfs /mnt tmpfs size=1m 0 0' >> /etc/fstab\nRUN «mount -a»\n",
            fixed="FROM debian\nRUN echo 'tmpfs /mnt tmpfs size=1m 0 0' >> /etc/fstab\n\n",
        ),
        Bad(
            "FROM debian\nCOPY i.sh /\nRUN sh -e /i.sh\n",
            context={"i.sh": "«mount -t tmpfs none /tmp»\necho ok\n"},
        ),
        Warn(
            "FROM debian\nRUN «mount -t proc proc /proc» || true\n",
            fixed="FROM debian\n\n",
        ),
        Good(
            "FROM debian\nRUN mount && mount -l && mount -t tmpfs && mount -v && mount --help && mount -V\n",
            why="these list, or say how to",
        ),
        Good("FROM busybox\nRUN mount; mount -t tmpfs; mount --help; mount -f -t tmpfs none /srv\n", why="so do these"),
        Good("FROM debian\nRUN mount -a && mount --fake -t tmpfs none /mnt\n", why="there is nothing in fstab"),
        Good(
            "FROM debian\nRUN echo 'mount -t tmpfs none /x' > /start.sh && findmnt\n", why="it is text until it is run"
        ),
        Good(
            "FROM debian\nRUN --security=insecure mount -t tmpfs none /mnt && mount --bind /etc /mnt\n", why="insecure"
        ),
        Good("FROM debian\nRUN --mount=type=tmpfs,target=/mnt touch /mnt/x\n", why="the builder mounts it"),
        Good("FROM debian\nRUN mountpoint / && which mount\n", why="mount is only named"),
    ),
    references=(
        "https://man7.org/linux/man-pages/man7/user_namespaces.7.html",
        "https://docs.docker.com/reference/dockerfile/#run---mount",
    ),
)


@rule.check(Mount)
def mount(mount: Mount) -> Iterator[Refusal]:
    if mount.kind == "fuse":
        return
    row = _ROWS.get(mount.kind, WITHOUT_HOST_ROOT)
    what = {"bind": "a bind mount", "loop": "an image on a loop device", "propagation": "a mount's propagation"}
    named = what.get(mount.kind or "", f"{mount.kind}" if mount.kind else "this mount")
    yield rule.refuses(mount, f"{named} is refused: the step lacks CAP_SYS_ADMIN", refused=row, fix=_fix(mount))


def _fix(mount: Mount) -> Fix | None:
    if mount.kind == "tmpfs" and mount.target is not None and mount.target != "/":
        return mount_by_builder(mount.command, f"type=tmpfs,target={mount.target}")
    of_kernel = mount.kind == "bind" and mount.source in _OF_THE_KERNEL
    if mount.kind in _DISPENSABLE or of_kernel:
        return delete_command(mount.command, safety=Safety.UNSAFE)
    return None
