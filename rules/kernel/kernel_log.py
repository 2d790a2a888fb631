"""A step may not read the kernel's log.

/dev/kmsg is not in a step, and BuildKit's seccomp profile refuses syslog(2) to a step without CAP_SYSLOG. An insecure
step has no such filter: there, real root may read the log, and a user namespace's root where the machine's
kernel.dmesg_restrict is 0, which a build cannot count on.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import AskKernel, KernelRequest
from ...linter.profile import PROFILES, WITHOUT_CAPABILITIES, Refused
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

_RESTRICTED = Refused(frozenset(), frozenset(p.name for p in PROFILES if p.in_user_namespace))

rule = Rule(
    code="NS504",
    name="kernel-log",
    summary="a step may not read the kernel's log",
    refused=WITHOUT_CAPABILITIES,
    guidance="Leave it out: the log is the machine's, and says nothing of the build.",
    symptoms=(r"dmesg: .*(read kernel buffer|clear kernel buffer|klogctl)", r"dmesg: klogctl: Operation not permitted"),
    examples=(
        Bad("FROM debian\nRUN «dmesg» && echo ok\n", fixed="FROM debian\nRUN echo ok\n"),
        Bad("FROM busybox\nRUN ls; «dmesg»\n", fixed="FROM busybox\nRUN ls\n"),
        Bad("FROM debian\nRUN set -e; «dmesg -T --level=err» > /log; ls\n", fixed="FROM debian\nRUN set -e; ls\n"),
        Bad("FROM debian\nRUN «dmesg -n 1»\n", fixed="FROM debian\n\n"),
        Bad("FROM busybox\nUSER nobody\nRUN «dmesg -c»\n", fixed="FROM busybox\nUSER nobody\n\n"),
        Warn("FROM debian\nRUN «dmesg» | tail -1\n"),
        Warn("FROM debian\nRUN make || «dmesg»; true\n"),
        Good("FROM debian\nRUN dmesg --help > /dev/null && dmesg --version\n", why="nothing is read"),
        Good("FROM busybox\nRUN dmesg --help\n", why="nothing is read"),
        Good("FROM debian\nRUN echo hi > /log && dmesg --file /log\n", why="it reads a file"),
        Good("FROM debian\nRUN echo dmesg > /diagnose.sh && command -v dmesg\n", why="it is not run"),
    ),
    references=("https://man7.org/linux/man-pages/man2/syslog.2.html",),
)


@rule.check(AskKernel)
def kernel_log(ask: AskKernel) -> Iterator[Refusal]:
    if ask.request is not KernelRequest.READ_LOG:
        return
    message = "the kernel's log belongs to the host"
    fix = (
        None
        if "|" in (ask.command.script.text if ask.command.script else "")
        else delete_command(ask.command, safety=Safety.UNSAFE)
    )
    yield rule.refuses(ask, message, fix=fix)
    yield rule.refuses(ask, message, refused=_RESTRICTED, fix=fix, certain=False)
