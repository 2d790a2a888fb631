"""Images made here are images to BuildKit: ids, device nodes and configuration included."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from ns_lint.builders.build import BuildRequest, build
from ns_lint.builders.images import Entry, layer, read_image, write_image
from ns_lint.builders.lab import image, stand_ins
from ns_lint.builders.local import Daemon, Daemons
from ns_lint.linter.profile import ROOTFUL

SHELL = "FROM made\nRUN stat -c '%n %u:%g %a' /f; ls /; id -u; echo $GREETING\n"


def test_an_image_can_be_read_again(tmp_path: Path) -> None:
    made = write_image(tmp_path / "a", [layer([Entry("f", b"x")])])
    assert read_image(tmp_path / "a") == made
    assert made.digest.startswith("sha256:")
    assert write_image(tmp_path / "b", [layer([Entry("f", b"y")])]).digest != made.digest


@pytest.mark.lab
def test_an_image_is_what_was_put_into_it(daemons: Daemons, tmp_path: Path) -> None:
    busybox = tmp_path / "rootfs.tar"
    with tarfile.open(busybox, "w") as tar:
        tar.add("/bin/busybox", "bin/busybox")
        for applet in ("sh", "ls", "stat", "id"):
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
    more = layer([Entry("f", b"x", uid=7, gid=100000, mode=0o4711), Entry("node", kind=tarfile.CHRTYPE, device=(1, 3))])
    config = {"Env": ["PATH=/bin", "GREETING=hello"], "User": "12"}
    made = write_image(tmp_path / "layout", [busybox, more], config)
    outcome = build(
        daemons.of(ROOTFUL),
        BuildRequest(Path("Dockerfile"), dockerfile_text=SHELL.encode(), images={"made": made}, timeout=60),
    )
    assert outcome.built, outcome.log
    log = next(step.log for step in outcome.steps if "RUN" in step.name)
    assert log.splitlines()[0] == "/f 7:100000 4711"
    assert log.splitlines()[-2:] == ["12", "hello"]


@pytest.mark.lab
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("debian:bookworm-slim", "grep -q bookworm /etc/os-release && command -v make setcap strace sudo bwrap nft"),
        ("docker.io/library/debian", "command -v systemctl systemd-run iptables mkfs.ext4 chattr"),
        ("library/ubuntu:24.04", "dpkg --print-architecture"),
        ("alpine:latest", "busybox | head -1 && test -L /bin/mknod"),
        ("busybox@sha256:" + "0" * 64, "test -L /bin/chown"),
    ],
)
def test_stand_ins_answer_to_official_names(daemons: Daemons, daemon: Daemon, name: str, command: str) -> None:
    text = f"FROM {name}\nRUN {command}\n".encode()
    asked = BuildRequest(Path("Dockerfile"), dockerfile_text=text, images=stand_ins([name]), timeout=60)
    outcome = build(daemon, asked)
    assert outcome.built, outcome.log + outcome.error


@pytest.mark.lab
def test_other_names_have_no_stand_in(daemons: Daemons) -> None:
    assert stand_ins(["golang:1", "example.com/debian", "me/debian", "debian"]) == {"debian": image("debian")}
