"""Whose tools an image has, where the exit status hangs on it."""

from __future__ import annotations

from ..system import Family, System


def is_gnu(system: System) -> bool | None:
    """Whether they are GNU's and util-linux's, rather than busybox's; None when that is not known."""
    return None if system.family is None else system.family is Family.GNU
