"""A step may not unmount.

umount(2) needs CAP_SYS_ADMIN, as mount(2) does, so a plain step cannot take away what the builder mounted for it:
/etc/hosts and /etc/resolv.conf, which are read-only, the masked files below /proc, or a `RUN --mount`. The builder
takes all of them away when the step ends, and what a step could not mount it need not unmount.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import Unmount
from ...linter.profile import WITHOUT_CAPABILITIES
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS402",
    name="unmount",
    summary="a step may not unmount",
    refused=WITHOUT_CAPABILITIES,
    guidance="Leave it out: what is mounted for a step is gone when the step ends.",
    symptoms=(
        r"umount: .*must be superuser",
        r"umount: can't unmount .*Operation not permitted",
        r"umount: .*not mounted",
    ),
    examples=(
        Bad("FROM debian\nRUN «umount /etc/resolv.conf» && echo ok\n", fixed="FROM debian\nRUN echo ok\n"),
        Bad("FROM busybox\nRUN echo ok; «umount -l /etc/hosts»\n", fixed="FROM busybox\nRUN echo ok\n"),
        Bad("FROM debian\nRUN set -e; «umount -f /proc/acpi»; echo ok\n", fixed="FROM debian\nRUN set -e; echo ok\n"),
        Bad(
            "FROM debian\nCOPY i.sh /\nRUN bash -e /i.sh\n",
            context={"i.sh": "«umount -a»\nls\n"},
            fixed_context={"i.sh": "ls\n"},
        ),
        Warn(
            "FROM debian\nRUN «umount /mnt» || true\nRUN «umount /mnt»; echo ok\n",
            fixed="FROM debian\n\nRUN echo ok\n",
        ),
        Good(
            "FROM debian\nRUN --security=insecure mount -t tmpfs none /mnt && umount /mnt\n", why="an insecure step may"
        ),
        Good("FROM debian\nRUN umount --help && umount --version\n", why="nothing is unmounted"),
        Good("FROM busybox\nRUN umount --help && echo umount /mnt > /stop.sh\n", why="nothing is unmounted"),
    ),
    references=("https://man7.org/linux/man-pages/man2/umount.2.html",),
)


@rule.check(Unmount)
def unmount(unmount: Unmount) -> Iterator[Refusal]:
    named = unmount.target or "what is mounted"
    fix = delete_command(unmount.command, safety=Safety.UNSAFE)
    yield rule.refuses(unmount, f"{named} cannot be unmounted: the step lacks CAP_SYS_ADMIN", fix=fix)
