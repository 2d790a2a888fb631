"""The network's set-up and the packet filter: ip, ifconfig, tc, iptables, nft, ufw and their like.

Who only lists is silent where listing needs no privilege: `ip` and `tc` do, `iptables -L` and `nft list` do not.
Measured with iproute2 6.1, net-tools 2.10, iptables 1.8.9, nftables 1.0.6, ipset 7.17, ufw 0.36 and busybox 1.35.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..command import Command
from ..facts import AskKernel, KernelRequest, Unshare
from ..rule import Fact
from ..system import System
from .families import is_gnu
from .options import options

HELP = ("-h", "--help", "-V", "--version")

_OBJECTS = (
    "address addrlabel maddress route rule neighbor neighbour ntable link l2tp fou ila macsec tunnel tuntap token "
    "tcpmetrics monitor xfrm mroute mrule netns netconf vrf nexthop mptcp stats help"
).split()
"""ip(8) takes any beginning of an object's name, and the first in this order that has it."""

_CHANGES = frozenset("add a del delete d change chg replace set s flush f append prepend link".split())

_NETNS_CHANGES = frozenset("add attach delete del set exec".split())


def ip(command: Command, system: System) -> Iterator[Fact]:
    found = options(command, "fnbl", "family netns batch loops rcvbuf", permute=False)
    words = [operand.text for operand in found.operands]
    if not words or found.has("-V", "-Version", "--version", "--help"):
        return
    kind = next((name for name in _OBJECTS if name.startswith(words[0])), "")
    verb = words[1] if len(words) > 1 else "show"
    if kind == "netns":
        if verb in _NETNS_CHANGES:
            yield Unshare(command.place, command, "ip netns", "a network namespace of its own")
    elif kind == "tuntap" and verb in ("add", "a"):
        yield AskKernel(command.place, command, KernelRequest.TUNNEL)
    elif _is_change(kind, words):
        fails: bool | None = True
        if kind == "link" and {"lo", "up"} <= set(words) and len(words) <= 5:
            fails = is_gnu(system)  # it is up already, and busybox does not ask for what is so
            if fails is False:
                return
        yield AskKernel(command.place, command, KernelRequest.NETWORK, fails=fails)


def _is_change(kind: str, words: list[str]) -> bool:
    if kind == "xfrm":
        return len(words) > 1
    if kind in ("", "help", "monitor", "stats", "netconf", "vrf") or len(words) < 2 or words[1] not in _CHANGES:
        return False
    if words[1] in ("s", "f"):
        return False  # `show` and `flush` begin so
    return kind != "route" or words[1:] not in (["flush", "cache"], ["flush", "table", "cache"])


def ifconfig(command: Command, _system: System) -> Iterator[Fact]:
    """`ifconfig` and `ifconfig INTERFACE` print."""
    if not options(command).has(*HELP) and len([a for a in command.argv[1:] if not a.text.startswith("-")]) > 1:
        yield AskKernel(command.place, command, KernelRequest.NETWORK)


_VERBS = {
    "tc": frozenset({"add", "del", "delete", "change", "replace", "link"}),
    "bridge": frozenset({"add", "append", "del", "delete", "replace", "set"}),
    "brctl": frozenset({"addbr", "delbr", "addif", "delif", "stp", "setfd", "sethello", "setageing", "setmaxage"}),
    "route": frozenset({"add", "del"}),
    "vconfig": frozenset({"add", "rem", "set_flag"}),
}
"""What changes something, as the first or second word that is no option."""


def by_verb(command: Command, _system: System) -> Iterator[Fact]:
    words = [operand.text for operand in options(command, "A").operands[:2]]
    if not options(command).has(*HELP) and _VERBS[command.name].intersection(words):
        yield AskKernel(command.place, command, KernelRequest.NETWORK)


_ETHTOOL_CHANGES = (
    "-A --pause -C --coalesce -G --set-ring -K --features --offload -L --set-channels -N -U --config-nfc "
    "--config-ntuple -s --change -X --set-rxfh-indir --rxfh -r --negotiate -t --test"
).split()


def ethtool(command: Command, _system: System) -> Iterator[Fact]:
    if options(command).has(*_ETHTOOL_CHANGES):
        yield AskKernel(command.place, command, KernelRequest.NETWORK)


def tunctl(command: Command, _system: System) -> Iterator[Fact]:
    if not options(command).has(*HELP):
        yield AskKernel(command.place, command, KernelRequest.TUNNEL)


# ---------------------------------------------------------------------------------------------- the packet filter


def xtables(command: Command, _system: System) -> Iterator[Fact]:
    """Even a list needs the privilege; without a command there is only a usage message."""
    if len(command.argv) > 1 and not options(command).has(*HELP):
        yield AskKernel(command.place, command, KernelRequest.FILTER)


def xtables_save(command: Command, _system: System) -> Iterator[Fact]:
    if not options(command).has(*HELP):
        yield AskKernel(command.place, command, KernelRequest.FILTER)


def xtables_restore(command: Command, _system: System) -> Iterator[Fact]:
    """An empty file restores nothing, and passes."""
    empty = command.stdin is not None and not command.stdin.text.strip()
    empty = empty or any(redirection.target.text == "/dev/null" for redirection in command.redirections)
    if not empty and not options(command).has(*HELP):
        yield AskKernel(command.place, command, KernelRequest.FILTER)


def nft(command: Command, _system: System) -> Iterator[Fact]:
    """`-c` only checks a file, and yet asks the kernel for what is there."""
    found = options(command, "fDI", "file define includepath")
    if found.has("-h", "--help", "-v", "-V", "--version", "-i", "--interactive"):
        return
    if found.has("-f", "--file") or (found.operands and found.operands[0].text != "describe"):
        yield AskKernel(command.place, command, KernelRequest.FILTER)


def ipset(command: Command, _system: System) -> Iterator[Fact]:
    """Even `ipset --version` asks the kernel for the version of its protocol."""
    words = [argument.text for argument in command.argv[1:]]
    if words and words[0] not in ("help", "-h", "--help"):
        yield AskKernel(command.place, command, KernelRequest.FILTER)


def ufw(command: Command, _system: System) -> Iterator[Fact]:
    """`ufw allow` and `default` write to files and only warn of the kernel's refusal."""
    words = [operand.text for operand in options(command).operands]
    if words and words[0] in ("enable", "disable", "status") and not options(command).has(*HELP):
        yield AskKernel(command.place, command, KernelRequest.FILTER)


_XTABLES = [
    f"{name}{variant}"
    for name in ("iptables", "ip6tables", "ebtables", "arptables")
    for variant in ("", "-nft", "-legacy")
]

PROGRAMS = {
    "ip": ip,
    "ifconfig": ifconfig,
    **dict.fromkeys(_VERBS, by_verb),
    "ethtool": ethtool,
    "tunctl": tunctl,
    **dict.fromkeys(_XTABLES, xtables),
    **{f"{name}-save": xtables_save for name in _XTABLES},
    **{f"{name}-restore": xtables_restore for name in _XTABLES},
    "nft": nft,
    "ipset": ipset,
    "conntrack": xtables,
    "ufw": ufw,
}
