"""Some files of /proc take orders that only the host's root may give.

A negative oom_score_adj needs CAP_SYS_RESOURCE in the *initial* user namespace; /proc/sysrq-trigger and /proc/irq are
read-only in a sandboxed step and the host's own in any other. Without a process sandbox, process 1 is the builder's
rootlesskit and not the step's shell, so /proc/1/fd/1 is out of reach: /dev/stdout and /proc/self/fd/1 always work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import FileUse, UseFile
from ...linter.profile import NO_SANDBOX, WITHOUT_HOST_ROOT, Refused
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

WITHOUT_SANDBOX = Refused(frozenset({NO_SANDBOX.name}), frozenset({NO_SANDBOX.name}))
SCORE = re.compile(r"/proc/(?:self|\d+)/oom_(?:score_)?adj")
OF_HOST = re.compile(r"/proc/(?:sysrq-trigger|irq/.*)")
FIRST_PROCESS = re.compile(r"/proc/1/fd/.*")

rule = Rule(
    code="NS302",
    name="proc-write",
    summary="a file of /proc cannot be written in a step",
    refused=WITHOUT_HOST_ROOT,
    guidance="Leave it out: it acts on the builder, never on the image. Write output to /dev/stdout.",
    symptoms=(
        r"/proc/.*(Read-only file system|Permission denied|Directory nonexistent|nonexistent directory)",
        r"(echo|printf|tee).*I/O error",
        r"write error: Permission denied",
    ),
    examples=(
        Bad(
            "FROM debian\nRUN echo -9 «> /proc/self/oom_score_adj» && touch /ok\n",
            fixed="FROM debian\nRUN touch /ok\n",
        ),
        Bad("FROM busybox\nRUN echo -17 «> /proc/self/oom_adj»\n", fixed="FROM busybox\n\n"),
        Bad("FROM debian\nRUN echo h «> /proc/sysrq-trigger»\n", fixed="FROM debian\n\n"),
        Bad("FROM busybox\nRUN echo 1 | tee «/proc/irq/default_smp_affinity»\n", fixed="FROM busybox\n\n"),
        Bad(
            "FROM debian\nRUN echo hello «> /proc/1/fd/1»\n",
            why="only without a process sandbox",
        ),
        Warn("FROM debian\nRUN echo -500 «> /proc/self/oom_score_adj» || true\n", fixed="FROM debian\n\n"),
        Good("FROM debian\nRUN echo 500 > /proc/self/oom_score_adj\n", why="anyone may be the first to go"),
        Good("FROM busybox\nRUN echo name > /proc/self/comm && echo hello > /proc/self/fd/1\n", why="its own process"),
        Good("FROM debian\nRUN ln -sf /proc/1/fd/1 /var/log/out.log\n", why="it is written when the image runs"),
        Good("FROM debian\nRUN echo 'echo -1 > /proc/self/oom_score_adj' > /start.sh\n", why="it is only written"),
    ),
    references=("https://man7.org/linux/man-pages/man5/proc_pid_oom_score_adj.5.html",),
)


@rule.check(UseFile)
def proc_write(use: UseFile) -> Iterator[Refusal]:
    if use.use is not FileUse.WRITE or not use.path.startswith("/proc/"):
        return
    fix = delete_command(use.command, safety=Safety.UNSAFE)
    if SCORE.fullmatch(use.path):
        if use.value is not None and re.fullmatch(r"\s*-\d+\s*", use.value):
            yield rule.refuses(use, f"{use.value.strip()} protects a process from the host's OOM killer", fix=fix)
    elif OF_HOST.fullmatch(use.path):
        yield rule.refuses(use, f"{use.path} is the host's", fix=fix)
    elif FIRST_PROCESS.fullmatch(use.path):
        yield rule.refuses(use, "process 1 is the builder's", refused=WITHOUT_SANDBOX, fix=fix)
