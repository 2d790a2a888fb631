"""What the image holds at a point of the build, as far as it is known: accounts, files, the tools' family."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from posixpath import normpath
from typing import IO, NamedTuple

from .accounts import ACCOUNT_FILES, Accounts
from .devices import STANDARD
from .facts import FileUse, JoinGroup, MakeNode, NewGroup, NewUser, RunInBackground, UseFile, WriteContent
from .rule import Fact
from .source import Document, Script, SourceMap, join


class Family(Enum):
    """Whose tar, date and sysctl an image has: they differ in when they exit non-zero."""

    GNU = "gnu"
    BUSYBOX = "busybox"


class Content(NamedTuple):
    """A file's text, and where each byte of it stands.

    Of a file that is too large to be a script, the text is a NUL, as in a binary, and `stream` opens it.
    """

    script: Script
    stream: Callable[[], IO[bytes] | None] | None = None

    @staticmethod
    def of(document: Document) -> Content:
        return Content(Script(document.data.decode("latin-1"), SourceMap.straight(document.path)))

    @staticmethod
    def large(path: str, stream: Callable[[], IO[bytes] | None]) -> Content:
        return Content(Script("\0", SourceMap.straight(path)), stream)

    def open(self) -> IO[bytes] | None:
        """The file's bytes, from their start; whoever asks closes it."""
        return self.stream() if self.stream is not None else io.BytesIO(self.script.text.encode("latin-1"))


Lookup = Callable[[str], "Content | None"]
"""Reads a file by its path below a copied directory; the empty path is the copied file itself."""

Listing = Callable[[str], Iterable[str]]
"""Names right below a path of a copied directory, as far as they are known."""

MAX_FILES = 500
"""How many files of a directory are copied by cp or run one after the other."""

MAX_CONTENT = 4 * 1024 * 1024
"""A written file larger than this is not known: scripts that double a file would never end."""


def _normal(path: str) -> str:
    """normpath(3) keeps two slashes at the start; here they mean nothing."""
    return "/" + normpath(path).lstrip("/")


class _Tree(NamedTuple):
    """Files that appear at `target` by COPY, a bind mount, or cp."""

    target: str
    lookup: Lookup
    listing: Listing

    def below(self, path: str) -> str | None:
        """The path inside of the tree; None when it is not there."""
        if path == self.target or self.target == "/":
            return path[len(self.target) :].lstrip("/")
        return path[len(self.target) + 1 :] if path.startswith(self.target + "/") else None


class Files:
    """The files whose content can be known: written by steps, or copied from somewhere that can be read.

    What the trees say is kept until there is another tree, since stages that copy from each other ask again and again.
    """

    def __init__(self) -> None:
        self._written: dict[str, Content | None] = {}
        self._trees: list[_Tree] = []
        self._found: dict[str, Content | None] = {}
        self._listed: dict[str, tuple[str, ...]] = {}

    def read(self, path: str) -> Content | None:
        path = _normal(path)
        if path in self._written:
            return self._written[path]
        if path not in self._found:
            inside = ((tree, tree.below(path)) for tree in reversed(self._trees))
            found = (tree.lookup(below) for tree, below in inside if below is not None)
            self._found[path] = next((content for content in found if content is not None), None)
        return self._found[path]

    def made(self, path: str) -> bool:
        """Whether this build put something there, be its content known or not."""
        return _normal(path) in self._written or self.read(path) is not None

    def names(self, directory: str) -> list[str]:
        """Names right below a directory, of what this build put there as far as it is known."""
        directory = _normal(directory)
        prefix = directory.rstrip("/") + "/"
        if directory not in self._listed:
            inside = ((tree, tree.below(directory)) for tree in self._trees)
            names = (name for tree, below in inside if below is not None for name in tree.listing(below))
            self._listed[directory] = tuple(set(names))
        written = {path[len(prefix) :].split("/")[0] for path in self._written if path.startswith(prefix)}
        return sorted(written.union(self._listed[directory]))

    def below(self, directory: str) -> Iterator[str]:
        """Paths of the known files below a directory, itself included; at most MAX_FILES."""
        waiting, count = [_normal(directory)], 0
        while waiting and count < MAX_FILES:
            path = waiting.pop()
            count += 1
            if self.read(path) is not None:
                yield path
            else:
                waiting.extend(f"{path.rstrip('/')}/{name}" for name in self.names(path))

    def write(self, path: str, content: Content | None) -> None:
        """The file now holds this; None is something that is not known."""
        if content is not None and len(content.script.text) > MAX_CONTENT:
            content = None
        self._written[_normal(path)] = content

    def add_tree(self, target: str, lookup: Lookup, listing: Listing = lambda _: ()) -> None:
        """Files of `lookup` appear at `target`, over what was written there before."""
        target = _normal(target)
        for path in [p for p in self._written if p == target or p.startswith(target.rstrip("/") + "/")]:
            below = path[len(target) :].lstrip("/")
            if lookup(below) is not None:
                del self._written[path]
        self._trees.append(_Tree(target, lookup, listing))
        self._forget()

    def add_from(self, target: str, other: Files, source: str) -> None:
        """What stands at `source` in `other` now appears at `target`, a file or a directory."""
        files = other.copy()
        base = "/" + source.strip("/")
        self.add_tree(
            target,
            lambda path: files.read(f"{base}/{path}" if path else base),
            lambda path: files.names(f"{base}/{path}"),
        )

    def remove_tree(self, target: str) -> None:
        """A bind mount is gone: what it showed is no longer there."""
        target = _normal(target)
        self._trees = [tree for tree in self._trees if tree.target != target]
        self._written.pop(target, None)
        self._forget()

    def copy(self) -> Files:
        files = Files()
        files._written = dict(self._written)
        files._trees = list(self._trees)
        files._found = dict(self._found)
        files._listed = dict(self._listed)
        return files

    def _forget(self) -> None:
        self._found.clear()
        self._listed.clear()


FOREIGN = ("/kaniko/", "/busybox/", "/workspace/", "/run/secrets/", "/var/run/secrets/")
"""Directories of the pod that kaniko runs in, which its steps see; an image has them only if it makes them."""


def is_followed(path: str) -> bool:
    """Whether what appears at a path is kept in mind from one step to the next."""
    return path.startswith("/sys/") or f"{path}/".startswith(FOREIGN)


class System:
    """Accounts, files and tools of one stage. Steps change it in the order they run."""

    def __init__(self, family: Family | None, *, empty: bool = False, bare: bool = False) -> None:
        self.family = family
        self.empty = empty
        """FROM scratch, or an image known to hold nothing: no shell, no accounts."""
        self.bare = bare or empty
        """The base image is a distribution alone: it has the standard directories and accounts, and no others."""
        self.accounts = Accounts()
        self.files = Files()
        self.running: frozenset[str] = frozenset()
        """What the step has started in the background so far."""
        self._changed: dict[str, bool] = {}

    def copy(self) -> System:
        system = System(self.family, empty=self.empty, bare=self.bare)
        system.accounts = self.accounts.copy()
        system.files = self.files.copy()
        system._changed = dict(self._changed)
        return system

    def begin_step(self) -> None:
        """A step starts with nothing in the background, and with a new /dev."""
        self.running = frozenset()
        self._changed = {path: made for path, made in self._changed.items() if is_followed(path)}

    def made(self, path: str) -> bool | None:
        """Whether the build put something there (true) or took it away (false), None where it did neither.

        Only /dev, /sys and FOREIGN are followed. Below a directory that it made in /sys, anything may be.
        """
        if not is_followed(path):
            return self._changed.get(path)
        made = next((True for made in self._changed if f"{path}/".startswith(f"{made}/")), None)
        return made or (True if not path.startswith("/sys/") and self._holds(path) else None)

    def appear(self, path: str) -> None:
        """A directory that the builder makes, or fills, or mounts."""
        if is_followed(f"{path}/"):
            self._changed[path] = True

    def _holds(self, path: str) -> bool:
        return self.files.made(path) or any(f"{made}/".startswith(f"{path}/") for made in self._changed)

    def apply(self, fact: Fact) -> None:
        """Change what later commands see, as this fact says."""
        match fact:
            case NewUser():
                self.accounts.add_user(fact)
            case NewGroup():
                self.accounts.add_group(fact)
            case JoinGroup():
                self.accounts.join(fact)
            case WriteContent():
                self._write(fact)
            case RunInBackground():
                self.running |= {fact.name}
            case MakeNode(path=str(path)) if path.startswith("/dev/"):
                self._changed[path] = True
            case UseFile() if fact.path.startswith("/dev/"):
                self._use_device(fact)
            case UseFile(use=FileUse.MAKE_DIRECTORY) if is_followed(fact.path):
                self._changed[fact.path] = True
            case UseFile(use=FileUse.WRITE | FileUse.LINK) if fact.path.startswith(FOREIGN):
                self._changed[fact.path] = True
            case _:
                pass

    def put(self, path: str, content: Content) -> None:
        """A file of the build's own appears: of its context, or of a heredoc."""
        script = content.script
        if path in ACCOUNT_FILES:
            self.accounts.read(path, script.text, script.source.place(0, len(script.text)))
        self.files.write(path, content)

    def _use_device(self, fact: UseFile) -> None:
        match fact.use:
            case FileUse.REMOVE | FileUse.RENAME:
                self._changed[fact.path] = False
            case FileUse.WRITE | FileUse.LINK | FileUse.LINK_OVER | FileUse.MAKE_DIRECTORY:
                if fact.path not in STANDARD or fact.path in self._changed:
                    self._changed[fact.path] = True
            case _:
                pass

    def _write(self, fact: WriteContent) -> None:
        if fact.content is None:
            self.files.write(fact.path, None)
            return
        if fact.path in ACCOUNT_FILES:
            self.accounts.read(fact.path, fact.content.text, fact.place)
        before = self.files.read(fact.path) if fact.append else None
        script = join((before.script, fact.content), "") if before is not None else fact.content
        self.files.write(fact.path, Content(script))
