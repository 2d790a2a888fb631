"""How a buildkitd is put into each profile's namespaces: as plain processes, without a container engine.

Every command line here was measured against the profile it stands for. Where root starts it, everything runs in a PID
and a mount namespace of its own: killing its first process kills all of it, and no mount or network device outlives it.
"""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path
from typing import NamedTuple

from ..linter.errors import NoBuilder
from ..linter.profile import NO_SANDBOX, ROOTFUL, ROOTLESS, USERNS, Profile

USER = "nslint"
"""The user who runs rootless daemons when root asks for one; `lab/install` makes it."""

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PROGRAMS = ("setpriv", "unshare", "runc", "slirp4netns", "ip")


class Owner(NamedTuple):
    """Who owns a daemon's state on the host."""

    uid: int
    gid: int
    name: str


class SubIds(NamedTuple):
    """A range of /etc/subuid or /etc/subgid."""

    start: int
    size: int


def find(program: str) -> str | None:
    """Where a daemon finds a program."""
    return shutil.which(program, path=SEARCH_PATH)


def subordinate_ids(table: Path, name: str, uid: int) -> SubIds | None:
    """The first range of at least 65536 ids that `table` grants to a user, who may stand there by name or by number."""
    try:
        lines = table.read_text().splitlines()
    except FileNotFoundError:
        return None
    for line in lines:
        who, _, numbers = line.partition(":")
        start, _, count = numbers.partition(":")
        if who in (name, str(uid)) and start.isdecimal() and count.isdecimal() and int(count) >= 65536:
            return SubIds(int(start), int(count))
    return None


def owner_of(profile: Profile) -> Owner:
    """Who runs `profile` on this host. Raises NoBuilder, with what to do, when the host cannot have it."""
    root = os.geteuid() == 0
    needed = (*PROGRAMS, "rootlesskit", "newuidmap") if profile in (ROOTLESS, NO_SANDBOX) else PROGRAMS
    if missing := [program for program in needed if not find(program)]:
        raise NoBuilder(f"profile {profile.name} needs {', '.join(missing)}: run lab/install as root")
    if profile in (ROOTFUL, USERNS):
        if not root:
            raise NoBuilder(
                f"profile {profile.name} can be started only by root: run as root, or choose --profile {ROOTLESS.name}"
            )
        if profile == ROOTFUL:
            return Owner(0, 0, "root")
        ids = _granted("root", 0)
        return Owner(ids.start, ids.start, "root")
    try:
        user = pwd.getpwnam(USER) if root else pwd.getpwuid(os.geteuid())
    except KeyError:
        raise NoBuilder(f"there is no user {USER!r} to run a rootless BuildKit as: run lab/install as root") from None
    _granted(user.pw_name, user.pw_uid)
    if not root and not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        raise NoBuilder("a rootless BuildKit needs /dev/net/tun for its network: as root, `chmod 0666 /dev/net/tun`")
    return Owner(user.pw_uid, user.pw_gid, user.pw_name)


def _granted(name: str, uid: int) -> SubIds:
    found = [subordinate_ids(Path(table), name, uid) for table in ("/etc/subuid", "/etc/subgid")]
    if found[0] is None or found[1] is None:
        raise NoBuilder(
            f"{name} has no 65536 ids in /etc/subuid and /etc/subgid:"
            f" run lab/install as root, or add a line `{name}:100000:65536` to both"
        )
    if name == "root" and found[0] != found[1]:
        raise NoBuilder("root's ranges in /etc/subuid and /etc/subgid differ: make them the same")
    return found[0]


# Where /etc/resolv.conf is a link into /run, the tmpfs there has hidden what it points to.
_OWN_NETWORK = """
resolv=$(readlink -m /etc/resolv.conf)
[ -e "$resolv" ] || { mkdir -p "${resolv%/*}" && : > "$resolv"; }
mount --bind "$STATE/resolv.conf" "$resolv"
ip link set lo up
echo entered
read -r _go
exec setpriv --pdeathsig KILL "$@" </dev/null
"""

# A fresh sysfs hides the cgroup mounts below it, so the namespace gets a cgroup2 of its own.
_IN_USER_NAMESPACE = """
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run
"""

_AS_ROOT = """
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
"""

# rootlesskit makes the namespaces; what is made here is only a tun device that an ordinary user may open.
_ROOTLESS = """
mount -t proc proc /proc
mknod -m 666 "$STATE/tun" c 10 200
mount --bind "$STATE/tun" /dev/net/tun
echo entered
read -r _go
exec setpriv --reuid "$OWNER" --regid "$GROUP" --init-groups --pdeathsig KILL "$@" </dev/null
"""


def command(profile: Profile, owner: Owner, state: Path) -> list[str]:
    """The command that starts a daemon of `profile` with its state in `state`.

    Unless an ordinary user runs it, it prints `entered` once it is in its namespaces, and waits for a line on stdin
    before the daemon starts, so that a network can be attached from outside.
    """
    daemon = [
        str(state / "buildkitd"),
        *("--root", str(state / "root"), "--addr", f"unix://{state / 'buildkitd.sock'}"),
        *("--oci-worker", "true", "--containerd-worker", "false", "--oci-worker-gc-keepstorage", "0,0,5000"),
        *("--allow-insecure-entitlement", "security.insecure", "--allow-insecure-entitlement", "network.host"),
    ]
    if profile == NO_SANDBOX:
        daemon.append("--oci-worker-no-process-sandbox")
    if profile in (ROOTLESS, NO_SANDBOX):
        daemon = [
            *("rootlesskit", "--state-dir", str(state / "rootlesskit"), "--net=slirp4netns", "--disable-host-loopback"),
            *("--copy-up=/etc", "--copy-up=/run"),
            *daemon,
        ]
        if os.geteuid() != 0:
            return ["setpriv", "--pdeathsig", "KILL", *daemon]
        return _unshare(("--mount", "--pid"), _ROOTLESS, daemon)
    if profile == USERNS:
        maps = f"{owner.uid},0,65536", f"{owner.gid},0,65536"
        return _unshare(
            (
                *("--user", "--map-users", maps[0], "--map-groups", maps[1], "--setuid", "0", "--setgid", "0"),
                *("--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup"),
            ),
            _IN_USER_NAMESPACE + _OWN_NETWORK,
            daemon,
        )
    return _unshare(("--mount", "--pid", "--net", "--ipc", "--uts"), _AS_ROOT + _OWN_NETWORK, daemon)


def _unshare(namespaces: tuple[str, ...], setup: str, daemon: list[str]) -> list[str]:
    return [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "unshare",
        *namespaces,
        "--fork",
        "--kill-child",
        "sh",
        "-ec",
        setup,
        "sh",
        *daemon,
    ]


def network_command(profile: Profile, pid: int, ready: int) -> list[str] | None:
    """The command that gives the network namespace of process `pid` a way out, and writes to descriptor `ready` when it
    is there.
    """
    if profile not in (ROOTFUL, USERNS):
        return None
    slirp = [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "slirp4netns",
        "--configure",
        "--mtu=65520",
        "--disable-host-loopback",
        f"--ready-fd={ready}",
    ]
    if profile == USERNS:
        slirp.append(f"--userns-path=/proc/{pid}/ns/user")
    return [*slirp, str(pid), "tap0"]
