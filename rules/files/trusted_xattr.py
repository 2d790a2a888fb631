"""Extended attributes below `trusted` and most below `security` are for the host's root.

setxattr(2) of `trusted.*` needs CAP_SYS_ADMIN in the *initial* user namespace, and so do `security.*` names that no
security module handles, such as security.ima. File capabilities (security.capability, setcap), security.selinux,
ACLs and `user.*` are free, in a user namespace too.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import SetXattr
from ...linter.profile import WITHOUT_HOST_ROOT
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

FREE = frozenset(("security.capability", "security.selinux"))

rule = Rule(
    code="NS342",
    name="trusted-xattr",
    summary="an extended attribute cannot be set in a step",
    refused=WITHOUT_HOST_ROOT,
    guidance="Use a name below user., or set it where the files are used.",
    symptoms=(r"setfattr: .*: Operation not permitted", r"attr_set: Operation not permitted", r"Could not set \""),
    examples=(
        Bad(
            "FROM debian\nRUN mkdir /d && setfattr -n «trusted.overlay.opaque» -v y /d\n",
            fixed="FROM debian\nRUN mkdir /d\n",
        ),
        Bad("FROM debian\nRUN setfattr -n «security.ima» -v 0x01 /etc/passwd\n", fixed="FROM debian\n\n"),
        Bad("FROM debian\nRUN attr -R -s «note» -V 1 /etc/passwd\n", fixed="FROM debian\n\n"),
        Warn("FROM debian\nRUN setfattr -n «trusted.note» -v 1 /etc/passwd || true\n", fixed="FROM debian\n\n"),
        Good("FROM debian\nRUN setfattr -n user.note -v 1 /etc/passwd && attr -s b -V 1 /etc/passwd\n", why="user.*"),
        Good("FROM debian\nRUN setcap cap_net_raw+ep /bin/ping && getcap /bin/ping\n", why="file capabilities work"),
        Good("FROM debian\nRUN getfattr -d -m - /etc/passwd && setfacl -m u:33:r /etc/passwd\n", why="ACLs work"),
        Good("FROM debian\nRUN fakeroot setfattr -n trusted.note -v 1 /etc/passwd\n", why="fakeroot pretends"),
    ),
    references=("https://man7.org/linux/man-pages/man7/xattr.7.html",),
)


@rule.check(SetXattr)
def trusted_xattr(xattr: SetXattr) -> Iterator[Refusal]:
    guarded = xattr.name.startswith(("trusted.", "security.")) and xattr.name not in FREE
    if guarded and "fakeroot" not in xattr.command.wrappers:
        fix = delete_command(xattr.command, safety=Safety.UNSAFE)
        yield rule.refuses(xattr, f"{xattr.name} is for the host's root", fix=fix)
