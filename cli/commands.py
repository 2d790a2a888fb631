"""The commands, as click reads them. A command's module is imported when it is called."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

import click

from .main import COMMANDS
from .version import VERSION


class _Commands(click.Group):
    """Loads a command's module when the command is called; anything that is no command is a path to check."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f".{COMMANDS[cmd_name][0]}", __package__)
        return getattr(module, f"{cmd_name}_command")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in COMMANDS and args[0] not in ("--help", "-h", "--version")):
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


def run(arguments: Sequence[str]) -> int:
    """Run a command line; the exit code. Usage errors are printed, with what would be right."""
    try:
        return cli(list(arguments), prog_name="ns-lint", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return 2
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
