"""Outcomes of real builds, kept: the same build on the same machine need not be made again.

What is kept is what a build came to, never what we said of it: predictions are always made anew. The key is all that a
build depends on and that can be read here: request, context, secrets, base images given as files, builder, kernel,
limits. What a step or a FROM takes from the net is not in it, so an outcome grows old.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, cast

from ..builders.build import BuildRequest
from ..builders.outcome import FailedStep, Outcome, Step
from ..linter.context import Context
from ..linter.profile import Profile

FORMAT = 1
DAY = 24 * 3600.0
SHORTLY = 600.0
"""Seconds for which an outcome holds; the short one where it speaks of the net."""

MAX_ENTRIES = 500
MAX_BYTES = 8 * 1024 * 1024

BuildIn = Callable[[Profile, BuildRequest], Outcome]

_NET = re.compile(
    r"failed to do request|failed to resolve|no such host|dial tcp|i/o timeout|Could not resolve|Temporary failure"
    r"|[Cc]onnection (refused|reset|timed out)|TLS handshake|curl: \(|\b50[0-9]\b|exit code: 137"
)


class Cache:
    """Builds what is not kept. `identity` stands for the machine and its builders; `told` hears an outcome's age in
    seconds.
    """

    def __init__(self, folder: Path, identity: str, build: BuildIn, told: Callable[[float], None]) -> None:
        self.folder = folder
        self.identity = identity
        self._build = build
        self._told = told

    def build(self, profile: Profile, request: BuildRequest) -> Outcome:
        """The outcome of a build, kept or new. Raises what building raises."""
        if request.export is not None:
            return self._build(profile, request)
        path = self.folder / f"{key(profile, request, self.identity)}.json"
        kept = _load(path)
        if kept is not None:
            self._told(kept.age)
            return kept.outcome
        outcome = self._build(profile, request)
        if not outcome.error.startswith("gave up"):
            self._store(path, outcome)
        return outcome

    def _store(self, path: Path, outcome: Outcome) -> None:
        """Keep an outcome if it can be: a full or read-only disk is no reason to fail."""
        data = json.dumps({"format": FORMAT, "outcome": outcome}).encode()
        if len(data) > MAX_BYTES:
            return
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self.folder)
            with open(descriptor, "wb") as file:
                file.write(data)
            os.replace(name, path)
            _prune(self.folder)


class _Kept(NamedTuple):
    outcome: Outcome
    age: float


def _load(path: Path) -> _Kept | None:
    """An outcome that is still good; what cannot be read is none."""
    try:
        age = max(time.time() - path.stat().st_mtime, 0)
        value = cast("dict[str, object]", json.loads(path.read_bytes()))
        if value["format"] != FORMAT:
            return None
        outcome = _outcome(cast("list[object]", value["outcome"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    net = not outcome.built and _NET.search(f"{outcome.log}\n{outcome.error}")
    return _Kept(outcome, age) if age < (SHORTLY if net else DAY) else None


def _outcome(value: list[object]) -> Outcome:
    """NamedTuples are arrays in JSON."""
    outcome = Outcome(*value)  # type: ignore[arg-type] # as it was written
    failed = FailedStep(*outcome.failed) if outcome.failed is not None else None
    return outcome._replace(failed=failed, steps=tuple(Step(*step) for step in outcome.steps))


def _prune(folder: Path) -> None:
    """The oldest go when there are too many, and what an interrupted run left."""
    entries = sorted(folder.iterdir(), key=lambda entry: entry.stat().st_mtime, reverse=True)
    for number, entry in enumerate(entries):
        if number >= MAX_ENTRIES or entry.stat().st_mtime < time.time() - DAY:
            entry.unlink(missing_ok=True)


def key(profile: Profile, request: BuildRequest, identity: str) -> str:
    """What names an outcome: two builds with the same key come to the same."""
    digest = hashlib.blake2b(digest_size=20)
    for part in _parts(profile, request, identity):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _parts(profile: Profile, request: BuildRequest, identity: str) -> Iterator[bytes]:
    text = request.dockerfile_text
    yield text if text is not None else _bytes(request.dockerfile)
    yield _bytes(request.dockerfile.with_name(request.dockerfile.name + ".dockerignore"))
    plain = request._replace(dockerfile_text=None, context=None, files={}, images={}, timeout=0)
    yield repr((FORMAT, identity, profile, plain)).encode()
    for name, image in sorted(request.images.items()):
        yield f"{name}={image.digest}".encode()
    for name, data in sorted(request.files.items()):
        yield name.encode()
        yield data
    for spec in request.secrets:
        yield _secret(spec)
    if request.context is not None:
        yield from tree(Context(str(request.context), dockerfile=str(request.dockerfile)))
    for value in request.build_contexts.values():
        if "://" not in value:
            yield from tree(Context(value))


def _bytes(path: Path) -> bytes:
    with contextlib.suppress(OSError):
        return path.read_bytes()
    return b""


def _secret(spec: str) -> bytes:
    """The value of a secret: `id=NAME,src=FILE` or `id=NAME,env=VARIABLE`; without either, a variable of that name."""
    fields: dict[str, str] = {}
    for part in spec.split(","):
        name, _, value = part.partition("=")
        fields[name] = value
    if source := fields.get("src") or fields.get("source"):
        return _bytes(Path(source))
    return os.environ.get(fields.get("env") or fields.get("id", ""), "").encode(errors="surrogateescape")


def tree(context: Context) -> Iterator[bytes]:
    """Every file that a build can see of its context: name, kind, mode, content. Times do not count for BuildKit."""
    root = context.root or "."
    for folder, folders, files in os.walk(root):
        inside = os.path.relpath(folder, root)
        prefix = "" if inside == "." else inside + "/"
        seen = context.has_exceptions
        folders[:] = sorted(name for name in folders if seen or not context.ignores(prefix + name))
        for name in sorted((*folders, *files)):
            if not context.ignores(prefix + name):
                yield (prefix + name).encode(errors="surrogateescape")
                yield _content(os.path.join(folder, name))


def _content(path: str) -> bytes:
    try:
        status = os.lstat(path)
        mode = f"{status.st_mode:o} ".encode()
        if stat.S_ISLNK(status.st_mode):
            return mode + os.readlink(path).encode(errors="surrogateescape")
        if stat.S_ISREG(status.st_mode):
            with open(path, "rb") as file:
                return mode + hashlib.file_digest(file, "blake2b").digest()
    except OSError as error:
        return f"unreadable {error.errno}".encode()
    return mode
