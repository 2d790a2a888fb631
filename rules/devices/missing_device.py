"""A step's /dev holds a handful of standard nodes, and no hardware.

/dev/fuse, /dev/kvm, /dev/loop*, /dev/net/tun and /dev/kmsg are made by BuildKit for `RUN --security=insecure`, yet only
where it runs as real root: in a user namespace it cannot, so they are missing there as in every plain step. Disks,
terminals, /dev/mem and the like are missing from every step. What the step makes itself with mknod is another matter.
A redirection *to* a device that is missing makes an ordinary file, which nobody misses.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.devices import is_absent, is_given_to_insecure_steps
from ...linter.facts import ChangeOwner, FileUse, UseFile
from ...linter.profile import EVERYWHERE, WITHOUT_HOST_ROOT
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS104",
    name="missing-device",
    summary="a device is not there in a step",
    refused=WITHOUT_HOST_ROOT,
    guidance="Do what needs the device outside of the build, or give it to the builder's pod and use RUN --device.",
    symptoms=(
        r"/dev/\S+: No such (file|device)",
        r"'/dev/\S+'.*: No such (file|device)",
        r"(cannot|can't) open /dev/\S+: (No|no) such file",
    ),
    examples=(
        Bad("FROM debian\nRUN head -c 1 «/dev/loop0»\n"),
        Bad("FROM debian\nRUN chmod 666 «/dev/kvm»\n"),
        Bad("FROM busybox\nRUN chown root:root «/dev/net/tun»\n"),
        Bad("FROM debian\nRUN dd «if=/dev/mem» of=/srv/bios bs=1 count=1\n"),
        Bad("FROM busybox\nRUN cat «< /dev/fuse»\n"),
        Bad("FROM debian\nRUN ls -l «/dev/sda» && echo found\n"),
        Bad("FROM debian\nRUN --security=insecure stat «/dev/fuse» «/dev/loop0»\n", why="made as real root only"),
        Warn("FROM debian\nRUN chmod 666 «/dev/kvm» || true\n"),
        Good("FROM debian\nRUN [ -c /dev/kvm ] && chmod 666 /dev/kvm; true\n", why="it asks first"),
        Good("FROM busybox\nRUN if [ -e /dev/fuse ]; then cat /dev/fuse; fi\n", why="it asks first"),
        Good("FROM debian\nRUN echo hi > /dev/kmsg && cat /dev/kmsg\n", why="the redirection makes a file"),
        Good("FROM debian\nRUN head -c 8 /dev/urandom > /key && ls /dev/shm /dev/pts\n", why="these are there"),
        Good("FROM debian\nRUN echo /dev/kvm > /list && ln -s /dev/kvm /kvm\n", why="it is only named"),
    ),
    references=("https://docs.docker.com/reference/dockerfile/#run---device",),
)

LOOKS = (FileUse.READ, FileUse.CHMOD, FileUse.RENAME)


@rule.check(UseFile)
def missing_device(use: UseFile) -> Iterator[Refusal]:
    if use.use in LOOKS and use.path.startswith("/dev/"):
        yield from _missing(use, use.path, made=use.made)


@rule.check(ChangeOwner)
def missing_owner(change: ChangeOwner) -> Iterator[Refusal]:
    if change.path is not None and change.certain:
        place = change.path_place or change.place
        yield from _missing(change._replace(place=place), change.path, made=None)


def _missing(fact: UseFile | ChangeOwner, path: str, *, made: bool | None) -> Iterator[Refusal]:
    """What mknod made earlier in the step is there as real root alone; what a redirection made, everywhere."""
    if made is None and is_absent(path):
        row = WITHOUT_HOST_ROOT if is_given_to_insecure_steps(path) else EVERYWHERE
        yield rule.refuses(fact, f"{path} is not there", refused=row)
