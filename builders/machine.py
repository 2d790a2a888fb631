"""What a rootful step can change of the machine itself: compare before and after.

Namespaces keep a step from the machine's network, mounts, processes and IPC. Not from global sysctls, from the modes of
files in /proc, and from the clock.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import NamedTuple

CLOCK_TOLERANCE = 2.0
"""Seconds that the clock may be corrected by, against the monotonic one, without a step having set it."""

COUNTERS = (
    *("fs/aio-nr", "fs/dentry-state", "fs/file-nr", "fs/inode-nr", "fs/inode-state", "fs/quota/"),
    *("kernel/ns_last_pid", "kernel/perf_event_max_sample_rate", "kernel/pty/nr", "kernel/random/"),
    "net/netfilter/nf_conntrack_count",
)
"""Where names in /proc/sys begin that the kernel itself keeps changing."""


class Machine(NamedTuple):
    """`modes` and `settings` go by path; `clock` is the wall clock minus the monotonic one, in seconds."""

    modes: dict[str, int]
    settings: dict[str, str]
    clock: float


def snapshot() -> Machine:
    """What can be read now of the machine; 30 ms."""
    modes: dict[str, int] = {}
    settings: dict[str, str] = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if not entry.name.isdecimal() and not entry.is_symlink():
                modes[str(entry)] = entry.stat().st_mode
    for folder, _folders, files in os.walk("/proc/sys"):
        for file in files:
            path = Path(folder, file)
            with contextlib.suppress(OSError):
                modes[str(path)] = path.stat().st_mode
                if not str(path.relative_to("/proc/sys")).startswith(COUNTERS):
                    settings[str(path)] = path.read_text(errors="replace")
    return Machine(modes, settings, time.time() - time.monotonic())


def changes(before: Machine, after: Machine) -> list[str]:
    """One line for each thing that is not as it was."""
    found: list[str] = []
    for path, mode in before.modes.items():
        now = after.modes.get(path, mode)
        if now != mode:
            found.append(f"{path}: mode {mode & 0o7777:04o} became {now & 0o7777:04o}")
    for path, value in before.settings.items():
        now = after.settings.get(path, value)
        if now != value:
            found.append(f"{path}: {value.strip()!r} became {now.strip()!r}")
    moved = after.clock - before.clock
    if abs(moved) > CLOCK_TOLERANCE:
        found.append(f"the clock was set by {moved:+.1f} s")
    return found
