"""Every flag of kaniko, line by line: what it becomes for buildctl and for buildx, or what a person is told."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from ns_lint.fixes.kaniko.dialects import BUILDX
from ns_lint.fixes.kaniko.flags import ROWS, Fate, read_flags, switch
from ns_lint.fixes.kaniko.job import Obstacle, Surroundings
from ns_lint.fixes.kaniko.translate import translate
from ns_lint.linter.tools.kaniko import EXECUTOR

BASE = ("--context=.", "--destination=r/a:1")
"""What every command line needs; a case adds its flags."""

BUILDCTL_BASE = {
    "build",
    "--frontend=dockerfile.v0",
    "--local=context=.",
    "--local=dockerfile=.",
    "--output=type=image,name=r/a:1,push=true",
}
BUILDX_BASE = {"build", "--provenance=false", "--tag=r/a:1", "--push", "."}


class Line(NamedTuple):
    """What the flags add to the words of BASE, and take away from them."""

    flags: str
    buildctl: str = ""
    buildx: str = ""
    fate: Fate = Fate.TRANSLATED
    without_buildctl: str = ""
    without_buildx: str = ""


PUSHED = "--output=type=image,name=r/a:1,push=true"


def pushed(flags: str, attributes: str, fate: Fate = Fate.TRANSLATED, more: tuple[str, str] = ("", "")) -> Line:
    """Flags that give the exporter attributes; `more` are words beside it."""
    ours = f"{PUSHED},{attributes} {more[0]}"
    return Line(flags, ours, f"--output=type=image,push=true,{attributes} {more[1]}", fate, PUSHED, "--push")


def cached(flags: str, kind: str, read: str, write: str) -> Line:
    """Flags that say where the cache is read from and written to."""
    into = f"type={kind},{write},mode=max"
    return Line(
        flags,
        f"--import-cache=type={kind},{read}" + (f" --export-cache={into}" if write else ""),
        f"--cache-from=type={kind},{read}" + (f" --cache-to={into}" if write else ""),
    )


METADATA = "--metadata-file=/tmp/metadata.json"
DROPPED, GUIDANCE = Fate.DROPPED, Fate.GUIDANCE

MAP = [
    # what is built
    Line(
        "--dockerfile=x/D",
        "--local=dockerfile=./x --opt=filename=D",
        "--file=./x/D",
        without_buildctl="--local=dockerfile=.",
    ),
    Line("-f D", "--opt=filename=D", "--file=D"),
    Line("-fD", "--opt=filename=D", "--file=D"),
    Line("-f /x/Dockerfile", "--local=dockerfile=/x", "--file=/x/Dockerfile", without_buildctl="--local=dockerfile=."),
    Line("--context-sub-path=sub", fate=Fate.TRANSLATED),
    Line("--build-arg=A=1", "--opt=build-arg:A=1", "--build-arg=A=1"),
    Line(
        "--build-arg A=1 --build-arg B=2,3",
        "--opt=build-arg:A=1 --opt=build-arg:B=2,3",
        "--build-arg=A=1 --build-arg=B=2,3",
    ),
    Line("--target=t", "--opt=target=t", "--target=t"),
    Line("--target=t --target=u", "--opt=target=u", "--target=u"),
    Line("--custom-platform=linux/arm64", "--opt=platform=linux/arm64", "--platform=linux/arm64"),
    Line("--customPlatform linux/arm64", "--opt=platform=linux/arm64", "--platform=linux/arm64"),
    Line("--label=a=b", "--opt=label:a=b", "--label=a=b"),
    pushed("--annotation=a=b", "annotation.a=b"),
    Line("--secret=id=s,src=f", "--secret=id=s,src=f", "--secret=id=s,src=f"),
    Line("--ignore-path=/p", fate=GUIDANCE),
    Line("--ignore-var-run=false", fate=DROPPED),
    Line("--whitelist-var-run", fate=DROPPED),
    Line("--skip-unused-stages", fate=DROPPED),
    Line("--kaniko-dir=/k", fate=DROPPED),
    # what comes out
    Line("-d r/b", '--output=type=image,"name=r/a:1,r/b",push=true', "--tag=r/b", without_buildctl=PUSHED),
    Line("--no-push", "", "--output=type=cacheonly", without_buildctl=PUSHED, without_buildx="--push"),
    Line("--no-push=false", fate=DROPPED),
    Line(
        "--tar-path=t.tar",
        "--output=type=docker,name=r/a:1,dest=t.tar",
        "--output=type=image,push=true --output=type=docker,dest=t.tar",
        without_buildx="--push",
    ),
    Line(
        "--tarPath t.tar --no-push",
        "--output=type=docker,name=r/a:1,dest=t.tar",
        "--output=type=docker,dest=t.tar",
        without_buildctl=PUSHED,
        without_buildx="--push",
    ),
    Line(
        "--oci-layout-path=o",
        "--output=type=oci,tar=false,dest=/o",
        "--output=type=image,push=true --output=type=oci,tar=false,dest=/o",
        without_buildx="--push",
    ),
    Line("--digest-file=d", METADATA, METADATA),
    Line(
        "--digest-file=d --no-push",
        f"--output=type=image,name=r/a:1 {METADATA}",
        f"--output=type=image {METADATA}",
        without_buildctl=PUSHED,
        without_buildx="--push",
    ),
    Line("--image-name-with-digest-file=d", METADATA, METADATA),
    Line("--image-name-tag-with-digest-file=d", METADATA, METADATA),
    pushed("--compression=gzip", "compression=gzip"),
    pushed("--compression=zstd --compression-level=3", "compression=zstd,compression-level=3,oci-mediatypes=true"),
    Line("--compression-level=-1"),
    pushed("--image-format=docker", "oci-mediatypes=false"),
    pushed(
        "--reproducible",
        "rewrite-timestamp=true",
        more=("--opt=build-arg:SOURCE_DATE_EPOCH=0", "--build-arg=SOURCE_DATE_EPOCH=0"),
    ),
    Line("--single-snapshot", fate=GUIDANCE),
    Line("--snapshot-mode=redo", fate=DROPPED),
    Line("--snapshotMode time", fate=DROPPED),
    Line("--use-new-run", fate=DROPPED),
    Line("--force-build-metadata", fate=DROPPED),
    Line("--materialize", fate=DROPPED),
    Line("--preserve-context", fate=DROPPED),
    Line("--pre-cleanup", fate=DROPPED),
    Line("--cleanup", fate=DROPPED),
    Line("--dryrun", fate=GUIDANCE),
    # cache
    cached("--cache", "registry", "ref=r/a/cache:buildkit", "ref=r/a/cache:buildkit"),
    cached("--cache=true --cache-repo=c", "registry", "ref=c:buildkit", "ref=c:buildkit"),
    cached("--cache --cache-repo=oci:/p", "local", "src=/p", "dest=/p"),
    cached("--cache --no-push-cache", "registry", "ref=r/a/cache:buildkit", ""),
    Line("--cache=false", fate=DROPPED),
    Line("--cache-repo=c", fate=Fate.TRANSLATED),
    Line("--cache-ttl=6h", fate=DROPPED),
    Line("--cache-copy-layers", fate=DROPPED),
    Line("--cache-run-layers=false", fate=DROPPED),
    Line("--compressed-caching=false", fate=DROPPED),
    Line("--cache-dir=/c", fate=DROPPED),
    # registries
    pushed("--insecure", "registry.insecure=true"),
    pushed("--skip-tls-verify", "registry.insecure=true"),
    Line("--insecure-pull", fate=GUIDANCE),
    Line("--skip-tls-verify-pull", fate=GUIDANCE),
    Line("--insecure-registry=h", fate=GUIDANCE),
    pushed("--insecure-registry=r", "registry.insecure=true", GUIDANCE),
    Line("--skip-tls-verify-registry=h", fate=GUIDANCE),
    Line("--registry-certificate=h=/c", fate=GUIDANCE),
    Line("--registry-client-cert=h=/c,/k", fate=GUIDANCE),
    Line("--registry-map=a=b;c=d", fate=GUIDANCE),
    Line("--registry-mirror=m", fate=GUIDANCE),
    Line("--skip-default-registry-fallback", fate=GUIDANCE),
    Line("--credential-helpers=ecr", fate=GUIDANCE),
    Line("--azure-container-registry-config=/a", fate=GUIDANCE),
    Line("--push-retry=3", fate=DROPPED),
    Line("--image-download-retry=3", fate=DROPPED),
    Line("--image-fs-extract-retry=3", fate=DROPPED),
    Line("--push-ignore-immutable-tag-errors", fate=GUIDANCE),
    Line("--skip-push-permission-check", fate=DROPPED),
    # the rest
    Line("-v debug", "--progress=plain", "--progress=plain"),
    Line("--verbosity=warn"),
    Line("--log-format=text", fate=DROPPED),
    Line("--log-timestamp", fate=DROPPED),
    Line("--force", fate=DROPPED),
]


@pytest.mark.parametrize("line", MAP, ids=lambda line: line.flags)
def test_becomes(line: Line) -> None:
    argv = [*BASE, *line.flags.split()]
    ours = translate(argv)
    assert set(ours.argv) == BUILDCTL_BASE - {line.without_buildctl} | set(line.buildctl.split())
    theirs = translate(argv, BUILDX).argv
    assert set(theirs) == BUILDX_BASE - {line.without_buildx} | set(line.buildx.split())
    assert theirs[-1] == ".", "the context comes last"
    name = read_flags(argv).given[2].name
    note = next(note for note in ours.notes if note.flag == name)
    assert note.fate is line.fate
    assert note.text or line.fate is Fate.TRANSLATED


def test_map_holds_every_flag() -> None:
    known = set(EXECUTOR.valued.values()) | set(EXECUTOR.switches.values())
    assert set(ROWS) == known
    tested = {flag.name for line in MAP for flag in read_flags(line.flags.split()).given}
    assert known - tested == {"context", "git", "bucket"}, "those three have cases of their own below"


CONTEXTS = [
    ("dir:///src/app", "--local=context=/src/app --local=dockerfile=/src/app"),
    ("/src/app/", "--local=context=/src/app --local=dockerfile=/src/app"),
    ("dir://", "--local=context=. --local=dockerfile=."),
    ("git://host/o/r.git#refs/heads/main", "--opt=context=https://host/o/r.git#refs/heads/main"),
    ("git://host/o/r#refs/heads/main#0123", "--opt=context=https://host/o/r.git#0123"),
    ("git://host/o/r", "--opt=context=https://host/o/r.git"),
    ("https://host/x.tar.gz", "--opt=context=https://host/x.tar.gz"),
    ("tar:///x/c.tar.gz", "--local=context=/tmp/context --local=dockerfile=/tmp/context"),
]


@pytest.mark.parametrize(("context", "expected"), CONTEXTS)
def test_contexts(context: str, expected: str) -> None:
    assert set(translate(["-c", context, "--no-push"]).argv[2:]) == set(expected.split())


def test_context_of_a_pod_is_below_its_working_directory() -> None:
    made = translate(["-c", "app", "--no-push", "--digest-file=d"], around=Surroundings("/workspace"))
    assert "--local=context=/workspace/app" in made.argv
    assert made.digest_files[0].path == "/workspace/d"


def test_context_that_is_left_out_is_the_workspace() -> None:
    assert "--local=context=/workspace" in translate(["--no-push"]).argv


def test_directory_in_a_context() -> None:
    below = translate(["-c", "dir:///src", "--context-sub-path=app", "--no-push"])
    assert "--local=context=/src/app" in below.argv
    git = translate(["-c", "git://h/o/r.git#refs/heads/x", "--context-sub-path=app", "--no-push"])
    assert "--opt=context=https://h/o/r.git#refs/heads/x:app" in git.argv
    ignored = translate(["-c", "/src", "--context-sub-path=app", "--no-push"])
    assert "--local=context=/src" in ignored.argv
    assert "kaniko ignores it for a context without `://`" in [note.text for note in ignored.notes]


def test_branch_of_a_git_context() -> None:
    flags = ["-c", "git://h/o/r", "--git", "branch=x,single-branch=true", "--no-push"]
    assert "--opt=context=https://h/o/r.git#x" in translate(flags).argv
    over_http = Surroundings(environment={"GIT_PULL_METHOD": "http"})
    assert "--opt=context=http://h/o/r.git#x" in translate(flags, around=over_http).argv


def test_archive_is_unpacked_before() -> None:
    made = translate(["-c", "tar:///x/c.tar", "--no-push"])
    assert made.before == (("mkdir", "-p", "/tmp/context"), ("tar", "xf", "/x/c.tar", "-C", "/tmp/context"))
    assert translate(["-c", "tar://stdin", "--no-push"]).before[1] == ("tar", "xzf", "-", "-C", "/tmp/context")


DOCKERFILES = [
    ("app", "app/Dockerfile", "--local=dockerfile=app"),
    ("app", "Dockerfile", "--local=dockerfile=app"),
    ("app", "build/D", "--local=dockerfile=app/build --opt=filename=D"),
    ("/src/app", "app/D", "--local=dockerfile=app --opt=filename=D"),
    ("app", "../D", "--local=dockerfile=.. --opt=filename=D"),
    ("git://h/o/r", "x/D", "--opt=filename=x/D"),
]


@pytest.mark.parametrize(("context", "dockerfile", "expected"), DOCKERFILES)
def test_dockerfiles(context: str, dockerfile: str, expected: str) -> None:
    argv = translate(["-c", context, "-f", dockerfile, "--no-push"]).argv
    assert [word for word in argv if "dockerfile=" in word or "filename=" in word] == expected.split()


NAMES = [
    ("r.example/a:1", "r.example/a", "r.example/a:1"),
    ("localhost/a", "localhost/a", "localhost/a:latest"),
    ("h:5000/a", "h:5000/a", "h:5000/a:latest"),
    ("o/a:1", "index.docker.io/o/a", "index.docker.io/o/a:1"),
    ("a", "index.docker.io/library/a", "index.docker.io/library/a:latest"),
]


@pytest.mark.parametrize(("destination", "name", "tagged"), NAMES)
def test_names_in_digest_files(destination: str, name: str, tagged: str) -> None:
    flags = ["-d", destination, "--image-name-with-digest-file=n", "--image-name-tag-with-digest-file=t"]
    files = {file.path: file.names for file in translate(flags).digest_files}
    assert files == {"n": (name,), "t": (tagged,)}


OBSTACLES = [
    ("-c s3://b/k.tar.gz -d r/a", "an S3 bucket"),
    ("-c gs://b/k.tar.gz -d r/a", "a Google Cloud bucket"),
    ("-c https://a.blob.core.windows.net/c/k.tar.gz -d r/a", "an Azure blob"),
    ("-c .", "which kaniko refuses"),
    ("-d r/a --build-args=A=1", "kaniko knows no flag"),
    ("-d r/a --target=x,y", "a build of its own"),
    ("-d r/a --digest-file=https://h/d", "takes a command of its own"),
    ("-d r/a -f https://h/Dockerfile", "download it first"),
    ("-d r/a --no-push=\U000f0000", "whether it pushes"),
    ("-d r/a \U000f0000", "there may be more flags"),
    ("-d \U000f0000 --image-name-with-digest-file=n", "has a tag cannot be seen"),
    ("-d r/a --build-arg=A", "write it out"),
    ("-c git://\U000f0000 -d r/a", "ends in `.git`"),
    ("-c https://h/x.tar.gz --context-sub-path=s -d r/a", "unpack it first"),
]


@pytest.mark.parametrize(("flags", "reason"), OBSTACLES)
def test_what_a_person_has_to_decide(flags: str, reason: str) -> None:
    with pytest.raises(Obstacle, match=reason):
        translate(flags.split())


TOML = [
    ("--registry-mirror=m --registry-mirror=n", 'registry."docker.io".mirrors = ["m", "n"]'),
    ("--registry-map=a=b;a=c;d=e", 'registry."a".mirrors = ["b", "c"]; registry."d".mirrors = ["e"]'),
    ("--insecure-registry=h", 'registry."h".http = true'),
    ("--skip-tls-verify-registry=h", 'registry."h".insecure = true'),
    ("--registry-certificate=h=/c", 'registry."h".ca = ["/c"]'),
    ("--registry-client-cert=h=/c,/k", 'registry."h".keypair = [{ cert = "/c", key = "/k" }]'),
]


@pytest.mark.parametrize(("flags", "lines"), TOML)
def test_what_the_daemon_is_told(flags: str, lines: str) -> None:
    text = translate([*BASE, *flags.split()]).notes[-1].text
    assert text == f"buildkitd.toml: `{lines}`"


def test_a_switch_takes_its_value_behind_an_equals_sign() -> None:
    made = translate([*BASE, "--cache", "false"])
    assert any(word.startswith("--import-cache") for word in made.argv), "kaniko reads this as --cache=true"
    assert made.notes[-1].flag == "false"


@pytest.mark.parametrize(("text", "value"), [(None, True), ("T", True), ("0", False), ("False", False), ("no", None)])
def test_values_of_switches(text: str | None, value: bool | None) -> None:
    assert switch(text) is value


def test_words_stay_in_the_order_of_the_flags() -> None:
    made = translate(["--cleanup", "-d", "r/a", "-c", ".", "-d", "r/b"])
    assert made.words == (
        (),
        ('--output=type=image,"name=r/a,r/b",push=true',),
        ("--local=context=.",),
        (),
    )
    assert made.tail == ("--local=dockerfile=.",)


def test_a_cache_without_a_name_is_left_to_a_person() -> None:
    made = translate(["-d", "\U000f0000", "--cache"])
    assert not any("cache" in word for word in made.argv)
    assert (made.notes[-1].flag, made.notes[-1].fate) == ("cache", Fate.GUIDANCE)
