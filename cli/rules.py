"""`ns-lint rules` and `ns-lint rule CODE`."""

from __future__ import annotations

import click

from ..rules import all_rules, find_rule, page_of


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
