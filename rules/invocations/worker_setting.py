"""Some settings of buildkitd need what a pod's user namespace may not have.

`fuse-overlayfs` needs /dev/fuse and its mount helper; overlayfs itself, which `auto` takes, has worked in a user
namespace since Linux 5.11. Networks of type `bridge` and `cni` need CNI plugins, which the moby/buildkit image does not
have, and the right to change the pod's own network. An AppArmor profile or SELinux is the node's, and the daemon in a
user namespace does not see either. Where one is missing the daemon does not start, or every RUN fails.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.configs import leave_out
from ...linter.edit import Safety
from ...linter.invocation import BuilderSetup, Option, SetupKind
from ...linter.profile import IN_USER_NAMESPACES
from ...linter.rule import Good, Refusal, Rule, Warn

NEEDS: dict[str, dict[str, str]] = {
    "oci-worker-snapshotter": {"fuse-overlayfs": "needs /dev/fuse and its mount helper"},
    "oci-worker-net": {
        "bridge": "needs CNI plugins and rights over the pod's network",
        "cni": "needs CNI plugins and rights over the pod's network",
    },
}
"""Settings and what their values need; the keys of buildkitd.toml that say the same are below."""

KEYS = {"worker.oci.snapshotter": "oci-worker-snapshotter", "worker.oci.networkMode": "oci-worker-net"}
OF_THE_NODE = frozenset({"oci-worker-apparmor-profile", "worker.oci.apparmor-profile", "worker.oci.selinux"})

rule = Rule(
    code="NS786",
    name="worker-setting",
    summary="a setting of buildkitd needs what a user namespace may not have",
    refused=IN_USER_NAMESPACES,
    guidance="Delete it: the default does what works.",
    symptoms=(
        r"mount helper \[mount\.fuse3",
        r"failed to find CNI bridge|failed to read cni config",
        r"(AppArmor is not supported on this host|selinux is not available)",
    ),
    examples=(
        Warn(
            '[worker.oci]\n  gc = true\n  «snapshotter = "fuse-overlayfs"»\n',
            fixed="[worker.oci]\n  gc = true\n",
            path="buildkitd.toml",
        ),
        Warn(
            '[worker.oci]\n  gc = true\n  «networkMode = "bridge"»\n',
            fixed="[worker.oci]\n  gc = true\n",
            path="buildkitd.toml",
        ),
        Warn("buildkitd «--oci-worker-snapshotter fuse-overlayfs»\n", fixed="buildkitd\n", path="run.sh"),
        Warn('[worker.oci]\n  «apparmor-profile = "buildkit"»\n', fixed="[worker.oci]\n", path="buildkitd.toml"),
        Good('[worker.oci]\n  snapshotter = "overlayfs"\n', why="that works", path="buildkitd.toml"),
        Good('[worker.oci]\n  networkMode = "host"\n', why="that is the default here", path="buildkitd.toml"),
        Good("[worker.oci]\n  selinux = false\n", why="it is off", path="buildkitd.toml"),
    ),
    references=("https://github.com/moby/buildkit/blob/master/docs/buildkitd.toml.md",),
)


@rule.check(BuilderSetup)
def worker_setting(setup: BuilderSetup) -> Iterator[Refusal]:
    if setup.kind not in (SetupKind.BUILDKITD, SetupKind.CONFIG):
        return
    for option in setup.options:
        needs = _needs(option)
        if needs is not None:
            yield rule.refuses(
                setup._replace(place=option.place),
                f"{option.value or option.written} {needs}",
                fix=leave_out(option, f"delete `{option.written}`", Safety.UNSAFE),
                certain=False,
            )


def _needs(option: Option) -> str | None:
    if option.name in OF_THE_NODE:
        return None if option.value in ("false", "") else "is the node's: the daemon does not see it"
    return NEEDS.get(KEYS.get(option.name, option.name), {}).get(option.value or "")
