"""What is in a local archive that can be refused: members with high ids, and device nodes.

tar in any compression that Python reads, cpio in its portable formats, and Debian packages. Reading is bounded, so that
a huge archive costs little: what cannot be read within the bounds is not known.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, NamedTuple, cast

from .profile import SMALLEST_MAP

MAX_BYTES = 64 * 1024 * 1024
"""So much is unpacked of a compressed archive, half a second's work; in a plain one only the headers are read."""

MAX_MEMBERS = 100_000

MAX_KEPT = 1000
"""So many members that can be refused are told; the rest would say nothing new."""

_DAMAGED = (tarfile.TarError, OSError, EOFError, ValueError, lzma.LZMAError, zlib.error)


class Member(NamedTuple):
    """A member as it is written down: its ids, and the names that a tool may look up instead."""

    name: str
    uid: int
    gid: int
    user: str
    group: str
    device: bool

    @property
    def refusable(self) -> bool:
        return self.device or max(self.uid, self.gid) >= SMALLEST_MAP


def read_tar(file: IO[bytes]) -> tuple[Member, ...] | None:
    """The members of a tar that can be refused; None when it is no tar, is damaged, or is too large to say."""
    try:
        plain = _decompressed(file)
        with tarfile.open(fileobj=plain or file, mode="r|" if plain else "r:") as tar:
            return _refusable(_tar_members(tar))
    except _DAMAGED:
        return None


def read_cpio(file: IO[bytes]) -> tuple[Member, ...] | None:
    """The same of a cpio archive in the `newc`, `crc` or `odc` format."""
    start = file.read(6)
    file.seek(0)
    if start in (b"070701", b"070702"):
        return _refusable(_cpio_members(file, newc=True))
    return _refusable(_cpio_members(file, newc=False)) if start == b"070707" else None


def read_deb(file: IO[bytes]) -> tuple[Member, ...] | None:
    """The same of a Debian package: an ar(5) archive whose member `data.tar.*` holds the files."""
    if file.read(8) != b"!<arch>\n":
        return None
    while len(header := file.read(60)) == 60:
        size = int(header[48:58]) if header[48:58].strip().isdigit() else 0
        if header.startswith(b"data.tar"):
            return read_tar(io.BytesIO(file.read(min(size, MAX_BYTES))))
        file.seek(size + size % 2, io.SEEK_CUR)
    return None


def _decompressed(file: IO[bytes]) -> IO[bytes] | None:
    """What is in a compressed file, as a stream that raises OSError after MAX_BYTES; None when it is not compressed."""
    opened = _unpacked(file)
    return cast("IO[bytes]", _Bounded(opened, MAX_BYTES)) if opened is not None else None


def _unpacked(file: IO[bytes]) -> gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile | None:
    start = file.read(6)
    file.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)
    if start.startswith(b"BZh"):
        return bz2.BZ2File(file)
    return lzma.LZMAFile(file) if start == b"\xfd7zXZ\0" else None


class _Bounded(io.RawIOBase):
    """A stream that breaks off with OSError beyond a number of bytes."""

    def __init__(self, stream: gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile, limit: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = limit

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(self._left + 1 if size < 0 else size)
        self._left -= len(data)
        if self._left < 0:
            raise OSError("too large to be read")
        return data


def _refusable(members: Iterator[Member]) -> tuple[Member, ...] | None:
    """What was found before the archive's end, or before it could be read no further; None when that was nothing."""
    found: list[Member] = []
    try:
        found.extend(islice((member for member in islice(members, MAX_MEMBERS) if member.refusable), MAX_KEPT))
        whole = next(members, None) is None
    except _DAMAGED:
        whole = False
    return tuple(found) if found or whole else None


def _tar_members(tar: Iterable[tarfile.TarInfo]) -> Iterator[Member]:
    for info in tar:
        if not info.islnk():  # another name of a file that has its owner
            device = info.ischr() or info.isblk()
            yield Member(info.name, info.uid, info.gid, info.uname, info.gname, device)


def _cpio_members(file: IO[bytes], *, newc: bool) -> Iterator[Member]:
    """Source: cpio(5)."""
    length, at, base, pad = (110, (14, 22, 30, 54, 94), 16, 4) if newc else (76, (18, 24, 30, 65, 59), 8, 1)
    wide = 8 if newc else 6
    while len(header := file.read(length)) == length:
        mode, uid, gid = (int(header[start : start + wide], base) for start in at[:3])
        size = int(header[at[3] : at[3] + (8 if newc else 11)], base)
        name_size = int(header[at[4] : at[4] + wide], base)
        name = file.read(name_size).rstrip(b"\0").decode("utf-8", "replace")
        if name == "TRAILER!!!":
            return
        file.seek(-(length + name_size) % pad, io.SEEK_CUR)
        file.seek(size + -size % pad, io.SEEK_CUR)
        yield Member(name, uid, gid, "", "", mode & 0o170000 in (0o020000, 0o060000))
    raise EOFError
