"""Mounts and loop devices: mount, umount, losetup, kpartx, FUSE programs.

What each asks for by its options is from mount(8), umount(8), losetup(8) and busybox's own help.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..command import Argument, Command
from ..facts import AskKernel, KernelRequest, Mount, Unmount
from ..rule import Fact
from ..system import System
from .families import is_gnu
from .options import Options, options

HELP = ("-h", "--help", "-V", "--version")

_MOUNT_VALUES = "tToLUNO"
_MOUNT_LONG = "types options fstab label uuid source target namespace test-opts"

_FLAGS = {
    "bind": ("-B", "--bind", "-R", "--rbind"),
    "move": ("-M", "--move"),
    "propagation": tuple(
        f"--make-{r}{kind}" for r in ("", "r") for kind in ("shared", "slave", "private", "unbindable")
    ),
}


def mount(command: Command, system: System) -> Iterator[Fact]:
    """Without operands it lists; `-a` mounts what /etc/fstab says."""
    found = options(command, _MOUNT_VALUES, _MOUNT_LONG)
    if found.has(*HELP, "-f", "--fake", "-l"):
        return
    if found.has("-a", "--all"):
        yield from _mount_all(command, system)
        return
    operands = list(found.operands)
    source = found.value("--source") or (operands.pop(0) if operands else None)
    target = found.value("--target") or (operands.pop(0) if operands else None)
    by_name = found.value("-L", "--label", "-U", "--uuid")
    if by_name is not None:
        source, target = by_name, source
    elif source is None and target is None:
        return
    elif target is None:
        source, target = None, source
    path = command.path(target) if target is not None else None
    yield Mount(command.place, command, _kind(found, source, path, system), source.value if source else None, path)


def _kind(found: Options, source: Argument | None, target: str | None, system: System) -> str | None:
    chosen = found.value("-o", "--options")
    if chosen is not None and not chosen.known:
        return None
    words = chosen.text.split(",") if chosen is not None else []
    if "remount" in words:
        return "remount"
    for kind, flags in _FLAGS.items():
        if found.has(*flags) or kind in words:
            return kind
    if "rbind" in words:
        return "bind"
    if any(word == "loop" or word.startswith("loop=") for word in words):
        return "loop"
    named = found.value("-t", "--types")
    if named is not None and named.text not in ("auto", "none"):
        if not named.known:
            return None
        return "fuse" if named.text.startswith("fuse.") else named.text
    if source is None:
        return next((kind for _, path, kind, _ in _fstab(system) or () if path == target), None)
    text = source.value
    return "loop" if text is not None and text.startswith(("/", "./")) and not text.startswith("/dev/") else None


def _mount_all(command: Command, system: System) -> Iterator[Fact]:
    """What `mount -a` mounts, where this build wrote the fstab; base images have none that mounts anything."""
    for source, target, kind, words in _fstab(system) or ():
        if "noauto" in words or kind in ("swap", "ignore"):
            continue
        kind = "bind" if {"bind", "rbind"} & set(words) else kind
        yield Mount(command.place, command, kind, source, target)


def _fstab(system: System) -> list[tuple[str, str, str, list[str]]] | None:
    """Source, target, type and options of each line, None when the file is not known."""
    content = system.files.read("/etc/fstab")
    if content is None:
        return None
    lines = (line.split() for line in content.script.text.splitlines() if not line.lstrip().startswith("#"))
    return [
        (fields[0], fields[1], fields[2], fields[3].split(",") if len(fields) > 3 else [])
        for fields in lines
        if len(fields) > 2
    ]


def umount(command: Command, _system: System) -> Iterator[Fact]:
    found = options(command, "tON", "types test-opts namespace")
    if found.has(*HELP, "--fake"):
        return
    if found.has("-a", "--all"):
        yield Unmount(command.place, command, None)
    for operand in found.operands:
        yield Unmount(command.place, command, command.path(operand))


def losetup(command: Command, system: System) -> Iterator[Fact]:
    """Lists and `-D` need no loop device; `-f` alone looks for a free one, where busybox only guesses."""
    found = options(command, "djocb", "detach associated offset sizelimit sector-size output set-capacity raw")
    if found.has(*HELP, "-a", "--all", "-l", "--list", "-j", "--associated", "-D", "--detach-all"):
        return
    if found.operands or found.has("-d", "--detach", "-c", "--set-capacity"):
        yield AskKernel(command.place, command, KernelRequest.LOOP_DEVICE)
    elif found.has("-f", "--find"):
        yield AskKernel(command.place, command, KernelRequest.LOOP_DEVICE, fails=is_gnu(system))


def kpartx(command: Command, _system: System) -> Iterator[Fact]:
    if options(command, "pt").operands:
        yield AskKernel(command.place, command, KernelRequest.LOOP_DEVICE)


def fuse(command: Command, _system: System) -> Iterator[Fact]:
    """A program that serves a file system over /dev/fuse: `PROGRAM [OPTIONS] [SOURCE] TARGET`."""
    found = options(command, "op")
    if found.has(*HELP) or not found.operands:
        return
    target = found.operands[-1]
    yield Mount(command.place, command, "fuse", None, command.path(target))


def fusermount(command: Command, _system: System) -> Iterator[Fact]:
    found = options(command, "o")
    if found.has(*HELP) or not found.operands:
        return
    target = command.path(found.operands[-1])
    if found.has("-u"):
        yield Unmount(command.place, command, target)
    else:
        yield Mount(command.place, command, "fuse", None, target)


PROGRAMS = {
    "mount": mount,
    "umount": umount,
    "losetup": losetup,
    "kpartx": kpartx,
    "sshfs": fuse,
    "squashfuse": fuse,
    "bindfs": fuse,
    "fuse-overlayfs": fuse,
    "fusermount": fusermount,
    "fusermount3": fusermount,
}
