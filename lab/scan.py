"""Which Debian packages install as real root and not in a user namespace: `make scan`, with the lab and a network.

Candidates by nature are packages that depend on what works with devices, mounts, modules, kernel parameters or packet
filters, and those themselves; others are drawn by lot, the same ones each time. Each is installed in a step of its own,
rootful and in a user namespace. What is found is a line of linter/programs/packages.py.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ns_lint.builders import lab
from ns_lint.builders.build import BuildRequest, build, build_many
from ns_lint.builders.local import Daemons
from ns_lint.builders.outcome import Outcome
from ns_lint.linter.profile import ROOTFUL, USERNS

NATURE = frozenset(
    "binfmt-support bridge-utils cgroup-tools cryptsetup-bin debootstrap dmsetup fuse fuse3 initramfs-tools"
    " iptables kmod libcap2-bin lvm2 makedev mdadm mount nftables open-iscsi procps qemu-user-static udev".split()
)
LARGEST = 30_000
"""Installed size, in KiB, of what is worth a download."""

INSTALL = (
    "RUN DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends {name} && "
    r"cd /var/lib/dpkg/info && {{ grep -lE '\b(mknod|MAKEDEV|sysctl|mount)\b|/sys/' {name}.*inst {name}:*.*inst"
    " 2> /dev/null | sed 's/^/risky: /'; true; }}\n"
)


def update() -> str:
    """A build that has this machine's own package sources."""
    found = [*Path("/etc/apt").glob("sources.list"), *Path("/etc/apt/sources.list.d").glob("debian*")]
    copies = [f"COPY <<'EOF' {path}\n{path.read_text().rstrip()}\nEOF\n" for path in found]
    return "".join(("FROM debian\nRUN rm -f /etc/apt/sources.list\n", *copies, "RUN apt-get -q update\n"))


class Package(NamedTuple):
    name: str
    depends: frozenset[str]
    size: int


def main() -> int:
    parser = argparse.ArgumentParser(description="Install Debian packages rootful and in a user namespace.")
    parser.add_argument("--candidates", type=int, default=112, help="how many packages chosen by nature")
    parser.add_argument("--others", type=int, default=150, help="how many packages drawn by lot")
    chosen = parser.parse_args()
    every = sorted(available(), key=lambda package: hashlib.sha256(package.name.encode()).digest())
    risky = [each for each in every if each.name in NATURE or each.depends & NATURE]
    risky.sort(key=lambda package: package.name not in NATURE)
    others = [each for each in every if each not in risky]
    with Daemons() as daemons:
        scan(daemons, "by nature", [each.name for each in risky[: chosen.candidates]])
        scan(daemons, "by lot", [each.name for each in others[: chosen.others]])
    return 0


def available() -> Iterator[Package]:
    """The packages that apt on this machine knows of Debian itself, small enough."""
    text = subprocess.run(["apt-cache", "dumpavail"], check=True, capture_output=True, text=True).stdout
    seen: set[str] = set()
    for stanza in text.split("\n\n"):
        fields = dict(re.findall(r"^([\w-]+): (.*)$", stanza, re.MULTILINE))
        depends = re.findall(
            r"(?:^|[,|]) *([a-z0-9.+-]+)", fields.get("Depends", "") + "," + fields.get("Pre-Depends", "")
        )
        if fields.get("Filename", "").startswith("pool/main/") and fields["Package"] not in seen:
            seen.add(fields["Package"])
            size = int(fields.get("Installed-Size", "0"))
            if size <= LARGEST:
                yield Package(fields["Package"], frozenset(depends), size)


def scan(daemons: Daemons, title: str, names: list[str]) -> None:
    """Print what differs, and how many were tried."""
    requests = [request(name) for name in names]
    for profile in (ROOTFUL, USERNS):
        build(daemons.of(profile), request(None))  # the package lists are a layer that all share
    failed: list[str] = []
    differ: list[str] = []
    mentioned = 0
    there = build_many(daemons.of(ROOTFUL), requests, at_once=1)
    here = build_many(daemons.of(USERNS), requests, at_once=1)
    for name, (_, rootful), (_, userns) in zip(names, there, here, strict=True):
        mentioned += re.search(r"^risky: ", rootful.log, re.MULTILINE) is not None
        if not rootful.built:
            failed.append(name)
            print(f"{name} fails rootful too: {_end(rootful)}", file=sys.stderr, flush=True)
        elif not userns.built:
            differ.append(name)
            print(f"{name}: {_end(userns)}", flush=True)
    print(
        f"{title}: {len(names)} packages, {mentioned} with maintainer scripts that name mknod, MAKEDEV, /sys, sysctl or"
        f" mount; {len(failed)} fail rootful too ({', '.join(failed)}); {len(differ)} differ ({', '.join(differ)})",
        flush=True,
    )


def _end(outcome: Outcome) -> str:
    printed = outcome.failed.log if outcome.failed is not None else outcome.error
    return " / ".join(printed.strip().splitlines()[-6:])


def request(name: str | None) -> BuildRequest:
    text = update() + (INSTALL.format(name=name) if name else "")
    return BuildRequest(
        Path("Dockerfile"), dockerfile_text=text.encode(), images=lab.stand_ins(["debian"]), no_cache=False, timeout=300
    )


if __name__ == "__main__":
    sys.exit(main())
