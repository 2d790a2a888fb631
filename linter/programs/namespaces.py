"""Namespaces: unshare, nsenter, ip netns, pivot_root, bwrap, and the names that live in one: hostname, domainname.

What each does by its options is from its manual page and busybox's help; that wrappers run another program is
`linter.shell.wrappers`' business.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..command import Argument, Command
from ..facts import AskKernel, EnterNamespace, KernelRequest, NestedSandbox, Unshare
from ..rule import Fact
from ..system import System
from .options import options

HELP = ("-h", "--help", "-V", "--version")

_KINDS = {
    "mount": ("-m", "--mount"),
    "UTS": ("-u", "--uts"),
    "IPC": ("-i", "--ipc"),
    "network": ("-n", "--net"),
    "PID": ("-p", "--pid"),
    "cgroup": ("-C", "--cgroup"),
    "user": ("-U", "--user", "-r", "--map-root-user", "-c", "--map-current-user", "--map-auto"),
    "time": ("-T", "--time"),
}


def unshare(command: Command, _system: System) -> Iterator[Fact]:
    """The system call is made even for no namespace at all, and refused then too."""
    found = options(
        command,
        "RwSGl",
        "root wd setuid setgid map-user map-group map-users map-groups propagation setgroups monotonic boottime",
        permute=False,
    )
    if found.has(*HELP):
        return
    kinds = [kind for kind, flags in _KINDS.items() if found.has(*flags)]
    yield Unshare(command.place, command, "unshare", f"a new {kinds[0]} namespace" if kinds else "a new namespace")


def nsenter(command: Command, _system: System) -> Iterator[Fact]:
    """Without a kind of namespace it only runs its program. `--net=FILE` may name a namespace of this process."""
    found = options(command, "tSGW", "target setuid setgid wdns", permute=False)
    if found.has(*HELP):
        return
    flags = {**_KINDS, "user": ("-U", "--user"), "all": ("-a", "--all")}
    kinds = tuple(kind for kind, names in flags.items() if found.has(*names))
    if kinds:
        yield EnterNamespace(command.place, command, kinds, other=found.has("-t", "--target"))


def pivot_root(command: Command, _system: System) -> Iterator[Fact]:
    if len(options(command).operands) > 1:
        yield Unshare(command.place, command, command.name, "another root mount")


def bwrap(command: Command, _system: System) -> Iterator[Fact]:
    """All of bwrap's options start with two dashes; it makes a mount namespace for whatever program follows."""
    first = command.argv[1].text if len(command.argv) > 1 else "--help"
    if first not in ("--help", "--version"):
        yield NestedSandbox(command.place, command, "bwrap")


def hostname(command: Command, _system: System) -> Iterator[Fact]:
    """Without an operand and without -F it prints."""
    found = options(command, "F", "file")
    if found.has("--help", "-h", "-V", "--version"):
        return
    if found.operands or found.has("-F", "--file"):
        empty = not found.has("-F", "--file") and all(_may_be_nothing(operand) for operand in found.operands)
        yield AskKernel(command.place, command, KernelRequest.HOST_NAME, fails=None if empty else True)


def _may_be_nothing(operand: Argument) -> bool:
    return not operand.known and operand.text.startswith("$")


PROGRAMS = {
    "unshare": unshare,
    "nsenter": nsenter,
    "pivot_root": pivot_root,
    "switch_root": pivot_root,
    "bwrap": bwrap,
    "hostname": hostname,
    "domainname": hostname,
    "nisdomainname": hostname,
    "ypdomainname": hostname,
}
