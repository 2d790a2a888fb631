"""`ns-lint images`, and what lint makes of the lock file that it writes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ns_lint.builders.images import Entry, layer, write_image

NS_LINT = Path(sys.executable).with_name("ns-lint")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([NS_LINT, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def image(folder: Path, *entries: Entry, **config: object) -> str:
    """A layout of an image that `ns-lint images --from-layout app=…` reads."""
    write_image(folder, [layer(entries)], config)
    return f"--from-layout=app={folder}"


def found(folder: Path, dockerfile: str, *images: str) -> list[str]:
    """Line and rule of each finding, after the images have been looked into."""
    (folder / "Dockerfile").write_text(dockerfile)
    if images:
        assert run(folder, "images", *images).returncode == 0
    return re.findall(r"^Dockerfile:(\d+:\d+: \w+ NS\d+)", run(folder, "Dockerfile").stdout, re.MULTILINE)


PASSWD = Entry("etc/passwd", b"root:x:0:0::/root:/bin/sh\nfar:x:200000:0::/:/bin/sh\n")


@pytest.mark.parametrize(
    ("step", "entries", "config", "before", "after"),
    [
        pytest.param(
            "RUN chown far /srv", [PASSWD], {}, [], ["2:11: error NS201"], id="a user of the image with a high id"
        ),
        pytest.param("RUN true", [], {"User": "200000"}, [], ["1:6: error NS202"], id="the image's USER"),
        pytest.param(
            "RUN mknod /srv/a c 1 3; true",
            [],
            {"Shell": ["/bin/sh", "-ec"]},
            ["2:5: warning NS101"],
            ["2:5: error NS101"],
            id="the image's SHELL, whose -e ends the step",
        ),
        pytest.param(
            "RUN if test -n $OWNER; then chown $OWNER /srv; fi",
            [],
            {"Env": ["OWNER=200000"]},
            [],
            ["2:35: error NS201"],
            id="the image's ENV",
        ),
        pytest.param(
            "RUN date -s 12:00",
            [Entry("bin/busybox"), Entry("bin/date", kind=b"2", target="busybox")],
            {},
            ["2:5: warning NS503"],
            ["2:5: warning NS503"],
            id="busybox's date, which exits 0",
        ),
    ],
)
def test_what_an_image_holds_decides(
    step: str, entries: list[Entry], config: dict[str, object], before: list[str], after: list[str], tmp_path: Path
) -> None:
    dockerfile = f"FROM app\n{step}\n"
    repo = tmp_path / "repo"
    repo.mkdir()
    assert found(repo, dockerfile) == before
    assert found(repo, dockerfile, image(tmp_path / "layout", *entries, **config)) == after


def test_every_image_that_a_build_names_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        "ARG TAG=1\nFROM app:$TAG AS a\nFROM a\nCOPY --from=tools /x /\n"
        "RUN --mount=from=more,target=/m true\nFROM scratch\n"
    )
    done = run(tmp_path, "images")
    assert done.returncode == 1
    names = [line.partition(": ")[0] for line in done.stdout.splitlines()]
    assert names == [f"docker.io/library/{name}" for name in ("app:1", "more:latest", "tools:latest")]
    assert not (tmp_path / ".ns-lint-images.json").exists()


def test_a_layout_is_read_without_a_network_and_says_what_fits(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM app\n")
    layout = image(tmp_path / "layout", Entry("srv", uid=65536), User="far", OnBuild=["RUN x"])
    done = run(tmp_path, "images", layout)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "docker.io/library/app:latest: tools of no known kind, user far, 1 ONBUILD, which are not followed, "
        "ids up to 65536, which userns cannot unpack\n"
    )
    written = json.loads((tmp_path / ".ns-lint-images.json").read_text())
    assert list(written["images"]) == ["docker.io/library/app:latest"]


def test_what_cannot_be_read_is_told_and_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM app\nFROM other\n")
    (tmp_path / "empty").mkdir()
    done = run(tmp_path, "images", image(tmp_path / "layout"), f"--from-layout=other={tmp_path}/empty")
    assert done.returncode == 1
    assert "docker.io/library/other:latest: " in done.stderr
    assert "name an OCI layout" in done.stderr
    assert "app:latest: tools" in done.stdout


@pytest.mark.parametrize("text", ["app", "=x", "app="])
def test_a_layout_needs_a_name_and_a_folder(text: str, tmp_path: Path) -> None:
    done = run(tmp_path, "images", "--from-layout", text)
    assert (done.returncode, done.stderr) == (2, f"ns-lint: --from-layout {text}: write NAME=DIR\n")


def test_a_damaged_lock_file_ends_lint_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM app\n")
    (tmp_path / ".ns-lint-images.json").write_text("{}")
    done = run(tmp_path, ".")
    assert done.returncode == 2
    assert "`ns-lint images --update` writes it" in done.stderr


def test_no_fix_writes_over_the_name_of_an_image(tmp_path: Path) -> None:
    dockerfile = "FROM r.example/app:200000\nRUN chown far /srv\nRUN mknod /dev/x c 1 3 && echo hi\n"
    (tmp_path / "Dockerfile").write_text(dockerfile)
    write_image(tmp_path / "layout", [layer([PASSWD])], {"User": "200000", "Shell": ["/bin/sh", "-ec"]})
    run(tmp_path, "images", f"--from-layout=r.example/app:200000={tmp_path}/layout")
    assert run(tmp_path, "--unsafe-fixes", "Dockerfile").returncode == 1
    assert (tmp_path / "Dockerfile").read_text() == dockerfile.replace("mknod /dev/x c 1 3 && ", "")
