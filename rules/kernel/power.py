"""A step may not halt or restart anything.

systemd's reboot, halt, poweroff and shutdown look for a manager that is not there, and fail in every step. busybox's
signal process 1 and pass, and nothing happens, except without a process sandbox: there they take the builder itself
down. With -f they ask the kernel, which refuses a plain step, and ends an insecure one.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import AskKernel, KernelRequest
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

_SYSTEMCTL = "RUN update-alternatives --install /usr/sbin/reboot reboot /usr/bin/systemctl 1\n"

rule = Rule(
    code="NS509",
    name="power",
    summary="a step may not halt or restart the machine",
    refused=EVERYWHERE,
    guidance="Leave it out: every step starts anew, so there is nothing to restart.",
    symptoms=(
        r"(reboot|halt|poweroff): .*Operation not permitted",
        r"Failed to (reboot|talk to init daemon|connect to bus)",
        r"telinit",
    ),
    examples=(
        Bad("FROM busybox\nRUN «reboot -f»\n", fixed="FROM busybox\n\n"),
        Bad("FROM busybox\nRUN ls; «poweroff -f» && ls\n", fixed="FROM busybox\nRUN ls; ls\n"),
        Bad("FROM debian\n" + _SYSTEMCTL + "RUN «reboot»\n", fixed="FROM debian\n" + _SYSTEMCTL + "\n"),
        Warn("FROM busybox\nRUN «halt -f» || true\n", fixed="FROM busybox\n\n"),
        Good(
            "FROM debian\nRUN echo reboot > /later.sh && mkdir -p /var/run && touch /var/run/reboot-required\n",
            why="for later",
        ),
        Good("FROM busybox\nRUN reboot --help; mkdir /init; echo init > /init/x\n", why="it is not run"),
    ),
    references=("https://man7.org/linux/man-pages/man2/reboot.2.html",),
)


@rule.check(AskKernel)
def power(ask: AskKernel) -> Iterator[Refusal]:
    if ask.request is not KernelRequest.POWER:
        return
    fix = delete_command(ask.command, safety=Safety.UNSAFE)
    message = f"`{ask.command.name}` has nothing to halt or restart in a step"
    yield rule.refuses(ask, message, fix=fix, certain=ask.fails is not None, differs=ask.fails is False)
