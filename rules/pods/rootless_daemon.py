"""A rootless buildkitd needs a /proc, newuidmap and its system calls.

The moby/buildkit:…-rootless image makes a user namespace of its own. In an ordinary pod the runtime's masks over /proc
keep its steps from mounting one, so they need `--oci-worker-no-process-sandbox` (or `procMount: Unmasked`, which takes
`hostUsers: false`); else every RUN fails: `error mounting "proc" to rootfs`. `allowPrivilegeEscalation: false` takes
the file capabilities of newuidmap away, and a `RuntimeDefault` seccomp profile forbids to make the user namespace.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.pod import BuilderPod, Container, ImageKind, Setting
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

FLAG = "oci-worker-no-process-sandbox"

rule = Rule(
    code="NS805",
    name="rootless-daemon",
    summary="a rootless buildkitd is kept from making its user namespace or a /proc",
    refused=EVERYWHERE,
    guidance="Add `--oci-worker-no-process-sandbox` and Unconfined profiles; or use the rootful image with"
    " `hostUsers: false` and `privileged: true`.",
    symptoms=(
        r"error mounting \"proc\" to rootfs at \"/proc\"",
        r"newuidmap .* failed",
        r"\[rootlesskit:(parent|child)\s*\] error",
    ),
    examples=(
        Bad(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: «moby/buildkit:v0.32.2-rootless»\n"
            "      securityContext: { seccompProfile: { type: Unconfined }, runAsUser: 1000 }\n",
            path="pod.yaml",
            why="the sandbox is on",
        ),
        Bad(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      args: [--oci-worker-no-process-sandbox]\n      securityContext:\n"
            "        runAsUser: 1000\n        «allowPrivilegeEscalation: false»\n",
            path="pod.yaml",
        ),
        Warn(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      args: [--oci-worker-no-process-sandbox]\n"
            "      securityContext: { seccompProfile: { «type: RuntimeDefault» } }\n",
            path="pod.yaml",
            why="what that profile allows, the node's runtime decides",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      args: [--oci-worker-no-process-sandbox]\n"
            "      securityContext: { seccompProfile: { type: Unconfined } }\n",
            why="this is how it works",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n"
            "        - image: moby/buildkit:v0.32.2-rootless\n          command: [buildctl-daemonless.sh]\n"
            "          args: [build, --local, context=.]\n          env:\n            - name: BUILDKITD_FLAGS\n"
            "              value: --oci-worker-no-process-sandbox\n",
            why="the flag may come in the variable",
            path="job.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      securityContext: { privileged: true }\n",
            why="a privileged container's /proc has no masks",
            path="pod.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      args: [--config, /home/user/.config/buildkit/buildkitd.toml]\n",
            why="the config may switch the sandbox off",
            path="pod.yaml",
        ),
    ),
    references=("https://github.com/moby/buildkit/blob/master/docs/rootless.md",),
)


@rule.check(BuilderPod)
def rootless_daemon(pod: BuilderPod) -> Iterator[Refusal]:
    if "runtimeClassName" in pod.settings:
        return
    for container in pod.daemons:
        if container.kind is not ImageKind.BUILDKIT_ROOTLESS or _is(container, "privileged"):
            continue
        if not (_may_be_without_sandbox(container) or "procMount" in container.security):
            place = container.image_place or container.place
            yield rule.refuses(pod._replace(place=place), "steps cannot mount a /proc: the sandbox is on")
        escalation = container.security.get("allowPrivilegeEscalation")
        if escalation is not None and escalation.is_false:
            yield _refusal(pod, escalation, "newuidmap loses its file capabilities")
        seccomp = _seccomp(pod, container)
        if seccomp is not None and seccomp.value == "RuntimeDefault":
            yield _refusal(pod, seccomp, "this profile may forbid to make a user namespace", certain=False)


def _is(container: Container, name: str) -> bool:
    setting = container.security.get(name)
    return setting is not None and not setting.is_false


def _may_be_without_sandbox(container: Container) -> bool:
    """Whether the daemon is told so, or is told something by a file that is not seen here."""
    flags = container.env.get("BUILDKITD_FLAGS")
    words = [word.text for word in (*(container.command or ()), *(container.arguments or ()))]
    if flags is not None:
        words.append(flags.value if flags.value is not None else "--config")
    return any(FLAG in word or "--config" in word or "$" in word for word in words) or bool(container.mounts)


def _seccomp(pod: BuilderPod, container: Container) -> Setting | None:
    own = container.security.get("seccompProfile.type")
    return own or pod.settings.get("securityContext.seccompProfile.type")


def _refusal(pod: BuilderPod, setting: Setting, message: str, *, certain: bool = True) -> Refusal:
    return rule.refuses(pod._replace(place=setting.place), message, certain=certain)
