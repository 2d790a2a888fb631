"""The build context: what a build can see of the disk, .dockerignore respected, with edits that are not yet written."""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from posixpath import normpath
from typing import IO

from .source import Document

MAX_FOLLOWED_BYTES = 4 * 1024 * 1024
"""A file larger than this is not followed: it is no script."""


class Context:
    """Files below `root`, with `overlay` (paths as in findings → bytes) in front of what is on disk.

    `dockerfile` names the Dockerfile, whose own `<name>.dockerignore` comes before the `.dockerignore`. A context
    without a root (a URL, standard input) holds the overlay only. `opened` are the paths that were asked for so far,
    those that are not there among them.
    """

    def __init__(self, root: str | None, overlay: Mapping[str, bytes] | None = None, dockerfile: str = "") -> None:
        self.root = root
        self.overlay: Mapping[str, bytes] = overlay or {}
        self.dockerfile = dockerfile
        self.opened: set[str] = set()

    def path(self, name: str) -> str:
        """The path, as findings show it, of a name in the context; a name never leads out of it."""
        inside = normpath("/" + name).lstrip("/")
        return os.path.normpath(os.path.join(self.root, inside)) if self.root else inside

    def read(self, name: str) -> Document | None:
        """The file of that name, None when the build does not see one, or it is no plain file of modest size."""
        if self.ignores(name):
            return None
        return self.load(self.path(name))

    def is_directory(self, name: str) -> bool:
        path = self.path(name)
        prefix = "" if path in ("", ".") else path + "/"
        return any(p.startswith(prefix) for p in self.overlay) or (self.root is not None and os.path.isdir(path))

    def names(self, directory: str = "") -> list[str]:
        """Names of the files and directories right below a directory of the context."""
        path = self.path(directory)
        prefix = "" if path in ("", ".") else path + "/"
        found = {p[len(prefix) :].split("/")[0] for p in self.overlay if p.startswith(prefix)}
        if self.root is not None and os.path.isdir(path):
            found.update(os.listdir(path))
        return sorted(found)

    def matching(self, pattern: str) -> list[str]:
        """Names that a COPY source with `*`, `?` or `[` stands for; a wildcard stops at a slash."""
        found = [""]
        for part in normpath("/" + pattern).strip("/").split("/"):
            wild = any(char in part for char in "*?[")
            names = ((base, name) for base in found for name in (self.names(base) if wild else (part,)))
            found = [f"{base}/{name}".lstrip("/") for base, name in names if not wild or fnmatchcase(name, part)]
        return found

    def ignores(self, name: str) -> bool:
        """Whether .dockerignore leaves this name, or a directory above it, out of the build."""
        parts = normpath("/" + name).lstrip("/").split("/")
        ignored = False
        for pattern, keeps in self._ignore_patterns:
            if any(pattern.fullmatch("/".join(parts[:count])) for count in range(1, len(parts) + 1)):
                ignored = not keeps
        return ignored

    def withholds(self, name: str) -> bool:
        """Whether there is something of that name which .dockerignore leaves out with all that may be in it."""
        if not self.ignores(name):
            return False
        path = self.path(name)
        if self.is_directory(name):
            return not self.has_exceptions
        return path in self.overlay or (self.root is not None and os.path.lexists(path))

    @property
    def has_exceptions(self) -> bool:
        """Whether .dockerignore takes names back in (`!name`), so that a folder it leaves out may still hold some."""
        return any(keeps for _, keeps in self._ignore_patterns)

    def with_overlay(self, overlay: Mapping[str, bytes]) -> Context:
        return Context(self.root, {**self.overlay, **overlay}, self.dockerfile)

    def load(self, path: str) -> Document | None:
        """The file at a path as findings show it, edits included, whatever .dockerignore says."""
        file = self._open(path)
        if file is None:
            return None
        with file:
            data = file.read(MAX_FOLLOWED_BYTES + 1)
        return Document(path, data) if len(data) <= MAX_FOLLOWED_BYTES else None

    def open(self, name: str) -> IO[bytes] | None:
        """A plain file that the build sees, of any size; whoever asks closes it."""
        return None if self.ignores(name) else self._open(self.path(name))

    def _open(self, path: str) -> IO[bytes] | None:
        self.opened.add(path)
        if (data := self.overlay.get(path)) is not None:
            return io.BytesIO(data)
        if self.root is None:
            return None
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError):
            return None
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return os.fdopen(descriptor, "rb")
        os.close(descriptor)
        return None

    @cached_property
    def _ignore_patterns(self) -> tuple[tuple[re.Pattern[str], bool], ...]:
        candidates = [self.dockerfile + ".dockerignore"] if self.dockerfile else []
        for path in (*candidates, self.path(".dockerignore")):
            if document := self.load(path):
                return _patterns(document.data.decode("utf-8", "replace"))
        return ()


def _patterns(text: str) -> tuple[tuple[re.Pattern[str], bool], ...]:
    """Patterns of a .dockerignore, each with whether it is an exception (`!`). The last one that matches decides.

    As moby/patternmatcher reads them: `*` and `?` stop at a slash, `**` does not, a leading slash means nothing.
    """
    found: list[tuple[re.Pattern[str], bool]] = []
    for line in text.lstrip("\ufeff").splitlines():
        pattern = line.strip()
        if not pattern or line.startswith("#"):
            continue
        keeps = pattern.startswith("!")
        pattern = normpath("/" + pattern[keeps:].strip()).lstrip("/")
        if pattern in ("", "."):
            continue
        try:
            found.append((re.compile(_regex(pattern)), keeps))
        except re.error:
            continue
    return tuple(found)


def _regex(pattern: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if pattern.startswith("**", at):
            at += 2
            if pattern.startswith("/", at):
                at += 1
                out.append("(?:.*/)?")
            else:
                out.append(".*")
            continue
        if char == "[" and (close := pattern.find("]", at + 2)) > 0:
            out.append("[" + pattern[at + 1 : close].replace("\\", "\\\\") + "]")
            at = close
        elif char == "\\" and at + 1 < len(pattern):
            at += 1
            out.append(re.escape(pattern[at]))
        else:
            out.append({"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char)))
        at += 1
    return "".join(out)
