"""What goes on while others work: one live line on a terminal, plain lines in CI. On stderr, so that stdout is the
result's alone.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from contextlib import AbstractContextManager
from typing import IO

_TICK = 0.2


class Progress(AbstractContextManager["Progress"]):
    """`say` names the phase that begins; `step` what the builder does in it, which only the live line shows."""

    def __init__(self, stream: IO[str] = sys.stderr, *, live: bool | None = None) -> None:
        self._stream = stream
        self._live = is_live(stream) if live is None else live
        self._phase = ""
        self._step = ""
        self._began = 0.0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._ticker: threading.Thread | None = None

    def say(self, phase: str) -> None:
        with self._lock:
            if not self._live:
                print(f"… {phase}", file=self._stream, flush=True)
                return
            self._phase, self._step, self._began = phase, "", time.monotonic()
            if self._ticker is None:
                self._ticker = threading.Thread(target=self._tick, daemon=True)
                self._ticker.start()
            self._draw()

    def step(self, name: str) -> None:
        with self._lock:
            self._step = name
            if self._live:
                self._draw()

    def note(self, text: str) -> None:
        """A line that stays, on a terminal too."""
        with self._lock:
            print(f"{self._clear()}{text}", file=self._stream, flush=True)

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        if self._ticker is not None:
            self._ticker.join()
        if self._live:
            print(self._clear(), end="", file=self._stream, flush=True)

    def _tick(self) -> None:
        while not self._ended.wait(_TICK):
            with self._lock:
                self._draw()

    def _draw(self) -> None:
        seconds = time.monotonic() - self._began
        line = f"… {self._phase} {seconds:.0f} s" + (f"  {self._step}" if self._step else "")
        width = shutil.get_terminal_size().columns - 1
        print(f"{self._clear()}{line[:width]}", end="", file=self._stream, flush=True)

    def _clear(self) -> str:
        return "\r\x1b[2K" if self._live else ""


def is_live(stream: IO[str]) -> bool:
    """Whether a line can be drawn over: a terminal, and not the log of a CI job."""
    return stream.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
