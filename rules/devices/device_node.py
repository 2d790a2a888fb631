"""A device node can be made only from the initial user namespace.

mknod(2) of a block or character device checks CAP_MKNOD against the *initial* user namespace, so it is EPERM in every
user-namespaced build, `--security=insecure` included. FIFOs are free, and so is the character device 0:0, which
overlayfs uses as a whiteout. RUN's /dev is a tmpfs that is thrown away, so a node made there never reaches the image in
any case; real hardware belongs to `docker run --device` or to the pod.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import MakeNode, NodeKind
from ...linter.profile import IN_USER_NAMESPACES
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS101",
    name="device-node",
    summary="a device node cannot be made in a user namespace",
    refused=IN_USER_NAMESPACES,
    guidance="Leave the node out: a container's runtime fills /dev. For real hardware use --device or the pod.",
    symptoms=(r"mknod: .*Operation not permitted", r"mknod: .*File exists"),
    examples=(
        Bad("FROM debian\nRUN «mknod /dev/loop7 b 7 7» && echo ok\n", fixed="FROM debian\nRUN echo ok\n"),
        Bad("FROM debian\nCOPY i.sh /\nRUN sh /i.sh\n", context={"i.sh": "«mknod /srv/n c 1 3»\n"}),
        Warn("FROM debian\nRUN «mknod /srv/n c 1 3» || true\n"),
        Good("FROM debian\nRUN mknod /run/queue p\n", why="a FIFO is not a device"),
    ),
    references=(
        "https://man7.org/linux/man-pages/man7/user_namespaces.7.html",
        "https://man7.org/linux/man-pages/man2/mknod.2.html",
    ),
)


@rule.check(MakeNode)
def device_node(node: MakeNode) -> Iterator[Refusal]:
    if node.kind is NodeKind.FIFO:
        return
    path = node.path or "the node"
    fix = None
    if path.startswith("/dev/"):
        fix = delete_command(node.command, safety=Safety.SAFE, unless_used=path)
    yield rule.refuses(node, f"{path} is a device node", fix=fix)
