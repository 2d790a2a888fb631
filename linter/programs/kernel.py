"""What is the kernel's own: modules, swap, the clock, the log, keyrings, BPF, power.

Measured with kmod 30, util-linux 2.38, coreutils 9.1, chrony 4.3, keyutils 1.6, bpftool 7.1, systemd 252, busybox 1.35.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..command import Command
from ..facts import AskKernel, FileUse, KernelRequest, UseFile
from ..rule import Fact
from ..system import System
from .families import is_gnu
from .options import options

HELP = ("-h", "--help", "-V", "--version")


# ---------------------------------------------------------------------------------------------- modules, swap


def modprobe(command: Command, _system: System) -> Iterator[Fact]:
    """Dry runs and lists of dependencies or of the configuration load nothing."""
    found = options(command, "CdS", "config dirname set-version")
    silent = ("-n", "--dry-run", "--show", "-D", "--show-depends", "-c", "--showconfig", "-R", "--resolve-alias", "-l")
    if found.operands and not found.has(*HELP, *silent):
        yield _module(command, found.operands[0].value)


def insmod(command: Command, _system: System) -> Iterator[Fact]:
    """Loads or, as rmmod, removes a module."""
    found = options(command)
    if found.operands and not found.has(*HELP):
        yield _module(command, found.operands[0].value)


def _module(command: Command, name: str | None) -> AskKernel:
    return AskKernel(command.place, command, KernelRequest.LOAD_MODULE, name or "")


def swapon(command: Command, system: System) -> Iterator[Fact]:
    """Also swapoff; its `-a` does nothing where there is no swap, which is the host's matter."""
    found = options(command, "Lopu", "discard options priority show")
    if found.has(*HELP, "-s", "--summary", "--show"):
        return
    if found.has("-a", "--all"):
        if command.name == "swapoff" and is_gnu(system):
            yield AskKernel(command.place, command, KernelRequest.SWAP, fails=None)
    elif found.operands or found.has("-L"):
        yield AskKernel(command.place, command, KernelRequest.SWAP)


# ---------------------------------------------------------------------------------------------- the clock

_SET = re.compile(r"-[uR]*s|--set\b")
_NEW_TIME = re.compile(r"\d{8}(\d\d){0,2}(\.\d\d)?")


def date(command: Command, system: System) -> Iterator[Fact]:
    """`-s TIME` and `MMDDhhmm[[CC]YY][.ss]` set the clock; busybox exits 0 when it may not."""
    found = options(command, "dfrsD", "date file reference set")
    as_operand = any(_NEW_TIME.fullmatch(operand.text) for operand in found.operands)
    if any(_SET.match(argument.text) for argument in command.argv[1:]) or (
        as_operand and not found.has("-d", "--date", "-f", "-r", "-D")
    ):
        yield AskKernel(command.place, command, KernelRequest.CLOCK, fails=is_gnu(system))


def hwclock(command: Command, _system: System) -> Iterator[Fact]:
    """Reading the hardware clock takes its device too, which no step has."""
    if not options(command, "f", "rtc date").has(*HELP):
        yield AskKernel(command.place, command, KernelRequest.CLOCK)


def ntpdate(command: Command, _system: System) -> Iterator[Fact]:
    """Clients that set the clock once; whether a server answers them is not known. `-q` and `-d` only ask."""
    found = options(command, "aekoptU")
    if found.operands and not found.has(*HELP, "-q", "-d"):
        yield AskKernel(command.place, command, KernelRequest.CLOCK, fails=None)


def rdate(command: Command, _system: System) -> Iterator[Fact]:
    """With -p it only prints."""
    found = options(command, "o")
    if found.operands and not found.has("-p", "--help", "-h"):
        yield AskKernel(command.place, command, KernelRequest.CLOCK, fails=None)


def chronyd(command: Command, _system: System) -> Iterator[Fact]:
    """It asks for the clock before anything else, unless -Q or -x says that it shall not."""
    if not options(command, "fFPRrstu").has("-Q", "-x", "-p", "-h", "--help", "-v", "--version"):
        yield AskKernel(command.place, command, KernelRequest.CLOCK)


# ---------------------------------------------------------------------------------------------- the rest


def dmesg(command: Command, _system: System) -> Iterator[Fact]:
    if not options(command, "fFlns", "facility file level console-level buffer-size").has(*HELP, "-F", "--file"):
        yield AskKernel(command.place, command, KernelRequest.READ_LOG)


def keyctl(command: Command, _system: System) -> Iterator[Fact]:
    """All but its version and what the kernel supports needs system calls that BuildKit's seccomp profile refuses."""
    words = [argument.text for argument in command.argv[1:]]
    if words and words[0] not in ("--version", "supports", "help", "--help", "-h"):
        yield AskKernel(command.place, command, KernelRequest.KEYRING)


_BPF_OBJECTS = frozenset("prog map link cgroup perf net feature struct_ops iter".split())


def bpftool(command: Command, _system: System) -> Iterator[Fact]:
    """`gen` and `btf dump file` work on files; a file below /sys is one that a user namespace does not have."""
    found = options(command)
    words = [operand.text for operand in found.operands]
    if words and words[0] in _BPF_OBJECTS and not (found.has(*HELP) or words[-1] == "help"):
        yield AskKernel(command.place, command, KernelRequest.BPF)
    if words[:3] == ["btf", "dump", "file"] and len(words) > 3:
        path = command.path(found.operands[3])
        if path is not None:
            yield UseFile(found.operands[3].place, command, path, FileUse.READ)


def power(command: Command, system: System) -> Iterator[Fact]:
    """Systemd's ask a manager that is not there; busybox's signal process 1, and pass, unless -f asks the kernel."""
    directory = command.argv[0].text.rpartition("/")[0]
    if directory and not directory.endswith("bin"):
        return
    found = options(command, "dnt")
    if found.has("--help", "-h", "--version") and command.name != "shutdown":
        return
    if found.has("--help", "--version") or (command.name in ("init", "telinit") and not _is_level(command)):
        return
    forced = found.has("-f", "--force")
    yield AskKernel(command.place, command, KernelRequest.POWER, fails=True if forced else is_gnu(system))


def _is_level(command: Command) -> bool:
    return len(command.argv) == 2 and command.argv[1].text in ("0", "1", "2", "3", "4", "5", "6", "S", "s")


PROGRAMS = {
    "modprobe": modprobe,
    "insmod": insmod,
    "rmmod": insmod,
    "swapon": swapon,
    "swapoff": swapon,
    "date": date,
    "hwclock": hwclock,
    "ntpdate": ntpdate,
    "rdate": rdate,
    "chronyd": chronyd,
    "dmesg": dmesg,
    "keyctl": keyctl,
    "bpftool": bpftool,
    "reboot": power,
    "halt": power,
    "poweroff": power,
    "shutdown": power,
    "init": power,
    "telinit": power,
}
