"""The process that holds one daemon: `python -m ns_lint.builders.keeper PROFILE BUILDKITD [keep]`.

It says `ready ADDRESS` or `failed …` on stdout, and ends the daemon and removes its state when stdin closes: however
whoever asked for it ends, by Ctrl-C or SIGKILL, the kernel closes that pipe. Should the keeper itself be killed, its
children die with it, and the next keeper removes the state.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from ..linter.profile import PROFILES, ROOTFUL, Profile
from .isolation import SEARCH_PATH, Owner, command, network_command, owner_of

START_SECONDS = 60.0

STATES = Path("/var/tmp")
"""On disk, since a daemon's state grows to gigabytes, and reachable for the users that daemons run as."""

PREFIX = "ns-lint-"


def main() -> int:
    name, buildkitd, keep = sys.argv[1], Path(sys.argv[2]), sys.argv[3:] == ["keep"]
    profile = next(profile for profile in PROFILES if profile.name == name)
    processes: list[subprocess.Popen[bytes]] = []
    remove_abandoned()
    state = Path(tempfile.mkdtemp(prefix=PREFIX, dir=STATES))
    try:
        try:
            _on_signals(_leave)
            owner = owner_of(profile)
            lock = prepare(owner, state, buildkitd)
            start(profile, owner, state, processes)
            print(f"ready unix://{state / 'buildkitd.sock'}", flush=True)
            sys.stdin.buffer.read()
        finally:
            _on_signals(signal.SIG_IGN)  # a signal in this very moment still ends below
    except StartFailed as failed:
        print(f"failed {failed}", flush=True)
        return 1
    finally:
        stop(processes)
        if keep:
            (state / "lock").unlink(missing_ok=True)  # nobody takes it for abandoned
        else:
            remove(state)
        if profile == ROOTFUL:
            remove_cgroups()
    lock.close()
    return 0


def _on_signals(action: Callable[[int, object], None] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, action)


def _leave(_number: int, _frame: object) -> None:
    _on_signals(signal.SIG_IGN)
    raise SystemExit(1)


class StartFailed(Exception):
    """The daemon did not come up; the message holds what it said."""


def prepare(owner: Owner, state: Path, buildkitd: Path) -> IO[bytes]:
    """Make what the daemon's user needs in `state`, and lock it for as long as the file returned is open.

    The daemon's binary is linked in, as the lab's folder may lie in a private home.
    """
    lock = (state / "lock.new").open("wb")
    fcntl.flock(lock, fcntl.LOCK_EX)
    (state / "lock.new").rename(state / "lock")
    try:
        os.link(buildkitd, state / "buildkitd")
    except OSError:
        shutil.copy2(buildkitd, state / "buildkitd")
    (state / "resolv.conf").write_text("nameserver 10.0.2.3\n")  # slirp4netns answers there with the host's resolver
    for folder in ("root", "home", "run"):
        (state / folder).mkdir(mode=0o711)
        if os.geteuid() == 0:
            os.chown(state / folder, owner.uid, owner.gid)
    state.chmod(0o711)
    if os.geteuid() == 0:
        os.chown(state, owner.uid, owner.gid)
    return lock


def start(profile: Profile, owner: Owner, state: Path, processes: list[subprocess.Popen[bytes]]) -> None:
    """Start the daemon and wait until it listens; what was started is put into `processes` as soon as it runs."""
    environment = {
        "PATH": SEARCH_PATH,
        **{
            key: value
            for key, value in os.environ.items()
            if key.lower() in ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
        },
        "HOME": str(state / "home"),
        "XDG_RUNTIME_DIR": str(state / "run"),
        "TMPDIR": str(state / "run"),
        "STATE": str(state),
        "USER": owner.name,
        "OWNER": str(owner.uid),
        "GROUP": str(owner.gid),
    }
    with (state / "log").open("wb") as log:
        daemon = subprocess.Popen(
            command(profile, owner, state),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            cwd="/",
        )
        processes.append(daemon)
        assert daemon.stdin is not None
        assert daemon.stdout is not None
        if os.geteuid() == 0:
            _wait_for_line(daemon.stdout, state)
            _attach_network(profile, daemon, log, state, processes)
            daemon.stdin.write(b"go\n")
        daemon.stdin.close()
    deadline = time.monotonic() + START_SECONDS
    while not _listens(state / "buildkitd.sock"):
        if daemon.poll() is not None or time.monotonic() > deadline:
            raise StartFailed(_end_of_log(state))
        time.sleep(0.01)


def _attach_network(
    profile: Profile,
    daemon: subprocess.Popen[bytes],
    log: IO[bytes],
    state: Path,
    processes: list[subprocess.Popen[bytes]],
) -> None:
    reading, writing = os.pipe()
    inside = child_of(daemon.pid)
    attach = network_command(profile, inside, writing) if inside else None
    if attach is None:
        os.close(reading)
        os.close(writing)
        return
    processes.append(subprocess.Popen(attach, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[writing]))
    os.close(writing)
    with os.fdopen(reading, "rb") as ready:
        _wait_for_line(ready, state)


def _wait_for_line(stream: IO[bytes], state: Path) -> None:
    if not stream.read(1):
        raise StartFailed(_end_of_log(state))


def _listens(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
        client.connect(str(address))
        return True
    return False


def _end_of_log(state: Path) -> str:
    lines = (state / "log").read_text(errors="replace").split("\n")
    return " | ".join(line for line in lines[-9:] if line) or "the daemon said nothing"


def child_of(pid: int) -> int | None:
    """The first child of a process, if it has one."""
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            return int(child)
    return None


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """End the daemon with all that it started.

    Where root started it, its first process is the first of a PID namespace, so nothing can outlive it. An ordinary
    user's rootlesskit leaves the processes of a build behind: they are those in the user namespaces it made.
    """
    for process in reversed(processes):
        inside = child_of(process.pid) if process.poll() is None else None
        spaces = _user_namespaces_below(process.pid) if inside and os.geteuid() != 0 else frozenset[str]()
        _kill(inside or process.pid)  # a parent that sees its child die reaps it, and ends
        for pid in _members(spaces):
            _kill(pid)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _user_namespaces_below(pid: int) -> frozenset[str]:
    """The user namespaces, other than ours, of a process and its descendants."""
    found: set[str] = set()
    below = [pid]
    while below:
        each = below.pop()
        with contextlib.suppress(OSError):
            below += [int(child) for child in Path(f"/proc/{each}/task/{each}/children").read_text().split()]
            found.add(str(Path(f"/proc/{each}/ns/user").readlink()))
    return frozenset(found) - {str(Path("/proc/self/ns/user").readlink())}


def _members(namespaces: frozenset[str]) -> list[int]:
    members: list[int] = []
    for process in Path("/proc").iterdir() if namespaces else ():
        with contextlib.suppress(OSError):
            if process.name.isdecimal() and str((process / "ns/user").readlink()) in namespaces:
                members.append(int(process.name))
    return members


def remove(state: Path) -> None:
    """Remove a daemon's state, which may hold files of subordinate ids and, after insecure steps, immutable ones."""
    deadline = time.monotonic() + 5
    _run("rm", "-rf", str(state))
    while state.exists() and time.monotonic() < deadline:
        time.sleep(0.05)  # a mount namespace is taken down a little after its last process
        if os.geteuid() != 0:
            _run("unshare", "--map-auto", "--map-root-user", "rm", "-rf", str(state))
        else:
            _run("chattr", "-R", "-i", "-a", str(state))
        _run("rm", "-rf", str(state))


def remove_abandoned() -> None:
    """Remove the state of keepers that were killed: what lies there and nobody has locked."""
    for lock in STATES.glob(f"{PREFIX}*/lock"):
        with contextlib.suppress(OSError), lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(file.fileno()).st_uid == os.geteuid():
                remove(lock.parent)


def remove_cgroups() -> None:
    """Remove the groups that a rootful daemon leaves behind, one in each hierarchy, unless another daemon has steps in
    them.
    """
    for folder in (*Path("/sys/fs/cgroup").glob("buildkit"), *Path("/sys/fs/cgroup").glob("*/buildkit")):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _run(*words: str) -> None:
    subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    sys.exit(main())
