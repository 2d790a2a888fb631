"""A program cannot switch to a user or a group whose id has no mapping.

su, runuser, setpriv, gosu, sudo, chroot --userspec, sg, start-stop-daemon and capsh end in setuid(2), setgid(2) and
setgroups(2), which are EINVAL for ids without a mapping. Supplementary groups are a matter of the program: GNU's su,
runuser, setpriv and Debian's start-stop-daemon leave out those that they cannot have and go on, as glibc's
initgroups(3) does; busybox's, gosu, sudo, chroot and capsh fail.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.ids import remap
from ...linter.accounts import unmapped_id
from ...linter.facts import Become
from ...linter.profile import IN_USER_NAMESPACES, BeyondMap
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS203",
    name="unmapped-switch",
    summary="a program cannot switch to a user or a group whose id has no mapping",
    refused=IN_USER_NAMESPACES,
    guidance="Use an id below 65536 everywhere; in a build, root mostly does as well.",
    symptoms=(
        r"\b(su|runuser|chpst|setuidgid|start-stop-daemon): .*Invalid argument",
        r"setpriv: set(resuid|resgid|groups) failed: Invalid argument",
        r"error: failed switching to .*: invalid argument",
        r"sudo: unable to (change to runas [ug]id|set runas group vector): Invalid argument",
        r"chroot: failed to set (group-ID|user-ID|supplemental groups): Invalid argument",
        r"^set[gu]\w+: Invalid argument",
        r"Failed to set [ug]id=\d+.*: Invalid argument",
    ),
    examples=(
        Bad(
            "FROM debian\nRUN useradd -u 70000 app && su «app» -c id\n",
            fixed="FROM debian\nRUN useradd -u 10001 app && su app -c id\n",
        ),
        Bad(
            "FROM busybox\nRUN echo app:x:70000:0::/:/bin/sh >> /etc/passwd && su -s /bin/sh -c id «app»\n",
            fixed="FROM busybox\nRUN echo app:x:10001:0::/:/bin/sh >> /etc/passwd && su -s /bin/sh -c id app\n",
        ),
        Bad(
            "FROM busybox\nRUN echo team:x:70000:nobody >> /etc/group && su -s /bin/sh -c id «nobody»\n",
            fixed="FROM busybox\nRUN echo team:x:10001:nobody >> /etc/group && su -s /bin/sh -c id nobody\n",
            why="busybox's su wants all of the groups",
        ),
        Bad(
            "FROM debian\nRUN useradd -u 70000 app && runuser -u «app» -- id\n",
            fixed="FROM debian\nRUN useradd -u 10001 app && runuser -u app -- id\n",
        ),
        Bad(
            "FROM debian\nRUN groupadd -g 70000 team && runuser -u daemon -G «team» -- id\n",
            fixed="FROM debian\nRUN groupadd -g 10001 team && runuser -u daemon -G team -- id\n",
        ),
        Bad(
            "FROM debian\nRUN setpriv «--reuid=70000» --clear-groups id\n",
            fixed="FROM debian\nRUN setpriv --reuid=10001 --clear-groups id\n",
        ),
        Bad(
            "FROM debian\nRUN setpriv --regid 1 --groups «1,70000» id\n",
            fixed="FROM debian\nRUN setpriv --regid 1 --groups 1,10001 id\n",
        ),
        Bad(
            "FROM debian\nRUN chroot «--userspec=70000:0» / id\n",
            fixed="FROM debian\nRUN chroot --userspec=10001:0 / id\n",
        ),
        Bad(
            "FROM debian\nRUN useradd -G daemon app && groupadd -g 70000 team && gpasswd -a app team\n"
            "RUN sudo -u «app» id\n",
            fixed="FROM debian\nRUN useradd -G daemon app && groupadd -g 10001 team && gpasswd -a app team\n"
            "RUN sudo -u app id\n",
        ),
        Bad(
            "FROM debian\nRUN groupadd -g 65536 team && sg «team» id\n",
            fixed="FROM debian\nRUN groupadd -g 10001 team && sg team id\n",
        ),
        Bad(
            "FROM debian\nRUN start-stop-daemon --start --group «70000» --exec /usr/bin/id\n",
            fixed="FROM debian\nRUN start-stop-daemon --start --group 10001 --exec /usr/bin/id\n",
        ),
        Warn(
            "FROM debian\nRUN setpriv «--reuid=70000» --clear-groups id || id\n",
            fixed="FROM debian\nRUN setpriv --reuid=10001 --clear-groups id || id\n",
        ),
        Good(
            "FROM debian\nRUN useradd app && groupadd -g 70000 team && usermod -aG team app && su app -c id\n",
            why="glibc leaves out the group that cannot be had",
        ),
        Good(
            "FROM debian\nRUN su nobody -s /bin/sh -c id && setpriv --reuid 1 --regid 1 --clear-groups id\n", why="low"
        ),
        Good("FROM debian\nRUN chroot --userspec 1:1 --groups=1,2 / id && chroot / id\n", why="these are mapped"),
        Good("FROM debian\nRUN useradd -u 70000 app\nCMD su app -c id\n", why="it runs when the container does"),
    ),
    references=(
        "https://man7.org/linux/man-pages/man2/setgroups.2.html",
        "https://man7.org/linux/man-pages/man7/user_namespaces.7.html",
    ),
)


@rule.check(Become)
def unmapped_switch(become: Become) -> Iterator[Refusal]:
    found = unmapped_id(become.uid, become.gid, become.groups)
    if found is None or become.tool in ("USER", "WORKDIR"):
        return
    yield rule.refuses(
        become,
        f"{found.words} has no mapping, so {become.tool} cannot switch to it",
        refused=BeyondMap(found.number),
        fix=remap(found.number),
        certain=become.certain,
        origin=become.origin,
    )
