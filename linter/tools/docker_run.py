"""`docker run IMAGE …`: only what the image builds with is looked at, never how an application is run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..command import Argument
from ..invocation import BuilderSetup, Invocation, SetupKind
from ..pod import Container
from .flags import Flags, names, split
from .images import entrypoint, image_kind
from .where import Where, last, span

RUN = Flags(
    names(
        "add-host annotation attach,a blkio-weight blkio-weight-device cap-add cap-drop cgroup-parent cgroupns cidfile"
        " cpu-count cpu-percent cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpu-shares,c cpus cpuset-cpus"
        " cpuset-mems detach-keys device device-cgroup-rule device-read-bps device-read-iops device-write-bps"
        " device-write-iops dns dns-opt dns-option dns-search domainname entrypoint env,e env-file expose gpus"
        " group-add health-cmd health-interval health-retries health-start-interval health-start-period"
        " health-timeout hostname,h io-maxbandwidth io-maxiops ip ip6 ipc isolation kernel-memory label,l label-file"
        " link link-local-ip log-driver log-opt mac-address memory,m memory-reservation memory-swap memory-swappiness"
        " mount name net=network net-alias network network-alias oom-score-adj pid pids-limit platform publish,p pull"
        " restart runtime security-opt shm-size stop-signal stop-timeout storage-opt sysctl tmpfs ulimit umask user,u"
        " userns uts volume,v volume-driver volumes-from workdir,w"
    ),
    names(
        "detach,d disable-content-trust init interactive,i no-healthcheck oom-kill-disable privileged publish-all,P"
        " quiet,q read-only rm sig-proxy tty,t use-api-socket"
    ),
    permute=False,
)

BINFMT_IMAGE = re.compile(
    r"(?:^|/)(?:tonistiigi/binfmt|multiarch/qemu-user-static|docker/binfmt|linuxkit/binfmt)(?:[:@]|$)"
)


def read_run(argv: tuple[Argument, ...], at: int, where: Where) -> Iterator[Invocation | BuilderSetup]:
    """The words behind `docker run`."""
    options, _, at = split(argv, at, RUN, where.data)
    if at >= len(argv):
        return
    image = argv[at]
    if BINFMT_IMAGE.search(image.text):
        yield BuilderSetup(span(argv), SetupKind.BINFMT, options, None, where.container, where.machine, argv[at + 1 :])
        return
    program = tuple(Argument(word, True, image.place) for word in entrypoint(image.text))
    chosen = last(options, "entrypoint")
    if chosen is not None and chosen.value_place is not None:
        program = (Argument(chosen.text or "", chosen.value is not None, chosen.value_place),)
    if program:
        from . import read

        container = Container(span(argv), None, image.value, image.place, image_kind(image.text))
        yield from read((*program, *argv[at + 1 :]), where._replace(directory=None, container=container))
