"""CI configs: which jobs build what, in which container, and what they set up."""

from __future__ import annotations

import pytest

from ns_lint.linter.invocation import Machine
from ns_lint.linter.pod import ImageKind

from .shown import builds, read, setups

GITLAB = ".gitlab-ci.yml"
WORKFLOW = ".github/workflows/ci.yml"


def test_gitlab_jobs_inherit() -> None:
    text = """\
    variables: { KANIKO: "gcr.io/kaniko-project/executor:debug", TAG: "1" }
    default: { image: "docker:27" }
    .auth:
      before_script: [mkdir -p /kaniko/.docker]
    .build:
      extends: .auth
      image: { name: $KANIKO, entrypoint: [""] }
      script:
        - !reference [.steps, script]
        - - nested
    .steps:
      script:
        - >-
          /kaniko/executor -c "$CI_PROJECT_DIR/app"
          -d "$REG/app:$TAG"
    a: { extends: [.other, .build] }
    b:
      script: docker build -t b:$TAG .
      after_script: ["docker build after"]
    c:
      extends: .build
      script: /kaniko/executor -f C
    pages: { script: [docker build pages] }
    """
    assert builds(GITLAB, text) == [
        "KANIKO .: - < app context=app destination?$REG/app:1",
        "DOCKER .: - < . tag=b:1",
        "DOCKER .: - < after",
        "KANIKO .: C < /workspace/ dockerfile=C",
        "DOCKER .: - < pages",
    ]
    found = read(GITLAB, text)
    container = found.invocations[0].container
    assert container is not None
    assert container.kind is ImageKind.KANIKO
    assert container.image_place is not None
    assert found.document.text(container.image_place) == "$KANIKO"
    assert {script.name for script in found.scripts} == {"a", "b", "c", "pages"}


def test_gitlab_services_variables_and_daemon_flags() -> None:
    text = """\
    variables: { DOCKER_BUILDKIT: "0", BUILDKITD_FLAGS: "--oci-worker-no-process-sandbox --debug" }
    a:
      services: ["docker:27-dind", postgres, { name: "docker:dind", alias: d }]
      script:
        - docker build .
        - DOCKER_BUILDKIT=1 docker build two
    b: { image: moby/buildkit, script: [buildctl-daemonless.sh build --local context=.] }
    """
    assert builds(GITLAB, text) == [
        "DOCKER .: - < . classic",
        "DOCKER .: - < two",
        "BUILDCTL .: ./Dockerfile < . context=.",
    ]
    assert setups(GITLAB, text) == [
        "DOCKER_DAEMON",
        "DOCKER_DAEMON",
        "BUILDKITD oci-worker-no-process-sandbox debug",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "docker: null\n",
        "a: [docker]\n",
        "a: {script: {docker: build}}\n",
        "a: {extends: a, script: [docker build .]}\n",
        "a: {extends: [b]}\nb: {extends: a, script: !reference [a, script]}\ndocker: x\n",
        "a: {script: [!reference [b, script]]}\nb: {script: [!reference [a, script], docker]}\n",
        "a: {services: docker:dind, image: [docker]}\n",
        "- docker\n",
        "docker\n",
        "",
    ],
)
def test_gitlab_odd_files(text: str) -> None:
    read(GITLAB, text + "# docker\n")


def test_workflow_steps() -> None:
    text = """\
    env: { DOCKER_BUILDKIT: 1 }
    jobs:
      a:
        runs-on: [self-hosted]
        defaults: { run: { working-directory: ./sub } }
        env: { TAG: x }
        steps:
          - run: docker build -t ${{ github.sha }}:$TAG -f D.${{ matrix.a }} .
          - run: |
              docker build \\
                --network=host one
            working-directory: other
          - run: import docker build
            shell: python
          - { run: docker build two, env: { DOCKER_BUILDKIT: "0" } }
          - uses: docker/build-push-action@v6
            with:
              file: app/D
              context: "{{defaultContext}}:app"
              build-args: |
                A=1
                B=${{ github.sha }}
              tags: a,b
          - uses: docker/bake-action@v6
            with: { files: b.hcl, targets: "x\\ny", allow: network.host }
          - uses: int128/kaniko-action@v1
            with: { file: D, tags: r/a:1, cache: true }
          - uses: docker://gcr.io/kaniko-project/executor:v1
            with: { args: "--destination=r/a --context=. " }
          - uses: actions/checkout@v4
    """
    assert builds(WORKFLOW, text) == [
        "DOCKER sub: D.${{ matrix.a }} < . tag?${{ github.sha }}:x file?D.${{ matrix.a }}",
        "DOCKER other: - < one network=host",
        "DOCKER sub: - < two classic",
        "BUILDX .: app/D < {{defaultContext}}:app file=app/D context?{{defaultContext}}:app build-arg=A=1"
        " build-arg?B=${{ github.sha }} tag=a,b",
        "BAKE .: - < - file=b.hcl target=x target=y allow=network.host",
        "KANIKO .: D < . dockerfile=D destination=r/a:1 cache=true",
        "KANIKO sub: - < . destination=r/a context=.",
    ]


@pytest.mark.parametrize(
    ("labels", "machine"),
    [
        ("ubuntu-latest", Machine.HOSTED),
        ("[ubuntu-24.04-arm]", Machine.HOSTED),
        ("${{ matrix.os }}", Machine.HOSTED),
        ("${{ inputs.runner }}", Machine.HOSTED),
        ("${{ github.event == 'x' && 'self-hosted' || 'ubuntu-latest' }}", Machine.UNKNOWN),
        ("self-hosted", Machine.UNKNOWN),
        ("[self-hosted, linux]", Machine.UNKNOWN),
        ("arc-runners", Machine.UNKNOWN),
        ("${{ matrix.mine }}", Machine.UNKNOWN),
    ],
)
def test_workflow_machines(labels: str, machine: Machine) -> None:
    text = f"""\
    jobs:
      a:
        strategy: {{ matrix: {{ os: [ubuntu-latest, windows-2022], mine: [ubuntu-latest, big-box] }} }}
        runs-on: {labels}
        steps: [{{ run: docker build . }}]
    """
    assert [one.machine for one in read(WORKFLOW, text).invocations] == [machine]


def test_workflow_setups() -> None:
    text = """\
    jobs:
      a:
        runs-on: arc
        services: { d: { image: "docker:dind" }, p: { image: postgres } }
        steps:
          - uses: docker/setup-qemu-action@v3
          - uses: Docker/Setup-Buildx-Action@v3
          - uses: docker/setup-buildx-action@v3
            with:
              driver: remote
              endpoint: tcp://b:1
              driver-opts: |
                cacert=/a
                key=/b
    """
    assert setups(WORKFLOW, text) == [
        "DOCKER_DAEMON",
        "BINFMT",
        "BUILDX docker-container",
        "BUILDX remote driver=remote endpoint=tcp://b:1 driver-opt=cacert=/a driver-opt=key=/b",
    ]


def test_a_composite_action() -> None:
    text = """\
    runs:
      using: composite
      steps:
        - { run: docker build ., shell: bash }
        - uses: docker/setup-buildx-action@v3
    """
    assert builds("build/action.yml", text) == ["DOCKER .: - < ."]
    assert setups("build/action.yml", text) == ["BUILDX docker-container"]


def test_powershell_is_no_shell_script() -> None:
    text = (
        "jobs:\n  a:\n    runs-on: windows\n    steps:\n      - run: |\n          docker build `\n            -t x .\n"
    )
    assert builds(WORKFLOW, text) == []


def test_circleci() -> None:
    text = """\
    orbs: { mine: { commands: { c: { steps: [{ run: docker build orb }] } } } }
    jobs:
      a:
        docker: [{ image: "cimg/base:current" }]
        environment: { TAG: x }
        steps:
          - setup_remote_docker
          - run: docker build -t $TAG .
          - run: { command: "docker build -t << parameters.t >> two", working_directory: sub }
          - when: { condition: x, steps: [{ run: docker build three }] }
    """
    assert builds(".circleci/config.yml", text) == [
        "DOCKER .: - < . tag=x",
        "DOCKER sub: - < two tag?<< parameters.t >>",
        "DOCKER .: - < three",
        "DOCKER .: - < orb",
    ]


def test_cloud_build() -> None:
    text = """\
    steps:
      - name: gcr.io/kaniko-project/executor
        args: [--destination=gcr.io/$PROJECT_ID/a, --cache=true]
      - name: gcr.io/cloud-builders/docker
        dir: app
        args: [build, -t, x, .]
      - { name: gcr.io/cloud-builders/docker, entrypoint: bash, args: [-c, docker build two] }
      - { name: ubuntu, script: "#!/bin/bash\\ndocker build three" }
      - { name: gcr.io/cloud-builders/docker, args: [push, x] }
    """
    assert builds("cloudbuild.yaml", text) == [
        "KANIKO .: - < /workspace/ destination?gcr.io/$PROJECT_ID/a cache=true",
        "DOCKER app: - < . tag=x",
        "DOCKER .: - < two",
        "DOCKER .: - < three",
    ]
    json = '{"steps": [{"name": "gcr.io/cloud-builders/docker", "args": ["build", "."]}]}'
    assert builds("ci/cloudbuild.json", json) == ["DOCKER .: - < ."]


def test_drone_and_woodpecker() -> None:
    text = """\
    kind: pipeline
    steps:
      - name: a
        image: plugins/kaniko:1
        settings: { repo: acme/app, tags: [1, latest], build_args: [V=1], enable_cache: true }
      - { name: b, image: docker, commands: [cd app, docker build .] }
      - { name: c, image: plugins/docker, settings: { repo: acme/b, dockerfile: D } }
      - { name: d, image: plugins/slack, settings: { repo: plugins/kaniko } }
    services: [{ name: e, image: "docker:dind", privileged: true }]
    """
    assert builds(".drone.yml", text) == [
        "KANIKO .: - < . repo=acme/app tags=1 tags=latest build-arg=V=1 cache=true",
        "DOCKER app: - < .",
        "DOCKER .: D < . repo=acme/b file=D",
    ]
    assert setups(".drone.yml", text) == ["DOCKER_DAEMON", "DOCKER_DAEMON"]
    pecker = "steps:\n  a:\n    image: woodpeckerci/plugin-kaniko\n    settings: { destinations: r/a, dry_run: true }\n"
    assert builds(".woodpecker/build.yaml", pecker) == ["KANIKO .: - < . destination=r/a no-push=true"]


def test_a_jenkinsfile() -> None:
    text = '''\
    // sh 'docker build comment'
    pipeline { agent { kubernetes { yaml """
      apiVersion: v1
      kind: Pod
      spec:
        containers:
        - name: kaniko
          image: gcr.io/kaniko-project/executor:debug
          command: [sleep]
          args: ["99d"]
    """ } }
      stages { stage('b') { steps {
        container('kaniko') {
          sh \'\'\'
            /kaniko/executor \\
              -c `pwd` -d r/a:$TAG
          \'\'\'
        }
        sh "docker build --network host -t ${env.IMAGE} \\$PWD"
        sh(label: 'x', script: 'docker build two', returnStdout: true)
        echo 'docker build no'
        script { docker.build("app:${env.BUILD_ID}", '--pull -f D .') ; docker.build('plain') }
      } } }
    }
    '''
    found = read("Jenkinsfile", text)
    assert builds("Jenkinsfile", text) == [
        "KANIKO .: - < . context=. destination?r/a:$TAG",
        "DOCKER .: - < . network=host tag?${env.IMAGE}",
        "DOCKER .: - < two",
        "DOCKER .: D < . tag?app:${env.BUILD_ID} pull file=D",
        "DOCKER .: - < . tag=plain",
    ]
    container = found.invocations[0].container
    assert container is not None
    assert found.document.text(container.place).startswith("name: kaniko")
    assert found.invocations[0].machine is Machine.POD
    (network,) = found.invocations[1].values("network")
    assert found.document.text(network.place) == "--network host"


def test_a_jenkins_pod_template() -> None:
    text = """\
    podTemplate(containers: [
      containerTemplate(
        name: 'kaniko', image: 'gcr.io/kaniko-project/executor:debug', command: 'sleep', ttyEnabled: true),
    ]) { node(x) { container('kaniko') { sh 'executor --context .' } sh 'executor --context no' } }
    """
    assert builds("ci/Jenkinsfile.prod", text) == ["KANIKO .: - < . context=."]
