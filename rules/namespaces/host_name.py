"""A step may not name its host.

sethostname(2) and setdomainname(2) need CAP_SYS_ADMIN, which only an insecure step has. The name would be gone when the
step ends in any case: `docker run --hostname` and the pod's `hostname` name a container, and a build's steps are named
by `--build-arg BUILDKIT_SANDBOX_HOSTNAME=…`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import AskKernel, KernelRequest
from ...linter.profile import WITHOUT_CAPABILITIES
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS425",
    name="host-name",
    summary="a step may not set the host name",
    refused=WITHOUT_CAPABILITIES,
    guidance="Leave it out and name the container or pod; a build has the argument BUILDKIT_SANDBOX_HOSTNAME.",
    symptoms=(r"you must be root to change the (host|domain) name", r"sethostname: Operation not permitted"),
    examples=(
        Bad("FROM debian\nRUN «hostname builder» && echo ok\n", fixed="FROM debian\nRUN echo ok\n"),
        Bad("FROM busybox\nRUN «hostname builder»\n", fixed="FROM busybox\n\n"),
        Bad(
            "FROM busybox\nRUN echo x > /h && «hostname -F /h»\n",
            fixed="FROM busybox\nRUN echo x > /h\n",
        ),
        Bad("FROM debian\nRUN set -e; «domainname example.org»; ls\n", fixed="FROM debian\nRUN set -e; ls\n"),
        Bad(
            "FROM debian\nARG NAME=builder\nRUN «hostname $NAME.local» && ls\n",
            fixed="FROM debian\nARG NAME=builder\nRUN ls\n",
        ),
        Warn("FROM debian\nRUN «hostname builder» || true\n", fixed="FROM debian\n\n"),
        Warn(
            "FROM debian\nARG NAME\nRUN «hostname $NAME»\n",
            fixed="FROM debian\nARG NAME\n\n",
            why="without it, it prints",
        ),
        Good(
            "FROM debian\nRUN hostname && hostname -f && hostname -I && hostname -s && domainname\n", why="these print"
        ),
        Good("FROM busybox\nRUN hostname && hostname -f && dnsdomainname\n", why="these print"),
        Good("FROM debian\nRUN echo builder > /etc/hostname && export HOSTNAME=builder\n", why="a file and a variable"),
        Good("FROM debian\nRUN --security=insecure hostname builder\n", why="an insecure step may"),
    ),
    references=("https://man7.org/linux/man-pages/man2/sethostname.2.html",),
)


@rule.check(AskKernel)
def host_name(ask: AskKernel) -> Iterator[Refusal]:
    if ask.request is KernelRequest.HOST_NAME:
        fix = delete_command(ask.command, safety=Safety.UNSAFE)
        message = "the host name cannot be set: the step lacks CAP_SYS_ADMIN"
        yield rule.refuses(ask, message, fix=fix, certain=ask.fails is not None)
