"""What test modules share: the four daemons of the lab, started once for the whole run."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ns_lint.builders import isolation, lab
from ns_lint.builders.local import Daemon, Daemons
from ns_lint.linter.errors import NoBuilder
from ns_lint.linter.profile import PROFILE_NAMES, PROFILES, Profile


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
