"""A --mount of RUN cannot give its files to an id that has no mapping.

`uid=` and `gid=` make BuildKit chown a new cache directory, the file of a secret, or the socket of an SSH agent: EINVAL
for an id without a mapping, before the step's first command. A cache that is filled `from=` a `source=` keeps its own
owners, a secret that becomes a variable has none, and where an optional secret or agent is not given to the build,
there is nothing to chown.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.ids import remap
from ...linter.accounts import unmapped_id
from ...linter.facts import MountIds
from ...linter.profile import IN_USER_NAMESPACES, BeyondMap
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS205",
    name="unmapped-mount-owner",
    summary="a --mount cannot give its files to an id that has no mapping",
    refused=IN_USER_NAMESPACES,
    guidance="Use an id below 65536, that of the USER who runs the step; or leave it out and use mode=0777.",
    symptoms=(
        r"lchown /cache: invalid argument",
        r"chown \S+buildkit-secrets\S+: invalid argument",
        r"chown \S+buildkit-ssh-sock\S+: invalid argument",
    ),
    examples=(
        Bad(
            "FROM debian\nRUN --mount=«type=cache,target=/c,uid=70000» id || true\n",
            fixed="FROM debian\nRUN --mount=type=cache,target=/c,uid=10001 id || true\n",
        ),
        Bad(
            "FROM busybox\nARG ID=65536\nRUN --mount=«type=cache,target=/c,mode=0770,gid=$ID» id\n",
            fixed="FROM busybox\nARG ID=10001\nRUN --mount=type=cache,target=/c,mode=0770,gid=$ID id\n",
        ),
        Warn(
            "FROM debian\nRUN --mount=«type=secret,id=token,uid=70000» id\n",
            fixed="FROM debian\nRUN --mount=type=secret,id=token,uid=10001 id\n",
            why="where the secret is given to the build, this fails",
        ),
        Warn(
            "FROM debian\nRUN --mount=«type=ssh,uid=70000» id\n",
            fixed="FROM debian\nRUN --mount=type=ssh,uid=10001 id\n",
        ),
        Good("FROM debian\nRUN --mount=type=cache,target=/c,uid=1000,gid=1000 id\n", why="these are mapped"),
        Good(
            "FROM debian AS base\nFROM base\nRUN --mount=type=cache,target=/c,from=base,source=/srv,uid=70000 id\n",
            why="what comes from elsewhere has owners of its own",
        ),
        Good(
            "FROM debian\nRUN --mount=type=secret,id=token,env=TOKEN,uid=70000 id\n",
            why="a variable has no owner",
        ),
    ),
    references=("https://docs.docker.com/reference/dockerfile/#run---mount",),
)


@rule.check(MountIds)
def unmapped_mount_owner(mount: MountIds) -> Iterator[Refusal]:
    found = unmapped_id(mount.uid, mount.gid)
    if found is None:
        return
    yield rule.refuses(
        mount,
        f"{found.words} has no mapping, so the {mount.kind} cannot be given to it",
        refused=BeyondMap(found.number),
        fix=remap(found.number),
        certain=not mount.optional,
    )
