"""The daemons: buildkitd's own command line, with or without RootlessKit in front, and dockerd."""

from __future__ import annotations

from collections.abc import Iterator

from ..command import Argument
from ..invocation import BuilderSetup, SetupKind
from ..pod import ImageKind
from .flags import Flags, names, split
from .where import Where, span

BUILDKITD = Flags(
    names(
        "addr allow-insecure-entitlement cdi-spec-dir config containerd-cni-binary-dir containerd-cni-config-path"
        " containerd-cni-pool-size containerd-max-parallelism containerd-worker containerd-worker-addr"
        " containerd-worker-apparmor-profile containerd-worker-gc-keepstorage containerd-worker-labels"
        " containerd-worker-namespace containerd-worker-net containerd-worker-platform containerd-worker-runtime"
        " containerd-worker-snapshotter debugaddr group log-format log-level oci-cni-binary-dir oci-cni-config-path"
        " oci-cni-pool-size oci-max-parallelism oci-worker oci-worker-apparmor-profile oci-worker-binary"
        " oci-worker-gc-keepstorage oci-worker-labels oci-worker-net oci-worker-platform"
        " oci-worker-proxy-snapshotter-path oci-worker-snapshotter otel-socket-path root tlscacert tlscert tlskey"
    ),
    names(
        "cdi-disabled containerd-worker-gc containerd-worker-rootless containerd-worker-selinux debug oci-worker-gc"
        " oci-worker-no-process-sandbox oci-worker-rootless oci-worker-selinux proxy-network rootless"
        " save-cache-debug trace"
    ),
    go=True,
)


def read(argv: tuple[Argument, ...], where: Where) -> Iterator[BuilderSetup]:
    """A daemon that is started. RootlessKit's own options, which stand before `buildkitd`, are not looked at."""
    name = argv[0].text.rsplit("/", 1)[-1]
    if name == "rootlesskit":
        at = next((n for n, word in enumerate(argv) if word.text.rsplit("/", 1)[-1] == "buildkitd"), None)
        if at is None:
            return
    elif name == "buildkitd":
        at = 0
    else:
        yield BuilderSetup(span(argv), SetupKind.DOCKER_DAEMON, (), None, where.container, where.machine)
        return
    options, _, _ = split(argv, at + 1, BUILDKITD, where.data)
    in_image = where.container is not None and where.container.kind is ImageKind.BUILDKIT_ROOTLESS
    rootless = name == "rootlesskit" or in_image
    container, machine = where.container, where.machine
    yield BuilderSetup(span(argv), SetupKind.BUILDKITD, options, None, container, machine, rootless=rootless)
