"""Run one build on a daemon, and read what came of it."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from ..linter.context import Context
from ..linter.errors import UnreadableInput
from . import lab
from .images import Image
from .local import Daemon
from .outcome import Outcome, begun_steps, read_outcome

OFFICIAL_FRONTEND = re.compile(rb"(docker\.io/)?docker/dockerfile(-upstream)?([:@]|$)")
SYNTAX = re.compile(rb"^\s*#\s*syntax\s*=\s*(\S+)", re.IGNORECASE)


class BuildRequest(NamedTuple):
    """A build, as `docker buildx build` has it.

    `context` None is an empty one. `files` (names in the context → bytes) and `dockerfile_text` stand in for what is on
    disk, which is never written to. `images` give FROM names that need no registry. `secrets` and `ssh` are buildx's
    own specifications, `build_contexts` its values: a folder, or `docker-image://…` and the like. `options` go to the
    frontend as they are (`ulimit`, `label:NAME`, `hostname`, …). With `export` the result's files are written there as
    a tar. `timeout` is in seconds.
    """

    dockerfile: Path
    context: Path | None = None
    dockerfile_text: bytes | None = None
    files: Mapping[str, bytes] = {}
    target: str = ""
    build_args: Mapping[str, str] = {}
    allow: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    ssh: tuple[str, ...] = ()
    build_contexts: Mapping[str, str] = {}
    add_hosts: Mapping[str, str] = {}
    platform: str = ""
    options: Mapping[str, str] = {}
    images: Mapping[str, Image] = {}
    export: Path | None = None
    no_cache: bool = True
    timeout: float = 600.0


def build(daemon: Daemon, request: BuildRequest, watch: Callable[[str], None] | None = None) -> Outcome:
    """Build, and say how it went; a Dockerfile that BuildKit refuses is an outcome too.

    `watch` is told the name of each step when it begins, from another thread.

    Raises UnreadableInput if the Dockerfile cannot be read, NoBuilder if buildctl is missing or the daemon does not
    take the request.
    """
    buildctl = lab.tool("buildctl")
    text = request.dockerfile_text
    if text is None:
        try:
            text = request.dockerfile.read_bytes()
        except OSError as error:
            raise UnreadableInput(f"{request.dockerfile}: {error.strerror}") from error
    with tempfile.TemporaryDirectory(prefix="ns-lint-build-") as folder:
        staged = stage(request, text, Path(folder))
        words = [str(buildctl), "--addr", daemon.address, *arguments(request, text, staged)]
        began = time.monotonic()
        status, stderr, gave_up = _run(words, request.timeout, watch)
        return read_outcome(
            stderr,
            status=status,
            seconds=time.monotonic() - began,
            path=str(request.dockerfile),
            dockerfile=text,
            gave_up=gave_up,
        )


def build_many(
    daemon: Daemon, requests: Iterable[BuildRequest], *, at_once: int | None = None
) -> Iterator[tuple[BuildRequest, Outcome]]:
    """Build several at once, as many as there are processors unless told; outcomes come in the requests' order."""

    def one(request: BuildRequest) -> tuple[BuildRequest, Outcome]:
        return request, build(daemon, request)

    with ThreadPoolExecutor(at_once or os.cpu_count() or 1) as pool:
        yield from pool.map(one, requests)


class Staged(NamedTuple):
    """The folders that buildctl is shown: one with the Dockerfile, and the context."""

    dockerfile: Path
    context: Path


def stage(request: BuildRequest, text: bytes, folder: Path) -> Staged:
    """Lay out in `folder` what differs from the disk: the Dockerfile, and a context of hard links if files of it are
    replaced. Raises UnreadableInput where a link would lead such a file out of the context.
    """
    beside = folder / "dockerfile"
    beside.mkdir()
    name = request.dockerfile.name
    (beside / name).write_bytes(text)
    own_ignore = request.dockerfile.with_name(name + ".dockerignore")
    if own_ignore.is_file():
        shutil.copyfile(own_ignore, beside / own_ignore.name)
    if request.context is not None and not request.files:
        return Staged(beside, request.context)
    copy = folder / "context"
    copy.mkdir()
    if request.context is not None:
        _link_tree(request.context, copy, Context(str(request.context), dockerfile=str(request.dockerfile)).ignores)
    for each, data in request.files.items():
        target = copy / each
        if not target.parent.resolve().is_relative_to(copy.resolve()):
            raise UnreadableInput(f"{each}: a link leads out of the build context, so it cannot be replaced in a build")
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = target.stat().st_mode & 0o7777 if target.exists() else 0o644
        target.unlink(missing_ok=True)  # it is a hard link to the user's own file
        target.write_bytes(data)
        target.chmod(mode)
    return Staged(beside, copy)


def _link_tree(source: Path, target: Path, ignores: Callable[[str], bool]) -> None:
    for folder, folders, files in os.walk(source):
        inside = Path(folder).relative_to(source)
        for name in (*folders, *files):
            relative = inside / name
            if ignores(str(relative)) and name != ".dockerignore":
                continue
            path, copy = source / relative, target / relative
            copy.parent.mkdir(parents=True, exist_ok=True)
            if path.is_symlink():
                copy.symlink_to(path.readlink())
            elif path.is_dir():
                copy.mkdir(exist_ok=True)
                shutil.copystat(path, copy)
            elif path.is_file():
                try:
                    os.link(path, copy)
                except OSError:
                    shutil.copy2(path, copy)


def arguments(request: BuildRequest, text: bytes, staged: Staged) -> list[str]:
    """What buildctl is asked, after its own options."""
    words = ["build", "--progress=rawjson", "--frontend=dockerfile.v0"]
    words += [f"--local=context={staged.context}", f"--local=dockerfile={staged.dockerfile}"]
    options = {"filename": request.dockerfile.name, **_frontend(request, text), **request.options}
    if request.target:
        options["target"] = request.target
    if request.platform:
        options["platform"] = request.platform
    if request.add_hosts:
        options["add-hosts"] = ",".join(f"{name}={address}" for name, address in request.add_hosts.items())
    options.update({f"build-arg:{name}": value for name, value in request.build_args.items()})
    for number, (name, image) in enumerate(request.images.items()):
        words.append(f"--oci-layout=image{number}={image.layout}")
        options[f"context:{familiar(name)}"] = f"oci-layout://image{number}@{image.digest}"
    for name, value in request.build_contexts.items():
        if "://" in value:
            options[f"context:{name}"] = value
        else:
            words.append(f"--local={name}={value}")
            options[f"context:{name}"] = f"local:{name}"
    words += [f"--opt={key}={value}" for key, value in options.items()]
    words += [f"--allow={each}" for each in request.allow]
    words += [f"--secret={each}" for each in request.secrets]
    words += [f"--ssh={each}" for each in request.ssh]
    if request.export is not None:
        words.append(f"--output=type=tar,dest={request.export}")
    if request.no_cache:
        words.append("--no-cache")
    return words


def familiar(name: str) -> str:
    """An image's name in the shortest form, by which BuildKit looks a named context up (dockerui/config.go)."""
    short = name.removeprefix("docker.io/").removeprefix("library/")
    return short.removesuffix(":latest")


def _frontend(request: BuildRequest, text: bytes) -> dict[str, str]:
    """Make the daemon's built-in frontend take a file whose `# syntax=` asks for Docker's own, which would be pulled;
    others are left alone.

    BuildKit looks for `# syntax=` only where `cmdline` is not set, so it is harmless elsewhere. The first lines may be
    directives.
    """
    asked = request.build_args.get("BUILDKIT_SYNTAX", "").encode()
    for line in [] if asked else text.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if not re.match(rb"\s*#\s*\w+\s*=", line):
            break
        if found := SYNTAX.match(line):
            asked = found[1]
    return {"cmdline": "docker/dockerfile:1"} if not asked or OFFICIAL_FRONTEND.match(asked) else {}


def _run(words: list[str], timeout: float, watch: Callable[[str], None] | None) -> tuple[int, bytes, str]:
    """Status and stderr of buildctl, and why it was ended if it took longer than `timeout` seconds. The daemon drops
    what its client leaves.
    """
    process = _start(words)
    lines: list[bytes] = []
    reader = threading.Thread(target=_read, args=(process, lines, watch), daemon=True)
    reader.start()
    gave_up = ""
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        gave_up = f"gave up after {timeout:g} s"
    finally:
        process.kill()
        process.wait()
        reader.join()
    return process.returncode, b"".join(lines), gave_up


def _start(words: list[str]) -> subprocess.Popen[bytes]:
    """Start buildctl. Under load execve(2) was seen to fail with EFAULT, about once in a thousand builds; the same call
    passes when it is made again.
    """
    for _ in range(4):
        try:
            return _open(words)
        except OSError as error:
            if error.errno != errno.EFAULT:
                raise
            time.sleep(0.1)
    return _open(words)


def _open(words: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _read(process: subprocess.Popen[bytes], lines: list[bytes], watch: Callable[[str], None] | None) -> None:
    assert process.stderr is not None
    begun: set[str] = set()
    with process.stderr:
        for line in process.stderr:
            lines.append(line)
            for name in begun_steps(line) if watch is not None else ():
                if watch is not None and name not in begun:
                    begun.add(name)
                    watch(name)
