"""Kaniko jobs in each format, and the BuildKit jobs that --unsafe-fixes makes of them."""

from __future__ import annotations

import re

import pytest

from ns_lint.fixes.apply import plan
from ns_lint.fixes.kaniko.convert import Conversion, conversions
from ns_lint.linter.configs import lint_config
from ns_lint.linter.engine import Ruleset
from ns_lint.linter.formats import read_config
from ns_lint.linter.invocation import Tool
from ns_lint.linter.lint import Question
from ns_lint.linter.profile import USERNS
from ns_lint.linter.rule import Bad, Good, Warn
from ns_lint.linter.source import Document
from ns_lint.rules.kaniko.kaniko_job import rule

from ...marked import unmark

BUILD = "buildctl-daemonless.sh build --frontend=dockerfile.v0"
DIGEST = r"""digest="$(sed -n 's/.*"containerimage.digest"[^"]*"\([^"]*\)".*/\1/p' /tmp/metadata.json)" """.strip()


def converted(path: str, text: str) -> tuple[list[Conversion], str]:
    document = Document(path, text.encode())
    config = read_config(document)
    assert config is not None
    found = conversions(config)
    planned = plan([one.fix for one in found if one.fix], lambda _: document.data, allow_unsafe=True)
    assert planned.skipped == ()
    return found, planned.changes[path].new.decode() if path in planned.changes else text


JOBS = {
    "gitlab, folded, with a digest file": (
        ".gitlab-ci.yml",
        """\
build:
  image:
    name: gcr.io/kaniko-project/executor:v1.24.0-debug   # pinned
    entrypoint: [""]
  script:
    - echo "{\\"auths\\":{\\"$CI_REGISTRY\\":{}}}" > /kaniko/.docker/config.json
    - >-
      /kaniko/executor
      --context "${CI_PROJECT_DIR}/app"
      --use-new-run
      --dockerfile "${CI_PROJECT_DIR}/app/Dockerfile"
      --destination "${CI_REGISTRY_IMAGE}:${CI_COMMIT_TAG}" --digest-file=digest
      --cleanup
""",
        f"""\
build:
  image:
    name: moby/buildkit:v0.34.2   # pinned
    entrypoint: [""]
  script:
    - mkdir -p /root/.docker && echo "{{\\"auths\\":{{\\"$CI_REGISTRY\\":{{}}}}}}" > /root/.docker/config.json
    - >-
      {BUILD}
      --local="context=${{CI_PROJECT_DIR}}/app"
      --local="dockerfile=${{CI_PROJECT_DIR}}/app"
      --output="type=image,name=${{CI_REGISTRY_IMAGE}}:${{CI_COMMIT_TAG}},push=true"\
 --metadata-file=/tmp/metadata.json && {DIGEST} && printf %s "$digest" > digest
""",
    ),
    "gitlab, an image alone, words in a quoted scalar": (
        ".gitlab-ci.yml",
        """\
build:
  image: gcr.io/kaniko-project/executor:debug
  script:
    - "/kaniko/executor -d \\"$IMAGE\\" -c 'a b'"
""",
        f"""\
build:
  image: {{name: "moby/buildkit:v0.34.2", entrypoint: [""]}}
  script:
    - "{BUILD} --output=\\"type=image,name=$IMAGE,push=true\\"\
 --local='context=a b' --local='dockerfile=a b'"
""",
    ),
    "a job in kubernetes, a list in brackets": (
        "job.yaml",
        """\
apiVersion: batch/v1
kind: Job
spec:
  template:
    spec:
      containers:
        - name: kaniko
          image: gcr.io/kaniko-project/executor:latest
          args: ["--dockerfile=Dockerfile", "--context=git://github.com/acme/app.git#refs/heads/main", "--cleanup",
                 "--destination=reg.local/app:1", '--build-arg=A=x "y"']
          volumeMounts:
            - {name: cfg, mountPath: /kaniko/.docker}
""",
        """\
apiVersion: batch/v1
kind: Job
spec:
  template:
    spec:
      hostUsers: false
      containers:
        - name: kaniko
          image: moby/buildkit:v0.34.2
          securityContext:
            privileged: true
          command: [buildctl-daemonless.sh]
          args: ["build", "--frontend=dockerfile.v0", "--opt=context=https://github.com/acme/app.git#refs/heads/main",
                 "--output=type=image,name=reg.local/app:1,push=true", '--opt=build-arg:A=x "y"']
          volumeMounts:
            - {name: cfg, mountPath: /root/.docker}
""",
    ),
    "a pod whose working directory is the image's": (
        "pod.yaml",
        """\
apiVersion: v1
kind: Pod
spec:
  hostUsers: true
  containers:
  - image: gcr.io/kaniko-project/executor
    command: ["/kaniko/executor"]
    args:
    - --context
    - dir://app   # the application
    - --snapshot-mode
    - redo        # faster
    - --destination=r.local/a:1
    securityContext: {allowPrivilegeEscalation: false}
    name: k
""",
        """\
apiVersion: v1
kind: Pod
spec:
  hostUsers: false
  containers:
  - image: moby/buildkit:v0.34.2
    command: ["buildctl-daemonless.sh"]
    args:
    - build
    - --frontend=dockerfile.v0
    - --local=context=/workspace/app   # the application
    - '--output=type=image,name=r.local/a:1,push=true'
    - --local=dockerfile=/workspace/app
    securityContext: {privileged: true, allowPrivilegeEscalation: true}
    name: k
""",
    ),
    "a task of tekton, with a result and more arguments": (
        "task.yaml",
        """\
apiVersion: tekton.dev/v1
kind: Task
spec:
  workspaces:
  - name: dockerconfig
    mountPath: /kaniko/.docker
  steps:
  - name: build-and-push
    workingDir: $(workspaces.source.path)
    image: gcr.io/kaniko-project/executor:v1.5.1
    args:
    - --context=$(workspaces.source.path)/$(params.CONTEXT)  # nobody has to care
    - --destination=$(params.IMAGE)
    - --digest-file=$(results.IMAGE_DIGEST.path)
    - $(params.EXTRA_ARGS[*])
""",
        f"""\
apiVersion: tekton.dev/v1
kind: Task
spec:
  workspaces:
  - name: dockerconfig
    mountPath: /root/.docker
  steps:
  - name: build-and-push
    workingDir: $(workspaces.source.path)
    image: moby/buildkit:v0.34.2
    securityContext:
      privileged: true
    command: [sh, -c, 'buildctl-daemonless.sh "$@" && {DIGEST.replace("'", "''")}\
 && printf %s "$digest" > "$(results.IMAGE_DIGEST.path)"', buildctl-daemonless.sh]
    args:
    - build
    - --frontend=dockerfile.v0
    - '--local=context=$(workspaces.source.path)/$(params.CONTEXT)'  # nobody has to care
    - '--output=type=image,name=$(params.IMAGE),push=true'
    - '--local=dockerfile=$(workspaces.source.path)/$(params.CONTEXT)'
    - --metadata-file=/tmp/metadata.json
    - $(params.EXTRA_ARGS[*])
""",
    ),
    "a run of tekton": (
        "run.yaml",
        """\
apiVersion: tekton.dev/v1
kind: TaskRun
spec:
  taskSpec:
    steps:
    - image: gcr.io/kaniko-project/executor
      args: [--no-push, --context=/workspace]
      workingDir: /workspace
""",
        """\
apiVersion: tekton.dev/v1
kind: TaskRun
spec:
  podTemplate:
    hostUsers: false
  taskSpec:
    steps:
    - image: moby/buildkit:v0.34.2
      securityContext:
        privileged: true
      command: [buildctl-daemonless.sh]
      args: [build, --frontend=dockerfile.v0, --local=context=/workspace, --local=dockerfile=/workspace]
      workingDir: /workspace
""",
    ),
    "argo": (
        "workflow.yaml",
        """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
spec:
  templates:
  - name: build
    container:
      image: gcr.io/kaniko-project/executor:debug
      args: ["--context=/src", "--destination={{inputs.parameters.image}}:{{inputs.parameters.tag}}", "--cache"]
""",
        """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
spec:
  templates:
  - podSpecPatch: 'hostUsers: false'
    name: build
    container:
      image: moby/buildkit:v0.34.2
      securityContext:
        privileged: true
      command: [buildctl-daemonless.sh]
      args: ["build", "--frontend=dockerfile.v0", "--local=context=/src",\
 "--output=type=image,name={{inputs.parameters.image}}:{{inputs.parameters.tag}},push=true",\
 "--import-cache=type=registry,ref={{inputs.parameters.image}}/cache:buildkit",\
 "--export-cache=type=registry,ref={{inputs.parameters.image}}/cache:buildkit,mode=max", "--local=dockerfile=/src"]
""",
    ),
    "jenkins": (
        "Jenkinsfile",
        '''\
pipeline { agent { kubernetes { yaml """
spec:
  containers:
  - name: kaniko
    image: gcr.io/kaniko-project/executor:debug
    command: ["/busybox/cat"]
""" } }
stages { stage('b') { steps { container('kaniko') {
  sh \'\'\'#!/busybox/sh
    /kaniko/executor -c `pwd` --destination=r/a:$TAG --digest-file=d
  \'\'\'
  sh "/kaniko/executor -c . --destination=r/a:${env.TAG} --build-arg 'A=x y' --build-arg B=\\$B"
} } } } }
''',
        f'''\
pipeline {{ agent {{ kubernetes {{ yaml """
spec:
  hostUsers: false
  containers:
  - name: kaniko
    image: moby/buildkit:v0.34.2
    securityContext:
      privileged: true
    command: ["/bin/cat"]
""" }} }}
stages {{ stage('b') {{ steps {{ container('kaniko') {{
  sh \'\'\'#!/bin/sh
    {BUILD} --local="context=`pwd`" --output="type=image,name=r/a:$TAG,push=true" --local="dockerfile=`pwd`"\
 --metadata-file=/tmp/metadata.json && {DIGEST.replace(chr(92), chr(92) * 2)} && printf %s "$digest" > d
  \'\'\'
  sh "{BUILD} --local=context=. --output=\\"type=image,name=r/a:${{env.TAG}},push=true\\" --opt='build-arg:A=x y'\
 --opt=\\"build-arg:B=\\$B\\" --local=dockerfile=."
}} }} }} }} }}
''',
    ),
    "cloud build": (
        "cloudbuild.yaml",
        """\
steps:
- name: 'gcr.io/kaniko-project/executor:latest'
  args:
  - --destination=gcr.io/$PROJECT_ID/image
  - --cache=true
  - --cache-ttl=6h
""",
        """\
steps:
- name: 'docker:28-cli'
  entrypoint: sh
  args:
  - -c
  - 'docker buildx create --use && docker buildx "$$@"'
  - buildx
  - build
  - --provenance=false
  - '--tag=gcr.io/$PROJECT_ID/image'
  - --push
  - '--cache-from=type=registry,ref=gcr.io/$PROJECT_ID/image/cache:buildkit'
  - '--cache-to=type=registry,ref=gcr.io/$PROJECT_ID/image/cache:buildkit,mode=max'
  - /workspace
""",
    ),
    "a shell script, with flags in a variable, in a loop": (
        "build.sh",
        """\
#!/busybox/sh
set -e
ARGS="--cache-repo=c --build-arg X=1"
for i in a b; do
  /kaniko/executor $ARGS --context . \\
    --cleanup \\
    --dockerfile $i/Dockerfile --destination "$REG/$i:latest" && echo ok
done
""",
        f"""\
#!/bin/sh
set -e
ARGS="--cache-repo=c --build-arg X=1"
for i in a b; do
  {BUILD} --opt=build-arg:X=1 --local=context=. \\
    --local="dockerfile=$i" --output="type=image,name=$REG/$i:latest,push=true" && echo ok
done
""",
    ),
    "a shell script that reads the context from a pipe": (
        "build.sh",
        "tar cz . | /kaniko/executor -c tar://stdin -d r/a:1 --digest-file=d || exit 3\n",
        "tar cz . | { mkdir -p /tmp/context && tar xzf - -C /tmp/context && "
        f"{BUILD} --local=context=/tmp/context --output=type=image,name=r/a:1,push=true"
        " --local=dockerfile=/tmp/context --metadata-file=/tmp/metadata.json"
        f' && {DIGEST} && printf %s "$digest" > d; }} || exit 3\n',
    ),
    "a shell script that runs kaniko in docker": (
        "build.sh",
        """\
sudo docker run --rm -v "$PWD":/workspace -v $HOME/.docker/config.json:/kaniko/.docker/config.json:ro \\
  gcr.io/kaniko-project/executor:latest --dockerfile=docker/Dockerfile --destination=$TAG --context=dir:///workspace/ \\
  --no-push --digest-file=/workspace/out/digest
docker run -v $PWD:/build gcr.io/kaniko-project/executor:debug --context=/build --destination=r/a --cache
docker run -v $PWD:/workspace gcr.io/kaniko-project/executor -d r/b
""",
        f"""\
sudo docker buildx create --use && sudo docker buildx build --provenance=false --file="$PWD/docker/Dockerfile"\
 --tag="$TAG" --output=type=image --metadata-file=/tmp/metadata.json "$PWD" && {DIGEST}\
 && printf %s "$digest" > "$PWD/out/digest"
docker buildx create --use && docker buildx build --provenance=false --tag=r/a --push\
 --cache-from=type=registry,ref=r/a/cache:buildkit --cache-to=type=registry,ref=r/a/cache:buildkit,mode=max "$PWD"
docker buildx build --provenance=false --tag=r/b --push "$PWD"
""",
    ),
    "an action of github": (
        ".github/workflows/b.yml",
        """\
jobs:
  b:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: build
        uses: int128/kaniko-action@v1
        with:
          push: true
          tags: ${{ steps.m.outputs.tags }}
          # the application
          context: app
          file: Dockerfile.ci
          cache: true
          cache-repository: ghcr.io/${{ github.repository }}/cache
          build-args: |
            A=x y
""",
        """\
jobs:
  b:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: docker/setup-buildx-action@v3
      - name: build
        uses: docker/build-push-action@v6
        with:
          provenance: false
          cache-from: type=registry,ref=ghcr.io/${{ github.repository }}/cache:buildkit
          cache-to: type=registry,ref=ghcr.io/${{ github.repository }}/cache:buildkit,mode=max
          push: true
          tags: ${{ steps.m.outputs.tags }}
          # the application
          context: app
          file: app/Dockerfile.ci
          build-args: |
            A=x y
""",
    ),
    "github, in a container": (
        ".github/workflows/b.yml",
        """\
jobs:
  b:
    runs-on: pods
    container: {image: gcr.io/kaniko-project/executor:debug}
    steps:
      - run: /kaniko/executor -c "${{ github.workspace }}/app" -d r/a:${{ github.sha }} --label=a=b
""",
        f"""\
jobs:
  b:
    runs-on: pods
    container: {{image: moby/buildkit:v0.34.2}}
    steps:
      - run: {BUILD} --local="context=${{{{ github.workspace }}}}/app"\
 --output="type=image,name=r/a:${{{{ github.sha }}}},push=true" --opt=label:a=b\
 --local="dockerfile=${{{{ github.workspace }}}}/app"
""",
    ),
}


@pytest.mark.parametrize("job", JOBS)
def test_becomes(job: str) -> None:
    path, before, after = JOBS[job]
    found, text = converted(path, before)
    assert [one.obstacle for one in found] == [None] * len(found)
    assert text == after
    config = read_config(Document(path, text.encode()))
    assert config is not None
    assert {one.tool for one in config.invocations} <= {Tool.BUILDCTL, Tool.BUILDX}


def test_pod_aliases_and_git_passwords_come_along() -> None:
    text = """\
apiVersion: v1
kind: Pod
spec:
  hostAliases:
  - {ip: 10.0.0.1, hostnames: [git.example, registry.example]}
  containers:
  - name: k
    image: gcr.io/kaniko-project/executor
    args: [--context=git://git.example/o/r.git, --destination=registry.example/a:1]
    env:
    - {name: GIT_TOKEN, valueFrom: {secretKeyRef: {name: git, key: token}}}
"""
    _, after = converted("pod.yaml", text)
    assert "--opt=add-hosts=git.example=10.0.0.1,registry.example=10.0.0.1" in after
    assert "--secret=id=GIT_AUTH_TOKEN,env=GIT_TOKEN" in after


def test_the_workspace_that_kanikos_example_means() -> None:
    text = """\
apiVersion: v1
kind: Pod
spec:
  containers:
  - name: k
    image: gcr.io/kaniko-project/executor
    args: [--context=dir://workspace, --no-push]
"""
    assert "--local=context=/workspace," in converted("pod.yaml", text)[1]


def test_what_is_to_be_done_elsewhere_is_said() -> None:
    for job, expected in {"gitlab, folded, with a digest file": "host_users", "jenkins": ""}.items():
        found, _ = converted(*JOBS[job][:2])
        assert expected in found[0].remark
        assert bool(found[0].remark) == bool(expected)


LEFT = [
    ("Jenkinsfile", "node('x') { sh '/kaniko/executor -c . -d r/a' }\n", "not in this file"),
    ("b.sh", "/kaniko/executor -c s3://b/k.tgz -d r/a\n", "an S3 bucket"),
    ("b.sh", '/kaniko/executor "$@"\n', "there may be more flags"),
    ("b.sh", "exec /kaniko/executor -c . -d r/a --digest-file=d\n", "`exec`"),
    ("b.sh", "docker run gcr.io/kaniko-project/executor -d r/a\n", "is not mounted"),
    ("Makefile", "kaniko:\n\t/kaniko/executor -c . -d r/a\n", "makefile"),
]


@pytest.mark.parametrize(("path", "text", "reason"), LEFT)
def test_leaves_to_a_person(path: str, text: str, reason: str) -> None:
    found, after = converted(path, text)
    assert after == text
    assert [bool(one.obstacle and re.search(reason, one.obstacle)) for one in found] == [True]


def test_jobs_that_share_an_image_are_converted_together_or_not_at_all() -> None:
    text = """\
default: {image: {name: gcr.io/kaniko-project/executor:debug, entrypoint: [""]}}
a: {script: [/kaniko/executor -c . -d r/a]}
b: {script: [/kaniko/executor -c gs://x/y -d r/a]}
"""
    found, after = converted(".gitlab-ci.yml", text)
    assert [bool(one.obstacle) for one in found] == [True, True]
    assert after == text
    found, after = converted(".gitlab-ci.yml", text.replace("gs://x/y", "app"))
    assert len(found) == 2
    assert "kaniko" not in after


@pytest.mark.parametrize(
    "example", [one for one in rule.examples if not isinstance(one, Bad)], ids=lambda one: one.path
)
def test_examples_of_the_rule(example: Warn | Good) -> None:
    marked = unmark(example)
    linted = lint_config(marked.document, Question(USERNS, None, Ruleset([rule])))
    found = linted.findings if linted is not None else ()
    assert {finding.place for finding in found} == marked.places
    fixed = example.fixed if isinstance(example, Warn) else None
    text = marked.document.data.decode()
    if fixed is not None:
        assert converted(example.path, text)[1] == fixed
    assert bool(fixed) == any(finding.fix for finding in found)
