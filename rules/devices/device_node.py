"""A device node can be made only from the initial user namespace.

mknod(2) of a block or character device checks CAP_MKNOD against the *initial* user namespace, so it is EPERM in every
user-namespaced build, `--security=insecure` included, and so it is to a tar, a cpio or an ADD that unpacks one. FIFOs
are free, and fakeroot pretends. RUN's /dev is a tmpfs that is thrown away, so a node made there never reaches the image
in any case; real hardware belongs to `docker run --device` or to the pod.

Where something is at the path already, mknod(2) is EEXIST everywhere: the standard nodes are in every step's /dev, and
as real root `RUN --security=insecure` finds /dev/fuse, /dev/kvm, /dev/kmsg, /dev/net/tun and loop devices there too.

The character device 0:0, which overlayfs uses as a whiteout, is free on a tmpfs, /dev included. On overlayfs itself,
where a step's files are, making one is EPERM for everybody; other snapshotters let it pass.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command, delete_with_marks
from ...linter.devices import is_given_to_insecure_steps
from ...linter.edit import Safety
from ...linter.facts import ExtractArchive, MakeNode, NodeKind
from ...linter.profile import EVERYWHERE, IN_USER_NAMESPACES, PROFILE_NAMES, Refused
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

GIVEN = Refused(IN_USER_NAMESPACES.plain, frozenset(PROFILE_NAMES))
"""An insecure step as real root has this node already."""

_ARCHIVE = (
    b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcb+\xcd\xc9a\xa010\0\x023\x13\x130\x0d\x04\xe84&\xdb\xd0\xc0\xc0\xdc"
    b"\x9cA\xc1\x98\x81\x0e\xa0\xb4\xb8$\xb1\x08h=5<i``\x08\xa5\xe9\xe2\xf4Q0\x0aF\xc1(\xa0\x04\0\0!\xc0"
    b"\xaa\x0c\0\x06\0\0"
)
"""A gzipped tar of `null`, the character device 1:3."""

rule = Rule(
    code="NS101",
    name="device-node",
    summary="a device node cannot be made in a user namespace",
    refused=IN_USER_NAMESPACES,
    guidance="Leave the node out: a container's runtime fills /dev. For real hardware use --device or the pod.",
    symptoms=(
        r"mknod: .*(Operation not permitted|File exists)",
        r"(cannot create special file|can't create) '.*': Operation not permitted",
        r"^operation not permitted$",  # all that BuildKit says of an ADD
    ),
    examples=(
        Bad("FROM debian\nRUN «mknod /dev/loop7 b 7 7» && echo ok\n", fixed="FROM debian\nRUN echo ok\n"),
        Bad("FROM debian\nCOPY i.sh /\nRUN sh /i.sh\n", context={"i.sh": "«mknod /srv/n c 1 3»\n"}),
        Bad(
            "FROM busybox\nRUN mkdir -p /dev/net && \\\n    «mknod /dev/net/tun c 10 200» && \\\n"
            "    chmod 600 /dev/net/tun\n",
            fixed="FROM busybox\nRUN mkdir -p /dev/net\n",
        ),
        Bad(
            "FROM debian\nRUN «mknod /dev/own c 1 3» && ls /dev/own\n",
            why="what follows needs the node, so no fix is offered",
        ),
        Bad(
            "FROM debian\nRUN [ -c /dev/fuse ] || «mknod -m 666 /dev/fuse c 10 229»\n",
            why="there is no /dev/fuse in a step",
        ),
        Bad("FROM debian\nRUN cp -a «/dev/null» /srv/null\n", why="cp makes the node anew; without -a it reads it"),
        Bad("FROM busybox\nRUN cp -R «/dev/urandom» /srv/\n"),
        Bad("FROM debian\nRUN «mknod /dev/null c 1 3»\n", fixed="FROM debian\n\n", why="it is there everywhere"),
        Bad("FROM debian\nRUN --security=insecure «mknod /dev/kvm c 10 232»\n", fixed="FROM debian\n\n"),
        Bad("FROM debian\nADD «a.tar.gz» /srv/\n", context={"a.tar.gz": _ARCHIVE}),
        Bad("FROM debian\nCOPY a.tgz /\nRUN cd /srv && tar -xzf «/a.tgz»\n", context={"a.tgz": _ARCHIVE}),
        Warn(
            "FROM busybox\nCOPY a.tgz /\nRUN tar -xzf «/a.tgz» && ls\n",
            context={"a.tgz": _ARCHIVE},
            why="busybox's tar exits 0 without it",
        ),
        Warn("FROM debian\nRUN «mknod /srv/n c 1 3» || true\n"),
        Warn("FROM debian\nRUN «mknod /tmp/whiteout c 0 0» || true\n", why="it hangs on the snapshotter"),
        Good("FROM debian\nRUN mknod /dev/whiteout c 0 0\n", why="a whiteout is no device, and /dev is a tmpfs"),
        Good("FROM debian\nRUN mknod /run/queue p && mkfifo /run/other\n", why="a FIFO is not a device"),
        Good("FROM debian\nRUN fakeroot mknod /srv/n c 1 3\n", why="fakeroot makes a plain file of it"),
        Good("FROM debian\nRUN [ -c /dev/null ] || mknod /dev/null c 1 3\n", why="it is there already"),
        Good("FROM busybox\nRUN cp /dev/null /srv/empty && cp -a /dev/stdout /srv/link\n", why="a file and a link"),
        Good("FROM debian\nCOPY a.tgz /\nRUN tar -tzf a.tgz\n", why="it is listed", context={"a.tgz": _ARCHIVE}),
        Good("FROM debian\nRUN echo 'mknod /dev/x c 1 3' > /init.sh\n", why="it is only written"),
    ),
    references=(
        "https://man7.org/linux/man-pages/man7/user_namespaces.7.html",
        "https://man7.org/linux/man-pages/man2/mknod.2.html",
    ),
)


@rule.check(MakeNode)
def device_node(node: MakeNode) -> Iterator[Refusal]:
    path = node.path or "the node"
    if node.exists:
        yield rule.refuses(
            node,
            f"{path} is in every step's /dev already",
            refused=EVERYWHERE,
            fix=delete_command(node.command, safety=Safety.UNSAFE),
        )
    elif node.kind is NodeKind.FIFO:
        return
    elif node.kind is NodeKind.CHARACTER and node.number == (0, 0):
        if node.path is not None and not path.startswith("/dev/"):
            yield rule.refuses(
                node,
                f"{path} is a whiteout, which overlayfs keeps to itself",
                refused=EVERYWHERE,
                guidance="Make it on a tmpfs: /dev, or RUN --mount=type=tmpfs.",
                certain=False,
            )
    elif node.strict:
        fix = None
        if path.startswith("/dev/") and node.certain:
            fix = delete_command(node.command, safety=Safety.SAFE, unless_used=path) or delete_with_marks(
                node.command, path, safety=Safety.SAFE
            )
        row = GIVEN if is_given_to_insecure_steps(path) else IN_USER_NAMESPACES
        message = f"{path} is a device node"
        yield rule.refuses(node, message, refused=row, fix=fix, certain=node.certain)
    elif not path.startswith("/dev/"):
        yield rule.refuses(node, f"{path} is not made, and {node.command.name} exits 0", differs=True)


@rule.check(ExtractArchive)
def device_in_archive(archive: ExtractArchive) -> Iterator[Refusal]:
    member = next((member for member in archive.members or () if member.device), None)
    if member is None:
        return
    left = archive.strict is False
    yield rule.refuses(
        archive,
        f"{member.name} is a device node" + (", and is left out" if left else ""),
        guidance="Pack the archive without device nodes (tar --exclude): a container's runtime fills /dev.",
        certain=archive.certain and archive.strict is not None,
        differs=left,
    )
