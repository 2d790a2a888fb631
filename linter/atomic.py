"""Files that ns-lint makes itself: reports, lock files. Whoever reads one sees the old text or the new one, whole."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress

from .errors import CannotWrite


def replace(path: str, data: bytes) -> None:
    """Make `data` what the file holds, in one step; a link is followed, an old file's mode kept.

    What is no regular file, such as a pipe or /dev/stdout, is written as it is. Raises CannotWrite.
    """
    try:
        try:
            old = os.stat(path)
        except FileNotFoundError:
            old = None
        if old is not None and not stat.S_ISREG(old.st_mode):
            with open(path, "wb") as file:
                file.write(data)
        else:
            _rename_over(os.path.realpath(path), data, None if old is None else stat.S_IMODE(old.st_mode))
    except OSError as error:
        raise CannotWrite(f"{path}: {error.strerror or error}") from error


def _rename_over(path: str, data: bytes, mode: int | None) -> None:
    staged = os.path.join(os.path.dirname(path), f".ns-lint-{secrets.token_hex(8)}")
    try:
        with open(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), "wb") as file:
            file.write(data)
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        os.replace(staged, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(staged)
        raise
