"""A search through all of / meets a directory of /proc that is closed.

/proc/tty/driver may be listed by its owner alone, the host's root, who is not mapped in a user namespace. So `find /`,
`du -s /` and `ls -R /` say "Permission denied", go on, and exit non-zero, even if nothing in /proc was looked for:
`-not -path '/proc/*'` hides what is found there, and still walks through it. Without a process sandbox the builder's
own processes are closed as well. `find / -xdev` stays in the image's file system, and is faster.

As real root the directory is open. GNU find may still exit with 1 there, when a test such as -perm makes it look at its
own open files in /proc, which are gone the next moment.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import insert_after
from ...linter.devices import matching
from ...linter.edit import Fix, Safety
from ...linter.facts import FileUse, UseFile
from ...linter.profile import IN_USER_NAMESPACES
from ...linter.rule import Bad, Good, Refusal, Rule

TREES = ("/", "/proc", "/proc/tty", "/proc/tty/driver")

rule = Rule(
    code="NS305",
    name="proc-walk",
    summary="a search through / exits non-zero in a user namespace",
    refused=IN_USER_NAMESPACES,
    guidance="Stay in the image's file system: find / -xdev, du -x; or name the directories to look in.",
    symptoms=(r"/proc/tty/driver.*: Permission denied", r"(find|du|ls): .*/proc/\d+/\S+.*: Permission denied"),
    examples=(
        Bad(
            "FROM debian\nRUN find «/» -name '*.pyc' -delete && echo ok\n",
            fixed="FROM debian\nRUN find / -xdev -name '*.pyc' -delete && echo ok\n",
        ),
        Bad(
            "FROM busybox\nRUN find «/» -type d -name __pycache__ -exec rm -rf {} +\n",
            fixed="FROM busybox\nRUN find / -xdev -type d -name __pycache__ -exec rm -rf {} +\n",
        ),
        Bad(
            "FROM debian\nRUN find «/» -not -path '/proc/*' -name core > /cores\n",
            fixed="FROM debian\nRUN find / -xdev -not -path '/proc/*' -name core > /cores\n",
        ),
        Bad("FROM debian\nRUN cd / && «find» -name core\n", why="the current directory is /"),
        Bad("FROM busybox\nRUN du -s «/»\n"),
        Bad("FROM debian\nRUN ls -R «/proc/tty» > /list\n"),
        Good(
            "FROM debian\nRUN find / -name '*.pyc' -delete || true\n", why="the step survives, with all that was found"
        ),
        Good("FROM debian\nRUN find / -name none | xargs rm -f\n", why="the pipe has the status of xargs"),
        Good("FROM debian\nRUN find / -xdev -name core && du -sx / && ls /proc /\n", why="it stays out of /proc"),
        Good("FROM busybox\nRUN find / -path /proc -prune -o -name core -print\n", why="it stays out of /proc"),
        Good("FROM debian\nRUN find /usr /etc -name core && find . -maxdepth 1 -name x\n", why="not all of /"),
    ),
    references=("https://man7.org/linux/man-pages/man1/find.1.html",),
)


@rule.check(UseFile)
def proc_walk(use: UseFile) -> Iterator[Refusal]:
    if use.use is FileUse.READ and use.recursive and (trees := matching(use.path, TREES)):
        yield rule.refuses(use, f"{trees[0]} holds /proc/tty/driver, which is closed", fix=_fix(use), quiet=True)


def _fix(use: UseFile) -> Fix | None:
    """-xdev comes before all tests. What is printed is then without /proc and /dev: only actions are the same."""
    words = {argument.text for argument in use.command.argv}
    starts = [argument for argument in use.command.argv[1:] if argument.text.startswith("/")]
    if use.command.name != "find" or not starts or starts[0] is not use.command.argv[1] or use.path != "/":
        return None
    last = starts[0]
    for argument in use.command.argv[2:]:
        if argument.text[:1] in ("-", "(", "!"):
            break
        last = argument
    safe = bool(words & {"-delete", "-exec"}) and not use.command.redirections
    return insert_after(last, "-xdev", "stay in the image's file system", Safety.SAFE if safe else Safety.UNSAFE)
