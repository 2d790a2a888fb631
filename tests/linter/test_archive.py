"""Archives are read as tarfile and cpio write them, and whatever else stands there raises nothing."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.linter import archive
from ns_lint.linter.archive import Member, read_cpio, read_deb, read_tar

PROFILE = settings(derandomize=True, deadline=None, max_examples=60)

KINDS = (
    tarfile.REGTYPE,
    tarfile.DIRTYPE,
    tarfile.SYMTYPE,
    tarfile.LNKTYPE,
    tarfile.CHRTYPE,
    tarfile.BLKTYPE,
    tarfile.FIFOTYPE,
)
FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
COMPRESSIONS: tuple[Callable[[bytes], bytes], ...] = (bytes, gzip.compress, bz2.compress, lzma.compress)

numbers = st.one_of(st.integers(0, 70000), st.sampled_from([65535, 65536, 2**21 - 1]))
large = st.one_of(numbers, st.sampled_from([2**21, 1000660000, 2**32 - 2]))
names = st.text("abcé", min_size=1, max_size=8).map(lambda name: f"f{name}")


def info(name: str, uid: int, gid: int, kind: bytes) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.uid, made.gid, made.type, made.linkname = uid, gid, kind, "x"
    return made


def expected(made: list[tarfile.TarInfo]) -> tuple[Member, ...]:
    members = [
        Member(each.name.rstrip("/"), each.uid, each.gid, "", "", each.type in (tarfile.CHRTYPE, tarfile.BLKTYPE))
        for each in made
        if each.type != tarfile.LNKTYPE
    ]
    return tuple(member for member in members if member.device or max(member.uid, member.gid) > 65535)


@PROFILE
@given(
    st.lists(st.tuples(names, numbers, numbers, st.sampled_from(KINDS)), max_size=6),
    st.sampled_from(FORMATS),
    st.sampled_from(COMPRESSIONS),
)
def test_reads_what_tarfile_writes(
    members: list[tuple[str, int, int, bytes]], form: int, compress: Callable[[bytes], bytes]
) -> None:
    made = [info(*member) for member in members]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for each in made:
            tar.addfile(each)
    assert read_tar(io.BytesIO(compress(out.getvalue()))) == expected(made)


@PROFILE
@given(large, large, st.sampled_from((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)))
def test_reads_ids_that_do_not_fit_into_octal_digits(uid: int, gid: int, form: int) -> None:
    made = info("f", uid, gid, tarfile.REGTYPE)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        tar.addfile(made)
    assert read_tar(io.BytesIO(out.getvalue())) == expected([made])


@PROFILE
@given(st.sampled_from(COMPRESSIONS), st.binary(max_size=40), st.integers(0, 3000))
def test_what_is_damaged_is_not_known(compress: Callable[[bytes], bytes], junk: bytes, cut: int) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        tar.addfile(info("f", 70000, 0, tarfile.REGTYPE))
    data = compress(out.getvalue())
    for damaged in (data[:cut] + junk, junk + data[cut:]):
        for read in (read_tar, read_cpio, read_deb):
            found = read(io.BytesIO(damaged))
            assert found is None or all(member.refusable for member in found)


@pytest.mark.skipif(not shutil.which("cpio"), reason="needs cpio")
@pytest.mark.parametrize("form", ["newc", "crc", "odc"])
def test_reads_what_cpio_writes(tmp_path: Path, form: str) -> None:
    folder = str(tmp_path)
    subprocess.run(["mkfifo", f"{folder}/pipe"], check=True)
    for name, text in (("empty", ""), ("odd", "123"), ("names of any length", "text")):
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    listing = b"pipe\nempty\nodd\nnames of any length\n"
    command = ["cpio", "--quiet", "-o", "-H", form, "-R", "70000:5"]
    data = subprocess.run(command, input=listing, cwd=folder, capture_output=True, check=True).stdout
    assert read_cpio(io.BytesIO(data)) == tuple(
        Member(name, 70000, 5, "", "", device=False) for name in ("pipe", "empty", "odd", "names of any length")
    )


def test_a_compressed_archive_is_read_no_further_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        large = info("zeros", 0, 0, tarfile.REGTYPE)
        large.size = 200_000
        tar.addfile(large, io.BytesIO(b"\0" * large.size))
        tar.addfile(info("high", 70000, 0, tarfile.REGTYPE))
    data = out.getvalue()
    monkeypatch.setattr(archive, "MAX_BYTES", 100_000)
    assert read_tar(io.BytesIO(data)) == (Member("high", 70000, 0, "", "", device=False),)
    assert read_tar(io.BytesIO(gzip.compress(data))) is None
