"""A step sees nothing of the pod; kaniko's steps ran in it.

Kaniko runs RUN steps in its own container: they see the volumes and secrets that are mounted there, the service
account's token, /kaniko, /busybox of the debug image, and the context in /workspace. None of it goes into the image,
and none of it is there under BuildKit, which gives a step the image's own files and its mounts.

A secret is `RUN --mount=type=secret,id=…`, with `--secret id=…,src=PATH` for the build. A file of the context is
`RUN --mount=type=bind,source=…`, or a COPY. /etc/hosts of the pod (hostAliases) is not there either: `--add-host`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.facts import FileUse, UseFile
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule, Warn
from ...linter.system import FOREIGN

rule = Rule(
    code="NS938",
    name="kaniko-pod-path",
    summary="a step uses a file of kaniko's pod, which is not there",
    refused=EVERYWHERE,
    guidance="Mount it into the step: `RUN --mount=type=secret,id=…` or `--mount=type=bind,source=…`.",
    symptoms=(r"(/kaniko|/busybox|/workspace|/run/secrets)\S*: (No such file|not found)", r"(can't open|cannot open)"),
    only_from=("kaniko",),
    examples=(
        Bad("FROM debian\nRUN cat «/kaniko/.docker/config.json» > /srv/config.json\n"),
        Bad("FROM debian\nRUN cp «/workspace/settings.xml» /srv/\n"),
        Bad("FROM busybox\nRUN read t «< /var/run/secrets/kubernetes.io/serviceaccount/token» && echo ok\n"),
        Warn("FROM debian\nRUN if [ -f «/run/secrets/key» ]; then cat /run/secrets/key; fi\n", why="it passes without"),
        Warn("FROM debian\nRUN cat «/kaniko/Dockerfile» 2> /dev/null || true\n"),
        Good(
            "FROM debian\nWORKDIR /workspace\nCOPY f .\nRUN cat /workspace/f\n",
            context={"f": "1"},
            why="it is the image's",
        ),
        Good("FROM debian\nRUN mkdir -p /workspace/x && ls /workspace/x\n", why="the step makes it"),
        Good(
            "FROM debian\nRUN --mount=type=bind,target=/workspace cat /workspace/f\n",
            context={"f": "1"},
            why="it is mounted",
        ),
        Good("FROM debian\nRUN echo /kaniko/executor > /srv/x\n", why="it is only written about"),
    ),
    references=("https://docs.docker.com/build/building/secrets/",),
)

_PREFIXES = FOREIGN


@rule.check(UseFile)
def pod_path(use: UseFile) -> Iterator[Refusal]:
    if use.made or use.use not in (FileUse.READ, FileUse.TEST) or not use.path.startswith(_PREFIXES):
        return
    yield rule.refuses(use, f"{use.path} was there in kaniko's pod, and is not in the step")
