"""Debian packages that cannot be installed in a user namespace: the few that `make scan` finds.

Measured on Debian 12 with BuildKit 0.34.2 on 2026-11-25, rootful and userns: of 50 packages chosen by nature 40 install
in both, 8 in neither, and makedev and dvb-apps differ; of 11 drawn by lot 7 install in both and 4 in neither. Of the 10
that name makedev as a dependency, the four that take it before udev, or know nothing else, differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..command import Command
from ..facts import MakeNode, NodeKind
from ..system import System

_ONLY_FETCHED = frozenset({"-d", "--download-only", "-s", "--simulate", "--dry-run", "--no-act", "--print-uris"})


class Package(NamedTuple):
    """The device node for lack of which installing a package fails; `version` is the one that was measured."""

    version: str
    node: str
    number: tuple[int, int]


_TTY0 = ("/dev/tty0", (4, 0))

PACKAGES = {
    "makedev": Package("2.3.1-97", *_TTY0),
    "dvb-apps": Package("1.1.1+rev1500-1.4", *_TTY0),
    "watchdog": Package("5.16-1+b2", *_TTY0),
    "x86info": Package("1.31~pre0.8052aabdd159bc9050e7dc264f33782c5acce05f-2", *_TTY0),
    "z8530-utils2": Package("3.0-1-10", *_TTY0),
}
"""The others depend on makedev, by itself or as the first choice before udev. Its maintainer script goes on when mknod
is refused, and fails where it changes the mode of a node that is not there. As real root it installs, plain and
insecure, with systemd-detect-virt and without; in the three profiles with a user namespace it fails in each of these
cases.
"""


def install(command: Command, _system: System) -> Iterator[MakeNode]:
    """`apt-get install NAME…`. Uncertain, as the package may be there already, and other distributions change it."""
    words = [argument for argument in command.argv[1:] if not argument.text.startswith("-")]
    if not words or words[0].text != "install" or _ONLY_FETCHED & {argument.text for argument in command.argv}:
        return
    for argument in words[1:]:
        name = argument.text.partition("=")[0].partition("/")[0].partition(":")[0]
        if package := PACKAGES.get(name):
            kind = NodeKind.CHARACTER
            yield MakeNode(argument.place, command, package.node, kind, package.number, certain=False)


PROGRAMS = {
    "apt": install,
    "apt-get": install,
    "aptitude": install,
}
