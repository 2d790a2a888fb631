"""The command line: `ns-lint PATH…` is `ns-lint check PATH…`. Commands are imported when they are called."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from ..linter.errors import NsLintError
from .version import VERSION

_COMMANDS = {
    "check": ("check", "Lint Dockerfiles; the default command."),
    "verify": ("verify", "Prove prediction and rewrite by building for real."),
    "explain": ("explain", "Say why a build failed, from its log."),
    "rule": ("rules", "Print the page of one rule."),
    "rules": ("rules", "List the rules."),
}
"""Command → its module in this package, and its line in the help."""


class _Commands(click.Group):
    """Loads a command's module when the command is called; anything that is no command is a path to check."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f".{_COMMANDS[cmd_name][0]}", __package__)
        return getattr(module, f"{cmd_name}_command")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in _COMMANDS and args[0] not in ("--help", "-h", "--version")):
            args = ["check", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`ns-lint --fix .` mends what it can; `ns-lint check --help` lists every option of the check.",
)
@click.version_option(VERSION, prog_name="ns-lint")
def cli() -> None:
    """Find, fix and prove the Dockerfile steps that fail under user-namespaced BuildKit.

    \b
    ns-lint .                     what breaks in a user namespace
    ns-lint --from kaniko .       what breaks that works today
    ns-lint --fix .               mend what can be mended safely
    ns-lint verify Dockerfile     build before and after, for real
    """  # noqa: D301 - click's mark for lines it must not wrap


def main() -> None:
    """Run, and turn our errors into a message and an exit code."""
    try:
        sys.exit(cli(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("ns-lint: interrupted", err=True)
        sys.exit(130)
    except NsLintError as error:
        click.echo(f"ns-lint: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
