"""Programs that run another program: what they take before it, and what they change for it."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..command import Argument, Command

SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh", "busybox sh"})

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=", re.ASCII)


class _Syntax(NamedTuple):
    """`values` are the short options that take a value, `long` the long ones; `operands` come before the program."""

    values: str = ""
    long: frozenset[str] = frozenset()
    operands: int = 0
    assignments: bool = False


def _long(names: str) -> frozenset[str]:
    return frozenset(f"--{name}" for name in names.split())


_WRAPPERS: dict[str, _Syntax] = {
    "builtin": _Syntax(),
    "busybox": _Syntax(),
    "catchsegv": _Syntax(),
    "chroot": _Syntax(long=_long("userspec groups"), operands=1),
    "chrt": _Syntax("TPD", _long("sched-runtime sched-period sched-deadline"), operands=1),
    "command": _Syntax(),
    "dbus-run-session": _Syntax(long=_long("config-file dbus-daemon")),
    "doas": _Syntax("uC", assignments=True),
    "dumb-init": _Syntax("r", _long("rewrite")),
    "eatmydata": _Syntax(),
    "env": _Syntax("uCS", _long("unset chdir"), assignments=True),
    "exec": _Syntax("a"),
    "fakechroot": _Syntax("desb", _long("lib config-dir")),
    "fakeroot": _Syntax("lsib", _long("lib faked")),
    "gosu": _Syntax(operands=1),
    "ionice": _Syntax("cnp", _long("class classdata")),
    "linux32": _Syntax(),
    "linux64": _Syntax(),
    "nice": _Syntax("n", _long("adjustment")),
    "nohup": _Syntax(),
    "nsenter": _Syntax("tSG", _long("target setuid setgid")),
    "prlimit": _Syntax("p", _long("pid")),
    "runuser": _Syntax("ugGcsw", _long("user group supp-group command shell")),
    "setarch": _Syntax(operands=1),
    "setpriv": _Syntax(long=_long("reuid regid groups inh-caps ambient-caps bounding-set securebits pdeathsig")),
    "setsid": _Syntax(),
    "stdbuf": _Syntax("ioe", _long("input output error")),
    "strace": _Syntax("abeEIoOpPsSuUX"),
    "su-exec": _Syntax(operands=1),
    "sudo": _Syntax("ugCDhpRTUr", _long("user group chdir close-from prompt role"), assignments=True),
    "taskset": _Syntax(operands=1),
    "time": _Syntax("fo", _long("format output")),
    "timeout": _Syntax("ks", _long("kill-after signal"), operands=1),
    "tini": _Syntax("peg"),
    "tini-static": _Syntax("peg"),
    "unbuffer": _Syntax(),
    "unshare": _Syntax("SGRw", _long("root wd setuid setgid map-users map-groups propagation")),
    "xargs": _Syntax("aEILnPsd", _long("arg-file delimiter max-args max-procs max-lines max-chars")),
    "xvfb-run": _Syntax("efnps", _long("error-file auth-file server-num server-args")),
}

_ON_PROCESSES = {
    "chrt": ("-p", "--pid"),
    "command": ("-v", "-V"),
    "ionice": ("-p", "-P"),
    "prlimit": ("-p", "--pid"),
    "taskset": ("-p", "--pid"),
}
"""Options with which a wrapper runs nothing: it acts on a process that is there, or looks a command up."""


class Wrapped(NamedTuple):
    """What a wrapper runs: the arguments from `at` on, with these variables and below this root."""

    at: int
    assignments: tuple[Argument, ...]
    root: str | None
    user: str | None


def unwrap(command: Command) -> Wrapped | None:
    """What the command's own arguments make it run, None when it is no wrapper or runs nothing.

    `runuser -u USER CMD` wraps a program; su and `runuser - USER -c SCRIPT` run scripts, which `inline_script` finds.
    """
    syntax = _WRAPPERS.get(command.name)
    if syntax is None:
        return None
    argv = command.argv
    at = 1
    assignments: list[Argument] = []
    user: str | None = None
    while at < len(argv):
        text = argv[at].text
        if text in _ON_PROCESSES.get(command.name, ()):
            return None
        if text == "--":
            at += 1
            break
        if text.startswith("--"):
            name, equals, value = text.partition("=")
            takes = name in syntax.long and not equals
            if name == "--user" and at + 1 < len(argv):
                user = value or argv[at + 1].value
            at += 2 if takes else 1
        elif text.startswith("-") and len(text) > 1:
            takes = len(text) == 2 and text[1] in syntax.values
            if text.startswith("-u") and command.name in ("sudo", "doas", "runuser"):
                user = text[2:] or (argv[at + 1].value if at + 1 < len(argv) else None)
            at += 2 if takes else 1
        elif syntax.assignments and _ASSIGNMENT.match(text):
            assignments.append(argv[at])
            at += 1
        else:
            break
    if command.name == "runuser" and user is None:
        return None
    root = argv[at].value if command.name == "chroot" and at < len(argv) else None
    if command.name in ("gosu", "su-exec") and at < len(argv):
        user = argv[at].value
    at += syntax.operands
    return Wrapped(at, tuple(assignments), root, user) if at < len(argv) else None


class InlineScript(NamedTuple):
    """A script given to a shell as an argument, with the options that decide its exit status."""

    script: Argument
    errexit: bool
    pipefail: bool
    parameters: tuple[Argument, ...]
    user: str | None = None


class ScriptFile(NamedTuple):
    """A script that a shell reads from a file (None: from standard input)."""

    path: Argument | None
    errexit: bool
    pipefail: bool
    parameters: tuple[Argument, ...]


def shell_script(command: Command) -> InlineScript | ScriptFile | None:
    """The script that a shell, su or runuser is told to run; None when the command is none of them."""
    if command.name in ("su", "runuser"):
        return _su_script(command)
    if command.name not in SHELLS:
        return None
    argv = command.argv
    at, errexit, pipefail, inline = 1, False, False, False
    while at < len(argv):
        text = argv[at].text
        if text in ("--", "-"):
            at += 1
            break
        if text.startswith("--"):
            at += 2 if text in ("--rcfile", "--init-file") else 1
            continue
        if text[:1] not in ("-", "+") or len(text) < 2:
            break
        letters = text[1:]
        errexit = errexit or (text[0] == "-" and "e" in letters)
        inline = inline or "c" in letters
        at += 1
        if letters[-1] in "oO" and at < len(argv):
            errexit = errexit or argv[at].text == "errexit"
            pipefail = pipefail or argv[at].text == "pipefail"
            at += 1
    if inline:
        return InlineScript(argv[at], errexit, pipefail, argv[at + 1 :]) if at < len(argv) else None
    return ScriptFile(argv[at] if at < len(argv) else None, errexit, pipefail, argv[at + 1 :])


def _su_script(command: Command) -> InlineScript | None:
    script: Argument | None = None
    user: str | None = "root"
    argv = command.argv
    at = 1
    while at < len(argv):
        text = argv[at].text
        if text in ("-c", "--command", "-lc") and at + 1 < len(argv):
            script = argv[at + 1]
            at += 2
        elif text in ("-s", "--shell", "-g", "--group", "-G", "--supp-group", "-w"):
            at += 2
        elif text.startswith("-"):
            at += 1
        else:
            user = argv[at].value if user == "root" else user
            at += 1
    return InlineScript(script, False, False, (), user) if script else None


class FindAction(NamedTuple):
    """`-exec … ;` or `-exec … +`: argument numbers `start` to `end`; only `+` makes find's status follow."""

    start: int
    end: int
    counts: bool


def find_actions(command: Command) -> list[FindAction]:
    """The commands that find(1) is told to run."""
    actions: list[FindAction] = []
    at = 1
    argv = command.argv
    while at < len(argv):
        if argv[at].text in ("-exec", "-execdir", "-ok", "-okdir"):
            end = next((n for n in range(at + 1, len(argv)) if argv[n].text in (";", "+")), len(argv))
            if end > at + 1:
                actions.append(FindAction(at + 1, end, end < len(argv) and argv[end].text == "+"))
            at = end
        at += 1
    return actions
