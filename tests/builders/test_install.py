"""`lab/install` can be run at any time."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from ns_lint.builders.local import Daemons

INSTALL = Path(__file__).parents[2] / "lab/install"


@pytest.mark.lab
def test_a_second_run_does_nothing_and_is_quick(daemons: Daemons) -> None:
    began = time.monotonic()
    done = subprocess.run([INSTALL], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("lab: ready in ")
    assert done.stdout.count("\n") == 1
    assert time.monotonic() - began < 5


def test_the_script_is_sound() -> None:
    assert subprocess.run(["bash", "-n", INSTALL], check=False).returncode == 0
