"""What an image holds that lint asks for: its config, its accounts, whose tools it has, and its highest owner."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterable, Mapping
from posixpath import dirname, join, normpath
from typing import IO, Any, NamedTuple, Protocol, cast

from ..linter.errors import UnreadableInput
from ..linter.lock import BaseImage
from ..linter.system import Family

INDEXES = frozenset(
    {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    }
)
MANIFESTS = frozenset(
    {
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    }
)

PASSWD, GROUP = "etc/passwd", "etc/group"
MOST_BYTES = 1024 * 1024
"""A larger passwd or group is not read."""

TOOLS = ("tar", "date", "chown", "cp", "mknod")
"""Busybox's and GNU's differ in when they fail; an image that has some of each is of neither family."""

_FOLDERS = ("bin", "usr/bin", "usr/local/bin", "sbin", "usr/sbin")
_MAX_LINKS = 20


class Source(Protocol):
    """Where an image comes from: a registry, or a layout on disk. Both raise UnreadableInput."""

    def manifest(self, reference: str) -> tuple[str, bytes]:
        """The digest and the bytes of a manifest or an index, by tag or digest."""
        ...

    def blob(self, digest: str) -> IO[bytes]: ...


class _Link(NamedTuple):
    """`hard` links name a file by its path in the layer, others relative to where they are."""

    target: str
    hard: bool


class _Files:
    """What is looked at, layer over layer. `programs` are the files in _FOLDERS, and where they lead if they do."""

    def __init__(self) -> None:
        self.programs: dict[str, _Link | None] = {}
        self.texts: dict[str, str | None] = {}
        self.highest = 0

    def take(self, layer: IO[bytes]) -> None:
        with tarfile.open(fileobj=layer, mode="r|*") as tar:
            for entry in tar:
                name = normpath("/" + entry.name).lstrip("/")
                folder, _, base = name.rpartition("/")
                if base == ".wh..wh..opq":
                    self._remove(folder + "/")
                elif base.startswith(".wh."):
                    self._remove(join(folder, base.removeprefix(".wh.")))
                else:
                    self.highest = max(self.highest, entry.uid, entry.gid)
                    self._put(tar, entry, name, folder)

    def _put(self, tar: tarfile.TarFile, entry: tarfile.TarInfo, name: str, folder: str) -> None:
        if name in (PASSWD, GROUP):
            self.texts[name] = _text(tar, entry)
        if entry.isdir():
            self.programs.pop(name, None)
        elif folder in _FOLDERS or name in _FOLDERS:
            link = entry.issym() or entry.islnk()
            self.programs[name] = _Link(entry.linkname, entry.islnk()) if link else None

    def _remove(self, name: str) -> None:
        for table in (self.programs, self.texts):
            for path in [path for path in table if path == name or path.startswith(name.rstrip("/") + "/")]:
                del table[path]

    def real(self, name: str) -> str | None:
        """Where a path leads, None when it is not there, or leads out of where programs are."""
        for _ in range(_MAX_LINKS):
            folder, _, base = name.rpartition("/")
            if (link := self.programs.get(folder)) is not None:
                name = join(_followed(folder, link), base)
            elif name not in self.programs:
                return None
            elif (link := self.programs[name]) is None:
                return name
            else:
                name = _followed(name, link)
        return None


def _followed(name: str, link: _Link) -> str:
    target = "/" + link.target if link.hard else join("/", dirname(name), link.target)
    return normpath(target).lstrip("/")


def _text(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> str | None:
    opened = tar.extractfile(entry) if entry.isreg() and entry.size <= MOST_BYTES else None
    return opened.read().decode("utf-8", "replace") if opened is not None else None


def inspect(source: Source, reference: str, architecture: str, known: BaseImage | None = None) -> BaseImage:
    """The image behind a tag or a digest; `known` is taken where it is the same one. Raises UnreadableInput."""
    digest, data = source.manifest(reference)
    manifest = _json(data)
    if manifest.get("mediaType") in INDEXES or "manifests" in manifest:
        digest, data = source.manifest(_of_platform(manifest, architecture))
        manifest = _json(data)
    if known is not None and known.digest == digest:
        return known
    try:
        with source.blob(manifest["config"]["digest"]) as opened:
            config: Mapping[str, Any] = _json(opened.read(16 * MOST_BYTES)).get("config") or {}
        layers = [layer["digest"] for layer in manifest["layers"]]
        pairs = [str(pair).partition("=") for pair in config.get("Env") or ()]
        image = BaseImage(
            digest=digest,
            user=str(config.get("User") or ""),
            workdir=str(config.get("WorkingDir") or ""),
            shell=tuple(map(str, config.get("Shell") or ())),
            env={name: value for name, _, value in pairs},
            onbuild=tuple(map(str, config.get("OnBuild") or ())),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableInput(f"{reference}: its manifest or config is not one of an image") from error
    return _with_files(image, source, layers)


def _with_files(image: BaseImage, source: Source, layers: Iterable[str]) -> BaseImage:
    """The image with what its layers hold; a layer in a format that Python does not read leaves all of that unknown."""
    files = _Files()
    try:
        for digest in layers:
            with source.blob(digest) as layer:
                files.take(layer)
    except (tarfile.TarError, EOFError, OSError):
        return image
    return image._replace(
        family=_family(files), passwd=files.texts.get(PASSWD), group=files.texts.get(GROUP), highest_id=files.highest
    )


def _family(files: _Files) -> Family | None:
    paths = [join(folder, tool) for tool in TOOLS for folder in _FOLDERS]
    found = {real for path in paths if (real := files.real(path)) is not None}
    busybox = {real for folder in _FOLDERS if (real := files.real(join(folder, "busybox"))) is not None}
    if not found:
        return None
    if found <= busybox:
        return Family.BUSYBOX
    return Family.GNU if not found & busybox else None


def _of_platform(index: Mapping[str, Any], architecture: str) -> str:
    for each in cast("list[dict[str, Any]]", index["manifests"]):
        platform = cast("dict[str, object]", each.get("platform") or {})
        if platform.get("os", "linux") == "linux" and platform.get("architecture", architecture) == architecture:
            return str(each["digest"])
    raise UnreadableInput(f"there is no image for linux/{architecture}")


def _json(data: bytes) -> dict[str, Any]:
    try:
        loaded: object = json.loads(data)
    except ValueError as error:
        raise UnreadableInput(f"not JSON: {error}") from error
    if not isinstance(loaded, dict):
        raise UnreadableInput("not a manifest")
    return cast("dict[str, Any]", loaded)
