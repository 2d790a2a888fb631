"""Daemons end with whoever asked for them, and leave no process, mount or file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ns_lint.builders.build import BuildRequest, build
from ns_lint.builders.isolation import SubIds, owner_of, subordinate_ids
from ns_lint.builders.lab import stand_ins, tool
from ns_lint.builders.local import Daemons, may_harm_machine, start
from ns_lint.linter.errors import NoBuilder
from ns_lint.linter.profile import NO_SANDBOX, PROFILE_NAMES, PROFILES, ROOTFUL, ROOTLESS, USERNS, Profile

CALLER = """
import sys, time
from pathlib import Path
from ns_lint.builders.local import Daemons
from ns_lint.builders.build import BuildRequest, build
from ns_lint.builders.lab import stand_ins, tool
from ns_lint.linter.profile import PROFILES
with Daemons() as daemons:
    daemon = daemons.of(next(each for each in PROFILES if each.name == sys.argv[1]))
    print(daemon.address, flush=True)
    text = b"FROM busybox\\nRUN sleep 7654\\n"
    build(daemon, BuildRequest(Path("Dockerfile"), dockerfile_text=text, images=stand_ins(["busybox"])))
"""


def left_of(state: Path) -> list[str]:
    """What is still there of a daemon: processes that name its state or sleep as its step does, mounts, files."""
    found = [str(state)] if state.exists() else []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if str(state) in words:
            found.append(words)
    return found + [line for line in Path("/proc/mounts").read_text().splitlines() if str(state) in line]


@pytest.fixture(params=PROFILES, ids=PROFILE_NAMES)
def caller(request: pytest.FixtureRequest, daemons: Daemons) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that builds on a daemon of its own, and that daemon's state."""
    words = ["env", "--default-signal=INT", sys.executable, "-c", CALLER, request.param.name]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd="/") as process:
        assert process.stdout is not None
        state = Path(process.stdout.readline().strip().removeprefix("unix://")).parent
        deadline = time.monotonic() + 30
        while not steps_running(state) and time.monotonic() < deadline:
            time.sleep(0.05)
        yield process, state
        process.kill()


def steps_running(state: Path) -> bool:
    return any((state / "root/runc-overlayfs/executor").glob("*/"))


@pytest.mark.lab
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_however_the_caller_ends_in_the_middle_of_a_build_nothing_is_left(
    caller: tuple[subprocess.Popen[str], Path], number: signal.Signals
) -> None:
    process, state = caller
    assert steps_running(state)
    assert left_of(state)
    process.send_signal(number)
    process.wait(timeout=20)
    deadline = time.monotonic() + 20
    while left_of(state) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left_of(state) == []


@pytest.mark.lab
def test_a_killed_keepers_daemon_dies_and_the_next_start_removes_its_state(daemons: Daemons, profile: Profile) -> None:
    abandoned = start(profile)
    daemon = abandoned.__enter__()
    state = Path(daemon.address.removeprefix("unix://")).parent
    keepers = [int(process.name) for process in Path("/proc").glob("[0-9]*") if keeps(process, state)]
    assert len(keepers) == 1
    os.kill(keepers[0], signal.SIGKILL)
    abandoned.__exit__(None, None, None)
    deadline = time.monotonic() + 20
    while left_of(state) != [str(state)] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left_of(state) == [str(state)]
    with start(profile):
        assert left_of(state) == []


def keeps(process: Path, state: Path) -> bool:
    """Whether a process holds the lock on a daemon's state."""
    try:
        return any(descriptor.readlink() == state / "lock" for descriptor in (process / "fd").iterdir())
    except OSError:
        return False


@pytest.mark.lab
def test_immutable_files_do_not_keep_state_alive(daemons: Daemons) -> None:
    if not may_harm_machine():
        pytest.skip("an insecure rootful step: set NS_LINT_DISPOSABLE=1 if it may run")
    with start(ROOTFUL) as daemon:
        text = b"FROM debian\nRUN --security=insecure touch /srv/f && chattr +i /srv/f\n"
        asked = BuildRequest(
            Path("Dockerfile"), dockerfile_text=text, images=stand_ins(["debian"]), allow=("security.insecure",)
        )
        assert build(daemon, asked).built
        state = Path(daemon.address.removeprefix("unix://")).parent
    assert left_of(state) == []


@pytest.mark.lab
def test_a_daemon_is_started_once(daemons: Daemons, profile: Profile) -> None:
    assert daemons.of(profile) is daemons.of(profile)


@pytest.mark.lab
def test_a_daemon_that_cannot_start_says_why(
    daemons: Daemons, profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "bin/buildkitd"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho no luck today >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("NS_LINT_LAB", str(tmp_path))
    with pytest.raises(NoBuilder, match="no luck today"), start(profile):
        pass


def test_a_missing_lab_names_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NS_LINT_LAB", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoBuilder, match="lab/install"):
        tool("buildkitd")
    with pytest.raises(NoBuilder, match="lab/install"):
        stand_ins(["debian"])


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
@pytest.mark.parametrize("profile", PROFILES, ids=PROFILE_NAMES)
def test_who_may_not_start_a_profile_is_told_why(profile: Profile) -> None:
    os.seteuid(65534)
    try:
        with pytest.raises(NoBuilder) as refused:
            owner_of(profile)
    finally:
        os.seteuid(0)
    assert profile.name in str(refused.value) or "/etc/subuid" in str(refused.value)
    if profile in (ROOTFUL, USERNS):
        assert "only by root" in str(refused.value)
    else:
        assert profile in (ROOTLESS, NO_SANDBOX)


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("root:100000:65536\n", SubIds(100000, 65536)),
        ("other:1:65536\nroot:100000:1000\nroot:200000:70000\n", SubIds(200000, 70000)),
        ("0:300000:65536\n", SubIds(300000, 65536)),
        ("root:100000:65535\n", None),
        ("root\nroot:x:y\n\n# root:1:65536\n", None),
        (None, None),
    ],
)
def test_subordinate_ids(tmp_path: Path, table: str | None, found: SubIds | None) -> None:
    path = tmp_path / "subuid"
    if table is not None:
        path.write_text(table)
    assert subordinate_ids(path, "root", 0) == found


@pytest.mark.parametrize(
    ("disposable", "ci", "may"), [("1", "", True), ("", "true", True), ("", "", False), ("0", "", False)]
)
def test_harm_must_be_allowed(monkeypatch: pytest.MonkeyPatch, disposable: str, ci: str, may: bool) -> None:
    monkeypatch.setenv("NS_LINT_DISPOSABLE", disposable)
    monkeypatch.setenv("CI", ci)
    assert may_harm_machine() is may
