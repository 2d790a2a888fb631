"""The mode and owner of a device in /dev cannot be changed in a user namespace.

In a step of a user-namespaced build /dev/null and its kin are bind mounts of the host's nodes, which belong to a user
without a mapping: chmod(2) and chown(2) of them are EPERM, `chmod -f` and insecure steps included. Their mode is 0666.
/dev/stdout and /dev/stderr are links to the step's own output and can be given away; so can /dev/ptmx and /dev/shm.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_operand
from ...linter.devices import NODES, matching
from ...linter.edit import Safety
from ...linter.facts import ChangeOwner, FileUse, GrantAccess, UseFile
from ...linter.profile import IN_USER_NAMESPACES
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS103",
    name="device-mode",
    summary="the mode or owner of a device in /dev cannot be changed in a user namespace",
    refused=IN_USER_NAMESPACES,
    guidance="Leave it out: the standard devices are readable and writable by everyone, and no layer keeps /dev.",
    symptoms=(
        r"changing (permissions|ownership|group) of '/dev/.*': Operation not permitted",
        r"(chmod|chown|chgrp|setfacl): /dev/.*: Operation not permitted",
    ),
    examples=(
        Bad("FROM debian\nRUN chmod 666 «/dev/null» && touch /ok\n", fixed="FROM debian\nRUN touch /ok\n"),
        Bad("FROM busybox\nRUN chmod a+rw «/dev/tty»\n", fixed="FROM busybox\n\n"),
        Bad(
            "FROM debian\nRUN touch /srv/x && chmod 0666 «/dev/random» /srv/x\n",
            fixed="FROM debian\nRUN touch /srv/x && chmod 0666 /srv/x\n",
        ),
        Bad("FROM debian\nRUN chown root:tty «/dev/tty»\n", fixed="FROM debian\n\n"),
        Bad("FROM busybox\nRUN chown 1000 «/dev/null»\n", fixed="FROM busybox\n\n"),
        Bad("FROM debian\nRUN setfacl -m «u:33:rw» /dev/null\n"),
        Warn("FROM debian\nRUN chmod 666 «/dev/null» || true\n", fixed="FROM debian\n\n"),
        Good("FROM debian\nRUN chmod o+w /dev/stdout /dev/stderr && chown 1000 /dev/stdout\n", why="links to pipes"),
        Good("FROM debian\nRUN chown -h www-data /dev/stdout && chmod 1777 /dev/shm\n", why="a link, and a tmpfs"),
        Good("FROM debian\nRUN fakeroot chmod 666 /dev/null\n", why="fakeroot pretends"),
        Good("FROM busybox\nRUN touch /dev/own && chmod 600 /dev/own\n", why="the step made it"),
        Good("FROM debian\nRUN ls -l /dev/null; cat /dev/null; touch /dev/null\n", why="its mode stays as it is"),
    ),
    references=(
        "https://man7.org/linux/man-pages/man2/chmod.2.html",
        "https://man7.org/linux/man-pages/man7/user_namespaces.7.html",
    ),
)


@rule.check(UseFile)
def device_mode(use: UseFile) -> Iterator[Refusal]:
    if use.use is FileUse.CHMOD and "fakeroot" not in use.command.wrappers:
        for path in matching(use.path, NODES)[:1]:
            fix = delete_operand(use.command, use.place, safety=Safety.SAFE, besides=1)
            yield rule.refuses(use, f"{path} belongs to the host", fix=fix)


@rule.check(ChangeOwner)
def device_owner(change: ChangeOwner) -> Iterator[Refusal]:
    for path in matching(change.path or "", NODES)[:1]:
        place = change.path_place or change.place
        fix = delete_operand(change.command, place, safety=Safety.SAFE, besides=1) if change.tool == "chown" else None
        yield rule.refuses(change._replace(place=place), f"{path} belongs to the host", fix=fix, certain=change.certain)


@rule.check(GrantAccess)
def device_access(access: GrantAccess) -> Iterator[Refusal]:
    for path in matching(access.path or "", NODES)[:1]:
        yield rule.refuses(access, f"{path} belongs to the host")
