"""Without a process sandbox every step sees, and can end, the daemon.

`--oci-worker-no-process-sandbox` is for a rootless BuildKit whose pod may not mount a /proc: its steps share the
daemon's PID namespace and /proc, and what one of them leaves running is there in the next. In a user namespace of the
pod's own the sandbox works, so the switch only takes isolation away.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.configs import leave_out
from ...linter.edit import Safety
from ...linter.invocation import BuilderSetup
from ...linter.pod import ImageKind
from ...linter.profile import Refused
from ...linter.rule import Good, Refusal, Rule, Warn

rule = Rule(
    code="NS784",
    name="no-process-sandbox",
    summary="the process sandbox is switched off where it works",
    refused=Refused(frozenset({"userns"}), frozenset({"userns"})),
    guidance="Delete it, unless the daemon is rootless in a pod without `procMount: Unmasked`.",
    examples=(
        Warn(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n"
            "    - image: moby/buildkit:v0.32.2\n      args:\n        - --debug\n"
            "        - «--oci-worker-no-process-sandbox» # as before\n"
            "      securityContext: { privileged: true }\n",
            fixed="apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n"
            "    - image: moby/buildkit:v0.32.2\n      args:\n        - --debug\n"
            "      securityContext: { privileged: true }\n",
            path="pod.yaml",
        ),
        Warn(
            "b:\n  image: moby/buildkit:v0.32.2\n  variables:\n"
            '    BUILDKITD_FLAGS: "«--oci-worker-no-process-sandbox» --debug"\n'
            "  script: [buildctl-daemonless.sh build --local context=.]\n",
            fixed="b:\n  image: moby/buildkit:v0.32.2\n  variables:\n"
            '    BUILDKITD_FLAGS: "--debug"\n'
            "  script: [buildctl-daemonless.sh build --local context=.]\n",
            path=".gitlab-ci.yml",
        ),
        Good(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2-rootless\n"
            "      args: [--oci-worker-no-process-sandbox]\n"
            "      securityContext: { seccompProfile: { type: Unconfined } }\n",
            why="this daemon is rootless: it needs it",
            path="pod.yaml",
        ),
        Good("rootlesskit --net=host buildkitd --oci-worker-no-process-sandbox &\n", why="so is this", path="run.sh"),
        Good(
            "export BUILDKITD_FLAGS=--oci-worker-no-process-sandbox\nbuildctl-daemonless.sh build --local context=.\n",
            why="run by an ordinary user, this is rootless",
            path="build.sh",
        ),
        Good(
            "b:\n  image: moby/buildkit:v0.32.2-rootless\n  variables:\n"
            "    BUILDKITD_FLAGS: --oci-worker-no-process-sandbox\n"
            "  script: [buildctl-daemonless.sh build --local context=.]\n",
            why="this daemon is rootless",
            path=".gitlab-ci.yml",
        ),
    ),
    references=("https://github.com/moby/buildkit/blob/master/docs/rootless.md",),
)


@rule.check(BuilderSetup)
def process_sandbox(setup: BuilderSetup) -> Iterator[Refusal]:
    if setup.container is None or setup.container.kind is not ImageKind.BUILDKIT or setup.rootless:
        return
    for option in setup.values("oci-worker-no-process-sandbox"):
        if option.text is None or option.value == "true":
            yield rule.refuses(
                setup._replace(place=option.place),
                "steps see and can end the daemon's processes",
                fix=leave_out(option, f"delete `{option.written}`", Safety.UNSAFE),
                differs=True,
            )
