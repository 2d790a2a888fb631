"""What a step finds in /dev."""

from __future__ import annotations

import pytest

from ns_lint.linter.devices import NODES, is_absent, is_given_to_insecure_steps, matching

PATHS = [
    ("/dev/null", False, False),
    ("/dev/tty", False, False),
    ("/dev/shm", False, False),
    ("/dev/own", False, False),
    ("/dev/fuse", True, True),
    ("/dev/net/tun", True, True),
    ("/dev/loop7", True, True),
    ("/dev/loop*", True, True),
    ("/dev/loop42", False, True),
    ("/dev/sda1", False, True),
    ("/dev/sd*", False, True),
    ("/dev/tty1", False, True),
    ("/dev/ttyS0", False, True),
    ("/dev/console", False, True),
    ("/dev/input/event0", False, True),
    ("/dev/nvidia0", False, False),
]


@pytest.mark.parametrize(("path", "given", "absent"), PATHS)
def test_knows_what_is_not_there(path: str, given: bool, absent: bool) -> None:
    assert (is_given_to_insecure_steps(path), is_absent(path)) == (given, absent)


def test_patterns_stay_in_their_directory() -> None:
    assert matching("/dev/*random", NODES) == ["/dev/random", "/dev/urandom"]
    assert matching("/*", NODES) == []
    assert matching("/dev/null", NODES) == ["/dev/null"]
