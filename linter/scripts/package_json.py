"""npm, yarn and pnpm: the scripts of a package.json, and what they run around them.

Measured with npm 11.19, yarn 1.22 and pnpm 9.15. Yarn 2 and later runs no `pre` and `post` scripts.
"""

from __future__ import annotations

import shlex
from typing import NamedTuple

from ..command import Command
from ..dockerfile.exec_form import string
from ..formats.jsonc import read_json
from ..formats.yaml_places import Mapping, Scalar
from ..shell.nested import Followed, FollowedScript
from ..source import Document, Script, SourceMap, join
from ..system import Content, System

_VALUES = frozenset(
    ("--prefix", "-C", "--cwd", "--dir", "--registry", "--loglevel", "--cache", "--cache-folder", "--omit", "--include")
)
"""Options that take a value and may stand before the command."""

_DIRECTORY = frozenset(("--prefix", "-C", "--cwd", "--dir"))
_ALL = frozenset(("-w", "--workspace", "--workspaces", "-ws", "-r", "--recursive", "--filter", "-F", "-g", "--global"))
"""Options with which other packages than this one are meant."""

_RUN = frozenset(("run", "run-script", "rum", "urn"))
_OWN = {
    "npm": {"test": "test", "t": "test", "tst": "test", "start": "start", "stop": "stop", "restart": "restart"},
    "yarn": {},
    "pnpm": {"t": "test"},
}
"""Commands that run the script of that name."""

_INSTALL = {
    "npm": frozenset(("install", "i", "add", "ci", "clean-install", "it", "install-test", "cit")),
    "yarn": frozenset(("install", "")),
    "pnpm": frozenset(("install", "i", "it", "install-test")),
}
_LIFECYCLE = {
    "npm": "preinstall install postinstall prepublish preprepare prepare postprepare",
    "yarn": "preinstall install postinstall prepublish prepare",
    "pnpm": "pnpm:devPreinstall preinstall install postinstall preprepare prepare postprepare",
}
_YARN_COMMANDS = frozenset(
    """
    access add audit autoclean bin cache check config create dedupe dlx exec generate-lock-entry global help import info
    init licenses link list login logout node outdated owner pack patch plugin policies publish remove search set store
    tag team unlink unplug up upgrade version versions why workspace workspaces
    """.split()
)
_PNPM_COMMANDS = frozenset(
    """
    add approve-builds audit bin cache config create dedupe deploy dlx doctor env exec fetch help import init licenses
    link list ln login logout ls outdated pack patch patch-commit prune publish rb rebuild remove rm root server setup
    store un uninstall unlink up update upgrade view why
    """.split()
)


class Request(NamedTuple):
    """`command` is the first word that is no option; `rest` what follows it, up to a `--` and behind it."""

    directory: str
    command: str
    rest: tuple[str, ...]
    options: frozenset[str]


def follow(command: Command, system: System) -> Followed | None:
    """The scripts that the command runs; None when there are none or no package.json is to be seen."""
    tool = "yarn" if command.name == "yarnpkg" else command.name
    request = _read_request(command)
    if request is None or command.cwd is None or request.options & _ALL:
        return None
    found = _find_package(system, f"{command.root}/{command.cwd}", request.directory)
    if found is None:
        return None
    package = read_package(found[1])
    names, words = _names(tool, request, package, command)
    if "--ignore-scripts" in request.options:
        names = [name for name in names if name == request.command or name in request.rest[:1]]
        names = names if request.command in _RUN else []
    scripts = [package.scripts[name] for name in names if name in package.scripts]
    if not scripts:
        return None
    if words:
        main = next(number for number, name in enumerate(n for n in names if n in package.scripts) if name == words[0])
        scripts[main] = _with_arguments(scripts[main], words[1:])
    cwd = found[0].removeprefix(command.root.rstrip("/")) or "/"
    return Followed(tuple(map(FollowedScript, scripts)), cwd)


def _names(tool: str, request: Request, package: Package, command: Command) -> tuple[list[str], tuple[str, ...]]:
    """The scripts to run, in order; and the one that gets the arguments, with them."""
    words = request.rest
    if request.command in _INSTALL[tool]:
        if any(not word.startswith("-") for word in words):
            return [], ()
        names = _LIFECYCLE[tool].split()
        production = {"--production", "--prod"} & request.options or command.env.get("NODE_ENV") == "production"
        if tool == "yarn" and production:
            names = names[:3]
        return ([*names, *_around("test")] if request.command in ("it", "install-test", "cit") else names), ()
    if tool == "npm" and request.command in ("rebuild", "rb"):
        return [] if words else ["preinstall", "install", "postinstall"], ()
    if request.command in _RUN:
        script, words = (words[0], words[1:]) if words else ("", ())
    elif tool == "npm":
        script = _OWN[tool].get(request.command, "")
    else:
        script = _OWN[tool].get(request.command, request.command)
        if script in (_YARN_COMMANDS if tool == "yarn" else _PNPM_COMMANDS):
            script = ""
    if script not in package.scripts:
        return [], ()
    return [script] if tool == "yarn" and package.modern_yarn else _around(script), (script, *words)


def _around(script: str) -> list[str]:
    return [f"pre{script}", script, f"post{script}"]


def _read_request(command: Command) -> Request | None:
    directory, words = "", list[str]()
    options: set[str] = set()
    values = [argument.value for argument in command.argv[1:]]
    at = 0
    while at < len(values):
        value = values[at]
        at += 1
        if value is None:
            return None
        if value == "--":
            words.extend(word for word in values[at:] if word is not None)
            break
        name, equals, given = value.partition("=")
        if not value.startswith("-"):
            words.append(value)
            continue
        options.add(name)
        if name in _VALUES:
            following = values[at] if at < len(values) else None
            at += not equals
            if name in _DIRECTORY:
                directory = given if equals else following or ""
    return Request(directory, words[0] if words else "", tuple(words[1:]), frozenset(options))


def _find_package(system: System, cwd: str, directory: str) -> tuple[str, Content] | None:
    """The package.json of the directory that was named, or the next one upwards from where the command runs."""
    from posixpath import dirname, normpath

    start: str = normpath(directory if directory.startswith("/") else f"{cwd}/{directory}")
    while True:
        content = system.files.read(f"{start}/package.json")
        if content is not None:
            return start, content
        if directory or start in ("/", "//", ""):
            return None
        start = dirname(start)


class Package(NamedTuple):
    scripts: dict[str, Script]
    modern_yarn: bool


def read_package(content: Content) -> Package:
    """The scripts of a package.json by name; none when it cannot be read."""
    script = content.script
    document = Document(script.source.path, script.text.encode("latin-1", "replace"))
    root = next(iter(read_json(document).roots), None)
    scripts: dict[str, Script] = {}
    modern = False
    for pair in root.pairs if isinstance(root, Mapping) else ():
        if pair.key.value == "packageManager" and isinstance(pair.value, Scalar):
            modern = pair.value.value.startswith("yarn@") and not pair.value.value.startswith(("yarn@0", "yarn@1"))
        if pair.key.value == "scripts" and isinstance(pair.value, Mapping):
            for each in pair.value.pairs:
                if isinstance(each.value, Scalar) and each.value.style == '"':
                    text = string(script, each.value.start + 1, each.value.end - 1)
                    scripts[each.key.value] = text.script
    return Package(scripts, modern)


def _with_arguments(script: Script, words: tuple[str, ...]) -> Script:
    """What stands behind the script's name is handed on to it."""
    if not words:
        return script
    at = script.source.offset(max(len(script.text) - 1, 0))
    return join((script, Script(" " + shlex.join(words), SourceMap(script.source.path, (0,), (at,)))), "")
