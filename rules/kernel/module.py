"""A step may not load kernel modules.

init_module(2) and delete_module(2) need the host's root, and there is nothing to load: an image does not hold the
modules of the kernel that the builder runs, so modprobe fails before it asks, in every profile and in insecure steps
too. A module that a program needs must be loaded on the node. Modules can be compiled in a step, `depmod VERSION` is
free, and /etc/modules-load.d and /etc/modprobe.d hold files like any other.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import AskKernel, KernelRequest
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS501",
    name="kernel-module",
    summary="a step may not load kernel modules",
    refused=EVERYWHERE,
    guidance="Leave it out, and load the module on the nodes that run the container.",
    symptoms=(
        r"modprobe: .*(not found|can't change directory)",
        r"insmod: (ERROR: could not|can't insert)",
        r"rmmod: (ERROR: Module|can't unload module)",
    ),
    examples=(
        Bad("FROM debian\nRUN «modprobe br_netfilter» && echo ok\n", fixed="FROM debian\nRUN echo ok\n"),
        Bad("FROM busybox\nRUN set -e; «modprobe ip_tables»; echo ok\n", fixed="FROM busybox\nRUN set -e; echo ok\n"),
        Bad("FROM debian\nRUN echo x > /m.ko && «insmod /m.ko»\n", fixed="FROM debian\nRUN echo x > /m.ko\n"),
        Bad("FROM busybox\nRUN «rmmod dummy» && ls\n", fixed="FROM busybox\nRUN ls\n"),
        Bad("FROM debian\nRUN --security=insecure «modprobe dummy»\n", fixed="FROM debian\n\n"),
        Bad(
            "FROM debian\nRUN bash -ec 'for m in loop; do «modprobe $m»; done'\n",
            fixed="FROM debian\nRUN bash -ec 'for m in loop; do true; done'\n",
        ),
        Warn("FROM debian\nRUN «modprobe overlay» || true\n", fixed="FROM debian\n\n"),
        Warn("FROM debian\nRUN «rmmod pcspkr»; echo ok\n", fixed="FROM debian\nRUN echo ok\n"),
        Good(
            "FROM debian\nRUN modprobe --version && modprobe -c > /x && { modprobe -n dummy; true; }\n",
            why="nothing is loaded",
        ),
        Good("FROM debian\nRUN echo br_netfilter > /etc/modules-load.d/k8s.conf\n", why="a file for later"),
        Good("FROM debian\nRUN echo 'modprobe overlay' >> /etc/rc.local && command -v modprobe\n", why="it is not run"),
        Good("FROM busybox\nRUN lsmod; modinfo dummy; true\n", why="these only look"),
    ),
    references=("https://man7.org/linux/man-pages/man2/init_module.2.html",),
)


@rule.check(AskKernel)
def module(ask: AskKernel) -> Iterator[Refusal]:
    if ask.request is KernelRequest.LOAD_MODULE:
        named = ask.detail or "the module"
        fix = delete_command(ask.command, safety=Safety.UNSAFE)
        yield rule.refuses(ask, f"{named}: kernel modules belong to the host", fix=fix)
