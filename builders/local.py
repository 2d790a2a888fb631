"""BuildKit daemons on this machine, one for each profile."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from ..linter.errors import NoBuilder
from ..linter.profile import PROFILES, Profile
from . import isolation, lab


class Daemon(NamedTuple):
    """A running daemon: where it listens, and the profile its steps run in."""

    profile: Profile
    address: str

    @property
    def state(self) -> Path:
        """The folder with its state and its `log`."""
        return Path(self.address.removeprefix("unix://")).parent


@contextlib.contextmanager
def start(profile: Profile, *, keep: bool = False) -> Generator[Daemon]:
    """A daemon of `profile` with empty state, which is ended and removed on leaving, however the caller ends; with
    `keep` its state and log stay.

    Raises NoBuilder, with the reason and what to do, where this host cannot have that profile.
    """
    isolation.owner_of(profile)
    words = [
        sys.executable,
        "-m",
        f"{__package__}.keeper",
        profile.name,
        str(lab.tool("buildkitd")),
        *(["keep"] if keep else []),
    ]
    keeper = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    state = ""
    try:
        state, _, said = keeper.stdout.readline().strip().partition(" ")
        if state != "ready":
            raise NoBuilder(f"BuildKit did not start in profile {profile.name}: {said or 'its keeper ended'}")
        yield Daemon(profile, said)
    finally:
        if not state:
            keeper.terminate()  # while it starts a daemon, it does not look at stdin
        keeper.stdin.close()
        keeper.wait()
        keeper.stdout.close()


class Daemons(contextlib.AbstractContextManager["Daemons"]):
    """The daemons of one run: each is started when it is first asked for, and all end together. With `keep` their state
    and logs stay.
    """

    def __init__(self, *, keep: bool = False) -> None:
        self.keep = keep
        self.started: list[Daemon] = []
        self._running: dict[str, tuple[Daemon, contextlib.ExitStack]] = {}
        self._locks = {profile.name: threading.Lock() for profile in PROFILES}

    def of(self, profile: Profile) -> Daemon:
        """The daemon of `profile`; may be called from several threads at once. Raises NoBuilder."""
        with self._locks[profile.name]:
            if profile.name not in self._running:
                stack = contextlib.ExitStack()
                daemon = stack.enter_context(start(profile, keep=self.keep))
                self.started.append(daemon)
                self._running[profile.name] = daemon, stack
            return self._running[profile.name][0]

    def end(self, profile: Profile) -> None:
        """End the daemon of `profile`, so that the next one asked for is new.

        Without a process sandbox, what a step leaves running is there for later steps, its ports held, until then.
        """
        with self._locks[profile.name]:
            if running := self._running.pop(profile.name, None):
                running[1].close()

    def __exit__(self, *_error: object) -> None:
        with ThreadPoolExecutor(len(PROFILES)) as pool:
            list(pool.map(self.end, PROFILES))


def identity() -> str:
    """What decides, beside the request, how a build ends on this machine: kernel, programs, ids, limits."""
    programs = [str(lab.tool("buildkitd")), *filter(None, map(isolation.find, ("runc", "rootlesskit", "newuidmap")))]
    found = [(name, status.st_size, status.st_mtime_ns) for name in programs if (status := os.stat(name))]
    tables = [table.read_text() for name in ("subuid", "subgid") if (table := Path("/etc", name)).is_file()]
    limits = [resource.getrlimit(kind)[1] for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC)]
    return repr((os.uname(), os.geteuid(), found, tables, limits))


def may_harm_machine() -> bool:
    """Whether this machine is declared disposable, so that rootful steps may run with `--security=insecure`."""
    return os.environ.get("NS_LINT_DISPOSABLE") == "1" or bool(os.environ.get("CI"))
