"""The rules: one file per refusal, one folder per part of the system that refuses."""

from __future__ import annotations

import re
import sys
from functools import cache
from importlib import import_module

from ..linter.errors import BadUsage
from ..linter.modules import module_files, modules_below
from ..linter.rule import Fact, Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule under this folder, by code."""
    modules = modules_below(sys.modules[__name__])
    found = [rule for module in modules if isinstance(rule := getattr(module, "rule", None), Rule)]
    return tuple(sorted(found, key=lambda rule: rule.code))


def rules_judging(kind: type[Fact]) -> tuple[Rule, ...]:
    """The rules that judge facts of one kind. No others are imported: reading what files check is far cheaper."""
    modules = [import_module(name) for name in _modules_by_kind().get(kind.__name__, ())]
    return tuple(sorted((module.rule for module in modules), key=lambda rule: rule.code))


@cache
def _modules_by_kind() -> dict[str, list[str]]:
    """Names of the rules' modules, by the kinds that their `@rule.check(KIND)` lines name."""
    found: dict[str, list[str]] = {}
    for name, path in module_files(sys.modules[__name__]):
        with open(path, encoding="utf-8") as file:
            for kind in set(re.findall(r"^@rule\.check\((\w+)\)", file.read(), re.MULTILINE)):
                found.setdefault(kind, []).append(name)
    return found


def page_of(rule: Rule) -> str:
    """The rule's page: its module's docstring."""
    checks = list(rule.checks.values())
    return (sys.modules[checks[0].__module__].__doc__ or "").strip() if checks else ""


def find_rule(name: str) -> Rule:
    """The rule of that code or name. Raises BadUsage when there is none, with the nearest one that is."""
    wanted = name.lower()
    by_name = {key: rule for rule in all_rules() for key in (rule.code.lower(), rule.name.lower())}
    if wanted in by_name:
        return by_name[wanted]
    from difflib import get_close_matches

    near = get_close_matches(wanted, by_name, n=1)
    hint = f": did you mean {by_name[near[0]].name}?" if near else ": `ns-lint rules` lists them"
    raise BadUsage(f"no rule is called {name}{hint}")
