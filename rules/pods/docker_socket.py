"""The node's Docker socket is real root, and closed to a user namespace.

Who may write to /var/run/docker.sock is root on the node. In a pod with `hostUsers: false` the socket belongs to
nobody, as everything does that is not in the pod's range of ids, and it is open only to its owner and its group:
`permission denied while trying to connect to the Docker daemon socket`. Without it, the build runs in the node's Docker
Engine and not in a user namespace.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.pod import BuilderPod, Volume
from ...linter.profile import Refused
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

SOCKETS = frozenset({"/var/run/docker.sock", "/run/docker.sock"})

rule = Rule(
    code="NS809",
    name="docker-socket",
    summary="a build in a pod uses the node's Docker socket",
    refused=Refused(frozenset({"userns"}), frozenset({"userns"})),
    guidance="Take the volume out, and build with buildctl or `docker buildx build` on a remote BuildKit.",
    symptoms=(r"permission denied while trying to connect to the (Docker daemon socket|docker API)",),
    examples=(
        Warn(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: docker:27\n"
            "      command: [docker, build, -t, app, .]\n"
            "      volumeMounts: [{ name: d, mountPath: /var/run/docker.sock }]\n"
            "  volumes:\n    - name: d\n      hostPath: { «path: /var/run/docker.sock» }\n",
            path="pod.yaml",
        ),
        Bad(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n    - image: docker:27\n"
            "      command: [docker, build, -t, app, .]\n"
            "      volumeMounts: [{ name: d, mountPath: /var/run/docker.sock }]\n"
            "  volumes:\n    - name: d\n      hostPath:\n        «path: /var/run/docker.sock»\n        type: Socket\n",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: apps/v1\nkind: DaemonSet\nspec:\n  template:\n    spec:\n      containers:\n"
            "        - image: agent:1\n          volumeMounts: [{ name: d, mountPath: /var/run/docker.sock }]\n"
            "      volumes:\n        - { name: d, hostPath: { path: /var/run/docker.sock } }\n",
            why="nothing is built there",
            path="agent.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext: { privileged: true }\n"
            "  volumes:\n    - { name: d, hostPath: { path: /var/cache/src } }\n",
            why="that is another path",
            path="pod.yaml",
        ),
    ),
    references=("https://docs.docker.com/engine/security/#docker-daemon-attack-surface",),
)


@rule.check(BuilderPod)
def docker_socket(pod: BuilderPod) -> Iterator[Refusal]:
    mounted = {mount.volume for container in pod.builders for mount in container.mounts}
    for volume in pod.volumes:
        path = volume.settings.get("path")
        if _is_socket(volume) and volume.name in mounted and path is not None:
            own = pod.in_user_namespace is True
            message = "the socket is closed to a user namespace" if own else "this builds in the node's Docker Engine"
            yield rule.refuses(pod._replace(place=path.place), message, differs=not own)


def _is_socket(volume: Volume) -> bool:
    path = volume.settings.get("path")
    return volume.source == "hostPath" and path is not None and path.value in SOCKETS
