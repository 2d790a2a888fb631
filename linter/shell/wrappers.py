"""Programs that run another program: what they take before it, and what they change for it."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..command import Argument, Command
from ..source import Script

SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh", "busybox sh"})

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=", re.ASCII)


class _Syntax(NamedTuple):
    """`values` are the short options that take a value, `long` the long ones; `operands` come before the program.

    `verbs` are the words one of which must come first, as in `conda run`.
    """

    values: str = ""
    long: frozenset[str] = frozenset()
    operands: int = 0
    assignments: bool = False
    verbs: frozenset[str] = frozenset()


def _long(names: str) -> frozenset[str]:
    return frozenset(f"--{name}" for name in names.split())


_CONDA = _Syntax("np", _long("name prefix cwd"), verbs=frozenset({"run"}))

_WRAPPERS: dict[str, _Syntax] = {
    "builtin": _Syntax(),
    "bundle": _Syntax(verbs=frozenset({"exec"})),
    "busybox": _Syntax(),
    "catchsegv": _Syntax(),
    "chroot": _Syntax(long=_long("userspec groups"), operands=1),
    "chrt": _Syntax("TPD", _long("sched-runtime sched-period sched-deadline"), operands=1),
    "choom": _Syntax("np", _long("adjust pid")),
    "command": _Syntax(),
    "conda": _CONDA,
    "cross-env": _Syntax(assignments=True),
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
    "mamba": _CONDA,
    "micromamba": _CONDA,
    "nice": _Syntax("n", _long("adjustment")),
    "nohup": _Syntax(),
    "nsenter": _Syntax("tSG", _long("target setuid setgid")),
    "pipenv": _Syntax(verbs=frozenset({"run"})),
    "poetry": _Syntax(verbs=frozenset({"run"})),
    "prlimit": _Syntax("p", _long("pid")),
    "runuser": _Syntax("ugGcsw", _long("user group supp-group command shell")),
    "s6-setuidgid": _Syntax(operands=1),
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
    "unshare": _Syntax(
        "SGRwl",
        _long("boottime map-group map-groups map-user map-users monotonic propagation root setgid setgroups setuid wd"),
    ),
    "xargs": _Syntax("aEILnPsd", _long("arg-file delimiter max-args max-procs max-lines max-chars")),
    "xvfb-run": _Syntax("efnps", _long("error-file auth-file server-num server-args")),
}

_ON_PROCESSES = {
    "choom": ("-p", "--pid"),
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


def is_wrapper(command: Command) -> bool:
    """Whether the program runs others, such as sudo and gosu."""
    return command.name in _WRAPPERS or command.name in SHELLS


def unwrap(command: Command) -> Wrapped | None:
    """What the command's own arguments make it run, None when it is no wrapper or runs nothing.

    `runuser -u USER CMD` wraps a program; su and `runuser - USER -c SCRIPT` run scripts, which `shell_script` finds.
    """
    syntax = _WRAPPERS.get(command.name)
    if syntax is None:
        return None
    argv = command.argv
    at = 1
    if syntax.verbs:
        if len(argv) < 2 or argv[1].text not in syntax.verbs:
            return None
        at = 2
    assignments: list[Argument] = []
    user: str | None = None
    while at < len(argv):
        text = argv[at].text
        if text in _ON_PROCESSES.get(command.name, ()):
            return None
        if text == "--":
            at += 1
            break
        option, value, taken = _option(argv, at, syntax)
        if option:
            if option in ("-u", "--user") and command.name in ("sudo", "doas", "runuser"):
                user = value
            at += taken
        elif syntax.assignments and _ASSIGNMENT.match(text):
            assignments.append(argv[at])
            at += 1
        else:
            break
    if command.name == "runuser" and user is None:
        return None
    root = argv[at].value if command.name == "chroot" and at < len(argv) else None
    if command.name in ("gosu", "su-exec", "s6-setuidgid") and at < len(argv):
        user = argv[at].value
    at += syntax.operands
    return Wrapped(at, tuple(assignments), root, user) if at < len(argv) else None


def _option(argv: tuple[Argument, ...], at: int, syntax: _Syntax) -> tuple[str, str | None, int]:
    """The option that counts of the argument at `at` (`-u` of `-Hu`), its value, and how many arguments it takes.

    The option is empty when the argument is none; a lone `-` is one, as env has it.
    """
    text = argv[at].text
    following = argv[at + 1].value if at + 1 < len(argv) else None
    if text.startswith("--"):
        name, equals, value = text.partition("=")
        if equals:
            return name, value, 1
        return (name, following, 2) if name in syntax.long else (name, None, 1)
    if not text.startswith("-"):
        return "", None, 0
    for number, letter in enumerate(text[1:], 2):
        if letter in syntax.values:
            return (f"-{letter}", text[number:], 1) if number < len(text) else (f"-{letter}", following, 2)
    return text, None, 1


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
    user: str | None = None


def shell_script(command: Command) -> InlineScript | ScriptFile | None:
    """The script that a shell, su or runuser is told to run; None when the command is none of them."""
    if command.name in ("su", "runuser"):
        return _su_script(command)
    if command.name not in SHELLS:
        return None
    argv = command.argv
    at, errexit, pipefail, inline, stdin = 1, False, False, False, False
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
        if "n" in letters:
            return None  # it is only checked
        errexit = errexit or (text[0] == "-" and "e" in letters)
        inline = inline or "c" in letters
        stdin = stdin or "s" in letters
        at += 1
        if letters[-1] in "oO" and at < len(argv):
            errexit = errexit or argv[at].text == "errexit"
            pipefail = pipefail or argv[at].text == "pipefail"
            at += 1
    if inline:
        return InlineScript(argv[at], errexit, pipefail, argv[at + 1 :]) if at < len(argv) else None
    if stdin or at >= len(argv):
        return ScriptFile(None, errexit, pipefail, argv[at:])
    return ScriptFile(argv[at], errexit, pipefail, argv[at + 1 :])


def _su_script(command: Command) -> InlineScript | ScriptFile | None:
    """`su [USER] -c SCRIPT`, or a script on standard input; runuser with a user to run a program as is no such."""
    script: Argument | None = None
    user: str | None = "root"
    argv = command.argv
    at = 1
    while at < len(argv):
        text = argv[at].text
        if text.startswith("--command="):
            value = text.removeprefix("--command=")
            script = argv[at]._replace(text=value, script=_behind(argv[at], value))
            at += 1
        elif text in ("-c", "--command", "-lc") and at + 1 < len(argv):
            script = argv[at + 1]
            at += 2
        elif text in ("-s", "--shell", "-g", "--group", "-G", "--supp-group", "-w"):
            at += 2
        elif text.startswith("-"):
            at += 1
        else:
            user = argv[at].value if user == "root" else user
            at += 1
    if script is None:
        return ScriptFile(None, False, False, (), user) if command.name == "su" else None
    return InlineScript(script, False, False, (), user)


def _behind(argument: Argument, value: str) -> Script | None:
    """The end of an argument that may be a script, as a script."""
    script = argument.script
    return None if script is None else script.slice(len(script.text) - len(value), len(script.text))


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
