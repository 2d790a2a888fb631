"""A request's parts reach BuildKit, and nothing on disk is written to; real builds in the userns profile."""

from __future__ import annotations

import os
import stat
import tarfile
from pathlib import Path

import pytest

from ns_lint.builders.build import BuildRequest, build, build_many, stage
from ns_lint.builders.lab import stand_ins
from ns_lint.builders.local import Daemon, Daemons
from ns_lint.linter.errors import NoBuilder, UnreadableInput
from ns_lint.linter.profile import NO_SANDBOX, USERNS

pytestmark = pytest.mark.lab


@pytest.fixture
def userns(daemons: Daemons) -> Daemon:
    return daemons.of(USERNS)


def request(text: str, context: Path | None = None) -> BuildRequest:
    return BuildRequest(
        Path("Dockerfile"), context=context, dockerfile_text=text.encode(), images=stand_ins(["busybox"]), timeout=60
    )


def printed(daemon: Daemon, asked: BuildRequest) -> str:
    """What the steps of a build that must succeed print."""
    outcome = build(daemon, asked)
    assert outcome.built, f"{outcome.error}\n{outcome.log}"
    return "".join(step.log for step in outcome.steps)


def test_the_dockerfile_is_read_from_disk_with_its_context(userns: Daemon, tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/my.Dockerfile").write_text("FROM busybox\nCOPY a /\nRUN cat /a\n")
    (tmp_path / "a").write_text("from disk\n")
    asked = request("", tmp_path)._replace(dockerfile=tmp_path / "docker/my.Dockerfile", dockerfile_text=None)
    assert printed(userns, asked) == "from disk\n"


def test_a_dockerfile_that_is_not_there(userns: Daemon, tmp_path: Path) -> None:
    asked = BuildRequest(tmp_path / "Dockerfile")
    with pytest.raises(UnreadableInput, match="No such file"):
        build(userns, asked)


def test_build_args(userns: Daemon) -> None:
    asked = request("FROM busybox\nARG A\nRUN echo $A\n")._replace(build_args={"A": "b c,d=e"})
    assert printed(userns, asked) == "b c,d=e\n"


def test_only_the_target_is_built(userns: Daemon) -> None:
    asked = request("FROM busybox AS a\nRUN echo a\nFROM busybox AS b\nRUN false\n")._replace(target="a")
    assert printed(userns, asked) == "a\n"


def test_secrets(userns: Daemon, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hush\n")
    asked = request("FROM busybox\nRUN --mount=type=secret,id=k cat /run/secrets/k\n")
    assert printed(userns, asked._replace(secrets=(f"id=k,src={tmp_path / 'key'}",))) == "hush\n"


def test_build_contexts(userns: Daemon, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("elsewhere\n")
    asked = request("FROM busybox\nCOPY --from=more f /\nRUN cat /f\n")
    assert printed(userns, asked._replace(build_contexts={"more": str(tmp_path)})) == "elsewhere\n"


def test_hosts_and_options(userns: Daemon) -> None:
    asked = request("FROM busybox\nRUN grep -w db /etc/hosts && ulimit -n\n")
    asked = asked._replace(add_hosts={"db": "10.1.2.3"}, options={"ulimit": "nofile=77:77"})
    assert printed(userns, asked).split() == ["10.1.2.3", "db", "77"]


def test_an_entitlement_must_be_allowed(userns: Daemon) -> None:
    asked = request("FROM busybox\nRUN --security=insecure mount -t tmpfs none /mnt\n")
    refused = build(userns, asked)
    assert not refused.built
    assert "security.insecure is not allowed" in refused.error
    assert build(userns, asked._replace(allow=("security.insecure",))).built


@pytest.mark.parametrize("syntax", ["docker/dockerfile:1", "docker.io/docker/dockerfile:1.7-labs", "docker/dockerfile"])
def test_dockers_own_frontends_are_not_pulled(userns: Daemon, syntax: str) -> None:
    assert printed(userns, request(f"# escape=\\\n#  syntax = {syntax}\nFROM busybox\nRUN echo ok\n")) == "ok\n"


def test_replaced_files_are_built_and_not_written(userns: Daemon, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    script = tmp_path / "sub/run.sh"
    script.write_text("#!/bin/sh\necho as it was\n")
    script.chmod(0o755)
    (tmp_path / "link").symlink_to("sub/run.sh")
    asked = request("FROM busybox\nCOPY . /c\nRUN /c/sub/run.sh && /c/link && cat /c/new/f\n", tmp_path)
    asked = asked._replace(files={"sub/run.sh": b"#!/bin/sh\necho fixed\n", "new/f": b"new\n"})
    assert printed(userns, asked) == "fixed\nfixed\nnew\n"
    assert script.read_text() == "#!/bin/sh\necho as it was\n"
    assert not (tmp_path / "new").exists()


def test_a_staged_context_leaves_out_what_is_ignored(tmp_path: Path) -> None:
    context, folder = tmp_path / "context", tmp_path / "staged"
    folder.mkdir()
    for name in ("a", "node_modules/b", "node_modules/keep", "deep/er/c"):
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text(name)
    (context / ".dockerignore").write_text("node_modules\n!node_modules/keep\n")
    os.mkfifo(context / "fifo")
    asked = BuildRequest(Path("Dockerfile"), context, files={"a": b"fixed"})
    staged = stage(asked, b"FROM scratch\n", folder)
    files = {str(path.relative_to(staged.context)) for path in staged.context.rglob("*") if path.is_file()}
    assert files == {".dockerignore", "a", "node_modules/keep", "deep/er/c"}
    assert (context / "a").read_text() == "a"


def test_a_replaced_file_behind_a_link_out_of_the_context_is_left_alone(tmp_path: Path) -> None:
    context, outside, folder = tmp_path / "context", tmp_path / "outside", tmp_path / "staged"
    for each in (context, outside, folder):
        each.mkdir()
    (outside / "f").write_text("mine")
    (context / "link").symlink_to(outside)
    asked = BuildRequest(Path("Dockerfile"), context, files={"link/f": b"fixed"})
    with pytest.raises(UnreadableInput, match="leads out"):
        stage(asked, b"FROM scratch\n", folder)
    assert (outside / "f").read_text() == "mine"


def test_the_dockerfiles_own_ignore_file_counts(userns: Daemon, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("")
    (tmp_path / "Dockerfile.dockerignore").write_text("b\n")
    asked = request("FROM busybox\nCOPY . /c\nRUN ls /c\n", tmp_path)._replace(dockerfile=tmp_path / "Dockerfile")
    assert printed(userns, asked) == "Dockerfile.dockerignore\na\n"


def test_the_result_can_be_had_as_a_tar(userns: Daemon, tmp_path: Path) -> None:
    asked = request("FROM scratch\nCOPY --chown=7:8 <<EOF /f\nx\nEOF\n")._replace(export=tmp_path / "out.tar")
    assert build(userns, asked).built
    with tarfile.open(tmp_path / "out.tar") as tar:
        assert [(each.name, each.uid, each.gid, stat.S_IMODE(each.mode)) for each in tar] == [("f", 7, 8, 0o644)]


def test_without_a_cache_each_step_runs_again(userns: Daemon) -> None:
    asked = request("FROM busybox\nRUN echo ran\n")
    assert [printed(userns, asked) for _ in range(2)] == ["ran\n", "ran\n"]
    cached = asked._replace(no_cache=False)
    build(userns, cached)
    assert [step.cached for step in build(userns, cached).steps if "RUN" in step.name] == [True]


def test_many_builds_come_back_in_order(userns: Daemon) -> None:
    asked = [request(f"FROM busybox\nRUN exit {number % 2}\n") for number in range(6)]
    outcomes = list(build_many(userns, asked))
    assert [each for each, _ in outcomes] == asked
    assert [outcome.built for _, outcome in outcomes] == [True, False] * 3


def test_a_build_that_takes_too_long_names_the_step_that_hangs(userns: Daemon) -> None:
    asked = request("FROM busybox\nRUN true\nRUN echo begun; sleep 99\n")._replace(timeout=5)
    outcome = build(userns, asked)
    assert (outcome.built, outcome.error) == (False, "gave up after 5 s")
    assert outcome.failed is not None
    assert (outcome.failed.line, outcome.failed.name, outcome.failed.log) == (
        3,
        "[2/3] RUN echo begun; sleep 99",
        "begun\n",
    )
    assert build(userns, request("FROM busybox\nRUN true\n")).built


def test_without_process_sandbox_a_background_process_hangs_the_step_and_outlives_it(daemons: Daemons) -> None:
    """Unless it lets go of stdout; both stay for later steps, until the daemon is ended."""
    daemon = daemons.of(NO_SANDBOX)
    hung = build(daemon, request("FROM busybox\nRUN sleep 7001 &\n")._replace(timeout=5))
    assert hung.failed is not None
    assert hung.failed.line == 2
    assert build(daemon, request("FROM busybox\nRUN sleep 7002 >/dev/null 2>&1 &\n")).built
    left = request('FROM busybox\nRUN for i in 7001 7002; do pgrep -f "^sleep $i" | wc -l; done\n')
    left = request("FROM busybox\nRUN cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -o 'sleep 700[0-9]' | sort\n")
    assert printed(daemon, left) == "sleep 7001\nsleep 7002\n"
    daemons.end(NO_SANDBOX)
    assert printed(daemons.of(NO_SANDBOX), left) == ""


def test_a_daemon_that_does_not_answer(daemons: Daemons) -> None:
    gone = Daemon(USERNS, "unix:///nonexistent/buildkitd.sock")
    with pytest.raises(NoBuilder, match="did not begin the build of Dockerfile"):
        build(gone, BuildRequest(Path("Dockerfile"), dockerfile_text=b"FROM scratch\n"))


def test_a_request_that_buildctl_refuses(userns: Daemon) -> None:
    with pytest.raises(NoBuilder, match="key=value"):
        build(userns, request("FROM busybox\n")._replace(secrets=("nonsense",)))
