"""A file cannot be given to an id that has no mapping.

A user namespace maps a range of ids, counted from 0: 65536 of them in a pod with `hostUsers: false`, 65537 in rootless
BuildKit. chown(2) to any other is EINVAL, for root too and in a step with `--security=insecure`, since there is no
number that the file system could write down. It does not matter whether the id comes as a number, through ARG, ENV or a
shell variable, or by the name of a user who was given it before: useradd and groupadd themselves accept it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.ids import remap
from ...linter.accounts import unmapped_id
from ...linter.facts import ChangeOwner
from ...linter.profile import IN_USER_NAMESPACES, BeyondMap
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS201",
    name="unmapped-owner",
    summary="a file cannot be given to an id that has no mapping",
    refused=IN_USER_NAMESPACES,
    guidance="Use an id below 65536 everywhere; for OpenShift, `chgrp -R 0` and `chmod -R g=u` do without one.",
    symptoms=(
        r"(chown|chgrp): .*Invalid argument",
        r"install: can(not|'t) change owner.*: Invalid argument",
        r"rsync: .*chown .* failed: Invalid argument",
    ),
    examples=(
        Bad(
            "FROM debian\nRUN chown -R «70000:70000» /srv\n",
            fixed="FROM debian\nRUN chown -R 10001:10001 /srv\n",
        ),
        Bad("FROM busybox\nRUN chown «0:70000» /srv\n", fixed="FROM busybox\nRUN chown 0:10001 /srv\n"),
        Bad(
            "FROM debian\nRUN chown «65536» /srv\n",
            fixed="FROM debian\nRUN chown 10001 /srv\n",
            why="rootless BuildKit maps one id more than a pod",
        ),
        Bad(
            "FROM debian\nARG ID=1000660000\nENV OWNER=$ID:0\nRUN mkdir /app && chown «$OWNER» /app\nUSER 1000660000\n",
            fixed="FROM debian\nARG ID=10001\nENV OWNER=$ID:0\nRUN mkdir /app && chown $OWNER /app\nUSER 10001\n",
        ),
        Bad(
            "FROM debian\nRUN useradd -u 70000 app\nRUN chown «app:» /srv && ulimit -c 70000\n",
            fixed="FROM debian\nRUN useradd -u 10001 app\nRUN chown app: /srv && ulimit -c 70000\n",
        ),
        Bad(
            "FROM busybox\nRUN echo app:x:70000:0::/:/bin/sh >> /etc/passwd && chgrp 0 /srv && chown «app» /srv\n",
            fixed="FROM busybox\nRUN echo app:x:10001:0::/:/bin/sh >> /etc/passwd && chgrp 0 /srv && chown app /srv\n",
        ),
        Bad(
            "FROM debian\nCOPY own.sh /\nRUN ID=70000 sh /own.sh\n",
            context={"own.sh": "set -e\nfor path in /srv /opt; do\n  chown «${ID:-70000}.0» $path\ndone\n"},
            fixed="FROM debian\nCOPY own.sh /\nRUN ID=10001 sh /own.sh\n",
            fixed_context={"own.sh": "set -e\nfor path in /srv /opt; do\n  chown ${ID:-10001}.0 $path\ndone\n"},
        ),
        Bad(
            "FROM debian\nRUN chgrp -h «70000» /srv\n",
            fixed="FROM debian\nRUN chgrp -h 10001 /srv\n",
        ),
        Bad(
            "FROM debian\nRUN install -d -o «70000» -g 0 /srv/data\n",
            fixed="FROM debian\nRUN install -d -o 10001 -g 0 /srv/data\n",
        ),
        Bad(
            "FROM debian\nRUN find /srv -exec chown «70000» {} +\n",
            fixed="FROM debian\nRUN find /srv -exec chown 10001 {} +\n",
        ),
        Bad(
            "FROM busybox\nRUN find /srv -print0 | xargs -0 chown «70000»\n",
            fixed="FROM busybox\nRUN find /srv -print0 | xargs -0 chown 10001\n",
        ),
        Bad(
            "FROM debian\nRUN --security=insecure fakeroot chown «70000» /srv\n",
            fixed="FROM debian\nRUN --security=insecure fakeroot chown 10001 /srv\n",
            why="fakeroot hides EPERM only",
        ),
        Warn(
            "FROM debian\nRUN find /srv -exec chown «70000» {} \\;\n",
            fixed="FROM debian\nRUN find /srv -exec chown 10001 {} \\;\n",
        ),
        Warn(
            "FROM debian\nRUN chown --from=5 «70000» /srv\n",
            fixed="FROM debian\nRUN chown --from=5 10001 /srv\n",
            why="there may be no file that is user 5's",
        ),
        Warn(
            "FROM busybox\nRUN find /srv -user 5 -exec chown «70000» {} +\n",
            fixed="FROM busybox\nRUN find /srv -user 5 -exec chown 10001 {} +\n",
        ),
        Good("FROM debian\nRUN chown -R 65535:65534 /srv\n", why="these are mapped"),
        Good("FROM debian\nRUN useradd -u 70000 app && groupadd -g 70000 more\n", why="nothing is given to them"),
        Good("FROM debian\nRUN useradd -u 70000 a && usermod -u 1234 a && chown a /srv\n", why="it is 1234 by then"),
        Good("FROM debian\nRUN chown nobody:nogroup /srv && find / -xdev -user 70000\n", why="looking for it is free"),
        Good('FROM debian\nRUN echo "chown 70000 /srv" > /start.sh\n', why="it is not run"),
    ),
    references=(
        "https://man7.org/linux/man-pages/man2/chown.2.html",
        "https://man7.org/linux/man-pages/man7/user_namespaces.7.html",
    ),
)


@rule.check(ChangeOwner)
def unmapped_owner(change: ChangeOwner) -> Iterator[Refusal]:
    found = unmapped_id(change.uid, change.gid)
    if found is None or change.tool in ("COPY", "ADD"):
        return
    yield rule.refuses(
        change,
        f"{found.words} has no mapping, so {change.tool} fails",
        refused=BeyondMap(found.number),
        fix=remap(found.number),
        certain=change.certain,
        origin=change.origin,
    )
