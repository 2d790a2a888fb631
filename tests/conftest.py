"""What test modules share: the four daemons of the lab, and the wheel, each made once for the whole run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ns_lint.builders import isolation, lab
from ns_lint.builders.local import Daemon, Daemons
from ns_lint.linter.errors import NoBuilder
from ns_lint.linter.profile import PROFILE_NAMES, PROFILES, Profile

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def daemons() -> Iterator[Daemons]:
    """Real BuildKit in every profile. Without a lab the tests that ask for it are skipped, but not in CI."""
    try:
        lab.tool("buildctl")
        lab.tool("buildkitd")
        for name in ("debian", "busybox"):
            lab.image(name)
        for profile in PROFILES:
            isolation.owner_of(profile)
    except NoBuilder as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no lab: {missing}")
    with Daemons() as running:
        yield running


@pytest.fixture(params=PROFILES, ids=PROFILE_NAMES)
def profile(request: pytest.FixtureRequest) -> Profile:
    return request.param


@pytest.fixture
def daemon(daemons: Daemons, profile: Profile) -> Daemon:
    """A daemon of each profile in turn."""
    return daemons.of(profile)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the tracked files, so that nothing left in build/ gets in."""
    source = tmp_path_factory.mktemp("source")
    archive = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, check=True).stdout
    for name in archive.decode().split("\0"):
        origin = ROOT / name
        if name and origin.is_file() and not origin.is_symlink():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes(origin.read_bytes())
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(target), str(source)]
    subprocess.run(command, capture_output=True, check=True)
    return next(target.glob("*.whl"))
