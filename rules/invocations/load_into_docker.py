"""Loading an image needs a Docker daemon beside the client.

`--load`, and an output of `type=docker` without `dest`, hand the finished image to the Docker Engine that the client
talks to. In a CI job that runs in a pod there is none: `failed to connect to the docker API at
unix:///var/run/docker.sock`. BuildKit itself keeps no images: without an output the result is left in its cache.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.invocation import Invocation, Machine, Option, Tool
from ...linter.profile import IN_USER_NAMESPACES
from ...linter.rule import Good, Refusal, Rule, Warn

rule = Rule(
    code="NS765",
    name="load-into-docker",
    summary="loading an image needs a Docker daemon beside the client",
    refused=IN_USER_NAMESPACES,
    guidance="Push the image, or write it to a file with `--output type=docker,dest=image.tar`.",
    symptoms=(r"failed to (detect docker features|connect to the docker API)",),
    examples=(
        Warn(
            "build:\n  image: docker:27\n  script:\n    - docker buildx build «--load» -t app .\n",
            path=".gitlab-ci.yml",
            why="it hangs on whether the job has a Docker daemon",
        ),
        Warn(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: build\n      image: docker:27\n"
            "      command: [docker, buildx, build, «--output=type=docker», -t, app, .]\n",
            path="pod.yaml",
        ),
        Good(
            "build:\n  image: docker:27\n  script:\n    - docker buildx build -o type=docker,dest=app.tar -t app .\n",
            why="this writes a file",
            path=".gitlab-ci.yml",
        ),
        Good(
            "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: docker/build-push-action@v6\n"
            "        with: { load: true, tags: app }\n",
            why="that machine has a Docker daemon",
            path=".github/workflows/image.yml",
        ),
        Good("docker buildx build --load .\n", why="who runs this by hand has Docker", path="build.sh"),
        Good(
            "build:\n  image: docker:27\n  script:\n    - docker buildx build --load=false --push -t app .\n",
            why="it is switched off",
            path=".gitlab-ci.yml",
        ),
    ),
    references=("https://docs.docker.com/build/exporters/oci-docker/",),
)


@rule.check(Invocation)
def load_into_docker(invocation: Invocation) -> Iterator[Refusal]:
    in_pod = invocation.machine is Machine.POD or invocation.container is not None
    if not in_pod or invocation.machine is Machine.HOSTED:
        return
    if invocation.tool not in (Tool.BUILDX, Tool.DOCKER, Tool.BAKE):
        return
    for option in (*invocation.values("load"), *invocation.values("output")):
        if _loads(option):
            yield rule.refuses(
                invocation._replace(place=option.place), "this needs a Docker daemon in the job's pod", certain=False
            )


def _loads(option: Option) -> bool:
    if option.name == "load":
        return option.text is None or option.value == "true"
    fields = {part.strip() for part in (option.text or "").split(",")}
    return "type=docker" in fields and not any(field.startswith("dest=") for field in fields)
