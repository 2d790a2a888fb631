"""Programs that sandbox what they run, container engines, and tools that fill a root directory.

Measured in plain and insecure steps of every profile with Debian bookworm's packages: nix 2.8, flatpak 1.14, chromium,
systemd 252, schroot 1.6, podman 4.3, buildah 1.28, docker 20.10, runc 1.1, crun 1.8, debootstrap 1.0.128 and
mmdebstrap 1.3. Silent on purpose, as they notice where they run and go without: `opam init -y`, firejail, dracut,
`flatpak install`, `lxc-create`, mmdebstrap as root, and nix as long as `sandbox-fallback` is on, its default.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..command import Command
from ..facts import Bootstrap, ContainerEngine, Mount, NestedSandbox, Unshare
from ..rule import Fact
from ..system import System
from .options import options

HELP = ("-h", "--help", "-V", "-v", "--version")


def _words(command: Command) -> list[str]:
    return [argument.text for argument in command.argv[1:]]


# ---------------------------------------------------------------------------------------------- sandboxes


def nix(command: Command, _system: System) -> Iterator[Fact]:
    """A build falls back to no sandbox, unless it is forbidden to. What a cache holds is not built at all."""
    words = _words(command)
    if command.name == "nix" and "build" not in words and "develop" not in words:
        return
    said = [
        (first, value) for flag, first, value in zip(words, words[1:], words[2:], strict=False) if flag == "--option"
    ]
    forbidden = ("sandbox-fallback", "false") in said or "--no-sandbox-fallback" in words
    forbidden = forbidden or "sandbox-fallback = false" in (command.env.get("NIX_CONFIG") or "")
    without = ("sandbox", "false") in said or "--no-sandbox" in words
    if forbidden and not without:
        after = command.argv[0]
        yield NestedSandbox(command.place, command, "nix", switch="--option sandbox false", after=after, certain=False)


def flatpak(command: Command, _system: System) -> Iterator[Fact]:
    """`flatpak run` and `flatpak build` enter a sandbox by bwrap, which wants a /sys that is whole."""
    found = options(command, permute=False)
    if found.operands and found.operands[0].text in ("run", "build") and "--help" not in _words(command):
        yield NestedSandbox(command.place, command, "flatpak", privileged=True)


def flatpak_builder(command: Command, _system: System) -> Iterator[Fact]:
    found = options(command)
    if len(found.operands) > 1 and not found.has(*HELP, "--download-only", "--show-deps", "--show-manifest"):
        yield NestedSandbox(command.place, command, "flatpak-builder", privileged=True)


def chromium(command: Command, _system: System) -> Iterator[Fact]:
    """As root it does not even start without --no-sandbox, which Debian's and Alpine's take from CHROMIUM_FLAGS too."""
    found = options(command)
    if "--no-sandbox" in (command.env.get("CHROMIUM_FLAGS") or ""):
        return
    if len(command.argv) > 1 and not found.has("--no-sandbox", "--version", "--product-version", "--help"):
        root = command.user is not None and command.user.partition(":")[0] in ("root", "0")
        name = command.name
        yield NestedSandbox(
            command.place, command, name, not_as_root=root, switch="--no-sandbox", after=command.argv[0]
        )


def nspawn(command: Command, _system: System) -> Iterator[Fact]:
    if len(command.argv) > 1 and not {"-h", "--help", "--version"} & set(_words(command)):
        yield NestedSandbox(command.place, command, command.name, privileged=True)


def schroot(command: Command, _system: System) -> Iterator[Fact]:
    """A session mounts what its chroot wants; lists, infos and locations are of the configuration."""
    found = options(command, "cnud", "chroot session-name user directory", permute=False)
    if found.has("-c", "--chroot") and not found.has(*HELP, "-l", "--list", "-i", "--info", "--config", "--location"):
        yield NestedSandbox(command.place, command, "schroot", privileged=True)


def app_image(command: Command, _system: System) -> Iterator[Fact]:
    """An AppImage mounts itself by FUSE, unless it is told to unpack itself; a newer one may do that by itself."""
    extracts = any(word.startswith("--appimage-") for word in _words(command))
    if not extracts and not command.env.get("APPIMAGE_EXTRACT_AND_RUN"):
        yield Mount(command.place, command, "fuse", command.path(command.argv[0]), None, certain=False)


# ---------------------------------------------------------------------------------------------- container engines

_ASKS_DAEMON = frozenset(
    """
    attach build commit container cp create events exec export history image images import info inspect kill load logs
    network pause port ps pull push rename restart rm rmi run save start stats stop system tag top unpause update
    version volume wait
    """.split()
)


def docker(command: Command, _system: System) -> Iterator[Fact]:
    """The client, whose daemon is not in a step: `docker login`, `context` and plugins' versions do not ask it."""
    found = options(command, "Hcl", "host context log-level config tlscacert tlscert tlskey", permute=False)
    if not found.operands or found.operands[0].text not in _ASKS_DAEMON or "--help" in _words(command):
        return
    elsewhere = "DOCKER_HOST" in command.env or found.has("-H", "--host", "-c", "--context")
    yield ContainerEngine(command.place, command, "docker", daemon=True, certain=not elsewhere)


def dockerd(command: Command, _system: System) -> Iterator[Fact]:
    """It ends when it cannot set up the packet filter, and may live where it is told to leave that alone."""
    words = _words(command)
    if not {"-h", "--help", "-v", "--version", "--validate"} & set(words):
        certain = not any(word.startswith("--iptables=") or word in ("--rootless", "--bridge=none") for word in words)
        yield ContainerEngine(command.place, command, "dockerd", privileged=False, certain=certain)


_PODMAN_SILENT = frozenset("completion help machine".split())


def podman(command: Command, _system: System) -> Iterator[Fact]:
    """Whatever it is told, it first sets up its storage and a user namespace."""
    found = options(command, "cHr", "connection url identity root runroot storage-driver log-level", permute=False)
    if (
        not found.operands
        or found.operands[0].text in _PODMAN_SILENT
        or found.has(*HELP)
        or "--help" in _words(command)
    ):
        return
    elsewhere = "CONTAINER_HOST" in command.env or found.has("-r", "--remote", "--url", "-c", "--connection")
    yield ContainerEngine(command.place, command, "podman", certain=not elsewhere)


def buildah(command: Command, _system: System) -> Iterator[Fact]:
    """An insecure step lets it build with the `vfs` driver and `chroot` isolation."""
    found = options(command, permute=False, long="root runroot storage-driver storage-opt log-level userns-uid-map")
    words = _words(command)
    verb = found.operands[0].text if found.operands else "help"
    if verb in ("completion", "help", "version") or found.has(*HELP) or "--help" in words:
        return
    builds = verb in ("bud", "build", "build-using-dockerfile", "run", "mount", "add", "copy")
    vfs = "vfs" in words or "--storage-driver=vfs" in words or command.env.get("STORAGE_DRIVER") == "vfs"
    yield ContainerEngine(command.place, command, "buildah", privileged=builds and not vfs)


def runc(command: Command, _system: System) -> Iterator[Fact]:
    found = options(command, long="root log log-format criu rootless", permute=False)
    if found.operands and found.operands[0].text in ("run", "create") and "--help" not in _words(command):
        yield ContainerEngine(command.place, command, command.name)


# ---------------------------------------------------------------------------------------------- root directories


def debootstrap(command: Command, _system: System) -> Iterator[Fact]:
    """Before all else it makes a device node in the target. Not under fakeroot, and not where it only lists."""
    found = options(command, long="arch include exclude components variant keyring make-tarball unpack-tarball")
    silent = ("--help", "--version", "--print-debs", "--download-only", "--second-stage")
    variant = found.value("--variant")
    fake = {"fakeroot", "fakechroot"} & set(command.wrappers) or (variant is not None and variant.text == "fakechroot")
    if len(found.operands) > 1 and not fake and not found.has(*silent):
        yield Bootstrap(command.place, command, command.name)


def mmdebstrap(command: Command, _system: System) -> Iterator[Fact]:
    """As root it warns and does without device nodes and mounts; `--mode=unshare` insists."""
    mode = options(command, long="mode variant include architectures components aptopt dpkgopt format").value("--mode")
    if mode is not None and mode.text == "unshare":
        yield Unshare(mode.place, command, "mmdebstrap", "a namespace of its own")


_BROWSERS = (
    "chromium chromium-browser google-chrome google-chrome-stable google-chrome-beta microsoft-edge "
    "microsoft-edge-stable brave-browser"
).split()

PROGRAMS = {
    "nix": nix,
    "nix-build": nix,
    "nix-shell": nix,
    "flatpak": flatpak,
    "flatpak-builder": flatpak_builder,
    **dict.fromkeys(_BROWSERS, chromium),
    "systemd-nspawn": nspawn,
    "schroot": schroot,
    "*.appimage": app_image,
    "docker": docker,
    "dockerd": dockerd,
    "podman": podman,
    "buildah": buildah,
    "runc": runc,
    "crun": runc,
    "debootstrap": debootstrap,
    "qemu-debootstrap": debootstrap,
    "mmdebstrap": mmdebstrap,
}
