"""Progress: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io
import os
import pty
import time

import pytest

from ns_lint.cli.progress import Progress, is_live


def test_plain_lines_in_ci() -> None:
    stream = io.StringIO()
    with Progress(stream, live=False) as progress:
        progress.say("userns: building the original")
        progress.step("[2/2] RUN make")
        progress.note("kept in /x")
    assert stream.getvalue() == "… userns: building the original\nkept in /x\n"


def test_a_live_line_shows_the_step_and_the_time_and_leaves_nothing() -> None:
    stream = io.StringIO()
    with Progress(stream, live=True) as progress:
        progress.say("userns: building the original")
        progress.step("[2/2] RUN make")
        time.sleep(0.3)
        progress.note("kept in /x")
    drawn = stream.getvalue().split("\r\x1b[2K")
    assert "… userns: building the original 0 s  [2/2] RUN make" in drawn
    assert "kept in /x\n" in drawn
    assert drawn[-1] == ""
    assert all(part.endswith("\n") == part.startswith("kept") for part in drawn if part)


@pytest.mark.parametrize(("variable", "value"), [("CI", "true"), ("TERM", "dumb"), ("", "")])
def test_what_is_live(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    if variable:
        monkeypatch.setenv(variable, value)
    leader, follower = pty.openpty()
    with open(follower, "w") as terminal:
        assert is_live(terminal) is not bool(variable)
    os.close(leader)
    assert not is_live(io.StringIO())
