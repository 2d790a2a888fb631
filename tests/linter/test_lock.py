"""The lock file of base images: what is written is read again, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.linter.errors import UnreadableInput
from ns_lint.linter.lock import BaseImage, canonical, read, write
from ns_lint.linter.system import Family

IMAGE = BaseImage(
    digest="sha256:" + "0" * 64,
    user="app",
    workdir="/srv",
    shell=("/bin/bash", "-ec"),
    env={"PATH": "/bin"},
    onbuild=("RUN true",),
    family=Family.BUSYBOX,
    passwd="app:x:200000:0::/:\n",
    group="",
    highest_id=200000,
)
BARE = BaseImage(digest="sha256:" + "1" * 64)


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ("debian", "docker.io/library/debian:latest"),
        ("debian:12", "docker.io/library/debian:12"),
        ("library/debian:12", "docker.io/library/debian:12"),
        ("docker.io/debian:12", "docker.io/library/debian:12"),
        ("index.docker.io/library/debian:12", "docker.io/library/debian:12"),
        ("moby/buildkit:rootless", "docker.io/moby/buildkit:rootless"),
        ("localhost/a", "localhost/a:latest"),
        ("localhost:5000/a/b", "localhost:5000/a/b:latest"),
        ("registry.example/a/b:1", "registry.example/a/b:1"),
        ("debian@sha256:ab", "docker.io/library/debian@sha256:ab"),
        ("debian:12@sha256:ab", "docker.io/library/debian:12@sha256:ab"),
    ],
)
def test_whole_names(written: str, whole: str) -> None:
    assert canonical(written) == whole
    assert canonical(whole) == whole


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    images = {"b": BARE, "a": IMAGE}
    write(str(tmp_path / "lock"), images)
    assert read(str(tmp_path / "lock")) == images
    first = (tmp_path / "lock").read_bytes()
    write(str(tmp_path / "lock"), dict(reversed(images.items())))
    assert (tmp_path / "lock").read_bytes() == first


def test_without_a_file_nothing_is_known(tmp_path: Path) -> None:
    assert read(str(tmp_path / "lock")) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("\xff", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a lock file"),
        ("{}", "not a lock file"),
        ('{"version": 1, "images": []}', "not a lock file"),
        ('{"version": 2, "images": {}}', "newer ns-lint"),
        ('{"version": 1, "images": {"a": 1}}', "damaged"),
        ('{"version": 1, "images": {"a": {"digest": "x"}}}', "damaged"),
    ],
)
def test_what_is_no_lock_file_is_told(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "lock").write_bytes(text.encode("latin-1"))
    with pytest.raises(UnreadableInput, match=said):
        read(str(tmp_path / "lock"))


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    field=st.sampled_from(IMAGE._fields),
    value=st.none() | st.integers() | st.text() | st.lists(st.integers()) | st.just({"a": 1}),
)
def test_a_damaged_entry_is_told_or_means_what_it_says(
    field: str, value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "lock"
    write(str(file), {"a": IMAGE})
    loaded: dict[str, Any] = json.loads(file.read_text())
    loaded["images"]["a"][field] = value
    file.write_text(json.dumps(loaded))
    try:
        found = read(str(file))["a"]
    except UnreadableInput:
        return
    write(str(file), {"a": found})
    assert read(str(file)) == {"a": found}
