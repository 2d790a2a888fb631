"""Images as a registry or an OCI layout on disk has them. What is read is checked against its digest."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from ..linter.errors import UnreadableInput
from .inspect import INDEXES, MANIFESTS

if TYPE_CHECKING:
    from http.client import HTTPResponse

DOCKER_HUB = "registry-1.docker.io"
TIMEOUT = 60.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
MOST_MANIFEST = 16 * 1024 * 1024
MOST_LAYER = 16 * 1024**3


def split(canonical: str) -> tuple[str, str, str]:
    """Registry, repository, and tag or digest of an image's whole name."""
    name, _, digest = canonical.partition("@")
    registry, _, path = name.partition("/")
    repository, _, tag = path.partition(":")
    return registry, repository, digest or tag


class Registry:
    """One repository of a registry, read without credentials; http only where it is on this machine, as Docker does."""

    def __init__(self, registry: str, repository: str) -> None:
        host = DOCKER_HUB if registry == "docker.io" else registry
        scheme = "http" if urlsplit(f"//{host}").hostname in _LOOPBACK else "https"
        self.url = f"{scheme}://{host}/v2/{repository}"
        self._token = ""

    def manifest(self, reference: str) -> tuple[str, bytes]:
        with self._get(f"manifests/{reference}", ", ".join(sorted(MANIFESTS | INDEXES))) as answer:
            data = answer.read(MOST_MANIFEST)
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        _check(reference, digest)
        return digest, data

    def blob(self, digest: str) -> IO[bytes]:
        """The blob, whole, in a temporary file: it is compared with its digest before anything looks into it."""
        _known(digest)
        with self._get(f"blobs/{digest}", "*/*") as answer:
            return _spooled(answer, digest)

    def _get(self, path: str, accept: str) -> HTTPResponse:
        try:
            return self._open(path, accept)
        except HTTPError as error:
            challenge = error.headers.get("WWW-Authenticate", "") if error.code == 401 and not self._token else ""
            if not challenge.lower().startswith("bearer "):
                raise UnreadableInput(f"{self.url}/{path}: {_why(error)}") from error
        except (URLError, OSError) as error:
            raise UnreadableInput(f"{self.url}: {_why(error)}") from error
        try:
            self._token = _anonymous_token(challenge)
            return self._open(path, accept)
        except (URLError, OSError, ValueError) as error:
            raise UnreadableInput(f"{self.url}/{path}: {_why(error)}") from error

    def _open(self, path: str, accept: str) -> HTTPResponse:
        request = Request(f"{self.url}/{path}", headers={"Accept": accept, "User-Agent": "ns-lint"})
        if self._token:  # not sent on to where a blob's store is
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        return urlopen(request, timeout=TIMEOUT)


def _anonymous_token(challenge: str) -> str:
    """A token for whoever asks, from where the registry says. Raises ValueError, URLError."""
    fields: dict[str, str] = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    realm = fields.pop("realm", "")
    parts = urlsplit(realm)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError(f"it asks for a token from {realm or 'nowhere'}")
    with urlopen(f"{realm}?{urlencode(fields)}", timeout=TIMEOUT) as answer:
        loaded = json.load(answer)
    return str(loaded.get("token") or loaded.get("access_token") or "")


def _why(error: Exception) -> str:
    if isinstance(error, HTTPError):
        hint = {401: ": it is private", 403: ": it is private", 404: ": there is no such image"}.get(error.code, "")
        return f"{error.code} {error.reason}{hint}"
    return str(error.reason if isinstance(error, URLError) else error)


class Layout:
    """An OCI layout: a folder with index.json and blobs. Of several images the first of the platform is meant."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def manifest(self, reference: str) -> tuple[str, bytes]:
        if not _DIGEST.fullmatch(reference):
            index = self._read("index.json")
            return f"sha256:{hashlib.sha256(index).hexdigest()}", index
        with self.blob(reference) as opened:
            return reference, opened.read(MOST_MANIFEST)

    def blob(self, digest: str) -> IO[bytes]:
        _known(digest)
        path = self.folder / "blobs/sha256" / digest.removeprefix("sha256:")
        try:
            opened = path.open("rb")
        except OSError as error:
            raise UnreadableInput(f"{path}: {error.strerror}") from error
        try:
            _check(digest, f"sha256:{hashlib.file_digest(opened, 'sha256').hexdigest()}")
        except UnreadableInput:
            opened.close()
            raise
        opened.seek(0)
        return opened

    def _read(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except OSError as error:
            raise UnreadableInput(f"{self.folder / name}: {error.strerror}: name an OCI layout") from error


def _spooled(answer: HTTPResponse, digest: str) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked closes it
    try:
        seen, size = hashlib.sha256(), 0
        while chunk := answer.read(1024 * 1024):
            size += len(chunk)
            if size > MOST_LAYER:
                raise UnreadableInput(f"{digest}: larger than any layer should be")
            seen.update(chunk)
            file.write(chunk)
        _check(digest, f"sha256:{seen.hexdigest()}")
        file.seek(0)
    except OSError as error:
        file.close()
        raise UnreadableInput(f"{digest}: {error}") from error
    except BaseException:
        file.close()
        raise
    return file


def _known(digest: str) -> None:
    if not _DIGEST.fullmatch(digest):
        raise UnreadableInput(f"{digest}: not a digest")


def _check(wanted: str, found: str) -> None:
    """Raise where a digest was asked for and something else was given."""
    if _DIGEST.fullmatch(wanted) and wanted != found:
        raise UnreadableInput(f"{wanted}: what was read is {found}")
