"""`ns-lint explain`: from a failed build's log to what was refused, and what to do."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from ..linter.errors import UnreadableInput
from ..proof.explain.causes import explain
from ..proof.explain.read import read_log
from ..proof.explain.report import as_json, as_text
from ..rules import all_rules


@click.command("explain")
@click.argument("log", default="-", metavar="[LOG]")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def explain_command(ctx: click.Context, *, log: str, form: str) -> None:
    """Explain a failed build from its LOG: a file, or `-` for standard input.

    It may be of docker, buildx, buildctl (plain or rawjson), Kaniko or buildah, and come out of a GitLab or GitHub job.

    Exit code: 0 explained, 1 not explained or no failure found, 2 unreadable.
    """
    read = read_log(_read(log))
    explanations = explain(read, all_rules())
    name = "standard input" if log == "-" else log
    if form == "json":
        click.echo(json.dumps(as_json(name, read, explanations), indent=2, ensure_ascii=False))
    else:
        click.echo(as_text(name, read, explanations, colour=sys.stdout.isatty()))
    ctx.exit(0 if any(each.causes for each in explanations) else 1)


def _read(log: str) -> bytes:
    if log == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(log).read_bytes()
    except OSError as error:
        raise UnreadableInput(f"{log}: {error.strerror}") from error
