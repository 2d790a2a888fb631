"""A step may not set the clock.

The clock is the machine's, and setting it needs CAP_SYS_TIME in the initial user namespace. GNU date fails when it is
refused; busybox's says so and exits 0. hwclock fails even to read, since no step has /dev/rtc. Clients that ask a time
server (ntpdate, rdate) are refused once they have an answer; chronyd asks for the clock first.

For a date in the past, faketime changes what one program sees; for time stamps that do not vary, BuildKit has
SOURCE_DATE_EPOCH. A time zone is a file and may be set. If certificates or signatures are "not yet valid", it is the
builder's clock that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import AskKernel, KernelRequest
from ...linter.profile import WITHOUT_HOST_ROOT
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS503",
    name="clock",
    summary="a step may not set the clock",
    refused=WITHOUT_HOST_ROOT,
    guidance="Leave it out: the builder's clock is kept by the machine. Use faketime to show one program another date.",
    symptoms=(
        r"cannot set date",
        r"hwclock: (Cannot access the Hardware Clock|can't open '/dev/misc/rtc'|settimeofday)",
        r"rdate: settimeofday: Operation not permitted",
        r"adjtimex\(.*\) failed : Operation not permitted",
    ),
    examples=(
        Bad("FROM debian\nRUN «date -s '2024-01-01 00:00:00'» && echo ok\n", fixed="FROM debian\nRUN echo ok\n"),
        Bad(
            "FROM debian\nARG DAY=2024-01-01\nRUN set -e; «date --set=$DAY»; ls\n",
            fixed="FROM debian\nARG DAY=2024-01-01\nRUN set -e; ls\n",
        ),
        Bad("FROM debian\nRUN «date 010112002024»\n", fixed="FROM debian\n\n"),
        Bad("FROM debian\nRUN «hwclock --hctosys»\n", fixed="FROM debian\n\n"),
        Bad("FROM busybox\nRUN «hwclock -s» && ls\n", fixed="FROM busybox\nRUN ls\n"),
        Bad("FROM debian\nRUN ls; sudo «date -us 12:00»\n", fixed="FROM debian\nRUN ls\n"),
        Warn(
            "FROM busybox\nRUN «date -s '2024-01-01 00:00:00'» && echo ok\n",
            fixed="FROM busybox\nRUN echo ok\n",
            why="busybox exits 0",
        ),
        Warn("FROM debian\nRUN «date -s now» || true\n", fixed="FROM debian\n\n"),
        Good(
            "FROM debian\nRUN date && date -u +%s && date -d @0 && date -r /etc/passwd && date -Iseconds\n",
            why="these print",
        ),
        Good("FROM busybox\nRUN date +%F && date -d @0 && date -r /etc/passwd\n", why="these print"),
        Good(
            "FROM debian\nRUN ln -sf /usr/share/zoneinfo/UTC /etc/localtime && echo UTC > /etc/timezone\n",
            why="a time zone",
        ),
        Good(
            "FROM debian\nRUN touch -d 2024-01-01 /x && hwclock --version && echo date -s now > /x\n",
            why="a file's time",
        ),
    ),
    references=("https://man7.org/linux/man-pages/man2/clock_settime.2.html",),
)


@rule.check(AskKernel)
def clock(ask: AskKernel) -> Iterator[Refusal]:
    if ask.request is not KernelRequest.CLOCK:
        return
    fix = delete_command(ask.command, safety=Safety.UNSAFE)
    message = "the clock belongs to the host"
    if ask.fails is False:
        message += ": it stays as it is, and the command passes"
    yield rule.refuses(ask, message, fix=fix, certain=ask.fails is not None, differs=ask.fails is False)
