"""Standard output and standard error, whatever bytes the text holds."""

from __future__ import annotations

import sys


def out(text: str) -> None:
    """Write to standard output; bytes that were no UTF-8 when read come out as they were."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def say(line: str) -> None:
    """Write a line to standard error."""
    sys.stderr.write(line.encode("utf-8", "backslashreplace").decode("utf-8", "replace") + "\n")
