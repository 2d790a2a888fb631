"""The lab's daemons are what their profiles say: a few facts that tell the four apart, each a real build."""

from __future__ import annotations

from pathlib import Path

import pytest

from ns_lint.builders.build import BuildRequest, build
from ns_lint.builders.lab import stand_ins
from ns_lint.builders.local import Daemon, may_harm_machine
from ns_lint.builders.machine import changes, snapshot
from ns_lint.builders.outcome import Outcome
from ns_lint.linter.profile import NO_SANDBOX, PROFILE_NAMES, PROFILES, ROOTFUL, USERNS, Profile

pytestmark = pytest.mark.lab

NOWHERE: set[str] = set()
EVERYWHERE = set(PROFILE_NAMES)
USER_NAMESPACES = {profile.name for profile in PROFILES if profile.in_user_namespace}

PLAIN = {
    "mknod /srv/null c 1 3": USER_NAMESPACES,
    "mkfifo /srv/fifo": NOWHERE,
    "touch /srv/a && chown 65535 /srv/a": NOWHERE,
    "touch /srv/a && chown 65536 /srv/a": {USERNS.name},
    "touch /srv/a && chown 65537 /srv/a": USER_NAMESPACES,
    "test -e /sys/kernel": USER_NAMESPACES,
    "mkdir /sys/made": {ROOTFUL.name},
    "mount -t tmpfs none /mnt": EVERYWHERE,
    "head -n 1 /proc/slabinfo": USER_NAMESPACES,
    "echo >> /etc/hosts": EVERYWHERE,
    "sysctl -w vm.swappiness=60": EVERYWHERE,
    "test $(ls /proc | grep -c '^[0-9]') -gt 6": EVERYWHERE - {NO_SANDBOX.name},
    "cp /bin/true /srv/t && setcap cap_net_raw+ep /srv/t": NOWHERE,
    "sudo -u nobody ping -c 1 127.0.0.1": NOWHERE,
    "ip -brief address show dev tap0 | grep 10.0.2.100": NOWHERE,
    "grep -qx 'nameserver 10.0.2.3' /etc/resolv.conf": NOWHERE,
}

INSECURE = {
    "mknod /srv/null c 1 3": USER_NAMESPACES,
    "mount -t tmpfs none /mnt": NOWHERE,
    "mount -t proc none /mnt": {NO_SANDBOX.name},
    "mount -t sysfs none /mnt": USER_NAMESPACES,
    "sysctl -w net.ipv4.ip_forward=0": NOWHERE,
    "iptables -A OUTPUT -p tcp --dport 9 -j DROP": NOWHERE,
    "chattr +i /etc/issue": USER_NAMESPACES,
}


def run(daemon: Daemon, command: str, *, insecure: bool = False) -> Outcome:
    flag = "--security=insecure " if insecure else ""
    return build(
        daemon,
        BuildRequest(
            Path("Dockerfile"),
            dockerfile_text=f"FROM debian\nRUN {flag}{command}\n".encode(),
            images=stand_ins(["debian"]),
            allow=("security.insecure",) if insecure else (),
            timeout=60,
        ),
    )


@pytest.mark.parametrize("command", PLAIN)
def test_a_plain_step(daemon: Daemon, command: str) -> None:
    outcome = run(daemon, command)
    assert outcome.built == (daemon.profile.name not in PLAIN[command]), outcome.log
    assert outcome.failed is None or (outcome.failed.line, outcome.failed.end_line) == (2, 2)


@pytest.mark.parametrize("command", INSECURE)
def test_an_insecure_step(daemon: Daemon, command: str) -> None:
    if daemon.profile == ROOTFUL and not may_harm_machine():
        pytest.skip("acts on the machine as real root: set NS_LINT_DISPOSABLE=1 if it may")
    before = snapshot()
    outcome = run(daemon, command, insecure=True)
    assert outcome.built == (daemon.profile.name not in INSECURE[command]), outcome.log
    assert changes(before, snapshot()) == []


def test_the_daemon_maps_as_many_ids_as_its_profile_says(daemon: Daemon, profile: Profile) -> None:
    outcome = run(daemon, "awk '{ n += $3 } END { printf \"mapped %.0f\\n\", n }' /proc/self/uid_map")
    assert f"mapped {profile.ids or 2**32 - 1}\n" in outcome.log


def test_a_step_reaches_the_network(daemon: Daemon) -> None:
    """The address is the gateway's, which slirp4netns answers itself: no machine beyond this one is asked."""
    assert run(daemon, "ping -c 1 -W 2 10.0.2.2").built
