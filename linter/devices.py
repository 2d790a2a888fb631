"""What a step finds in its /dev: a tmpfs of its own, which BuildKit fills and no layer keeps.

Measured on BuildKit 0.34 with runc 1.1 in every profile. As real root the nodes are made in that tmpfs; in a user
namespace, where none can be made, each is a bind mount of the host's, owned by a user who is not mapped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

NODES = frozenset(f"/dev/{name}" for name in "null zero full random urandom tty".split())
LINKS = frozenset(f"/dev/{name}" for name in "fd stdin stdout stderr ptmx".split())
MOUNTS = frozenset(f"/dev/{name}" for name in "pts shm mqueue".split())
STANDARD = NODES | LINKS | MOUNTS

_GIVEN = re.compile(r"/dev/(?:cuse|fuse|kmsg|kvm|net/tun|loop-control|loop(?:[0-7]|\d?[*?\[].*))")
_ABSENT = re.compile(
    r"/dev/(?:(?:[shv]d|xvd)[a-z*?\[].*|nvme.*|mmcblk.*|loop\d+|mem|kmem|port|hwrng|rtc\d*|watchdog\d*|console"
    r"|(?:disk|mapper|input|snd|bus|cpu|vfio|net)/.*|video\d+|tty(?:S|USB|ACM)[\d*?\[].*|tty\d+|vhost-\w+|uinput"
    r"|ipmi\d+|hpet|initctl|tpm\w*|sg\d+|sr\d+|cdrom|fb\d+|uhid|ppp|rfkill|zram\d*|nbd.*|dm-.*|md\d+)"
)


def is_given_to_insecure_steps(path: str) -> bool:
    """Whether BuildKit makes this node for `--security=insecure`, unless it runs in a user namespace itself.

    Source: BuildKit's util/entitlements/security, and the lab.
    """
    return _GIVEN.fullmatch(path) is not None


def is_absent(path: str) -> bool:
    """Whether a plain step has no such device: hardware, the kernel's log, terminals. A pattern matches nothing then.

    What `RUN --device` brings in, such as graphics cards, is not among them.
    """
    return _GIVEN.fullmatch(path) is not None or _ABSENT.fullmatch(path) is not None


def matching(path: str, names: Iterable[str]) -> list[str]:
    """Those of `names` that `path` stands for: itself, or what a pattern matches."""
    if not any(char in path for char in "*?["):
        return [name for name in names if name == path]
    return sorted(name for name in names if name.count("/") == path.count("/") and fnmatchcase(name, path))
