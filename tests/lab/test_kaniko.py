"""What a kaniko command becomes, run for real: BuildKit pushes to a registry what the flags asked for."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ns_lint.builders import lab
from ns_lint.fixes.apply import plan
from ns_lint.fixes.kaniko.convert import conversions
from ns_lint.fixes.kaniko.dialects import BUILDX
from ns_lint.fixes.kaniko.job import Surroundings
from ns_lint.fixes.kaniko.quoting import Words
from ns_lint.fixes.kaniko.translate import translate
from ns_lint.linter.formats import read_config
from ns_lint.linter.source import Document

pytestmark = pytest.mark.lab

DOCKERFILE = """\
FROM {registry}/base AS first
ARG A
ARG B=unset
LABEL a="$A" b="$B"
RUN echo "$A" > /a
FROM first AS second
LABEL stage=second
"""
MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
CLIENT = '#!/bin/sh\nexec "$BUILDCTL" --addr "$BUILDKIT_ADDRESS" "$@"\n'


class Image(NamedTuple):
    digest: str
    manifest: Any
    config: Any


class Server(NamedTuple):
    """A registry on a loopback address, a daemon that shares it, and a folder with a client in its PATH."""

    registry: str
    folder: Path
    environment: Mapping[str, str]

    def run(self, script: str, where: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["sh", "-eu", "-c", script],
            cwd=where,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done

    def image(self, name: str) -> Image:
        repository, _, tag = name.partition(":")
        body, headers = self._get(f"{repository}/manifests/{tag or 'latest'}")
        manifest = json.loads(body)
        config = json.loads(self._get(f"{repository}/blobs/{manifest['config']['digest']}")[0])
        return Image(headers["Docker-Content-Digest"], manifest, config)

    def has(self, name: str) -> bool:
        repository, _, tag = name.partition(":")
        try:
            self._get(f"{repository}/manifests/{tag}")
        except urllib.error.HTTPError:
            return False
        return True

    def _get(self, path: str) -> tuple[bytes, Mapping[str, str]]:
        request = urllib.request.Request(f"http://{self.registry}/v2/{path}", headers={"Accept": ", ".join(MANIFESTS)})
        with urllib.request.urlopen(request) as response:
            return response.read(), dict(response.headers)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_for(ready: Path | int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "it ended at once"
        if isinstance(ready, Path) and ready.exists():
            return
        if isinstance(ready, int):
            with socket.socket() as sock:
                if sock.connect_ex(("127.0.0.1", ready)) == 0:
                    return
        time.sleep(0.05)
    raise AssertionError(f"{process.args} did not start")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Real root is needed: the daemon has no user namespace here, it is the command line that is proven."""
    if os.geteuid() != 0 or shutil.which("docker-registry") is None:
        if os.environ.get("CI"):
            raise AssertionError("the lab is not installed: run lab/install")
        pytest.skip("no docker-registry, or not root")
    folder = Path(tempfile.mkdtemp(prefix="ns-lint-kaniko-", dir="/var/tmp"))
    port = free_port()
    settings = folder / "registry.json"  # JSON is YAML
    settings.write_text(
        json.dumps(
            {
                "version": 0.1,
                "log": {"level": "error"},
                "storage": {"filesystem": {"rootdirectory": str(folder / "registry")}},
                "http": {"addr": f"127.0.0.1:{port}"},
            }
        )
    )
    address = folder / "buildkitd.sock"
    daemon = [str(lab.tool("buildkitd")), "--root", str(folder / "state"), "--addr", f"unix://{address}"]
    started: list[subprocess.Popen[bytes]] = []
    try:
        for words, ready in ((["docker-registry", "serve", str(settings)], port), (daemon, address)):
            with (folder / "log").open("ab") as log:
                started.append(subprocess.Popen(words, stdout=log, stderr=log, cwd=folder))
            wait_for(ready, started[-1])
        programs = folder / "bin"
        programs.mkdir()
        client = programs / "buildctl-daemonless.sh"
        client.write_text(CLIENT)
        client.chmod(0o755)
        environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(folder),
            "BUILDCTL": str(lab.tool("buildctl")),
            "BUILDKIT_ADDRESS": f"unix://{address}",
        }
        found = Server(f"127.0.0.1:{port}", folder, environment)
        push_base(found)
        yield found
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def push_base(server: Server) -> None:
    base = lab.image("busybox")
    (server.folder / "base").mkdir()
    (server.folder / "base" / "Dockerfile").write_text("FROM busybox\n")
    server.run(
        "buildctl-daemonless.sh build --frontend=dockerfile.v0 --local=context=. --local=dockerfile=."
        f" --oci-layout=base={base.layout} --opt=context:busybox=oci-layout://base@{base.digest}"
        f" --output=type=image,name={server.registry}/base,push=true",
        server.folder / "base",
    )


@pytest.fixture
def project(server: Server, tmp_path: Path) -> Path:
    text = DOCKERFILE.format(registry=server.registry)
    (tmp_path / "Dockerfile").write_text(text)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Special").write_text(text + "LABEL special=1\n")
    return tmp_path


def convert(script: str) -> str:
    document = Document("build.sh", script.encode())
    config = read_config(document)
    assert config is not None
    found = conversions(config)
    assert [one.obstacle for one in found] == [None] * len(found)
    planned = plan([one.fix for one in found if one.fix], lambda _: document.data, allow_unsafe=True)
    text = planned.changes["build.sh"].new.decode()
    assert "kaniko" not in text
    return text


def run(server: Server, where: Path, flags: str, **variables: str) -> None:
    """Run what `/kaniko/executor FLAGS` becomes; `R` stands for the registry."""
    server.run(convert(f"/kaniko/executor {flags}\n"), where, R=server.registry, **variables)


def labels(image: Image) -> dict[str, str]:
    return image.config["config"].get("Labels") or {}


def test_pushes_to_every_destination(server: Server, project: Path) -> None:
    run(server, project, '-c . -d "$R/many:1" -d $R/many:2 --destination=$R/other')
    digests = {server.image(name).digest for name in ("many:1", "many:2", "other:latest")}
    assert len(digests) == 1
    assert "manifests" not in server.image("many:1").manifest, "an image, not an index"


HARD = ["x y", "a,b", '"q"', "it's", "$HOME", "`id`", "a\\b", "k=v=w", "", "tür", "a;b && c", "*", "#x"]


@pytest.mark.parametrize("value", HARD)
def test_build_arguments_arrive_as_they_are(server: Server, project: Path, value: str) -> None:
    quoted = "'" + value.replace("'", "'\\''") + "'"
    run(
        server,
        project,
        f'-c . -d $R/args:1 --build-arg A={quoted} --build-arg "B=$GIVEN" --build-arg=C',
        GIVEN=value,
        C="c",
    )
    assert {name: labels(server.image("args:1"))[name] for name in "ab"} == {"a": value, "b": value}


def test_build_argument_from_the_environment(server: Server, project: Path) -> None:
    run(server, project, "-c . -d $R/env:1 --build-arg A", A="from outside")
    assert labels(server.image("env:1"))["a"] == "from outside"


def test_target_labels_platform_and_dockerfile(server: Server, project: Path) -> None:
    run(
        server,
        project,
        "-c . -f app/Special --target first -d $R/target:1 --label 'x=1, 2' --custom-platform=linux/amd64/v2",
    )
    image = server.image("target:1")
    assert labels(image) == {"a": "", "b": "unset", "x": "1, 2"}
    assert (image.config["architecture"], image.config.get("variant")) == ("amd64", "v2")
    run(server, project, '-c "dir://$PWD/app" --dockerfile Special -d $R/target:2')
    assert labels(server.image("target:2"))["special"] == "1"


def test_digest_files(server: Server, project: Path) -> None:
    run(
        server,
        project,
        "-c . -d $R/digest:1 -d $R/digest2 --digest-file=d --image-name-with-digest-file n"
        " --image-name-tag-with-digest-file=t --tar-path=i.tar",
    )
    digest = server.image("digest:1").digest
    registry = server.registry
    assert (project / "d").read_text() == digest
    assert (project / "n").read_text() == f"{registry}/digest@{digest}\n{registry}/digest2@{digest}\n"
    assert (project / "t").read_text() == f"{registry}/digest:1@{digest}\n{registry}/digest2:latest@{digest}\n"
    with tarfile.open(project / "i.tar") as tar:
        member = tar.extractfile("manifest.json")
        assert member is not None
        assert set(json.load(member)[0]["RepoTags"]) == {f"{registry}/digest:1", f"{registry}/digest2:latest"}


def test_does_not_push(server: Server, project: Path) -> None:
    run(server, project, "-c . --no-push -d $R/unpushed:1 --tarPath t.tar --digest-file d")
    assert not server.has("unpushed:1")
    assert (project / "d").read_text().startswith("sha256:")
    assert tarfile.is_tarfile(project / "t.tar")
    run(server, project, "-c . --no-push")


def test_oci_layout(server: Server, project: Path) -> None:
    run(server, project, '-c . --no-push --oci-layout-path="$PWD/layout"')
    assert (project / "layout" / "index.json").is_file()


def test_cache_is_written_and_read(server: Server, project: Path) -> None:
    (project / "Dockerfile").write_text(f"FROM {server.registry}/base\nRUN date +%N > /stamp\n")
    run(server, project, "-c . -d $R/cached:1 --cache=true")
    assert server.has("cached/cache:buildkit")
    run(server, project, "-c . -d $R/cached:2 --cache --cache-repo $R/store --no-push-cache")
    assert not server.has("store:buildkit")
    run(server, project, "-c . -d $R/cached:3 --cache --cache-repo $R/store --cache-ttl=1h --cache-copy-layers")
    assert server.has("store:buildkit")


def test_what_images_are_made_of(server: Server, project: Path) -> None:
    run(server, project, "-c . -d $R/zstd:1 --compression=zstd --compression-level 3 --build-arg A=zstd")
    layers = server.image("zstd:1").manifest["layers"]
    assert layers[-1]["mediaType"] == "application/vnd.oci.image.layer.v1.tar+zstd"
    run(server, project, "-c . -d $R/docker:1 --image-format=docker --annotation 'a=1,2'")
    assert server.image("docker:1").manifest["mediaType"] == "application/vnd.docker.distribution.manifest.v2+json"
    run(server, project, "-c . -d $R/annotated:1 --annotation 'a=1,2' --insecure --skip-tls-verify")
    assert server.image("annotated:1").manifest["annotations"]["a"] == "1,2"


def test_reproducible(server: Server, project: Path) -> None:
    run(server, project, "-c . -d $R/epoch:1 --reproducible --build-arg A=epoch")
    assert server.image("epoch:1").config["created"] == "1970-01-01T00:00:00Z"


def test_flags_that_say_nothing_to_buildkit(server: Server, project: Path) -> None:
    run(
        server,
        project,
        "-c . -d $R/dropped:1 --cleanup --force --use-new-run --snapshot-mode=redo --single-snapshot --cache=false"
        " --push-retry 3 --ignore-path=/x --registry-mirror m --insecure-registry=h --skip-unused-stages"
        " --log-timestamp --verbosity debug --compressed-caching=false --ignore-var-run=false --kaniko-dir /k"
        " --log-format json",
    )
    assert server.has("dropped:1")


def test_archives(server: Server, project: Path) -> None:
    server.run("tar czf /tmp/ns-lint-context.tgz . && tar cf /tmp/ns-lint-context.tar .", project)
    try:
        run(server, project / "app", "-c tar:///tmp/ns-lint-context.tgz -d $R/tar:1")
        run(server, project / "app", "-c tar:///tmp/ns-lint-context.tar -d $R/tar:2")
        script = convert("tar cz . | /kaniko/executor -c tar://stdin --context-sub-path=app -f Special -d $R/tar:3\n")
        server.run(script, project, R=server.registry)
    finally:
        for path in ("/tmp/ns-lint-context.tgz", "/tmp/ns-lint-context.tar"):
            Path(path).unlink()
        shutil.rmtree("/tmp/context")
    assert all(server.has(f"tar:{number}") for number in (1, 2, 3))


def test_git_contexts(server: Server, project: Path) -> None:
    """Over plain HTTP, which needs nothing but files."""
    git = "git -c user.email=n@example -c user.name=n"
    server.run(
        f"git init -q -b main . && git add . && {git} commit -qm 1 && git checkout -q -b other &&"
        f" echo 'LABEL branch=other' >> Dockerfile && {git} commit -qam 2 && mkdir ../served &&"
        " git clone -q --bare . ../served/r.git && git -C ../served/r.git update-server-info",
        project,
    )
    served, port = project.parent / "served", free_port()
    web = subprocess.Popen(
        ["python3", "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(served)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, web)
        commit = server.run("git rev-parse main", project).stdout.strip()
        around = Surroundings(environment={"GIT_PULL_METHOD": "http"})
        contexts = {"1": "r.git#refs/heads/other", "2": f"r#refs/heads/other#{commit}", "3": "r"}
        for tag, context in contexts.items():
            flags = ["-c", f"git://127.0.0.1:{port}/{context}", "-d", f"{server.registry}/git:{tag}"]
            branch = ["--git=branch=main", "--context-sub-path=app", "-f", "Special"] if tag == "3" else []
            made = translate([*flags, *branch], around=around)
            words = Words()
            server.run("buildctl-daemonless.sh " + " ".join(words.write(word) for word in made.argv), project)
    finally:
        web.terminate()
        web.wait()
        shutil.rmtree(served)
    found = {tag: labels(server.image(f"git:{tag}")) for tag in contexts}
    assert [found["1"].get("branch"), found["2"].get("branch"), found["3"].get("special")] == ["other", None, "1"]


def test_hosts_and_secrets(server: Server, project: Path) -> None:
    (project / "Dockerfile").write_text(
        f"FROM {server.registry}/base\nRUN --mount=type=secret,id=s grep -q 10.0.0.1 /etc/hosts && cat /run/secrets/s\n"
    )
    (project / "secret").write_text("1")
    around = Surroundings(hosts=("a.example=10.0.0.1", "b.example=10.0.0.1"))
    made = translate(["-c", ".", "--no-push", "--secret=id=s,src=secret"], around=around)
    server.run("buildctl-daemonless.sh " + " ".join(made.argv), project)


def test_credentials_are_read_from_where_they_move_to(server: Server, project: Path) -> None:
    script = convert(
        """\
echo '{"auths": {"unused.example": {"auth": "dTpw"}}}' > /kaniko/.docker/config.json
/kaniko/executor -c . -d $R/auth:1
""".replace("/root", "$HOME")
    )
    assert script.startswith("mkdir -p /root/.docker && echo")
    server.run(script.replace("/root/", f"{server.folder}/"), project, R=server.registry)
    assert (server.folder / ".docker" / "config.json").is_file()
    assert server.has("auth:1")


@pytest.fixture(scope="module")
def buildx(server: Server) -> str:
    """The lab's buildx with a builder that is the daemon."""
    program = str(lab.tool("buildx"))
    address = server.environment["BUILDKIT_ADDRESS"]
    server.run(f"{program} create --use --name lab --driver remote {address}", server.folder)
    return program


def run_buildx(server: Server, buildx: str, where: Path, *flags: str) -> None:
    words = Words()
    made = translate(flags, BUILDX)
    server.run(" ".join([buildx, *(words.write(word) for word in made.argv)]), where)


def test_buildx_pushes_the_same(server: Server, buildx: str, project: Path) -> None:
    name = f"{server.registry}/buildx"
    given = ["-c", ".", "-f", "app/Special", "--build-arg=A=x, \"y\" 'z'", "--label", "l=1", "--target=second"]
    run_buildx(server, buildx, project, *given, "-d", f"{name}:1", "-d", f"{name}:2", "--cache", "--digest-file=d")
    image = server.image("buildx:1")
    assert labels(image) == {"a": "x, \"y\" 'z'", "b": "unset", "l": "1", "stage": "second", "special": "1"}
    assert image.digest == server.image("buildx:2").digest
    assert "manifests" not in image.manifest, "an image, not an index"
    assert server.has("buildx/cache:buildkit")


BUILDX_FLAGS = [
    "--no-push",
    "--no-push --tar-path=t.tar --digest-file=d",
    "-d {r}/x:1 --tar-path=t.tar --reproducible --insecure",
    "-d {r}/x:2 --compression=zstd --compression-level=3 --annotation a=b",
    "-d {r}/x:3 --image-format=oci --custom-platform=linux/amd64",
    "-d {r}/x:4 --cache --cache-repo={r}/store --no-push-cache -v debug",
    "-d {r}/x:5 --no-push --oci-layout-path={p}/layout",
    "-d {r}/x:6 --cache --cache-repo oci:{p}/cache",
]


@pytest.mark.parametrize("flags", BUILDX_FLAGS)
def test_buildx_takes(server: Server, buildx: str, project: Path, flags: str) -> None:
    run_buildx(server, buildx, project, "-c", ".", *flags.format(r=server.registry, p=project).split())
    if "--no-push" not in flags.split():
        assert server.has(flags.split()[1].removeprefix("{r}/"))
    for word, made in {"t.tar": "t.tar", "{p}/layout": "layout/index.json", "{p}/cache": "cache/index.json"}.items():
        assert (project / made).exists() == (word in flags)
