"""Writing fixed files: at any moment, a power cut included, each file is the old one or the new one, whole.

The new text is staged in a temporary file in the same folder, flushed to disk and renamed over the old. Mode, owner,
group and extended attributes are kept. A symbolic link stays, and the file it leads to is replaced. A *hard* link
parts: the other names keep the old text, because a rename gives this name to another file.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import NamedTuple

from ..linter.errors import CannotWrite


class _Target(NamedTuple):
    """A file to replace: `real` is its path with no link in it, `seen` its status when it was compared."""

    path: str
    real: str
    old: bytes
    new: bytes
    seen: os.stat_result


def refuse_outside(root: str, path: str) -> None:
    """Raise CannotWrite when `path` leads to a file that is not below `root`."""
    real = os.path.realpath(path)
    top = os.path.realpath(root)
    if os.path.commonpath([real, top]) != top:
        raise CannotWrite(f"{path}: it lies outside {root}")


def write(changes: Mapping[str, tuple[bytes, bytes]]) -> None:
    """Replace every file's old bytes by its new ones.

    Every file is compared with `old`, and staged, before the first one is replaced. Raises CannotWrite, with every file
    as it was, when one is not a regular file, may not be written, has changed, or cannot keep its owner or attributes.
    """
    staged: list[str] = []
    try:
        targets = _targets(changes)
        for target in targets:
            _stage(target, target.new, staged)
        for target in targets:
            _refuse_changed(target)
        _rename(targets, staged)
    finally:
        _remove(staged)


def _targets(changes: Mapping[str, tuple[bytes, bytes]]) -> list[_Target]:
    targets: dict[str, _Target] = {}
    for path, (old, new) in changes.items():
        target = _target(path, old, new)
        same = targets.setdefault(target.real, target)
        if same.new != new:
            raise CannotWrite(f"{path} and {same.path} are one file, and its fixes differ: fix one of them at a time")
    return list(targets.values())


def _target(path: str, old: bytes, new: bytes) -> _Target:
    try:
        real = os.path.realpath(path, strict=True)
        if not stat.S_ISREG(os.stat(real).st_mode):
            raise CannotWrite(f"{path}: it is not a regular file")
        # a read-only file can be renamed over: that it may not be written has to be asked for
        if not os.access(real, os.W_OK):
            raise CannotWrite(f"{path}: it may not be written")
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            seen = os.fstat(descriptor)
            if file.read() != old:
                raise CannotWrite(f"{path}: it has changed since it was linted; lint it again")
    except OSError as error:
        raise _cannot(path, error) from error
    return _Target(path, real, old, new, seen)


def _stage(target: _Target, data: bytes, staged: list[str]) -> None:
    """Write a temporary file beside the target. Its name is in `staged` before it exists, so it is always removed."""
    name = os.path.join(os.path.dirname(target.real), f".ns-lint-{secrets.token_hex(8)}")
    staged.append(name)
    try:
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            _keep_owner(descriptor, target.seen)
            _keep_attributes(descriptor, target.real)
            os.fchmod(descriptor, stat.S_IMODE(target.seen.st_mode))
            os.fsync(descriptor)
    except OSError as error:
        raise _cannot(target.path, error) from error


def _keep_owner(descriptor: int, seen: os.stat_result) -> None:
    mine = os.fstat(descriptor)
    if (mine.st_uid, mine.st_gid) != (seen.st_uid, seen.st_gid):
        os.fchown(descriptor, seen.st_uid, seen.st_gid)


def _keep_attributes(descriptor: int, real: str) -> None:
    """Give the new file the old one's extended attributes, access lists among them, and none that its folder hands out.

    The security.* ones (labels, hashes) are the system's own: it sets them anew, and most users may not.
    """
    if not hasattr(os, "listxattr"):
        return
    wanted = {name: os.getxattr(real, name) for name in os.listxattr(real)}
    for name in os.listxattr(descriptor):
        if name not in wanted and not name.startswith("security."):
            os.removexattr(descriptor, name)
    for name, value in wanted.items():
        try:
            if name not in os.listxattr(descriptor) or os.getxattr(descriptor, name) != value:
                os.setxattr(descriptor, name, value)
        except OSError:
            if not name.startswith("security."):
                raise


def _refuse_changed(target: _Target) -> None:
    try:
        now = os.stat(target.real, follow_symlinks=False)
    except OSError as error:
        raise _cannot(target.path, error) from error
    if _identity(now) != _identity(target.seen):
        raise CannotWrite(f"{target.path}: it has changed since it was linted; lint it again")


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _rename(targets: list[_Target], staged: list[str]) -> None:
    """Put the staged files in place; if one cannot be, put the old text back where it was replaced already."""
    replaced: list[_Target] = []
    try:
        for target, name in zip(targets, tuple(staged), strict=True):
            replaced.append(target)
            try:
                os.replace(name, target.real)
            except OSError as error:
                replaced.pop()
                raise _cannot(target.path, error) from error
        _flush_folders(target.real for target in targets)
    except BaseException as error:
        for target in replaced:
            _put_back(target, staged, error)
        raise


def _put_back(target: _Target, staged: list[str], cause: BaseException) -> None:
    try:
        _stage(target, target.old, staged)
        os.replace(staged[-1], target.real)
    except (OSError, CannotWrite) as error:
        raise CannotWrite(f"{target.path}: it is fixed, and its old text cannot be put back: {error}") from cause


def _flush_folders(paths: Iterable[str]) -> None:
    """Make the renames last. A file system that cannot do this is no reason to fail: the files are whole."""
    for folder in sorted({os.path.dirname(path) for path in paths}):
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _remove(staged: Iterable[str]) -> None:
    for name in staged:
        with suppress(OSError):
            os.unlink(name)


def _cannot(path: str, error: OSError) -> CannotWrite:
    return CannotWrite(f"{path}: {error.strerror or error}")
