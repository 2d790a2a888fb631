"""buildah, podman, nerdctl and img: only what decides which Dockerfile is built how."""

from __future__ import annotations

from collections.abc import Iterator

from ..command import Argument
from ..invocation import Invocation, Tool
from .flags import Flags, names, split
from .where import Where, last, span, target_of

GLOBAL = Flags(
    names(
        "address,a cgroup-manager config connection,c log-level namespace,n registries-conf registries-conf-dir root"
        " runroot runtime storage-driver storage-opt tmpdir url userns-gid-map userns-uid-map"
    ),
    names("debug,D remote,r"),
    permute=False,
)
BUILD = Flags(
    names(
        "add-host allow annotation arch attest auth-file=authfile authfile build-arg build-arg-file build-context"
        " cache-from cache-to cache-ttl cap-add cap-drop cert-dir cgroup-parent cgroupns cpp-flag cpu-period cpu-quota"
        " cpu-shares,c cpuset-cpus cpuset-mems creds decryption-key device dns dns-option dns-search env file,f from"
        " format group-add hooks-dir ignorefile iidfile ipc isolation jobs label layer-label logfile manifest"
        " memory,m memory-swap network,net no-hosts os os-feature os-version output,o pid platform progress retry"
        " retry-delay runtime runtime-flag secret security-opt shm-size sign-by ssh tag,t target timestamp ulimit"
        " unsetannotation unsetenv unsetlabel userns userns-gid-map userns-gid-map-group userns-uid-map"
        " userns-uid-map-user uts variant volume,v"
    ),
    names(
        "all-platforms compress disable-compression,D force-rm http-proxy identity-label inherit-annotations"
        " inherit-labels layers no-cache no-hostname omit-history pull pull-always pull-never push quiet,q rm"
        " rewrite-timestamp skip-unused-stages squash squash-all stdin tls-verify"
    ),
)
_TOOLS = {"buildah": Tool.BUILDAH, "podman": Tool.PODMAN, "nerdctl": Tool.BUILDX, "img": Tool.IMG}


def read(argv: tuple[Argument, ...], where: Where) -> Iterator[Invocation]:
    """What one of these commands builds."""
    name = argv[0].text.rsplit("/", 1)[-1]
    _, _, at = split(argv, 1, GLOBAL, where.data)
    if at + 1 < len(argv) and argv[at].text in ("image", "builder") and argv[at + 1].text == "build":
        at += 1
    if at >= len(argv) or argv[at].text not in ("build", "bud", "build-using-dockerfile"):
        return
    options, operands, _ = split(argv, at + 1, BUILD, where.data)
    file = last(options, "file")
    yield Invocation(
        span(argv),
        _TOOLS[name],
        options,
        file.text if file else None,
        operands[-1].text if operands else None,
        target_of(options),
        where.directory,
        where.form,
        argv,
        operands,
        where.container,
        where.machine,
    )
