"""A step may not enter namespaces.

setns(2) needs CAP_SYS_ADMIN over the namespace that is entered, even if it is the step's own. An insecure step may
enter those of its own processes again, but never its own user namespace, and inside a user namespace no time namespace
either, so `nsenter --all` fails there. Without a process sandbox, process 1 is the daemon's, and its namespaces may not
even be looked at. `nsenter` without a kind of namespace runs its program and enters nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.facts import EnterNamespace
from ...linter.profile import (
    EVERYWHERE,
    NO_SANDBOX,
    PROFILE_NAMES,
    ROOTLESS,
    WITHOUT_CAPABILITIES,
    WITHOUT_HOST_ROOT,
    Refused,
    Row,
)
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

_ALL = frozenset(PROFILE_NAMES)
_OF_ANOTHER = Refused(_ALL, frozenset({NO_SANDBOX.name}))
_CGROUP_OF_ANOTHER = Refused(_ALL, frozenset({ROOTLESS.name, NO_SANDBOX.name}))

rule = Rule(
    code="NS422",
    name="enter-namespace",
    summary="a step may not enter namespaces",
    refused=WITHOUT_CAPABILITIES,
    guidance="Run the program as it is: a build has no other namespace to be in.",
    symptoms=(
        r"nsenter: reassociate to namespace .* failed",
        r"nsenter: setns\(\): can't reassociate to namespace",
        r"nsenter: (cannot open|can't open|stat of) .*/proc/.*/ns/",
    ),
    examples=(
        Bad("FROM debian\nRUN «nsenter -t 1 -m true»\n"),
        Bad("FROM busybox\nRUN «nsenter -t 1 -n true»\n"),
        Bad("FROM debian\nRUN «nsenter --target 1 --all true»\n"),
        Bad("FROM debian\nRUN «nsenter --net=/proc/self/ns/net true» && echo ok\n"),
        Bad("FROM debian\nRUN --security=insecure «nsenter -t 1 -U true»\n", why="one's own user namespace"),
        Bad("FROM debian\nRUN --security=insecure «nsenter -t 1 -m true»\n", why="only without a process sandbox"),
        Warn("FROM debian\nRUN «nsenter -t 1 -u hostname» || hostname\n"),
        Good("FROM debian\nRUN nsenter true && nsenter -t 1 true && nsenter --help\n", why="nothing is entered"),
        Good("FROM busybox\nRUN nsenter true && nsenter -t 1 true\n", why="nothing is entered"),
        Good("FROM debian\nRUN --security=insecure nsenter --net=/proc/self/ns/net true\n", why="an insecure step may"),
    ),
    references=("https://man7.org/linux/man-pages/man2/setns.2.html",),
)


@rule.check(EnterNamespace)
def enter_namespace(enter: EnterNamespace) -> Iterator[Refusal]:
    kinds = " and ".join(enter.kinds)
    yield rule.refuses(enter, f"the {kinds} namespace cannot be entered", refused=_row(enter))


def _row(enter: EnterNamespace) -> Row:
    if "user" in enter.kinds:
        return EVERYWHERE
    if "all" in enter.kinds:
        return WITHOUT_HOST_ROOT
    if not enter.other:
        return WITHOUT_CAPABILITIES
    return _CGROUP_OF_ANOTHER if "cgroup" in enter.kinds else _OF_ANOTHER
