"""What is found in an image: through links, whiteouts and layers, on disk and in a real registry."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import socket
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from ns_lint.builders import lab
from ns_lint.builders.images import Entry, layer, write_image
from ns_lint.builders.inspect import inspect
from ns_lint.builders.registry import Layout, Registry, split
from ns_lint.linter.errors import NoBuilder, UnreadableInput
from ns_lint.linter.lock import BaseImage
from ns_lint.linter.system import Family

SYMBOLIC, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE


def link(path: str, target: str, kind: bytes = SYMBOLIC) -> Entry:
    return Entry(path, kind=kind, target=target)


def look(folder: Path, *layers: Sequence[Entry], **config: object) -> BaseImage:
    write_image(folder, [layer(entries) for entries in layers], config)
    return inspect(Layout(folder), "latest", "amd64")


DEBIAN = [Entry("usr/bin/tar"), Entry("usr/bin/date"), link("bin", "usr/bin")]
ALPINE = [Entry("bin/busybox"), link("bin/tar", "/bin/busybox"), link("bin/date", "busybox")]


@pytest.mark.parametrize(
    ("layers", "family"),
    [
        pytest.param([DEBIAN], Family.GNU, id="files, and bin a link"),
        pytest.param([ALPINE], Family.BUSYBOX, id="symbolic links"),
        pytest.param(
            [[Entry("bin/["), link("bin/busybox", "bin/[", HARD), link("bin/tar", "bin/[", HARD)]],
            Family.BUSYBOX,
            id="hard links to the first of them",
        ),
        pytest.param([[Entry("./bin/tar")]], Family.GNU, id="names with a dot in front"),
        pytest.param([ALPINE, [Entry("bin/tar")]], None, id="GNU tar in Alpine: some of each"),
        pytest.param([DEBIAN, [Entry("usr/bin/busybox")]], Family.GNU, id="a busybox that is not used"),
        pytest.param([[Entry("app")]], None, id="no tools"),
        pytest.param([[link("bin/tar", "/nix/store/x/bin/tar")]], None, id="elsewhere"),
        pytest.param([[link("bin/tar", "date"), link("bin/date", "tar")]], None, id="a loop"),
        pytest.param([ALPINE, [Entry("bin/.wh.tar"), Entry("bin/.wh.date")]], None, id="taken away"),
        pytest.param([ALPINE, [Entry("bin/.wh..wh..opq"), Entry("bin/tar")]], Family.GNU, id="an opaque directory"),
        pytest.param([ALPINE, [Entry(".wh.bin")]], None, id="the folder taken away"),
    ],
)
def test_whose_tools_an_image_has(layers: Sequence[Sequence[Entry]], family: Family | None, tmp_path: Path) -> None:
    assert look(tmp_path, *layers).family is family


def test_config_accounts_and_ids(tmp_path: Path) -> None:
    below = [Entry("etc/passwd", b"a:x:1:1::/:\n"), Entry("etc/group", b"g:x:5:\n"), Entry("srv", uid=7, gid=70000)]
    above = [Entry("etc/passwd", b"b:x:2:2::/:\n"), Entry("etc/.wh.group")]
    found = look(
        tmp_path, below, above, User="b", WorkingDir="/srv", Env=["A=b=c"], Shell=["/bin/ash", "-c"], OnBuild=["RUN x"]
    )
    assert (found.user, found.workdir, found.shell, found.onbuild) == ("b", "/srv", ("/bin/ash", "-c"), ("RUN x",))
    assert found.env == {"A": "b=c"}
    assert (found.passwd, found.group, found.highest_id) == ("b:x:2:2::/:\n", None, 70000)


def test_an_account_file_that_is_none_is_not_known(tmp_path: Path) -> None:
    entries = [link("etc/passwd", "/x"), Entry("etc/group", b"x" * (1024 * 1024 + 1))]
    found = look(tmp_path, entries)
    assert (found.passwd, found.group) == (None, None)


@pytest.mark.parametrize("data", [b"\x28\xb5\x2f\xfd zstd", b"no tar", gzip.compress(layer([Entry("a")]))[:-20]])
def test_a_layer_that_cannot_be_read_leaves_files_unknown(data: bytes, tmp_path: Path) -> None:
    write_image(tmp_path, [data], {"User": "app"})
    found = inspect(Layout(tmp_path), "latest", "amd64")
    assert (found.user, found.family, found.passwd, found.highest_id) == ("app", None, None, None)


def test_a_blob_that_was_changed_is_refused(tmp_path: Path) -> None:
    write_image(tmp_path, [layer(DEBIAN)])
    for blob in (tmp_path / "blobs/sha256").iterdir():
        blob.write_bytes(blob.read_bytes() + b" ")
    with pytest.raises(UnreadableInput, match="what was read is sha256:"):
        inspect(Layout(tmp_path), "latest", "amd64")


def test_what_is_no_layout_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="name an OCI layout"):
        inspect(Layout(tmp_path), "latest", "amd64")
    (tmp_path / "index.json").write_text('{"manifests": [{"digest": "../../etc/passwd"}]}')
    with pytest.raises(UnreadableInput, match="not one of an image"):
        inspect(Layout(tmp_path), "latest", "amd64")
    (tmp_path / "index.json").write_text('{"manifests": [{"digest": "x", "platform": {"architecture": "s390x"}}]}')
    with pytest.raises(UnreadableInput, match="no image for linux/amd64"):
        inspect(Layout(tmp_path), "latest", "amd64")


@pytest.mark.parametrize(("name", "family"), [("debian", Family.GNU), ("busybox", Family.BUSYBOX)])
def test_the_images_of_the_lab(name: str, family: Family) -> None:
    try:
        image = lab.image(name)
    except NoBuilder as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    found = inspect(Layout(image.layout), "latest", "amd64")
    assert found.family is family
    assert found.passwd is not None
    assert found.passwd.startswith("root:x:0:0:")


# -------------------------------------------------------------------------------------------------------- a registry


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Debian's docker-registry on a free port of this machine, with the image app:1 for two platforms."""
    program = shutil.which("docker-registry")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("no docker-registry: run lab/install")
        pytest.skip("no docker-registry")
    folder = tmp_path_factory.mktemp("registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    settings = {
        "version": 0.1,
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": address},
    }
    (folder / "settings.yml").write_text(json.dumps(settings))
    with subprocess.Popen([program, "serve", folder / "settings.yml"], stderr=subprocess.DEVNULL) as server:
        try:
            _wait(address)
            _push(address, "app", "1", folder / "image")
            yield address
        finally:
            server.terminate()


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            with urlopen(f"http://{address}/v2/"):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("docker-registry does not answer")


def _send(method: str, url: str, data: bytes, kind: str = "application/octet-stream") -> str:
    request = Request(url, data, {"Content-Type": kind}, method=method)
    with urlopen(request) as answer:
        return answer.headers.get("Location", "")


def _push(address: str, repository: str, tag: str, folder: Path) -> None:
    """An index of one image for amd64, compressed as most are."""
    base = f"http://{address}/v2/{repository}"
    write_image(folder, [gzip.compress(layer([*ALPINE, Entry("etc/passwd", b"app:x:9:9::/:\n")]))], {"User": "app"})
    blobs = {path.name: path.read_bytes() for path in (folder / "blobs/sha256").iterdir()}
    manifest = blobs.pop(json.loads((folder / "index.json").read_text())["manifests"][0]["digest"][7:])
    for digest, data in blobs.items():
        where = _send("POST", f"{base}/blobs/uploads/", b"")
        _send("PUT", f"{where}&digest=sha256:{digest}", data)
    kind = "application/vnd.oci.image.manifest.v1+json"
    digest = f"sha256:{hashlib.sha256(manifest).hexdigest()}"
    _send("PUT", f"{base}/manifests/{digest}", manifest, kind)
    platform = {"os": "linux", "architecture": "amd64"}
    described = {"mediaType": kind, "digest": digest, "size": len(manifest), "platform": platform}
    kind = "application/vnd.oci.image.index.v1+json"
    index = {"schemaVersion": 2, "mediaType": kind, "manifests": [described]}
    _send("PUT", f"{base}/manifests/{tag}", json.dumps(index).encode(), kind)


class _Guarded(BaseHTTPRequestHandler):
    """Asks for a token, hands one out to anybody, and sends who asks for a blob on to the registry itself."""

    registry = ""

    def do_GET(self) -> None:
        if self.path.startswith("/token?"):
            self._answer(200, json.dumps({"token": "secret"}).encode())
        elif self.headers.get("Authorization") != "Bearer secret":
            realm = f"http://{self.headers['Host']}/token"
            scope = 'service="s",scope="repository:app:pull"'
            self._answer(401, b"", **{"WWW-Authenticate": f'Bearer realm="{realm}",{scope}'})
        else:
            self._answer(307, b"", Location=f"http://{self.registry}{self.path}")

    def _answer(self, code: int, data: bytes, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - so is the base class's
        """Say nothing."""


def asked(address: str, name: str = "app:1", known: BaseImage | None = None) -> BaseImage:
    host, repository, reference = split(f"{address}/{name}")
    return inspect(Registry(host, repository), reference, "amd64", known)


def test_an_image_is_read_from_a_registry(registry: str) -> None:
    found = asked(registry)
    assert (found.user, found.family, found.passwd) == ("app", Family.BUSYBOX, "app:x:9:9::/:\n")
    assert asked(registry, f"app@{found.digest}") == found


def test_what_is_known_is_not_read_again(registry: str) -> None:
    known = BaseImage(asked(registry).digest, user="as it was")
    assert asked(registry, known=known) is known


def test_a_token_is_fetched_where_the_registry_asks_for_one(registry: str) -> None:
    handler = type("Guarded", (_Guarded,), {"registry": registry})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as front:
        threading.Thread(target=front.serve_forever, daemon=True).start()
        try:
            assert asked(f"127.0.0.1:{front.server_port}") == asked(registry)
        finally:
            front.shutdown()


@pytest.mark.parametrize(
    ("name", "said"), [("missing:1", "there is no such image"), ("app:2", "404"), (f"app@sha256:{'0' * 64}", "404")]
)
def test_what_is_not_there_is_told(registry: str, name: str, said: str) -> None:
    with pytest.raises(UnreadableInput, match=said):
        asked(registry, name)


def test_a_registry_that_does_not_answer_is_told() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(UnreadableInput, match="Connection refused"):
            asked(address)
