"""A step may not set up the network.

Addresses, routes, links and queues of the step's network namespace belong to CAP_NET_ADMIN, which only an insecure step
has; there it works where the network namespace belongs to the user namespace. To show them is free. `ip link set lo up`
is refused too, though it is up already; busybox sees that it is, and asks for nothing.

The network of a build is the builder's, and `RUN --network=none` is the way to have none.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import AskKernel, KernelRequest
from ...linter.profile import WITHOUT_CAPABILITIES
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS507",
    name="network-setup",
    summary="a step may not set up the network",
    refused=WITHOUT_CAPABILITIES,
    guidance="Leave it out: a step finds its network set up, lo included, and what it changes is gone after it.",
    symptoms=(
        r"RTNETLINK answers: Operation not permitted",
        r"SIOC\w+: Operation not permitted",
        r"Failed to send flush request: Operation not permitted",
        r"netlink error: Operation not permitted",
        r"(add bridge failed|bridge \w+): Operation not permitted",
    ),
    examples=(
        Bad("FROM debian\nRUN «ip link set lo up» && echo ok\n", fixed="FROM debian\nRUN echo ok\n"),
        Bad("FROM debian\nRUN «ip link add br0 type bridge»\n", fixed="FROM debian\n\n"),
        Bad("FROM busybox\nRUN ls && «ip addr add 10.9.0.1/24 dev lo»\n", fixed="FROM busybox\nRUN ls\n"),
        Bad("FROM debian\nRUN set -e; «ip route add 10.9.0.0/24 dev lo»; ls\n", fixed="FROM debian\nRUN set -e; ls\n"),
        Bad("FROM debian\nRUN «tc qdisc add dev lo root pfifo»\n", fixed="FROM debian\n\n"),
        Bad("FROM busybox\nRUN «ifconfig lo mtu 1400» && ls\n", fixed="FROM busybox\nRUN ls\n"),
        Bad("FROM busybox\nRUN «route add -net 10.9.0.0 netmask 255.255.0.0 dev lo»\n", fixed="FROM busybox\n\n"),
        Warn("FROM debian\nRUN «ip -6 route del default» || true\n", fixed="FROM debian\n\n"),
        Good(
            "FROM debian\nRUN ip a && ip -br link && ip route show && ip route get 127.0.0.1 && ip rule && tc qdisc\n",
            why="these show",
        ),
        Good("FROM busybox\nRUN ifconfig && route -n && ip r && ip addr show dev lo && tc qdisc\n", why="these show"),
        Good("FROM busybox\nRUN ip link set lo up\n", why="busybox sees that it is up"),
        Good(
            "FROM debian\nRUN ip route flush cache; printf 'auto lo\\n' > /interfaces && ip -V\n", why="nothing fails"
        ),
        Good("FROM debian\nRUN --network=none ip addr\n", why="the builder makes it"),
    ),
    references=("https://man7.org/linux/man-pages/man7/capabilities.7.html",),
)


@rule.check(AskKernel)
def network_setup(ask: AskKernel) -> Iterator[Refusal]:
    if ask.request is KernelRequest.NETWORK:
        name = ask.command.name
        fix = delete_command(ask.command, safety=Safety.UNSAFE)
        message = f"`{name}` needs CAP_NET_ADMIN, which the step lacks"
        yield rule.refuses(ask, message, fix=fix, certain=ask.fails is not None)
