"""Which files below the given paths are Dockerfiles, and which are build configs."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch

from .errors import UnreadableInput

_NAME = re.compile(r"(?:.*\.)?(?:dockerfile|containerfile)(?:[.-].*)?", re.IGNORECASE | re.DOTALL)
_NOT = re.compile(
    r".*\.(?:dockerignore|md|sh|py|go|js|ts|json|ya?ml|toml|lock|orig|rej|swp|bak|html|txt|j2|tmpl|tpl|erb|sum|sig|asc)~?|.*~",
    re.IGNORECASE,
)
_SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".terraform"})

MAX_CONFIG_BYTES = 1024 * 1024
"""A larger file is no config that a person wrote."""


def is_dockerfile(name: str) -> bool:
    """Whether a file's base name says that it is a Dockerfile."""
    return bool(_NAME.fullmatch(name)) and not _NOT.fullmatch(name)


def dockerfiles(paths: Iterable[str], excludes: Iterable[str] = ()) -> Iterator[str]:
    """Every Dockerfile named by a path or below one, each once. A path that is a file is taken whatever its name.

    `excludes` are glob patterns on paths found below a directory; a path that is named is never excluded. Raises
    UnreadableInput for a path that does not exist, or is no file or directory.
    """
    return _each(paths, tuple(excludes), lambda path: is_dockerfile(os.path.basename(path)))


def config_files(paths: Iterable[str]) -> Iterator[str]:
    """Every file below the directories among these paths that may be a build config, by its name alone.

    A path that is a file is taken too. Raises as `dockerfiles` does.
    """
    from .formats import may_be_config

    return _each(paths, (), lambda path: may_be_config(path) and os.path.getsize(path) <= MAX_CONFIG_BYTES)


def _each(paths: Iterable[str], excludes: tuple[str, ...], wanted: Callable[[str], bool]) -> Iterator[str]:
    seen: set[str] = set()
    for path in paths:
        for found in _below(path, excludes, wanted):
            normal = os.path.normpath(found)
            if normal not in seen:
                seen.add(normal)
                yield normal


def _below(path: str, excludes: tuple[str, ...], wanted: Callable[[str], bool]) -> Iterator[str]:
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UnreadableInput(f"{path}: {reason}: name a Dockerfile or a directory") from error
    if not stat.S_ISDIR(mode):
        if not stat.S_ISREG(mode):
            raise UnreadableInput(f"{path}: is not a regular file: name a Dockerfile or a directory")
        yield path
        return
    for folder, directories, names in os.walk(path):
        directories[:] = sorted(
            d for d in directories if d not in _SKIPPED and not _excluded(f"{folder}/{d}", excludes)
        )
        for name in sorted(names):
            found = os.path.join(folder, name)
            if os.path.isfile(found) and wanted(found) and not _excluded(found, excludes):
                yield found


def _excluded(path: str, excludes: tuple[str, ...]) -> bool:
    if not excludes:
        return False
    normal = os.path.normpath(path)
    return any(fnmatch(normal, pattern) or fnmatch(os.path.basename(normal), pattern) for pattern in excludes)
