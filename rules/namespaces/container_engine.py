"""A container engine does not run in a step.

podman, buildah, runc and crun make namespaces and mounts before they do anything, `podman version` and `buildah images`
included, and a plain step may not. In an insecure step buildah works, where it is told `--storage-driver vfs` and
`--isolation chroot`; podman and runc need the host's root and its cgroups. dockerd ends when it cannot set up the
packet filter. The docker client has no daemon to talk to: /var/run/docker.sock is not in a step, unlike in a Kaniko
pod, whose volumes every step sees.

Images are copied without an engine by skopeo, crane, regctl or umoci; they are built by another stage, or another job.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.facts import ContainerEngine
from ...linter.profile import WITHOUT_CAPABILITIES, WITHOUT_HOST_ROOT
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

_DOCKER = """#!/bin/sh
[ "$1" != --version ] || exit 0
[ -S /var/run/docker.sock ] && exit
echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?' >&2
exit 1
"""
"""What the client does first."""

_BUILDAH = "#!/bin/sh\n[ $1 = --version ] || exec unshare --user true\n"
"""What buildah does first."""

_INSTALL = "RUN update-alternatives --install /usr/bin/{0} {0} /opt/{0} 1\n"
_WITH_DOCKER = "FROM debian\nCOPY --chmod=755 docker /opt/\n" + _INSTALL.format("docker")
_WITH_BUILDAH = "FROM debian\nCOPY --chmod=755 buildah /opt/\n" + _INSTALL.format("buildah")

rule = Rule(
    code="NS424",
    name="container-engine",
    summary="a container engine does not run in a step",
    refused=WITHOUT_HOST_ROOT,
    guidance="Build it in another stage or another job; copy images with skopeo, crane or umoci, which need no engine.",
    symptoms=(
        r"Cannot connect to the Docker daemon",
        r"Error during unshare\(CLONE_NEWUSER\): Operation not permitted",
        r"unshare: .*Operation not permitted",
        r"cannot clone: Operation not permitted",
        r"Error: cannot re-exec process",
        r"runc run failed|create keyring .*: Operation not permitted",
        r"failed to start daemon: ",
    ),
    examples=(
        Bad(_WITH_DOCKER + "RUN «docker build -t x /src»\n", context={"docker": _DOCKER}),
        Bad(_WITH_DOCKER + "RUN «docker -l warn pull debian» && echo ok\n", context={"docker": _DOCKER}),
        Bad(_WITH_BUILDAH + "RUN «buildah from scratch»\n", context={"buildah": _BUILDAH}),
        Bad(
            _WITH_BUILDAH + "RUN «buildah --storage-driver vfs bud --isolation chroot .»\n",
            context={"buildah": _BUILDAH},
        ),
        Warn(_WITH_DOCKER + "RUN «docker info» || true\n", context={"docker": _DOCKER}),
        Good(_WITH_DOCKER + "RUN docker --version\n", why="no daemon is asked", context={"docker": _DOCKER}),
        Good(_WITH_BUILDAH + "RUN buildah --version\n", why="it makes nothing", context={"buildah": _BUILDAH}),
        Good(
            _WITH_BUILDAH + "RUN --security=insecure buildah --storage-driver vfs images\n",
            why="an insecure step may",
            context={"buildah": _BUILDAH},
        ),
        Good("FROM debian\nRUN groupadd docker && echo docker pull x > /pull.sh\n", why="for later"),
        Good('FROM debian\nENTRYPOINT ["podman", "run"]\nCMD ["dockerd"]\n', why="for the container"),
    ),
    references=("https://github.com/containers/buildah/blob/main/docs/buildah-build.1.md",),
)


@rule.check(ContainerEngine)
def container_engine(engine: ContainerEngine) -> Iterator[Refusal]:
    row = WITHOUT_HOST_ROOT if engine.privileged else WITHOUT_CAPABILITIES
    why = "has no daemon to talk to" if engine.daemon else "lacks the privileges to make a container"
    yield rule.refuses(engine, f"`{engine.tool}` {why}", refused=row, certain=engine.certain)
