"""Pod Security does not let a privileged pod in, whatever its user namespace.

A namespace with the label `pod-security.kubernetes.io/enforce: baseline` or `restricted` refuses every pod with a
privileged container or an Unconfined profile, also with `hostUsers: false`: the standards were relaxed for user
namespaces only as to runAsNonRoot and procMount. What builds needs a namespace of its own with the level `privileged`,
and a policy there that asks for `hostUsers: false`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.pod import BuilderPod, Container, Setting
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule

rule = Rule(
    code="NS811",
    name="pod-security",
    summary="Pod Security refuses the pod in its namespace",
    refused=EVERYWHERE,
    guidance="Give builds a namespace with `pod-security.kubernetes.io/enforce: privileged`.",
    symptoms=(r"violates PodSecurity",),
    examples=(
        Bad(
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ci\n  labels:\n"
            "    pod-security.kubernetes.io/enforce: baseline\n---\n"
            "apiVersion: v1\nkind: Pod\nmetadata: { name: b, namespace: ci }\nspec:\n  hostUsers: false\n"
            "  containers:\n    - image: moby/buildkit:v0.32.2\n      securityContext: { «privileged: true» }\n",
            path="ci.yaml",
        ),
        Bad(
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ci\n  labels:\n"
            "    pod-security.kubernetes.io/enforce: restricted\n---\n"
            "apiVersion: v1\nkind: Pod\nmetadata: { name: b, namespace: ci }\nspec:\n"
            "  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      args: [--oci-worker-no-process-sandbox]\n"
            "      securityContext: { seccompProfile: { «type: Unconfined» } }\n",
            path="ci.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ci\n  labels:\n"
            "    pod-security.kubernetes.io/enforce: privileged\n    pod-security.kubernetes.io/warn: baseline\n---\n"
            "apiVersion: v1\nkind: Pod\nmetadata: { name: b, namespace: ci }\nspec:\n  hostUsers: false\n"
            "  containers:\n    - image: moby/buildkit:v0.32.2\n      securityContext: { privileged: true }\n",
            why="that level lets it in",
            path="ci.yaml",
        ),
        Good(
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: web\n  labels:\n"
            "    pod-security.kubernetes.io/enforce: baseline\n---\n"
            "apiVersion: v1\nkind: Pod\nmetadata: { name: b, namespace: ci }\nspec:\n  hostUsers: false\n"
            "  containers:\n    - image: moby/buildkit:v0.32.2\n      securityContext: { privileged: true }\n",
            why="that is another namespace",
            path="ci.yaml",
        ),
    ),
    references=("https://kubernetes.io/docs/concepts/security/pod-security-standards/",),
)


@rule.check(BuilderPod)
def pod_security(pod: BuilderPod) -> Iterator[Refusal]:
    if pod.enforced is None or pod.enforced.value not in ("baseline", "restricted"):
        return
    for container in pod.builders:
        setting = _violation(container)
        if setting is not None:
            message = f"the namespace enforces {pod.enforced.value}"
            yield rule.refuses(pod._replace(place=setting.place), message)


def _violation(container: Container) -> Setting | None:
    privileged = container.security.get("privileged")
    if privileged is not None and privileged.is_true:
        return privileged
    for name in ("seccompProfile.type", "appArmorProfile.type"):
        profile = container.security.get(name)
        if profile is not None and profile.value == "Unconfined":
            return profile
    return None
