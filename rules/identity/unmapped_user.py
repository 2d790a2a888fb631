"""A step cannot run as a user whose id has no mapping.

`USER` only writes a name or a number down, so that line itself builds, and so does what follows it without running
anything: COPY, ENV, VOLUME, CMD. The next RUN becomes the user with setuid(2), setgid(2) and setgroups(2), which are
EINVAL for ids without a mapping, and a WORKDIR that makes its directory gives it to the user: BuildKit blames that
line. As the last word of a Dockerfile such a USER is fine: it is for whoever runs the image, as OpenShift does. A
user's supplementary groups count as well, root's included, where a RUN is reached without any USER.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.ids import remap
from ...linter.accounts import unmapped_id
from ...linter.facts import Become
from ...linter.profile import IN_USER_NAMESPACES, BeyondMap
from ...linter.rule import Bad, Good, Refusal, Rule

rule = Rule(
    code="NS202",
    name="unmapped-user",
    summary="a step cannot run as a user whose id has no mapping",
    refused=IN_USER_NAMESPACES,
    guidance="Build as a user below 65536; a high id for running belongs into the last USER, or to the pod.",
    symptoms=(r"unable to setup user: (setgroups: )?invalid argument", r"lchown /\S+: invalid argument"),
    examples=(
        Bad("FROM debian\nUSER «70000»\nRUN id\n", fixed="FROM debian\nUSER 10001\nRUN id\n"),
        Bad(
            'FROM busybox AS base\nUSER «1000:70000»\nFROM base\nENV A=b\nRUN ["id"]\n',
            fixed='FROM busybox AS base\nUSER 1000:10001\nFROM base\nENV A=b\nRUN ["id"]\n',
        ),
        Bad(
            "FROM debian\nARG ID=65536\nUSER «${ID}»\nRUN true || true\n",
            fixed="FROM debian\nARG ID=10001\nUSER ${ID}\nRUN true || true\n",
        ),
        Bad(
            "FROM debian\nUSER «70000»\nCOPY file /srv/\nWORKDIR /app\nCMD id\n",
            context={"file": ""},
            fixed="FROM debian\nUSER 10001\nCOPY file /srv/\nWORKDIR /app\nCMD id\n",
        ),
        Bad(
            "FROM debian\nRUN useradd -u 70000 app\nUSER «app»\nRUN id\n",
            fixed="FROM debian\nRUN useradd -u 10001 app\nUSER app\nRUN id\n",
        ),
        Bad(
            "FROM debian\nRUN groupadd -g 70000 team && useradd -u 1234 -g team app\nUSER «1234»\nRUN id\n",
            fixed="FROM debian\nRUN groupadd -g 10001 team && useradd -u 1234 -g team app\nUSER 1234\nRUN id\n",
        ),
        Bad(
            "FROM debian\nRUN useradd app && groupadd -g 70000 team && usermod -aG team app\nUSER «app»\nRUN id\n",
            fixed="FROM debian\nRUN useradd app && groupadd -g 10001 team && usermod -aG team app\nUSER app\nRUN id\n",
        ),
        Bad(
            "FROM busybox\nRUN echo team:x:70000:root >> /etc/group\n«RUN» id\n",
            fixed="FROM busybox\nRUN echo team:x:10001:root >> /etc/group\nRUN id\n",
            why="root itself is in the group",
        ),
        Bad(
            "FROM busybox\nCOPY passwd /etc/passwd\nUSER «app»\nRUN id\n",
            context={"passwd": "root:x:0:0::/:/bin/sh\napp:x:70000:0::/:/bin/sh\n"},
        ),
        Good("FROM debian\nRUN id\nUSER 1000660000\nCMD id\n", why="nothing is run under it"),
        Good("FROM debian\nUSER 70000\nUSER root\nRUN id\n", why="the later USER counts"),
        Good(
            "FROM debian\nRUN mkdir -p /app/run\nCOPY file /opt/app/\n"
            "USER 70000\nWORKDIR /app\nWORKDIR /opt/app\nWORKDIR /srv\n",
            why="the directories are there already",
            context={"file": ""},
        ),
        Good(
            "FROM debian\nRUN useradd app && groupadd -g 70000 team && usermod -aG team app\nUSER app:app\nRUN id\n",
            why="with a group of its own, USER leaves the supplementary groups out",
        ),
        Good(
            "FROM debian\nRUN useradd app && groupadd -g 70000 team && usermod -aG team app\nUSER app\nWORKDIR /app\n",
            why="a directory has no supplementary groups",
        ),
        Good("FROM debian\nUSER 65535\nRUN id\n", why="it is mapped"),
        Good("FROM debian\nARG ID\nUSER ${ID:-1000}\nRUN id\n", why="who it is, nobody knows before the build"),
    ),
    references=(
        "https://docs.docker.com/reference/dockerfile/#user",
        "https://man7.org/linux/man-pages/man7/user_namespaces.7.html",
    ),
)


@rule.check(Become)
def unmapped_user(become: Become) -> Iterator[Refusal]:
    found = unmapped_id(become.uid, become.gid, become.groups)
    if found is None or become.tool not in ("USER", "WORKDIR"):
        return
    what = "make its directory for the user" if become.tool == "WORKDIR" else "run as this user"
    yield rule.refuses(
        become,
        f"{found.words} has no mapping, so the step cannot {what}",
        refused=BeyondMap(found.number),
        fix=remap(found.number),
        certain=become.certain,
        origin=become.origin,
    )
