"""COPY and ADD cannot give what they copy to an id that has no mapping.

BuildKit copies files itself and calls lchown(2) for each, in its own user namespace: EINVAL for an id without a
mapping. `--chown=1000` means group 1000 too, and a name has the ids of /etc/passwd in the image, so a user who was made
with a high id breaks `--chown=name`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.ids import remap
from ...linter.accounts import unmapped_id
from ...linter.facts import ChangeOwner
from ...linter.profile import IN_USER_NAMESPACES, BeyondMap
from ...linter.rule import Bad, Good, Refusal, Rule

rule = Rule(
    code="NS204",
    name="unmapped-copy-owner",
    summary="COPY and ADD cannot give files to an id that has no mapping",
    refused=IN_USER_NAMESPACES,
    guidance="Use an id below 65536 everywhere; for OpenShift, `--chown=0:0` with `--chmod=g=u` does without one.",
    symptoms=(r"failed to chown \S+: lchown \S+: invalid argument", r"lchown /\S+: invalid argument"),
    examples=(
        Bad(
            "FROM debian\nCOPY --chown=«70000:70000» file /srv/\n",
            context={"file": ""},
            fixed="FROM debian\nCOPY --chown=10001:10001 file /srv/\n",
        ),
        Bad(
            "FROM busybox\nADD --chown=«:70000» file /srv/\n",
            context={"file": ""},
            fixed="FROM busybox\nADD --chown=:10001 file /srv/\n",
        ),
        Bad(
            "FROM debian\nCOPY --chown=«65536» dir /srv/dir\n",
            context={"dir/file": ""},
            fixed="FROM debian\nCOPY --chown=10001 dir /srv/dir\n",
        ),
        Bad(
            "FROM debian\nARG ID=70000\nCOPY --link --chown=«$ID:0» <<EOF /srv/file\ntext\nEOF\n",
            fixed="FROM debian\nARG ID=10001\nCOPY --link --chown=$ID:0 <<EOF /srv/file\ntext\nEOF\n",
        ),
        Bad(
            "FROM debian AS base\nRUN groupadd -g 70000 team && useradd -g team app\n"
            "FROM base\nCOPY --from=base --chown=«app» /etc/passwd /srv/\n",
            fixed="FROM debian AS base\nRUN groupadd -g 10001 team && useradd -g team app\n"
            "FROM base\nCOPY --from=base --chown=app /etc/passwd /srv/\n",
            why="the user's group counts too",
        ),
        Bad(
            "FROM scratch\nCOPY --chown=«70000» file /\n",
            context={"file": ""},
            fixed="FROM scratch\nCOPY --chown=10001 file /\n",
        ),
        Good("FROM debian\nCOPY --chown=65535:0 file /srv/\n", why="these are mapped", context={"file": ""}),
        Good(
            "FROM debian\nRUN useradd -u 70000 app\nUSER app\nCOPY --chmod=700 file /srv/\n",
            why="COPY pays no heed to USER",
            context={"file": ""},
        ),
        Good("FROM debian\nARG WHO\nCOPY --chown=${WHO:-daemon} file /srv/\n", why="a low id", context={"file": ""}),
        Good(
            "FROM debian AS other\nCOPY --chown=70000 file /\nFROM debian\nRUN id\n",
            why="this stage is not built",
            context={"file": ""},
        ),
    ),
    references=("https://docs.docker.com/reference/dockerfile/#copy---chown---chmod",),
)


@rule.check(ChangeOwner)
def unmapped_copy_owner(change: ChangeOwner) -> Iterator[Refusal]:
    found = unmapped_id(change.uid, change.gid)
    if found is None or change.tool not in ("COPY", "ADD"):
        return
    yield rule.refuses(
        change,
        f"{found.words} has no mapping, so {change.tool} cannot make it an owner",
        refused=BeyondMap(found.number),
        fix=remap(found.number),
        origin=change.origin,
    )
