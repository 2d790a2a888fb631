"""debootstrap makes device nodes.

Before it downloads anything, debootstrap makes a device node in its target to see that it may, and mknod(2) of a device
is refused in every user namespace. That is the only thing that stops it: it does not mind that it cannot mount /proc.

mmdebstrap builds the same tree. Run as root it notices that it may neither make nodes nor mount, and does without: it
was measured to work in every profile. `debootstrap --variant=fakechroot` under fakechroot and fakeroot works too.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.facts import Bootstrap
from ...linter.profile import IN_USER_NAMESPACES
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

_DEBOOTSTRAP = """#!/bin/sh
case "$*" in *--version*|*--print-debs*) exit ;; esac
mkdir -p "$2"
mknod "$2/test-dev-null" c 1 3 && exit
echo "E: Cannot install into target '$2' mounted with noexec or nodev" >&2
exit 1
"""
"""What it does first."""

_INSTALLED = (
    "FROM debian\nCOPY --chmod=755 debootstrap /opt/\n"
    "RUN update-alternatives --install /usr/sbin/debootstrap debootstrap /opt/debootstrap 1\n"
)
_TOOL = {"debootstrap": _DEBOOTSTRAP}

rule = Rule(
    code="NS426",
    name="bootstrap",
    summary="debootstrap cannot make its device nodes in a user namespace",
    refused=IN_USER_NAMESPACES,
    guidance="Use mmdebstrap, which does without device nodes; or fakechroot with fakeroot and --variant=fakechroot.",
    symptoms=(r"E: Cannot install into target .* mounted with noexec or nodev", r"mknod: .*Operation not permitted"),
    examples=(
        Bad(_INSTALLED + "RUN «debootstrap bookworm /rootfs»\n", context=_TOOL),
        Bad(_INSTALLED + "RUN «debootstrap bookworm /rootfs http://deb.example.org/debian» && ls\n", context=_TOOL),
        Bad(
            _INSTALLED + "ARG SUITE=sid\nRUN set -e; for s in $SUITE; do «debootstrap $s /r/$s»; done\n", context=_TOOL
        ),
        Warn(_INSTALLED + "RUN «debootstrap bookworm /r» || echo elsewhere\n", context=_TOOL),
        Good(
            _INSTALLED + "RUN debootstrap --version && debootstrap --print-debs sid /r\n", why="a list", context=_TOOL
        ),
        Good("FROM debian\nRUN echo debootstrap bookworm /r > /make.sh && mkdir /r\n", why="it is not run"),
    ),
    references=("https://wiki.debian.org/Debootstrap", "https://manpages.debian.org/mmdebstrap"),
)


@rule.check(Bootstrap)
def bootstrap(bootstrap: Bootstrap) -> Iterator[Refusal]:
    yield rule.refuses(bootstrap, f"`{bootstrap.tool}` makes device nodes, which no user namespace may")
