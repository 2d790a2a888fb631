"""What is in a step's /dev cannot be taken away in a user namespace.

Where no device node can be made, each standard one is a bind mount of the host's: unlink(2) and rename(2) of a mount
point are EBUSY, so `rm -f /dev/random && ln -s /dev/urandom /dev/random` fails at once, in an insecure step too. As
real root the nodes are files of the step's own /dev and give way. /dev/shm, /dev/pts and /dev/mqueue are mounts in
every profile. The links (/dev/stdout, /dev/fd, /dev/ptmx) can be replaced everywhere.

Whatever is done to /dev is undone at the end of the step, so it never was part of the image.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command, delete_operand
from ...linter.devices import MOUNTS, NODES, matching
from ...linter.edit import Fix, Safety
from ...linter.facts import FileUse, UseFile
from ...linter.profile import EVERYWHERE, IN_USER_NAMESPACES
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

TAKES = (FileUse.REMOVE, FileUse.RENAME, FileUse.LINK_OVER)

rule = Rule(
    code="NS102",
    name="existing-device",
    summary="a device in /dev cannot be removed or replaced in a user namespace",
    refused=IN_USER_NAMESPACES,
    guidance="Leave it out: /dev is new for each step and in no layer, and /dev/random does not block any more.",
    symptoms=(
        r"'?/dev/.*: Device or resource busy",
        r"ln: .*/dev/.*File exists",
        r"failed to create (symbolic|hard) link '/dev/",
        r"(mv|cp): .*/dev/.*(Operation not permitted|File exists)",
    ),
    examples=(
        Bad(
            "FROM debian\nRUN rm -f «/dev/random» && ln -s /dev/urandom «/dev/random» && touch /ok\n",
            fixed="FROM debian\nRUN touch /ok\n",
        ),
        Bad("FROM busybox\nRUN ln -sf /dev/urandom «/dev/random»\n", fixed="FROM busybox\n\n"),
        Bad(
            "FROM debian\nRUN mv «/dev/random» /dev/random.bak; ln -s /dev/urandom «/dev/random»\n",
            fixed="FROM debian\n\n",
        ),
        Bad("FROM debian\nRUN ln -s /dev/urandom «/dev/random»\n", fixed="FROM debian\n\n", why="EEXIST everywhere"),
        Bad("FROM busybox\nRUN rm -rf «/dev/shm» && ln -s /run /dev/shm\n", why="it is a mount in every profile"),
        Bad("FROM debian\nRUN --security=insecure rm «/dev/null»\n", fixed="FROM debian\n\n"),
        Warn("FROM debian\nRUN rm -f «/dev/tty» || echo kept\n", fixed="FROM debian\n\n"),
        Good("FROM debian\nRUN ln -sf /proc/self/fd/1 /dev/stdout && rm -f /dev/ptmx\n", why="links can be replaced"),
        Good("FROM debian\nRUN ln -sf /dev/stdout /var/log/access.log\n", why="it only points to /dev"),
        Good("FROM debian\nRUN mkdir -p /etc/x && ln -sf /dev/null /etc/x/unit\n", why="it only points to /dev"),
        Good("FROM busybox\nRUN rm -rf /dev/shm/* && ln -s /dev/shm /run/shm\n", why="what is in a mount is free"),
        Good("FROM debian\nRUN rm -f /dev/console /dev/core; echo x > /dev/null 2>&1\n", why="nothing is there"),
    ),
    references=(
        "https://man7.org/linux/man-pages/man2/unlink.2.html",
        "https://man7.org/linux/man-pages/man2/rename.2.html",
    ),
)


@rule.check(UseFile)
def existing_device(use: UseFile) -> Iterator[Refusal]:
    if not use.path.startswith("/dev"):
        return
    if use.use in TAKES and (use.path == "/dev" or matching(use.path, MOUNTS)):
        if use.use is not FileUse.LINK_OVER:  # what is linked or moved onto a directory goes into it
            yield rule.refuses(use, f"{use.path} is a mount", refused=EVERYWHERE)
    elif nodes := matching(use.path, NODES):
        if use.use in TAKES:
            yield rule.refuses(use, f"{nodes[0]} is a bind mount of the host's", fix=_fix(use))
        elif use.use is FileUse.LINK and use.made is not True:
            row = IN_USER_NAMESPACES if use.made is False else EVERYWHERE
            fix = _fix(use, builds=row is IN_USER_NAMESPACES)
            yield rule.refuses(use, f"{nodes[0]} is there already", refused=row, fix=fix)


def _fix(use: UseFile, *, builds: bool = True) -> Fix | None:
    """The step's /dev is gone at its end, so leaving out `rm` and `ln` changes nothing where they work."""
    if use.command.name in ("rm", "unlink"):
        return delete_operand(use.command, use.place, safety=Safety.SAFE if builds else Safety.UNSAFE)
    safe = builds and use.command.name == "ln"
    return delete_command(use.command, safety=Safety.SAFE if safe else Safety.UNSAFE)
