"""Shell scripts and Makefiles: which commands build, with what."""

from __future__ import annotations

import pytest

from .shown import builds, read, setups

SCRIPTS: list[tuple[str, list[str]]] = [
    ("docker build -t app .", ["DOCKER .: - < . tag=app"]),
    ("docker image build --pull app", ["DOCKER .: - < app pull"]),
    ("docker -H tcp://h:1 build - < Dockerfile", ["DOCKER .: - < -"]),
    ("docker buildx b -f a/Dockerfile --push a", ["BUILDX .: a/Dockerfile < a file=a/Dockerfile push"]),
    ("docker buildx --builder r build .", ["BUILDX .: - < . builder=r"]),
    ("docker buildx bake -f b.hcl --allow=network.host x y", ["BAKE .: - < - file=b.hcl allow=network.host"]),
    ("docker compose -f c.yml build --pull web", ["COMPOSE .: - < - file=c.yml pull"]),
    ("docker-compose up -d --build", ["COMPOSE .: - < - build"]),
    ("docker compose up -d", []),
    ("docker buildx build -ta:1 -fD .", ["BUILDX .: D < . tag=a:1 file=D"]),
    ("podman build -f Containerfile .", ["PODMAN .: Containerfile < . file=Containerfile"]),
    ("buildah bud --layers -t x ctx", ["BUILDAH .: - < ctx layers tag=x"]),
    ("sudo env A=b docker build .", ["DOCKER .: - < ."]),
    ("$SUDO docker build .", ["DOCKER .: - < ."]),
    ("$RUN app docker build .", []),
    ("cd app && docker build .", ["DOCKER app: - < ."]),
    ('cd "$(dirname "$0")/.." && docker build .', ["DOCKER ?: - < ."]),
    ("cd /srv && docker build .", ["DOCKER ?: - < ."]),
    ("cd $UNKNOWN && docker build .", ["DOCKER ?: - < ."]),
    ("T=app; docker build -t $T:1 $PWD/src", ["DOCKER .: - < src tag=app:1"]),
    ("docker build -t $T .", ["DOCKER .: - < . tag?$T"]),
    ("docker build $ARGS .", ["DOCKER .: - < ."]),
    ("B='docker build --pull'\n$B -t x .", ["DOCKER .: - < . pull tag=x"]),
    ("f() { docker build $1; }\nf app", ["DOCKER .: - < app"]),
    ("f() { docker build app; }", ["DOCKER .: - < app"]),
    ("for t in a b; do docker build --target $t .; done", ["DOCKER .: - < . target=a", "DOCKER .: - < . target=b"]),
    ("sh -c 'docker build .'", ["DOCKER .: - < ."]),
    ("if x; then docker build a; else docker build b; fi", ["DOCKER .: - < a", "DOCKER .: - < b"]),
    ("DOCKER_BUILDKIT=0 docker build .", ["DOCKER .: - < . classic"]),
    ("export DOCKER_BUILDKIT=0\ndocker build .", ["DOCKER .: - < . classic"]),
    ("DOCKER_BUILDKIT=1 docker build .", ["DOCKER .: - < ."]),
    ("echo docker build .; printf 'docker build .'", []),
    ("# docker build .\n: docker build .", []),
    ("cat <<E\ndocker build .\nE", []),
    ("docker run --rm app docker build .", []),
    ("docker run -v $PWD:/w gcr.io/kaniko-project/executor -d r/a", ["KANIKO ?: - < /workspace/ destination=r/a"]),
    (
        "/kaniko/executor -c dir:///w -f D --cache=true",
        ["KANIKO .: D < dir:///w context=dir:///w dockerfile=D cache=true"],
    ),
    ("/kaniko/executor --cache true --skip-tls-verify", ["KANIKO .: - < /workspace/ cache skip-tls-verify"]),
    ("executor --context .", []),
    ("/kaniko/warmer -i debian", ["WARMER .: - < - image=debian"]),
    (
        "buildctl build --frontend dockerfile.v0 --local context=. --local dockerfile=d --opt filename=F"
        " --opt build-arg:A=1 --opt target=t --opt x=y",
        ["BUILDCTL .: d/F < . frontend=dockerfile.v0 context=. dockerfile=d filename=F build-arg=A=1 target=t opt=x=y"],
    ),
    ("buildctl -addr tcp://b:1 build -local context=c", ["BUILDCTL .: c/Dockerfile < c context=c"]),
    ("buildctl du", []),
    ("docker --version; docker ps; docker push x", []),
]


@pytest.mark.parametrize(("script", "expected"), SCRIPTS)
def test_builds(script: str, expected: list[str]) -> None:
    assert builds("build.sh", script + "\n# kaniko docker\n") == expected


def test_a_script_knows_where_it_stands() -> None:
    text = 'cd "$(dirname "$0")/.." && docker build -f "${BASH_SOURCE%/*}/D" "$PWD"\n'
    assert builds("ci/build.sh", text) == ["DOCKER .: ci/D < . file=ci/D"]


def test_a_variable_of_unknown_value_may_hold_options() -> None:
    (found,) = read("b.sh", "docker build $ARGS -t a .\n").invocations
    assert [word.text for word in found.operands] == ["$ARGS", "."]


def test_target_says_what_lint_needs() -> None:
    text = "docker build --target t --build-arg A=1 --build-arg B=$B --build-arg C --platform linux/arm64 --allow x .\n"
    (found,) = read("b.sh", text).invocations
    assert found.target.target == "t"
    assert found.target.arguments == {"A": "1", "B": None, "C": None}
    assert found.target.allow == {"x"}
    assert found.target.platform == "linux/arm64"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("docker buildx create --use", ["BUILDX docker-container use"]),
        ("docker buildx create --driver remote tcp://b:1", ["BUILDX remote driver=remote"]),
        ("docker buildx create --driver=$D", ["BUILDX driver?$D"]),
        ("docker buildx create --leave --name a --node b", []),
        ("docker run --privileged tonistiigi/binfmt --install all", ["BINFMT privileged"]),
        ("docker run --rm -it debian binfmt", []),
        ("buildkitd --config c.toml --debug", ["BUILDKITD config=c.toml debug"]),
        ("buildctl du", []),
        ("rootlesskit --net=host buildkitd --rootless", ["BUILDKITD rootless"]),
        ("dockerd &\ndocker build .", ["DOCKER_DAEMON"]),
        ("dockerd --debug", []),
        ("docker run -d moby/buildkit --addr tcp://0.0.0.0:1", ["BUILDKITD addr=tcp://0.0.0.0:1"]),
    ],
)
def test_setups(script: str, expected: list[str]) -> None:
    assert setups("setup.sh", script + "\n") == expected


def test_a_makefile() -> None:
    text = """\
    IMG ?= reg/app
    TAG := $(shell git describe)
    BUILD = docker build \\
    \t--network=host
    define x
    docker build no
    endef

    image: deps ; @docker build one
    \t-@$(BUILD) -t $(IMG):$(TAG) \\
    \t  two
    \tcd sub; docker build $(UNKNOWN) three
    # docker build four
    ifeq ($(A),b)
    \t@echo "docker build five"
    endif
    VAR = docker build six
    \tdocker build seven
    """
    assert builds("Makefile", text) == [
        "DOCKER .: - < one",
        "DOCKER .: - < two network=host tag?reg/app:${_}",
        "DOCKER sub: - < three",
    ]


def test_an_option_in_a_makefile_variable_is_mended_where_it_is_defined() -> None:
    data = b"B = docker build --squash --pull\nall:\n\t$(B) -t x .\n"
    (found,) = read("Makefile", data).invocations
    (squash,) = found.values("squash")
    assert data[squash.place.start : squash.place.end] == b"--squash"
    assert squash.removal is not None
    assert (
        data[: squash.removal.start] + data[squash.removal.end :] == b"B = docker build --pull\nall:\n\t$(B) -t x .\n"
    )
    assert data[found.place.start : found.place.end] == b"-t x ."


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("squash", "docker build --squash .\n", "docker build .\n"),
        ("squash", "docker build \\\n  --squash \\\n  -t x .\n", "docker build \\\n  -t x .\n"),
        ("network", "docker build --network 'host' .\n", "docker build .\n"),
        ("network", "docker build . --network=host\n", "docker build .\n"),
        ("network", "docker build -t é --network host .\n", "docker build -t é .\n"),
        ("target", "docker build . --target x # why\n", "docker build . # why\n"),
        ("squash", "docker build\t--squash\t.\r\n", "docker build\t.\r\n"),
        ("network", "sh -c 'docker build --network=host .'\n", "sh -c 'docker build .'\n"),
    ],
)
def test_an_option_is_left_out_with_one_cut(name: str, before: str, after: str) -> None:
    data = before.encode()
    (found,) = read("b.sh", data).invocations
    (option,) = found.values(name)
    assert option.removal is not None
    assert (data[: option.removal.start] + data[option.removal.end :]).decode() == after


@pytest.mark.parametrize("script", ["O=--squash\ndocker build $O .\n", "docker build --squash=`x` .\n"])
def test_what_stands_in_a_variable_keeps_a_place(script: str) -> None:
    (found,) = read("b.sh", script).invocations
    (option,) = found.values("squash")
    assert 0 <= option.place.start < option.place.end <= len(script)


def test_a_script_that_unfolds_into_too_much_is_read_in_part() -> None:
    loops = "".join(f"for a{n} in 1 2 3 4 5 6 7 8 9; do\n" for n in range(8))
    assert builds("b.sh", loops + "true\n" + "done\n" * 8 + "docker build .\n") == []
