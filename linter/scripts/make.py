"""GNU make: which recipe lines a command runs, in which order, and what becomes of their failures.

Source: the GNU make manual 4.4; the tests hold this against `make` itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..command import Command
from ..shell.nested import Followed, FollowedScript
from ..source import Script, join
from ..system import Content, System
from .makefile import Makefile, Rule
from .variables import UNKNOWN, Variables, stem

NAMES = ("GNUmakefile", "makefile", "Makefile")

MAX_SCRIPTS = 2_000
"""No more recipe lines than this are followed for one make."""

MAX_DEPTH = 100
"""How long a chain of prerequisites may be."""

_WITH_VALUE = frozenset("CfIojlOWE")
_LONG_WITH_VALUE = frozenset(("directory", "file", "makefile", "include-dir", "old-file", "what-if", "eval", "jobs"))
_RUNS_NOTHING = frozenset("nqtvhp")
_LONG_RUNS_NOTHING = frozenset(
    ("dry-run", "just-print", "recon", "question", "touch", "version", "help", "print-data-base")
)
_LONG = {"keep-going": "k", "ignore-errors": "i", "always-make": "B", "environment-overrides": "e"}
_SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "zsh"))
_UNKNOWN_IN_SHELL = "$_"
"""What stands in a recipe for what is not known: a parameter that nothing sets."""


class Request(NamedTuple):
    """What make is asked: `flags` are the letters of its options."""

    directory: str
    file: str | None
    goals: tuple[str, ...]
    variables: dict[str, str]
    flags: frozenset[str]


def follow(command: Command, system: System) -> Followed | None:
    """The recipe lines that make runs; None when there is no Makefile to be seen, or it runs none."""
    request = read_request(command)
    if request is None or command.cwd is None:
        return None
    cwd = command.cwd if not request.directory else f"{command.cwd}/{request.directory}"
    if request.directory.startswith("/"):
        cwd = request.directory

    def find(name: str) -> Script | None:
        path = name if name.startswith("/") else f"{cwd}/{name}"
        content: Content | None = system.files.read(f"{command.root}/{path}")
        return content.script if content is not None else None

    names = (request.file,) if request.file is not None else NAMES
    name, script = next(((name, found) for name in names if (found := find(name)) is not None), ("", None))
    if script is None:
        return None
    inherited = _flags_of(command.env.get("MAKEFLAGS") or "")
    given = {**inherited.variables, **request.variables}
    variables = Variables(system, cwd, command.env, given)
    variables.define("MAKECMDGOALS", ":=", " ".join(request.goals))
    makefile = Makefile(variables, find)
    makefile.read(script, name)
    flags = request.flags | inherited.flags
    scripts = tuple(Plan(makefile, flags).scripts(request.goals))
    settings = " ".join(f"{name}={value}" for name, value in given.items())
    passed = ("MAKEFLAGS", f"{''.join(sorted(flags & frozenset('ki')))} -- {settings}")
    return Followed(scripts, cwd, (*variables.environment(), passed), stops="k" not in flags)


def read_request(command: Command) -> Request | None:
    """The command line's meaning; None when make only prints something, or hangs on what is not known."""
    directory, file = "", None
    goals: list[str] = []
    variables: dict[str, str] = {}
    flags: set[str] = set()
    words = [argument.value for argument in command.argv[1:]]
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word is None:
            continue
        following = words[at] if at < len(words) else None
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word[2:].partition("=")
            if name in _LONG_RUNS_NOTHING:
                return None
            flags.add(_LONG.get(name, ""))
            given = value if equals else following
            if name in _LONG_WITH_VALUE and not equals and name != "jobs":
                at += 1
            if name in ("directory", "file", "makefile") and given is None:
                return None
            if name == "directory":
                directory = _inside(directory, given or "")
            elif name in ("file", "makefile"):
                file = given
        elif word.startswith("-") and len(word) > 1:
            letters = word[1:]
            for number, letter in enumerate(letters):
                flags.add(letter)
                if letter not in _WITH_VALUE:
                    continue
                value = letters[number + 1 :]
                takes_next = not value and (letter not in "jlO" or (following or "").isdecimal())
                given = following if takes_next else value
                at += takes_next
                if letter in "Cf" and given is None:
                    return None
                if letter == "C":
                    directory = _inside(directory, given or "")
                elif letter == "f":
                    file = given
                break
        elif found := re.match(r"([^\s:#=+?!]+)\s*(?:::?:?|\?|\+)?=(.*)", word, re.DOTALL):
            variables[found[1]] = found[2]
        else:
            goals.append(word)
    if flags & _RUNS_NOTHING:
        return None
    return Request(directory, file, tuple(goals), variables, frozenset(flags - {""}))


def _inside(directory: str, given: str) -> str:
    return given if given.startswith("/") or not directory else f"{directory}/{given}"


def _flags_of(text: str) -> Request:
    """What a make hands on to those that it starts: `ki -- A=b`."""
    letters, _, settings = text.partition(" -- ")
    words = settings.split()
    variables = {name: value for name, equals, value in (word.partition("=") for word in words) if equals}
    return Request("", None, (), variables, frozenset(letters.strip()) & frozenset("ki"))


class Plan:
    """Decides what is made, in the order in which make would."""

    def __init__(self, makefile: Makefile, flags: frozenset[str]) -> None:
        self.makefile = makefile
        self.files = makefile.variables.system.files
        self.flags = flags
        special = {name: self._needs_of(name) for name in (".PHONY", ".IGNORE", ".ONESHELL")}
        self.phony = frozenset(special[".PHONY"] or ())
        self.ignored = special[".IGNORE"]
        self.one_shell = special[".ONESHELL"] is not None
        self._explicit: dict[str, list[Rule]] = {}
        for rule in makefile.rules:
            for target in rule.targets:
                self._explicit.setdefault(target, []).append(rule)
        self._patterns = [rule for rule in makefile.rules if any("%" in target for target in rule.targets)]
        self._done: dict[str, bool] = {}
        self._count = 0

    def _needs_of(self, special: str) -> list[str] | None:
        rules = [rule for rule in self.makefile.rules if special in rule.targets]
        return [need for rule in rules for need in rule.needs] if rules else None

    def scripts(self, goals: tuple[str, ...]) -> Iterator[FollowedScript]:
        for goal in goals or self._default_goals():
            yield from self._make(goal, self.makefile.variables, 0)

    def _default_goals(self) -> list[str]:
        chosen = self.makefile.variables.value(".DEFAULT_GOAL").split()
        if chosen:
            return chosen[:1]
        targets = (target for rule in self.makefile.rules for target in rule.targets)
        plain = (target for target in targets if "%" not in target and (target[0] != "." or "/" in target))
        return [target for target in (next(plain, None),) if target is not None]

    def _make(self, target: str, outer: Variables, depth: int) -> Iterator[FollowedScript]:
        if target in self._done or depth > MAX_DEPTH or self._count > MAX_SCRIPTS:
            return
        self._done[target] = False
        variables = self._scope(target, outer)
        rules = self._explicit.get(target, [])
        groups = [[rule] for rule in rules] if rules and rules[0].alone else [rules]
        for group in groups:
            yield from self._group(target, group, variables, depth)

    def _group(self, target: str, rules: list[Rule], variables: Variables, depth: int) -> Iterator[FollowedScript]:
        """The rules of one target: all their prerequisites, and the last recipe."""
        recipe = next((rule for rule in reversed(rules) if rule.recipe), None)
        implicit = self._implicit(target) if recipe is None and target not in self.phony else None
        found = recipe or implicit
        needs = [need for rule in rules for need in self._needs(rule, target, rule.needs)]
        if implicit is not None:
            needs = [*self._needs(implicit, target, implicit.needs), *needs]
        elif recipe is not None:  # $< is the first of the rule that has the recipe
            own = self._needs(recipe, target, recipe.needs)
            needs = [*own, *(need for need in needs if need not in own)]
        order_only = [need for rule in rules for need in self._needs(rule, target, rule.order_only)]
        for need in (*needs, *order_only):
            yield from self._make(need, variables, depth + 1)
        if found is None:
            self._done[target] = any(self._done.get(need, False) for need in needs)
            return
        runs = self._runs(target, needs)
        if runs is not False:
            self._done[target] = True
            yield from self._recipe(found, target, needs, variables, unsure=runs is None)

    def _needs(self, rule: Rule, target: str, needs: tuple[str, ...]) -> list[str]:
        found = stem(rule.pattern, target) if rule.pattern else None
        return [need.replace("%", found, 1) if found is not None else need for need in needs]

    def _implicit(self, target: str) -> Rule | None:
        """The first pattern rule that fits and whose prerequisites are there or can be made."""
        for rule in self._patterns:
            for pattern in rule.targets:
                if rule.recipe and stem(pattern, target) is not None:
                    fitting = rule._replace(pattern=pattern)
                    needs = self._needs(fitting, target, rule.needs)
                    if all(need in self._explicit or self._exists(need) for need in needs):
                        return fitting
        return None

    def _exists(self, target: str) -> bool:
        path = target if target.startswith("/") else f"{self.makefile.variables.cwd}/{target}"
        return self.files.made(path) or bool(self.files.names(path))

    def _runs(self, target: str, needs: list[str]) -> bool | None:
        """Whether the recipe runs: None when that hangs on which file is newer."""
        if target in self.phony or "B" in self.flags or not self._exists(target):
            return True
        if any(self._done.get(need, False) or (need in self.phony) for need in needs):
            return True
        return None if needs else False

    # ------------------------------------------------------------------------------------------ recipes

    def _scope(self, target: str, outer: Variables) -> Variables:
        """A target's own variables, which hold for what it needs too."""
        settings = self.makefile.settings.get(target)
        if not settings:
            return outer
        inner = outer.scoped()
        for setting in settings:
            inner.define(setting.name, setting.operator, setting.text)
        return inner

    def _recipe(
        self, rule: Rule, target: str, needs: list[str], variables: Variables, *, unsure: bool
    ) -> Iterator[FollowedScript]:
        scope = variables.scoped()
        for name, value in self._automatic(rule, target, needs).items():
            scope.define(name, ":=", value.replace("$", "$$"))
        shell = scope.value("SHELL").split()
        if not shell or shell[0].rsplit("/", 1)[-1] not in _SHELLS:
            return
        options = [*shell[1:], *scope.value(".SHELLFLAGS").split()]
        letters = "".join(option[1:] for option in options if option.startswith("-"))
        ignores = "i" in self.flags or (self.ignored is not None and (not self.ignored or target in self.ignored))
        lines = [line for each in rule.recipe for line in _lines(_shell_text(scope.expand(each)))]
        if self.one_shell and lines:
            prefixes = _prefix(lines[0])
            lines = [join([line.slice(len(_prefix(line)), len(line.text)) for line in lines], "\n")]
            ignores = ignores or "-" in prefixes
        for line in lines:
            prefix = "" if self.one_shell else _prefix(line)
            script = line.slice(len(prefix), len(line.text))
            self._count += 1
            if script.text.strip() and self._count <= MAX_SCRIPTS:
                ignored = ignores or "-" in prefix
                yield FollowedScript(script, ignored, "e" in letters, "pipefail" in options, unsure)

    def _automatic(self, rule: Rule, target: str, needs: list[str]) -> dict[str, str]:
        from posixpath import basename, dirname

        values = {
            "@": target,
            "<": needs[0] if needs else "",
            "^": " ".join(dict.fromkeys(needs)),
            "+": " ".join(needs),
            "?": " ".join(dict.fromkeys(needs)),
            "*": (stem(rule.pattern, target) if rule.pattern else None) or "",
            "|": " ".join(rule.order_only),
        }
        for name in "@<^*":
            words = values[name].split()
            values[f"{name}D"] = " ".join(dirname(word) or "." for word in words)
            values[f"{name}F"] = " ".join(map(basename, words))
        return values


def _shell_text(script: Script) -> Script:
    """The recipe as the shell gets it; what make expands to something unknown is unknown to it too."""
    pieces: list[Script] = []
    at = 0
    text = script.text
    while (found := text.find(UNKNOWN, at)) >= 0:
        pieces.append(script.slice(at, found))
        mark = script.slice(found, found + 1)
        pieces.append(Script(_UNKNOWN_IN_SHELL, mark.source))
        at = found + 1
    pieces.append(script.slice(at, len(text)))
    return join(pieces, "")


def _lines(script: Script) -> Iterator[Script]:
    """The lines that get a shell each: a newline with a backslash before it does not end one."""
    at = start = 0
    text = script.text
    while (found := text.find("\n", at)) >= 0:
        backslashes = found - start - len(text[start:found].rstrip("\\"))
        at = found + 1
        if backslashes % 2 == 0:
            yield script.slice(start, found)
            start = at
    yield script.slice(start, len(text))


def _prefix(line: Script) -> str:
    found = re.match(r"[\s@+-]*", line.text)
    return found[0] if found else ""
