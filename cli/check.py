"""`ns-lint check`: its options."""

from __future__ import annotations

import click

from ..linter.engine import COMING_FROM
from ..linter.profile import PROFILE_NAMES
from .run import FAIL_ON, FORMATS, Options, check


@click.command("check")
@click.argument("paths", nargs=-1)
@click.option("--fix", is_flag=True, help="Apply the safe fixes.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply the unsafe ones too: look at the result.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and change nothing.")
@click.option("--profile", type=click.Choice(PROFILE_NAMES), help="The builder to judge for.  [default: userns]")
@click.option("--from", "coming_from", type=click.Choice(list(COMING_FROM)), help="Say what is new against this one.")
@click.option("--only-regressions", is_flag=True, help="With --from: leave out what fails there already.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", metavar="FILE", help="Write the report to this file.  [default: standard output]")
@click.option("--select", metavar="RULES", help="Only these rules: codes or names, with commas between.")
@click.option("--ignore", metavar="RULES", help="All but these rules.")
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), help="The least severity that makes the exit code 1.  [default: error]"
)
@click.option("--baseline", metavar="FILE", help="Findings that are accepted: only new ones are reported.")
@click.option("--update-baseline", is_flag=True, help="Write all that is found now to the baseline.")
@click.option(
    "--build-arg", "build_args", multiple=True, metavar="NAME=VALUE", help="A build argument, as for a build."
)
@click.option("--target", metavar="STAGE", help="The stage that is built.  [default: the last]")
@click.option("--context", "context", metavar="DIR", help="The build context.  [default: the Dockerfile's directory]")
@click.option("--allow", multiple=True, metavar="ENTITLEMENT", help="An entitlement that is granted, as for buildx.")
@click.option(
    "--only-changed", metavar="REV", help="Only what has changed since this commit, such as origin/main, or runs it."
)
@click.option("--notes", is_flag=True, help="Also say what cannot be seen.")
@click.pass_context
def check_command(ctx: click.Context, /, **options: object) -> None:
    """Say which steps fail under user-namespaced BuildKit, and why.

    PATHS are Dockerfiles or directories; `-` is standard input. Exit code: 0 nothing to report, 1 findings at or above
    --fail-on, 2 could not run.
    """
    ctx.exit(check(Options(**options)))  # pyright: ignore[reportArgumentType] - click has checked them
