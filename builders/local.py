"""BuildKit daemons on this machine, one for each profile."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

from ..linter.errors import NoBuilder
from ..linter.profile import PROFILES, Profile
from . import isolation, lab
from .keeper import remove

STATES = Path("/var/tmp")
"""On disk, since a daemon's state grows to gigabytes, and reachable for the users that daemons run as."""


class Daemon(NamedTuple):
    """A running daemon: where it listens, and the profile its steps run in."""

    profile: Profile
    address: str


@contextlib.contextmanager
def start(profile: Profile) -> Generator[Daemon]:
    """A daemon of `profile` with empty state, which is ended and removed on leaving, however the caller ends.

    Raises NoBuilder, with the reason and what to do, where this host cannot have that profile.
    """
    isolation.owner_of(profile)
    buildkitd = lab.tool("buildkitd")
    state = Path(tempfile.mkdtemp(prefix="ns-lint-", dir=STATES))
    words = [sys.executable, "-m", f"{__package__}.keeper", profile.name, str(state), str(buildkitd)]
    try:
        keeper = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
    except BaseException:
        remove(state)
        raise
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    said = ""
    try:
        said = keeper.stdout.readline().strip()
        if said != "ready":
            why = said.removeprefix("failed: ") or "its keeper ended"
            raise NoBuilder(f"BuildKit did not start in profile {profile.name}: {why}")
        yield Daemon(profile, f"unix://{state / 'buildkitd.sock'}")
    finally:
        keeper.stdin.close()
        if not said:
            keeper.terminate()
        keeper.wait()
        keeper.stdout.close()


class Daemons(contextlib.AbstractContextManager["Daemons"]):
    """The daemons of one run: each is started when it is first asked for, and all end together."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._started: dict[str, Daemon] = {}
        self._locks = {profile.name: threading.Lock() for profile in PROFILES}

    def of(self, profile: Profile) -> Daemon:
        """The daemon of `profile`; may be called from several threads at once. Raises NoBuilder."""
        with self._locks[profile.name]:
            if profile.name not in self._started:
                self._started[profile.name] = self._stack.enter_context(start(profile))
            return self._started[profile.name]

    def __exit__(self, *_error: object) -> None:
        self._stack.close()


def may_harm_machine() -> bool:
    """Whether this machine is declared disposable, so that rootful steps may run with `--security=insecure`."""
    return os.environ.get("NS_LINT_DISPOSABLE") == "1" or bool(os.environ.get("CI"))
