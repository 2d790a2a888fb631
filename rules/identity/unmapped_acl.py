"""An access control list cannot name a user or a group whose id has no mapping.

setfacl(1) writes ids into an extended attribute, and the kernel maps each of them as it does a file's owner: EINVAL for
one without a mapping.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.ids import remap
from ...linter.accounts import unmapped_id
from ...linter.facts import GrantAccess
from ...linter.profile import IN_USER_NAMESPACES, BeyondMap
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS208",
    name="unmapped-acl",
    summary="an access control list cannot name an id that has no mapping",
    refused=IN_USER_NAMESPACES,
    guidance="Use an id below 65536; or a mode and a group that the user is in.",
    symptoms=(r"setfacl: .*: Invalid argument",),
    examples=(
        Bad(
            "FROM debian\nRUN setfacl -R -m «u:70000:rwX» /srv\n",
            fixed="FROM debian\nRUN setfacl -R -m u:10001:rwX /srv\n",
        ),
        Bad(
            "FROM debian\nRUN groupadd -g 65536 team && setfacl -m «u::rwx,d:g:team:r» /srv\n",
            fixed="FROM debian\nRUN groupadd -g 10001 team && setfacl -m u::rwx,d:g:team:r /srv\n",
        ),
        Warn(
            "FROM debian\nRUN setfacl -m «u:70000:r» /srv || true\n",
            fixed="FROM debian\nRUN setfacl -m u:10001:r /srv || true\n",
        ),
        Good("FROM debian\nRUN setfacl -m u:1000:rwx,g:65535:r /srv && getfacl /srv\n", why="these are mapped"),
    ),
    references=("https://man7.org/linux/man-pages/man5/acl.5.html",),
)


@rule.check(GrantAccess)
def unmapped_acl(grant: GrantAccess) -> Iterator[Refusal]:
    found = unmapped_id(grant.uid, grant.gid)
    if found is not None:
        yield rule.refuses(
            grant,
            f"{found.words} has no mapping, so setfacl cannot name it",
            refused=BeyondMap(found.number),
            fix=remap(found.number),
            origin=grant.origin,
        )
