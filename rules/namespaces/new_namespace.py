"""A step may not make namespaces.

BuildKit's seccomp profile refuses unshare(2) and clone(2) of namespaces, user namespaces included, to a step without
CAP_SYS_ADMIN: in every profile, and even `unshare true`, which asks for none. In an insecure step all of them may be
made. `ip netns add` wants a network namespace and a mount, pivot_root and switch_root another root for the mount
namespace; chroot needs none of this and works everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.facts import Unshare
from ...linter.profile import WITHOUT_CAPABILITIES
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS421",
    name="new-namespace",
    summary="a step may not make namespaces",
    refused=WITHOUT_CAPABILITIES,
    guidance="Run the program as it is, or in a chroot: the step is in namespaces of its own already.",
    symptoms=(
        r"unshare: unshare failed: Operation not permitted",
        r"unshare: unshare\(0x[0-9a-f]+\): Operation not permitted",
        r"mount --make-shared /run/netns failed",
        r"Cannot open network namespace",
        r"(pivot_root|switch_root): .*(Operation not permitted|failed)",
        r"unable to unshare the (mount|user) namespace",
    ),
    examples=(
        Bad("FROM debian\nRUN «unshare --mount sh -c 'echo ok'»\n"),
        Bad("FROM busybox\nRUN «unshare -n true» && echo ok\n"),
        Bad("FROM debian\nRUN «unshare -r id -u»\n", why="a user namespace is one too"),
        Bad("FROM debian\nRUN ip link show lo && «ip netns add blue»\n"),
        Bad("FROM debian\nRUN mkdir -p /r/old && cd /r && «pivot_root . old»\n"),
        Bad("FROM debian\nCOPY t.sh /\nRUN bash /t.sh\n", context={"t.sh": "set -e\n«unshare -Urm true»\n"}),
        Warn("FROM debian\nRUN if «unshare -n true»; then echo isolated; else echo shared; fi\n"),
        Good(
            "FROM debian\nRUN --security=insecure unshare -mpf true && ip netns add blue\n", why="an insecure step may"
        ),
        Good("FROM debian\nRUN unshare --help > /dev/null && unshare --version\n", why="nothing is made"),
        Good("FROM busybox\nRUN unshare --help\n", why="nothing is made"),
        Good("FROM debian\nRUN ip netns; ip netns list; lsns\n", why="these list"),
        Good(
            "FROM debian\nRUN chroot / true && setsid true && setpriv --no-new-privs true\n", why="no namespace is made"
        ),
        Good("FROM debian\nRUN command -v unshare && echo unshare -n > /run.sh\n", why="it is not run"),
    ),
    references=("https://man7.org/linux/man-pages/man2/unshare.2.html",),
)


@rule.check(Unshare)
def new_namespace(unshare: Unshare) -> Iterator[Refusal]:
    yield rule.refuses(unshare, f"`{unshare.tool}` wants {unshare.what}, which is refused")
