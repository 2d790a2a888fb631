"""The rules: one file per refusal, one folder per part of the system that refuses."""

from __future__ import annotations

import sys
from functools import cache

from ..linter.errors import BadUsage
from ..linter.modules import modules_below
from ..linter.rule import Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule under this folder, by code."""
    modules = modules_below(sys.modules[__name__])
    found = [rule for module in modules if isinstance(rule := getattr(module, "rule", None), Rule)]
    return tuple(sorted(found, key=lambda rule: rule.code))


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
