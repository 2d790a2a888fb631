"""A config that buildkitd does not look for is ignored without a word.

buildkitd reads /etc/buildkit/buildkitd.toml as root, in a user namespace too. The -rootless image runs as another user
and reads /home/user/.config/buildkit/buildkitd.toml instead; so does BuildKit before 0.13 in any user namespace, with
its root's home. What is mounted at /etc/buildkit then does nothing (mirrors, certificates, entitlements), unless
`--config` names it. State is the same: the -rootless image keeps it below /home/user/.local/share/buildkit, and a
volume at /var/lib/buildkit stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fixes.configs import put_in
from ...linter.edit import Fix, Safety
from ...linter.pod import BuilderPod, Container, ImageKind
from ...linter.profile import EVERYWHERE
from ...linter.rule import Good, Refusal, Rule, Warn

CONFIG, STATE = "/etc/buildkit", "/var/lib/buildkit"
_OLD = re.compile(r":v?0\.(?:\d|1[0-2])\.\d+")

rule = Rule(
    code="NS806",
    name="unread-mount",
    summary="buildkitd does not look where its config or its state is mounted",
    refused=EVERYWHERE,
    guidance="Pass `--config /etc/buildkit/buildkitd.toml`; mount state at /home/user/.local/share/buildkit.",
    examples=(
        Warn(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      args:\n        - --oci-worker-no-process-sandbox\n      volumeMounts:\n"
            "        - name: config\n          mountPath: «/etc/buildkit»\n"
            "  volumes:\n    - name: config\n      configMap: { name: buildkitd }\n",
            fixed="apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      args:\n        - --oci-worker-no-process-sandbox\n"
            "        - --config=/etc/buildkit/buildkitd.toml\n      volumeMounts:\n"
            "        - name: config\n          mountPath: /etc/buildkit\n"
            "  volumes:\n    - name: config\n      configMap: { name: buildkitd }\n",
            path="pod.yaml",
        ),
        Warn(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      args: [--oci-worker-no-process-sandbox]\n      volumeMounts:\n"
            "        - { name: state, mountPath: «/var/lib/buildkit» }\n"
            "  volumes:\n    - { name: state, emptyDir: {} }\n",
            path="pod.yaml",
        ),
        Warn(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n    - image: moby/buildkit:v0.12.5\n"
            "      args: [--debug]\n      securityContext: { privileged: true }\n"
            "      volumeMounts: [{ name: config, mountPath: «/etc/buildkit» }]\n"
            "  volumes: [{ name: config, configMap: { name: buildkitd } }]\n",
            fixed="apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n"
            "    - image: moby/buildkit:v0.12.5\n"
            "      args: [--debug, --config=/etc/buildkit/buildkitd.toml]\n"
            "      securityContext: { privileged: true }\n"
            "      volumeMounts: [{ name: config, mountPath: /etc/buildkit }]\n"
            "  volumes: [{ name: config, configMap: { name: buildkitd } }]\n",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            "      securityContext: { privileged: true }\n"
            "      volumeMounts: [{ name: config, mountPath: /etc/buildkit }]\n"
            "  volumes: [{ name: config, configMap: { name: buildkitd } }]\n",
            why="as root it reads that, in a user namespace too",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      args: [--oci-worker-no-process-sandbox, --config=/etc/buildkit/buildkitd.toml]\n"
            "      volumeMounts: [{ name: config, mountPath: /etc/buildkit }]\n"
            "  volumes: [{ name: config, configMap: { name: buildkitd } }]\n",
            why="it is told where",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      args: [--oci-worker-no-process-sandbox]\n      volumeMounts:\n"
            "        - { name: config, mountPath: /home/user/.config/buildkit }\n"
            "        - { name: state, mountPath: /home/user/.local/share/buildkit }\n"
            "  volumes: [{ name: config, configMap: { name: buildkitd } }, { name: state, emptyDir: {} }]\n",
            why="this is where it looks",
            path="pod.yaml",
        ),
    ),
    references=("https://github.com/moby/buildkit/blob/master/docs/rootless.md",),
)


@rule.check(BuilderPod)
def unread_mount(pod: BuilderPod) -> Iterator[Refusal]:
    for container in pod.daemons:
        rootless = container.kind is ImageKind.BUILDKIT_ROOTLESS
        old = pod.in_user_namespace is True and _OLD.search(container.image or "") is not None
        for mount in container.mounts:
            path = (mount.path or "").rstrip("/")
            if path == CONFIG and (rootless or old) and not _says(container, "--config"):
                yield rule.refuses(
                    pod._replace(place=mount.path_place),
                    "this buildkitd reads its config from its user's home",
                    fix=_config(container),
                    differs=True,
                )
            elif path == STATE and rootless and not _says(container, "--root"):
                yield rule.refuses(
                    pod._replace(place=mount.path_place), "this buildkitd keeps its state elsewhere", differs=True
                )


def _says(container: Container, flag: str) -> bool:
    """Whether the daemon is given the flag, or may be: by a variable, by a script, by an `XDG_…` directory."""
    words = [word.text for word in (*(container.command or ()), *(container.arguments or ()))]
    flags = container.env.get("BUILDKITD_FLAGS")
    words.append("" if flags is None else flags.value if flags.value is not None else flag)
    homes = any(name.startswith("XDG_") or name in ("HOME", "BUILDKITD_CONFIG") for name in container.env)
    return homes or any(flag in word for word in words)


def _config(container: Container) -> Fix | None:
    if container.command is not None:
        return None
    argument = "--config=/etc/buildkit/buildkitd.toml"
    return put_in(container.new_argument, argument, "add `--config`", Safety.UNSAFE)
