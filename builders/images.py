"""Images without a registry: a root filesystem in a tar becomes an OCI layout that BuildKit reads from disk.

Run as a script, `images.py TAR LAYOUT NAME=VALUE…` does that with a tar; `lab/install` makes the base images so.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import shutil
import sys
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Image(NamedTuple):
    """An image in an OCI layout: its folder, and the digest of its manifest."""

    layout: Path
    digest: str


class Entry(NamedTuple):
    """One file of a root filesystem; `kind` is one of tarfile's types, `target` where a link points."""

    path: str
    data: bytes = b""
    kind: bytes = tarfile.REGTYPE
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    target: str = ""
    device: tuple[int, int] = (0, 0)


def layer(entries: Iterable[Entry]) -> bytes:
    """A tar with these entries, as they are: device nodes and any ids included."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for entry in entries:
            info = tarfile.TarInfo(entry.path)
            info.type, info.mode, info.uid, info.gid, info.linkname = (
                entry.kind,
                entry.mode,
                entry.uid,
                entry.gid,
                entry.target,
            )
            info.devmajor, info.devminor = entry.device
            info.size = len(entry.data)
            tar.addfile(info, io.BytesIO(entry.data))
    return packed.getvalue()


def read_image(layout: Path) -> Image:
    """The one image of a layout."""
    index = json.loads((layout / "index.json").read_bytes())
    return Image(layout, index["manifests"][0]["digest"])


def write_image(layout: Path, layers: Iterable[Path | bytes], config: Mapping[str, object] | None = None) -> Image:
    """Write an image of uncompressed layers, lowest first; `config` has OCI's names (`Env`, `User`, `Entrypoint`, …).

    Layers stay uncompressed: unpacking them costs each new daemon less than gunzip would.
    """
    blobs = layout / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    described = [_add_layer(blobs, each) for each in layers]
    contents = {
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": {"Env": [f"PATH={PATH}"], **(config or {})},
        "rootfs": {"type": "layers", "diff_ids": [each["digest"] for each in described]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": _add_json(blobs, "application/vnd.oci.image.config.v1+json", contents),
        "layers": described,
    }
    descriptor = _add_json(blobs, "application/vnd.oci.image.manifest.v1+json", manifest)
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [descriptor]}))
    return Image(layout, str(descriptor["digest"]))


def _add_layer(blobs: Path, packed: Path | bytes) -> dict[str, str | int]:
    if isinstance(packed, bytes):
        return _add(blobs, "application/vnd.oci.image.layer.v1.tar", packed)
    with packed.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    shutil.copyfile(packed, blobs / digest)
    return _descriptor("application/vnd.oci.image.layer.v1.tar", digest, packed.stat().st_size)


def _add_json(blobs: Path, kind: str, value: object) -> dict[str, str | int]:
    return _add(blobs, kind, json.dumps(value).encode())


def _add(blobs: Path, kind: str, data: bytes) -> dict[str, str | int]:
    digest = hashlib.sha256(data).hexdigest()
    (blobs / digest).write_bytes(data)
    return _descriptor(kind, digest, len(data))


def _descriptor(kind: str, digest: str, size: int) -> dict[str, str | int]:
    return {"mediaType": kind, "digest": f"sha256:{digest}", "size": size}


if __name__ == "__main__":
    write_image(Path(sys.argv[2]), [Path(sys.argv[1])])
