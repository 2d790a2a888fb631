"""The errors a user can meet. Only `cli` turns them into text and an exit code."""

from __future__ import annotations


class NsLintError(Exception):
    """`str(error)` says what is wrong and what to do about it."""

    exit_code = 2


class UnreadableInput(NsLintError):
    """A file that cannot be read, or is not what it should be."""


class BadSettings(NsLintError):
    """Settings that cannot be understood."""


class BadUsage(NsLintError):
    """Options that contradict each other, or name what does not exist."""


class CannotWrite(NsLintError):
    """A fix that cannot be written; the file is as it was."""


class NoBuilder(NsLintError):
    """No BuildKit can be had for what was asked."""
