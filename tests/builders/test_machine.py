"""What a rootful step changes of the machine shows."""

from __future__ import annotations

from pathlib import Path

from ns_lint.builders.machine import Machine, changes, snapshot


def test_a_machine_left_alone_does_not_change() -> None:
    before = snapshot()
    assert "/proc/sys/kernel/hostname" in before.settings
    assert "/proc/cpuinfo" in before.modes
    after = snapshot()
    own = {"/proc/cpuinfo", "/proc/sys/kernel/hostname"}
    assert not [line for line in changes(before, after) if line.split(":")[0] in own]
    assert abs(after.clock - before.clock) < 1


def test_every_change_is_named() -> None:
    before = Machine(
        {"/proc/kcore": 0o100400, "/proc/a": 0o100444}, {"/proc/sys/vm/swappiness": "60\n", "b": "1"}, 10.0
    )
    after = Machine({"/proc/kcore": 0o100444}, {"/proc/sys/vm/swappiness": "10\n", "c": "2"}, 3610.0)
    assert changes(before, after) == [
        "/proc/kcore: mode 0400 became 0444",
        "/proc/sys/vm/swappiness: '60' became '10'",
        "the clock was set by +3600.0 s",
    ]
    assert changes(before, before) == []


def test_a_clock_that_is_merely_corrected_is_no_change() -> None:
    assert changes(Machine({}, {}, 0.0), Machine({}, {}, 0.5)) == []


def test_the_kernels_own_counters_are_left_out() -> None:
    settings = snapshot().settings
    assert not any(Path(path).is_relative_to("/proc/sys/kernel/random") for path in settings)
    assert "/proc/sys/fs/file-nr" not in settings
