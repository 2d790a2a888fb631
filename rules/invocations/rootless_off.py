"""In a user namespace BuildKit must keep its rootless mode.

buildkitd sees that it runs in a user namespace and switches itself to rootless mode: no cgroups, no /sys. Told
`--rootless=false` or `--oci-worker-rootless=false` it tries to make a cgroup for every step, and every RUN fails:
`unable to apply cgroup configuration: mkdir /sys/fs/cgroup/buildkit/…: permission denied`. Together with
`--oci-worker-no-process-sandbox` it does not start at all. (`rootless = false` in buildkitd.toml is overridden.)
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.configs import leave_out
from ...linter.edit import Safety
from ...linter.invocation import BuilderSetup, SetupKind
from ...linter.profile import IN_USER_NAMESPACES
from ...linter.rule import Bad, Good, Refusal, Rule

rule = Rule(
    code="NS785",
    name="rootless-off",
    summary="BuildKit's rootless mode is switched off in a user namespace",
    refused=IN_USER_NAMESPACES,
    guidance="Delete it: buildkitd finds out by itself.",
    symptoms=(
        r"unable to apply cgroup configuration: mkdir \S+: permission denied",
        r"can't enable NoProcessSandbox without Rootless",
    ),
    examples=(
        Bad(
            "apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n"
            "    - image: moby/buildkit:v0.32.2\n      args: [--debug, «--rootless=false»]\n"
            "      securityContext: { privileged: true }\n",
            fixed="apiVersion: v1\nkind: Pod\nspec:\n  hostUsers: false\n  containers:\n"
            "    - image: moby/buildkit:v0.32.2\n      args: [--debug]\n"
            "      securityContext: { privileged: true }\n",
            path="pod.yaml",
        ),
        Bad("buildkitd «--oci-worker-rootless=false» &\n", fixed="buildkitd &\n", path="run.sh"),
        Good("buildkitd --rootless --addr unix:///run/b.sock\n", why="it is on", path="run.sh"),
        Good("[worker.oci]\n  rootless = false\n", why="the daemon overrides that", path="buildkitd.toml"),
    ),
    references=("https://github.com/moby/buildkit/blob/master/docs/rootless.md",),
)


@rule.check(BuilderSetup)
def rootless_off(setup: BuilderSetup) -> Iterator[Refusal]:
    if setup.kind is not SetupKind.BUILDKITD:
        return
    for option in setup.values("rootless", "oci-worker-rootless"):
        if option.value == "false":
            fact = setup._replace(place=option.place)
            fix = leave_out(option, f"delete `--{option.written}`", Safety.SAFE)
            yield rule.refuses(fact, "every RUN would need a cgroup of its own", fix=fix)
