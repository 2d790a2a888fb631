"""Compose, bake, skaffold, dev containers, Tiltfiles, Bazel and Python: what they build, and nothing they run."""

from __future__ import annotations

import sys

import pytest

from ns_lint.linter.formats.hcl import MISSING

from .shown import builds, read, setups

COMPOSE = """\
x-build: &build { context: ., network: host }
services:
  a:
    image: a
    privileged: true
    network_mode: host
    ulimits: { nofile: 1 }
    build:
      <<: *build
      dockerfile: docker/D
      args: { A: 1, B: "${B:-x}" }
      extra_hosts: ["h:1.2.3.4"]
      ulimits: { nofile: { soft: 1, hard: 2 }, core: 3 }
      secrets: [s]
      x-bake: { output: [{ type: docker, dest: x.tar }] }
  b: { build: ./b }
  c: { image: c }
  d: { build: { context: "https://git.local/x.git#main" } }
"""


def test_compose() -> None:
    assert builds("compose.yaml", COMPOSE) == [
        "COMPOSE .: ./docker/D < . file=docker/D build-arg=A=1 build-arg?B=${B:-x} add-host=h:1.2.3.4 secret=s"
        " context=. network=host ulimit=nofile=1:2 ulimit=core=3 output=type=docker,dest=x.tar",
        "COMPOSE .: - < ./b context=./b",
        "COMPOSE .: - < https://git.local/x.git#main context=https://git.local/x.git#main",
    ]


def test_a_compose_file_in_a_folder_builds_from_there() -> None:
    assert builds("deploy/docker-compose.prod.yml", "services: { a: { build: . } }") == [
        "COMPOSE deploy: - < . context=."
    ]


@pytest.mark.parametrize(
    "text",
    [
        "services: [build]\nbuild: x\n",
        "services: { a: { build: } }\n",
        "services: { a: { build: [x] } }\n",
        "services: { a: { build: { ulimits: 3, args: , extra_hosts: x } } }\n",
        "build: x\n",
    ],
)
def test_odd_compose_files(text: str) -> None:
    read("compose.yml", text)


def test_inline_dockerfiles_keep_their_places() -> None:
    text = b"services:\n  a:\n    build:\n      dockerfile_inline: |\n        FROM debian\n        RUN true\n"
    found = read("compose.yaml", text)
    (inline,) = found.dockerfiles
    assert inline.script.text == "FROM debian\nRUN true\n"
    begin = inline.script.text.index("RUN")
    assert found.document.text(inline.script.source.place(begin, begin + 8)) == "RUN true"


BAKE = """\
variable "TAG" { default = "1" }
group "default" { targets = ["a"] }
target "_base" { args = { A = "1", "B" = null, C = TAG } }
target "a" {
  inherits     = ["_base"]
  context      = "./app"
  dockerfile   = "D"
  entitlements = ["network.host"] # c
  tags         = ["a:${TAG}", "b", "c$${x}"]
  output       = ["type=docker"]
  resources    = { memory = "2g" }
  no-cache     = true
  target       = BAKE_LOCAL_PLATFORM == "x" ? "y" : "z"
}
target "b" {
  dockerfile-inline = <<-EOT
    FROM debian
      RUN true
  EOT
}
target "c" { dockerfile-inline = "FROM x\\nRUN y\\n" }
"""


def test_bake_in_hcl() -> None:
    found = builds("docker-bake.hcl", BAKE)
    assert found[0] == "BAKE .: - < . build-arg=A=1 build-arg=B build-arg?C=${TAG}"
    assert found[1] == (
        "BAKE .: ./app/D < ./app build-arg=A=1 build-arg=B build-arg?C=${TAG} inherits=_base context=./app file=D"
        " allow=network.host tag?a:${TAG} tag=b tag?c${x} output=type=docker resource=memory=2g no-cache=true"
        ' target?${BAKE_LOCAL_PLATFORM == "x" ? "y" : "z"}'
    )
    inline = [one.script.text for one in read("docker-bake.hcl", BAKE).dockerfiles]
    assert inline == ["FROM debian\n  RUN true\n", "FROM x\nRUN y\n"]


def test_bake_in_json() -> None:
    text = """\
    {"group": {"default": {"targets": ["a"]}},
     "target": {"a": {"context": "app", "dockerfile": "D", "network": "host", "args": {"A": "1"}},
                "b": {"inherits": ["a"], "target": "t"}}}
    """
    assert builds("docker-bake.override.json", text) == [
        "BAKE .: app/D < app context=app file=D network=host build-arg=A=1",
        "BAKE .: app/D < app context=app file=D network=host build-arg=A=1 inherits=a target=t",
    ]


def test_bake_that_inherits_from_itself() -> None:
    builds("docker-bake.hcl", 'target "a" { inherits = ["b", "a"] }\ntarget "b" { inherits = ["a"] }\n')


def test_without_the_extra_hcl_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tree_sitter", None)
    found = read("docker-bake.hcl", BAKE)
    assert found.invocations == ()
    assert [skipped.message for skipped in found.skipped] == [MISSING]


def test_skaffold() -> None:
    text = """\
    apiVersion: skaffold/v4beta11
    kind: Config
    build:
      artifacts:
        - image: a
          context: a
          kaniko: { dockerfile: D, buildArgs: { V: "1" }, useNewRun: true, cache: { repo: r } }
        - image: b
          docker: { dockerfile: D, noCache: true, cliFlags: ["--squash", "--network", host] }
        - image: c
          custom: { buildCommand: docker buildx build --push -t $IMAGE . }
        - image: d
          jib: {}
    profiles: [{ name: p, build: { artifacts: [{ image: e, docker: {} }] } }]
    """
    assert builds("x/skaffold.yaml", text) == [
        "KANIKO x: a/D < a dockerfile=D build-arg=V=1 use-new-run=true cache=repo=r",
        "DOCKER x: ./D < . file=D no-cache=true squash network=host",
        "BUILDX x: - < . push tag?$IMAGE",
        "DOCKER x: - < .",
    ]


def test_dev_containers() -> None:
    text = """\
    { // the image
      "build": { "dockerfile": "../D", "context": "..", "args": { "A": "${localEnv:A}" },
                 "options": ["--network=host", "--pull"] },
      "runArgs": ["--privileged", "--network=host"], }
    """
    assert builds(".devcontainer/devcontainer.json", text) == [
        "BUILDX .devcontainer: ../D < .. file=../D context=.. build-arg?A=${localEnv:A} network=host pull"
    ]
    assert builds(".devcontainer.json", '{ "dockerFile": "D" }') == ["BUILDX .: D < . file=D"]
    assert builds(".devcontainer.json", '{ "image": "docker.io/x" }') == []


def test_buildkitd_toml() -> None:
    text = """\
    debug = true
    insecure-entitlements = [ "network.host", 'security.insecure' ] # review
    [worker.oci]
      noProcessSandbox = true
      labels = { "a" = "b" }
      platforms = [
        "linux/amd64", # "x"
      ]
    [[worker.oci.gcpolicy]]
      filters = "a]b#c"
    [registry."reg.local:5000"]
      http = true
      a.b = 1
    """
    assert setups("etc/buildkitd.toml", text) == [
        "CONFIG debug=true insecure-entitlements=network.host insecure-entitlements=security.insecure"
        ' worker.oci.noProcessSandbox=true worker.oci.labels={ "a" = "b" } worker.oci.platforms=linux/amd64'
        " worker.oci.gcpolicy.filters=a]b#c registry.reg.local:5000.http=true registry.reg.local:5000.a.b=1"
    ]
    assert read("buildkitd.toml", "a = [\n").skipped[0].message.startswith("it is not TOML")


def test_python() -> None:
    text = """\
    import docker, os, subprocess
    from python_on_whales import docker as whales
    docker.from_env().images.build(path="app", dockerfile="D", buildargs={"A": "1"}, network_mode=net, pull=True)
    docker.APIClient(base_url="x").build(fileobj=f)
    whales.buildx.build("ctx", tags=["a", "b"], load=True, target=None)
    whales.buildx.create(driver="remote", driver_options={"cacert": "/a"})
    subprocess.run(["docker", "build", "-t", f"{tag}:1", "."], check=True)
    subprocess.check_call("docker build " "--pull two", shell=True)
    os.system(f'docker build -t {tag} "three"')
    subprocess.run(["sh", "-c", "cd x && docker build four"])
    subprocess.run(command)
    thing.build("no"); self.images.pull("x"); run("docker build no")
    "docker build no"
    """
    assert builds("build.py", text) == [
        "SDK .: D < app classic context=app file=D build-arg=A=1 network?net pull=true",
        "SDK .: - < - classic fileobj?f",
        "BUILDX .: - < ctx context=ctx tag=a tag=b load=true",
        "DOCKER .: - < . tag?{tag}:1",
        "DOCKER .: - < two pull",
        "DOCKER .: - < three tag?{tag}",
        "DOCKER x: - < four",
    ]
    assert setups("build.py", text) == ["BUILDX remote driver=remote driver-opt=cacert=/a"]


def test_other_libraries_build_other_things() -> None:
    text = "import subprocess, setuptools\nfrom x import images\nimages.build(path='docker')\napi.build('docker')\n"
    assert builds("build.py", text) == []


@pytest.mark.parametrize(
    "text", ["print 'docker'\nos.system('x')\n", "subprocess docker(((", "\ufeffsubprocess.run(['docker'])\n"]
)
def test_python_that_is_none(text: str) -> None:
    read("build.py", text)


def test_tilt_and_bazel() -> None:
    text = """\
    docker_build('reg/app', 'app', dockerfile='D', build_args={'A': '1'}, network='host')
    custom_build('reg/b', 'docker buildx build --push -t $EXPECTED_REF .', deps=['.'])
    local('docker build two')
    local_resource('x', cmd='docker build three')
    docker_compose('compose.yml')
    """
    assert builds("Tiltfile", text) == [
        "BUILDX .: D < app context=app file=D build-arg=A=1 network=host",
        "BUILDX .: - < . push tag?$EXPECTED_REF",
        "DOCKER .: - < two",
        "DOCKER .: - < three",
    ]
    bazel = (
        'load("@io_bazel_rules_docker//docker/util:run.bzl", "container_run_and_commit")\n'
        'container_run_and_commit(name = "x", commands = ["apt-get update"], image = ":b")\n'
    )
    assert setups("images/BUILD.bazel", bazel) == ["DOCKER_DAEMON"]
