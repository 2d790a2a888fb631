"""An outcome is kept for as long as all that it depends on is the same."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ns_lint.builders.build import BuildRequest
from ns_lint.builders.images import Image
from ns_lint.builders.outcome import FailedStep, Outcome, Step
from ns_lint.linter.profile import ROOTLESS, USERNS, Profile
from ns_lint.proof.cache import DAY, MAX_ENTRIES, SHORTLY, Cache, key

FAILED = Outcome(
    built=False,
    failed=FailedStep("Dockerfile", 2, 3, "[2/2] RUN x", "mknod: n: Operation not permitted\n", "exit code: 1"),
    log="[2/2] RUN x\nmknod: n: Operation not permitted\n",
    error="exit code: 1",
    seconds=1.5,
    steps=(Step("[2/2] RUN x", cached=False, seconds=None, log="ü\udcff\n", error="exit code: 1"),),
)


class Builder:
    """Stands where a daemon would: what is tested is whether it is asked."""

    def __init__(self, folder: Path, outcome: Outcome = FAILED, identity: str = "here") -> None:
        self.outcome = outcome
        self.asked = 0
        self.ages: list[float] = []
        self.cache = Cache(folder / "outcomes", identity, self._build, self.ages.append)

    def _build(self, profile: Profile, request: BuildRequest) -> Outcome:
        self.asked += 1
        return self.outcome

    def build(self, request: BuildRequest, profile: Profile = USERNS) -> Outcome:
        return self.cache.build(profile, request)


@pytest.fixture
def context(tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM debian\nRUN x\n")
    (folder / "script").write_text("exit 0\n")
    (folder / "folder").mkdir()
    (folder / "folder/file").write_text("one\n")
    (folder / "link").symlink_to("script")
    (folder / ".dockerignore").write_text("node_modules\n*.log\n!kept.log\n")
    (folder / "build.log").write_text("one\n")
    (folder / "kept.log").write_text("one\n")
    (folder / "token").write_text("secret\n")
    return folder


def request(context: Path) -> BuildRequest:
    return BuildRequest(
        context / "Dockerfile",
        context,
        secrets=(f"id=token,src={context}/token",),
        images={"debian": Image(context, "a")},
    )


def test_the_second_time_nothing_is_built_and_the_outcome_is_the_same(tmp_path: Path, context: Path) -> None:
    builder = Builder(tmp_path)
    first = builder.build(request(context))
    assert builder.build(request(context)) == first == FAILED
    assert builder.asked == 1
    assert len(builder.ages) == 1


def append(name: str) -> Callable[[Path], None]:
    def change(context: Path) -> None:
        with (context / name).open("a") as file:
            file.write("more\n")

    return change


def make(name: str) -> Callable[[Path], None]:
    def change(context: Path) -> None:
        (context / name).parent.mkdir(exist_ok=True)
        (context / name).write_text("")

    return change


def age_by(entry: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(entry, (then, then))


def link(context: Path) -> None:
    (context / "link").unlink()
    (context / "link").symlink_to("Dockerfile")


def executable(context: Path) -> None:
    (context / "script").chmod(0o755)


def remove(context: Path) -> None:
    (context / "folder/file").unlink()


@pytest.mark.parametrize(
    "change",
    [
        append("Dockerfile"),
        append("script"),
        append("folder/file"),
        append("kept.log"),
        append(".dockerignore"),
        append("token"),
        make("new"),
        make("empty/x"),
        make("Dockerfile.dockerignore"),
        link,
        executable,
        remove,
    ],
)
def test_what_a_build_sees_makes_another_key(context: Path, change: Callable[[Path], None]) -> None:
    before = key(USERNS, request(context), "here")
    change(context)
    assert key(USERNS, request(context), "here") != before


@pytest.mark.parametrize("change", [append("build.log"), make("other.log"), make("node_modules/x")])
def test_what_dockerignore_leaves_out_does_not(context: Path, change: Callable[[Path], None]) -> None:
    before = key(USERNS, request(context), "here")
    change(context)
    assert key(USERNS, request(context), "here") == before


def test_times_do_not(context: Path) -> None:
    before = key(USERNS, request(context), "here")
    os.utime(context / "script", (1, 1))
    assert key(USERNS, request(context), "here") == before


@pytest.mark.parametrize(
    "changed",
    [
        {"dockerfile_text": b"FROM debian\n"},
        {"files": {"script": b"exit 1\n"}},
        {"target": "x"},
        {"build_args": {"A": "1"}},
        {"allow": ("security.insecure",)},
        {"platform": "linux/arm64"},
        {"options": {"ulimit": "nofile=1"}},
        {"images": {"debian": Image(Path("x"), "b")}},
        {"images": {"ubuntu": Image(Path("x"), "a")}},
        {"add_hosts": {"a": "1.2.3.4"}},
        {"no_cache": False},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_is_asked_makes_another_key(context: Path, changed: dict[str, object]) -> None:
    asked = request(context)
    assert key(USERNS, asked._replace(**changed), "here") != key(USERNS, asked, "here")


def test_a_folder_given_as_a_context_counts(tmp_path: Path, context: Path) -> None:
    asked = request(context)._replace(build_contexts={"more": str(tmp_path / "more")})
    make("more/x")(tmp_path)
    before = key(USERNS, asked, "here")
    append("more/x")(tmp_path)
    assert key(USERNS, asked, "here") != before


def test_profile_and_machine_count_and_the_time_limit_does_not(context: Path) -> None:
    asked = request(context)
    before = key(USERNS, asked, "here")
    assert key(ROOTLESS, asked, "here") != before
    assert key(USERNS, asked, "there") != before
    assert key(USERNS, asked._replace(timeout=1), "here") == before


def test_a_secret_from_the_environment_counts(context: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = request(context)._replace(secrets=("id=t,env=TOKEN",))
    monkeypatch.setenv("TOKEN", "one")
    before = key(USERNS, asked, "here")
    monkeypatch.setenv("TOKEN", "two")
    assert key(USERNS, asked, "here") != before


@pytest.mark.parametrize(
    ("outcome", "age", "kept"),
    [
        (FAILED, DAY - 60, True),
        (FAILED, DAY + 60, False),
        (FAILED._replace(error="dial tcp: no such host"), SHORTLY - 60, True),
        (FAILED._replace(error="dial tcp: no such host"), SHORTLY + 60, False),
        (FAILED._replace(built=True, failed=None, error="", log="curl: (6) and went on"), SHORTLY + 60, True),
        (FAILED._replace(error="gave up after 600 s"), 0, False),
    ],
)
def test_an_outcome_grows_old(tmp_path: Path, context: Path, outcome: Outcome, age: float, kept: bool) -> None:
    builder = Builder(tmp_path, outcome)
    builder.build(request(context))
    for entry in (tmp_path / "outcomes").glob("*"):
        age_by(entry, age)
    builder.build(request(context))
    assert builder.asked == (1 if kept else 2)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"format": 1, "outcome": [1]}', b'{"format": 0}', b"\xff\xfe"])
def test_what_cannot_be_read_is_built_again(tmp_path: Path, context: Path, data: bytes) -> None:
    builder = Builder(tmp_path)
    builder.build(request(context))
    (entry,) = (tmp_path / "outcomes").iterdir()
    entry.write_bytes(data)
    assert builder.build(request(context)) == FAILED
    assert builder.asked == 2
    assert builder.build(request(context)) == FAILED
    assert builder.asked == 2


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path, context: Path) -> None:
    (tmp_path / "outcomes").write_text("a file")
    assert Builder(tmp_path).build(request(context)) == FAILED


def test_only_the_user_may_read_it_and_it_stays_small(tmp_path: Path, context: Path) -> None:
    builder = Builder(tmp_path)
    builder.build(request(context))
    folder = tmp_path / "outcomes"
    assert folder.stat().st_mode & 0o077 == 0
    for number in range(MAX_ENTRIES + 5):
        (folder / f"{number}.json").write_text("{}")
        age_by(folder / f"{number}.json", 100)
    builder.build(request(context)._replace(target="x"))
    assert len(list(folder.iterdir())) == MAX_ENTRIES
    assert builder.build(request(context)._replace(target="x")) == FAILED
    assert builder.asked == 2


def test_a_result_on_disk_is_built_every_time(tmp_path: Path, context: Path) -> None:
    builder = Builder(tmp_path)
    for _ in range(2):
        builder.build(request(context)._replace(export=tmp_path / "tree.tar"))
    assert builder.asked == 2
