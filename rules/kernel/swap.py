"""A step may not change swap.

swapon(2) and swapoff(2) need CAP_SYS_ADMIN in the initial user namespace: only an insecure step of a builder that runs
as real root has it, and it would change the swap of the whole machine. `swapoff -a` passes where the machine has no
swap, and fails where it has. mkswap only writes to its file. How much memory a build may use is set for the builder.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import AskKernel, KernelRequest
from ...linter.profile import WITHOUT_HOST_ROOT
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS502",
    name="swap",
    summary="a step may not change the machine's swap",
    refused=WITHOUT_HOST_ROOT,
    guidance="Leave it out, the swap file with it, and give the builder the memory that the build needs.",
    symptoms=(
        r"swapo(n|ff): .*Operation not permitted",
        r"swapoff: Not superuser",
        r"swapon: .*(cannot open|read swap)",
    ),
    examples=(
        Bad(
            "FROM debian\nRUN dd if=/dev/zero of=/s bs=1M count=4 && mkswap /s && «swapon /s» && echo ok\n",
            fixed="FROM debian\nRUN dd if=/dev/zero of=/s bs=1M count=4 && mkswap /s && echo ok\n",
        ),
        Bad(
            "FROM busybox\nRUN dd if=/dev/zero of=/s bs=1M count=4 && mkswap /s && «swapon /s»\n",
            fixed="FROM busybox\nRUN dd if=/dev/zero of=/s bs=1M count=4 && mkswap /s\n",
        ),
        Bad("FROM debian\nRUN touch /s; «swapoff /s»\n", fixed="FROM debian\nRUN touch /s\n"),
        Bad("FROM busybox\nRUN touch /s && «swapoff /s» && rm /s\n", fixed="FROM busybox\nRUN touch /s && rm /s\n"),
        Warn("FROM debian\nRUN «swapoff -a»\n", fixed="FROM debian\n\n", why="where the machine has no swap it passes"),
        Warn("FROM debian\nRUN touch /s; «swapoff /s» || true; rm /s\n", fixed="FROM debian\nRUN touch /s; rm /s\n"),
        Good("FROM debian\nRUN swapon --show && swapon -s && swapon && swapon --version\n", why="these list"),
        Good("FROM debian\nRUN truncate -s 4M /s && mkswap /s\n", why="a file is written"),
        Good("FROM debian\nRUN echo '/s none swap sw 0 0' >> /etc/fstab\n", why="a file for later"),
        Good(
            "FROM busybox\nRUN touch /etc/fstab; swapoff -a; swapon -a\n", why="busybox does what fstab says: nothing"
        ),
    ),
    references=("https://man7.org/linux/man-pages/man2/swapon.2.html",),
)


@rule.check(AskKernel)
def swap(ask: AskKernel) -> Iterator[Refusal]:
    if ask.request is KernelRequest.SWAP:
        fix = delete_command(ask.command, safety=Safety.UNSAFE)
        yield rule.refuses(ask, "swap belongs to the host", fix=fix, certain=ask.fails is not None)
