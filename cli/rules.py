"""`ns-lint rules` and `ns-lint rule CODE`."""

from __future__ import annotations

import click

from ..linter.errors import BadUsage
from ..linter.rule import Rule
from ..rules import all_rules, page_of


@click.command("rules")
def rules_command() -> None:
    """List the rules."""
    width = max(len(rule.name) for rule in all_rules())
    for rule in all_rules():
        click.echo(f"{rule.code}  {rule.name:<{width}}  {rule.summary}")


@click.command("rule")
@click.argument("code")
def rule_command(code: str) -> None:
    """Print the page of one rule, by its CODE or its name."""
    rule = find_rule(code)
    click.echo(f"{rule.code} {rule.name}: {rule.summary}\n\n{page_of(rule)}\n\nWhat to do: {rule.guidance}")
    for reference in rule.references:
        click.echo(f"See {reference}")


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
