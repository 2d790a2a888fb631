"""A step may not touch the packet filter.

The packet filter of the step's network namespace belongs to CAP_NET_ADMIN, which only an insecure step has; there it
works in every profile whose network namespace belongs to the user namespace. iptables, nft and ipset need it even to
list, `iptables-save` to write the rules to a file, and `nft -c` to check one. `ufw allow` and `ufw default` write to
files and pass; `ufw enable`, `disable` and `status` ask the kernel.

Rules do not outlive the step. Write them to a file in the image, and load it when the container starts, or leave them
to a network policy.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import AskKernel, KernelRequest
from ...linter.profile import WITHOUT_CAPABILITIES
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS506",
    name="packet-filter",
    summary="a step may not change or list the packet filter",
    refused=WITHOUT_CAPABILITIES,
    guidance="Load the rules when the container starts, or use a network policy; a step's rules are gone after it.",
    symptoms=(
        r"tables.* (Could not fetch rule set generation id|can't initialize .*table|line \d+ failed|Cannot initialize)",
        r"netlink: Error: cache initialization failed",
        r"Error: Could not process rule: Operation not permitted",
        r"ipset v.*: Kernel error received: Operation not permitted",
        r"conntrack v.*: Operation failed",
        r"ERROR: problem running (iptables|ufw-init)",
    ),
    examples=(
        Bad("FROM debian\nRUN «iptables -A INPUT -p tcp --dport 80 -j ACCEPT»\n", fixed="FROM debian\n\n"),
        Bad("FROM debian\nRUN ls && «iptables -t nat -L» && echo ok\n", fixed="FROM debian\nRUN ls && echo ok\n"),
        Bad("FROM debian\nRUN «iptables-save» > /etc/iptables.rules\n"),
        Bad("FROM debian\nRUN «nft add table inet x» && ls\n", fixed="FROM debian\nRUN ls\n"),
        Bad(
            "FROM debian\nRUN echo 'table inet x {}' > /n && «nft -f /n»\n",
            fixed="FROM debian\nRUN echo 'table inet x {}' > /n\n",
        ),
        Bad("FROM debian\nRUN printf '*filter\\nCOMMIT\\n' | «iptables-restore»\n"),
        Bad(
            "FROM debian\nRUN «iptables -C INPUT -j ACCEPT» || «iptables -A INPUT -j ACCEPT»\n", fixed="FROM debian\n\n"
        ),
        Warn("FROM debian\nRUN «ip6tables -F» || true\n", fixed="FROM debian\n\n"),
        Good(
            "FROM debian\nRUN iptables --version && iptables -h && iptables -m tcp -h && nft --version\n",
            why="these explain",
        ),
        Good("FROM debian\nRUN update-alternatives --set iptables /usr/sbin/iptables-legacy\n", why="a link is set"),
        Good("FROM debian\nRUN nft describe tcp dport && iptables-restore < /dev/null\n", why="nothing is asked"),
        Good(
            "FROM debian\nRUN echo '*filter' > /rules.v4 && echo iptables-restore /rules.v4 > /start.sh\n",
            why="for later",
        ),
        Good("FROM debian\nRUN --security=insecure iptables -N x && nft list tables\n", why="an insecure step may"),
    ),
    references=("https://man7.org/linux/man-pages/man7/capabilities.7.html",),
)


@rule.check(AskKernel)
def packet_filter(ask: AskKernel) -> Iterator[Refusal]:
    if ask.request is KernelRequest.FILTER:
        name = ask.command.name
        fix = None if name.endswith(("-save", "-restore")) else delete_command(ask.command, safety=Safety.UNSAFE)
        yield rule.refuses(ask, f"`{name}` needs CAP_NET_ADMIN, which the step lacks", fix=fix)
