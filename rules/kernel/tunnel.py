"""A step has no /dev/net/tun.

TUN and TAP interfaces, and the VPN clients that make them, open /dev/net/tun. A step has it only as an insecure step of
a builder that runs as real root.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import AskKernel, KernelRequest
from ...linter.profile import WITHOUT_HOST_ROOT
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS508",
    name="tunnel",
    summary="a step has no /dev/net/tun to make a tunnel with",
    refused=WITHOUT_HOST_ROOT,
    guidance="Leave it out: give the builder the network that the build needs, or the container its device.",
    symptoms=(r"open: No such file or directory", r"/dev/net/tun.?: No such file or directory", r"ioctl\(TUNSETIFF\)"),
    examples=(
        Bad("FROM debian\nRUN «ip tuntap add dev tap9 mode tap» && echo ok\n", fixed="FROM debian\nRUN echo ok\n"),
        Bad("FROM busybox\nRUN «tunctl -t tap9»\n", fixed="FROM busybox\n\n"),
        Bad("FROM debian\nRUN set -e; sudo «ip tuntap add mode tun tun9»; ls\n", fixed="FROM debian\nRUN set -e; ls\n"),
        Warn("FROM debian\nRUN «ip tuntap add dev tap9 mode tap» || true\n", fixed="FROM debian\n\n"),
        Good("FROM debian\nRUN ip tuntap; ip tuntap show\n", why="these list"),
        Good("FROM busybox\nRUN tunctl --help; echo tunctl -t tap9 > /up.sh\n", why="it is not run"),
    ),
    references=("https://docs.kernel.org/networking/tuntap.html",),
)


@rule.check(AskKernel)
def tunnel(ask: AskKernel) -> Iterator[Refusal]:
    if ask.request is KernelRequest.TUNNEL:
        yield rule.refuses(ask, "there is no /dev/net/tun", fix=delete_command(ask.command, safety=Safety.UNSAFE))
