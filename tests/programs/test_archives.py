"""Archives: what of them is unpacked, for whom, and how a tool takes it when it cannot."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from pathlib import Path

import pytest

from ns_lint.linter.context import Context
from ns_lint.linter.facts import ExtractArchive

from .reading import facts, text_at


def packed(*members: tuple[str, int, int, str, str]) -> bytes:
    """A tar of empty files: name, uid, gid, and the owner's names."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, uid, gid, user, group in members:
            info = tarfile.TarInfo(name)
            info.uid, info.gid, info.uname, info.gname = uid, gid, user, group
            tar.addfile(info)
    return out.getvalue()


def package(data: bytes) -> bytes:
    """A Debian package, as far as its files go."""
    members = ((b"debian-binary", b"2.0\n"), (b"control.tar", b"odd"), (b"data.tar.xz", lzma.compress(data)))
    parts = [b"%-48s%-10d`\n%s%s" % (name, len(body), body, b"\n" * (len(body) % 2)) for name, body in members]
    return b"!<arch>\n" + b"".join(parts)


A = packed(("low", 5, 6, "", ""), ("d/high", 70000, 5, "", ""))
CONTEXT = {
    "a.tar": A,
    "a.tgz": gzip.compress(A),
    "a.txz": lzma.compress(A),
    "a.tbz": bz2.compress(A),
    "root.tar": packed(("f", 70000, 70001, "root", "root")),
    "alice.tar": packed(("f", 70000, 70001, "alice", "alice")),
    "a.deb": package(A),
    "odd.tar": b"odd",
}
HIGH = [("d/high", 70000, 5)]

COMMANDS: list[tuple[str, str, list[tuple[str, int, int]] | None]] = [
    ("tar xf a.tar", "a.tar", HIGH),
    ("tar -xzf /a.tgz -C /srv", "/a.tgz", HIGH),
    ("tar --extract --file a.txz", "a.txz", HIGH),
    ("tar xvfC a.tbz /srv", "a.tbz", HIGH),
    ("cat a.tar | tar x", "tar x", HIGH),
    ("zcat a.tgz | tar xf -", "tar xf -", HIGH),
    ("cat a.txz | xz -dc | sudo tar -x", "tar -x", HIGH),
    ("xz -dc a.txz | sudo tar -x", "tar -x", HIGH),
    ("unpigz -c < a.tgz | tar -x", "tar -x", HIGH),
    ("tar x < a.tar", "tar x", HIGH),
    ("bsdtar -xf a.tar", "a.tar", HIGH),
    ("cp a.tar b.tar && tar xf b.tar", "b.tar", HIGH),
    ("tar xf a.tar d", "d", HIGH),
    ("tar xf a.tar low", "a.tar", []),
    ("tar xf a.tar --wildcards '*/high'", "a.tar", HIGH),
    ("tar xf a.tar --strip-components=1", "a.tar", HIGH),
    ("tar xf a.tar --strip-components 2", "a.tar", []),
    ("tar xf root.tar", "root.tar", []),
    ("tar xf root.tar --numeric-owner", "root.tar", [("f", 70000, 70001)]),
    ("tar xf alice.tar", "alice.tar", [("f", 70000, 70001)]),
    ("useradd -u 5 alice && tar xf alice.tar", "alice.tar", []),
    ("useradd -g daemon -u 70002 alice && tar xf alice.tar", "alice.tar", [("f", 70002, 70001)]),
    ("tar xf odd.tar", "odd.tar", None),
    ("tar xf missing.tar", "missing.tar", None),
    ("curl https://example.com | tar x", "tar x", None),
    ("dpkg -i a.deb", "a.deb", HIGH),
    ("dpkg-deb -x a.deb /srv", "a.deb", HIGH),
    ("dpkg-deb --fsys-tarfile a.deb | tar x", "tar x", HIGH),
    ("apt-get install -y ./a.deb", "./a.deb", HIGH),
]


@pytest.mark.parametrize(("command", "place", "members"), COMMANDS)
def test_reads_what_is_unpacked(command: str, place: str, members: list[tuple[str, int, int]] | None) -> None:
    text = f"FROM debian\nCOPY . /\nRUN {command}\n"
    (fact,) = facts(ExtractArchive, text, CONTEXT)
    found = None if fact.members is None else [(m.name, m.uid, m.gid) for m in fact.members]
    assert found == members
    if place != "d":
        assert text_at(text, fact.place) == place
    assert fact.keeps_owner


@pytest.mark.parametrize(
    "command",
    [
        "tar xof a.tar",
        "tar -x --no-same-owner -f a.tar",
        "tar -x --same-owner --no-same-owner -f a.tar",
        "TAR_OPTIONS=--no-same-owner tar xf a.tar",
        "bsdtar -xf a.tar --uid 0 --gid 0",
        "cpio -id --no-preserve-owner < a.tar",
        "cpio -id -R 0:0 < a.tar",
    ],
)
def test_knows_when_the_owner_is_not_kept(command: str) -> None:
    (fact,) = facts(ExtractArchive, f"FROM debian\nCOPY . /\nRUN {command}\n", CONTEXT)
    assert not fact.keeps_owner


@pytest.mark.parametrize(
    "command",
    [
        "tar tf a.tar",
        "tar xOf a.tar",
        "tar cf b.tar a.tar",
        "tar c . | tar x -C /srv",
        "su nobody -s /bin/sh -c 'tar xf a.tar'",
        "cpio -it < a.tar",
        "cpio -pd /srv",
        "apt-get install -y a",
        "dpkg -l a.deb",
        "dpkg -i missing.deb",
    ],
)
def test_says_nothing_where_nothing_is_unpacked_by_root(command: str) -> None:
    assert facts(ExtractArchive, f"FROM debian\nCOPY . /\nRUN {command}\n", CONTEXT) == []


@pytest.mark.parametrize(
    ("image", "command", "strict"),
    [
        ("debian", "tar xf a.tar", True),
        ("alpine", "tar xf a.tar", False),
        ("corp/app", "tar xf a.tar", None),
        ("corp/app", "bsdtar xf a.tar", True),
        ("debian", "busybox tar xf a.tar", False),
        ("alpine", "cpio -id < a.tar", False),
    ],
)
def test_knows_which_tools_fail(image: str, command: str, strict: bool | None) -> None:
    (fact,) = facts(ExtractArchive, f"FROM {image}\nCOPY . /\nRUN {command}\n", CONTEXT)
    assert fact.strict is strict


@pytest.mark.parametrize(
    ("image", "command", "certain"),
    [
        ("debian", "tar xf a.tar", True),
        ("debian", "tar xf a.tar --exclude=x", False),
        ("debian", "tar xf alice.tar", True),
        ("node", "tar xf alice.tar", False),
        ("node", "tar xf alice.tar --numeric-owner", True),
        ("node", "tar xf a.tar", True),
    ],
)
def test_knows_when_an_owner_may_be_known_to_the_image(image: str, command: str, certain: bool) -> None:
    (fact,) = facts(ExtractArchive, f"FROM {image}\nCOPY . /\nRUN {command}\n", CONTEXT)
    assert fact.certain is certain


ADDED: list[tuple[str, list[tuple[str, list[tuple[str, int, int]] | None]]]] = [
    ("ADD a.tgz /", [("a.tgz", HIGH)]),
    ("ADD --chmod=755 a.tar odd.txt /", [("a.tar", HIGH)]),
    (
        "ADD *.tar /",
        [("a.tar", HIGH), ("alice.tar", [("f", 70000, 70001)]), ("odd.tar", None), ("root.tar", [("f", 70000, 70001)])],
    ),
    ("ADD --chown=0 a.tgz /", [("a.tgz", [("d/high", 0, 0)])]),
    ("ADD --unpack=false a.tgz /", []),
    ("ADD https://example.com/a.tgz /", []),
    ("ADD missing.tar.gz /", [("missing.tar.gz", None)]),
    ("ADD a.deb /", []),
    ("ADD . /", []),
    ("COPY a.tgz /", []),
]


@pytest.mark.parametrize(("instruction", "expected"), ADDED)
def test_reads_what_add_unpacks(
    instruction: str, expected: list[tuple[str, list[tuple[str, int, int]] | None]]
) -> None:
    found = facts(ExtractArchive, f"FROM debian\n{instruction}\n", CONTEXT)
    members = [[(m.name, m.uid, m.gid) for m in fact.members] if fact.members is not None else None for fact in found]
    assert [(fact.archive, each) for fact, each in zip(found, members, strict=True)] == expected


@pytest.mark.parametrize("steps", ["ADD big.tar /srv/", "COPY big.tar /\nRUN tar xf big.tar"])
def test_an_archive_of_many_megabytes_is_read_too(tmp_path: Path, steps: str) -> None:
    with tarfile.open(tmp_path / "big.tar", "w") as tar:
        for name, uid in (("zeros", 0), ("high", 70000)):
            info = tarfile.TarInfo(name)
            info.size, info.uid = (8 * 1024 * 1024 if name == "zeros" else 0), uid
            tar.addfile(info, io.BytesIO(b"\0" * info.size))
    (fact,) = facts(ExtractArchive, f"FROM debian\n{steps}\n", Context(str(tmp_path)))
    assert fact.members is not None
    assert [(member.name, member.uid) for member in fact.members] == [("high", 70000)]


def test_what_dockerignore_leaves_out_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(A)
    (tmp_path / ".dockerignore").write_text("*.tar\n")
    (fact,) = facts(ExtractArchive, "FROM debian\nADD a.tar /srv/\n", Context(str(tmp_path)))
    assert fact.members is None
