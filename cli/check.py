"""`ns-lint check`: lint, fix, report."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import NamedTuple

import click

from ..fixes.mend import Mended, mend
from ..fixes.write import write
from ..linter.context import Context
from ..linter.discovery import dockerfiles
from ..linter.engine import COMING_FROM, Ruleset
from ..linter.errors import BadUsage
from ..linter.finding import Finding, Severity
from ..linter.invocation import Target
from ..linter.lint import Linted, Question, lint_file, read_file
from ..linter.profile import PROFILE_NAMES, PROFILES
from ..linter.rule import Rule
from ..linter.source import Document
from ..reports.report import Report
from ..rules import all_rules
from .rules import find_rule
from .version import VERSION

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit")
_RANK = {"error": 0, "warning": 1, "note": 2, "never": -1}


class Options(NamedTuple):
    """What was asked for, as click read it."""

    paths: tuple[str, ...] = ()
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    profile: str | None = None
    coming_from: str | None = None
    only_regressions: bool = False
    form: str = "text"
    select: str | None = None
    ignore: str | None = None
    fail_on: str | None = None
    build_args: tuple[str, ...] = ()
    target: str | None = None
    context: str | None = None
    allow: tuple[str, ...] = ()
    notes: bool = False


@click.command("check")
@click.argument("paths", nargs=-1)
@click.option("--fix", is_flag=True, help="Apply the safe fixes.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply the unsafe ones too: look at the result.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and change nothing.")
@click.option(
    "--profile", type=click.Choice(PROFILE_NAMES), default=None, help="The builder to judge for.  [default: userns]"
)
@click.option("--from", "coming_from", type=click.Choice(list(COMING_FROM)), help="Say what is new against this one.")
@click.option("--only-regressions", is_flag=True, help="With --from: leave out what fails there already.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--select", metavar="RULES", help="Only these rules: codes or names, with commas between.")
@click.option("--ignore", metavar="RULES", help="All but these rules.")
@click.option(
    "--fail-on",
    type=click.Choice(list(_RANK)),
    default=None,
    help="The least severity that makes the exit code 1.  [default: error]",
)
@click.option(
    "--build-arg", "build_args", multiple=True, metavar="NAME=VALUE", help="A build argument, as for a build."
)
@click.option("--target", metavar="STAGE", help="The stage that is built.  [default: the last]")
@click.option("--context", "context", metavar="DIR", help="The build context.  [default: the Dockerfile's directory]")
@click.option("--allow", multiple=True, metavar="ENTITLEMENT", help="An entitlement that is granted, as for buildx.")
@click.option("--notes", is_flag=True, help="Also say what cannot be seen.")
@click.pass_context
def check_command(ctx: click.Context, /, **options: object) -> None:
    """Say which steps fail under user-namespaced BuildKit, and why.

    PATHS are Dockerfiles or directories; `-` is standard input. Exit code: 0 nothing to report, 1 findings at or above
    --fail-on, 2 could not run.
    """
    ctx.exit(check(Options(**options)))  # pyright: ignore[reportArgumentType] - click has checked them


def check(options: Options) -> int:
    """Lint what the options name, write fixes and the report; the exit code."""
    question = Question(
        next(p for p in PROFILES if p.name == (options.profile or "userns")),
        COMING_FROM[options.coming_from] if options.coming_from else None,
        Ruleset(_chosen(options)),
    )
    target = Target(options.target, _pairs(options.build_args), frozenset(options.allow))
    linted: list[Linted] = []
    changed = fixed = 0
    for path in _inputs(options.paths):
        document, context = _open(path, options.context)
        if not (options.fix or options.unsafe_fixes or options.diff):
            linted.append(lint_file(document, context, target, question))
            continue
        mended = mend(document, context, target, question, allow_unsafe=options.unsafe_fixes)
        changed += len(mended.changes)
        fixed += mended.applied
        if options.diff:
            _print_diff(mended)
        else:
            write({path: (change.old, change.new) for path, change in mended.changes.items()})
            linted.append(mended.linted)
    if options.diff:
        return 1 if changed else 0
    findings = [finding for each in linted for finding in each.findings if _wanted(finding, options)]
    _print_report(findings, linted, question, options)
    if fixed:
        click.echo(f"fixed {fixed}: `git diff` shows how", err=True)
    _print_problems(linted)
    threshold = _RANK[options.fail_on or "error"]
    return 1 if any(_RANK[finding.severity.value] <= threshold for finding in findings) else 0


def _inputs(paths: tuple[str, ...]) -> Iterable[str]:
    if paths == ("-",):
        return ("-",)
    return dockerfiles(paths or (".",))


def _open(path: str, context: str | None) -> tuple[Document, Context]:
    if path == "-":
        return Document("<stdin>", sys.stdin.buffer.read()), Context(context)
    return Document(path, read_file(path)), Context(context or os.path.dirname(path) or ".", dockerfile=path)


def _chosen(options: Options) -> list[Rule]:
    chosen = [find_rule(name.strip()) for name in options.select.split(",")] if options.select else list(all_rules())
    ignored = {find_rule(name.strip()).code for name in options.ignore.split(",")} if options.ignore else set[str]()
    return [rule for rule in chosen if rule.code not in ignored]


def _pairs(build_args: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in build_args:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadUsage(f"--build-arg {text}: write NAME=VALUE")
        pairs[name] = value
    return pairs


def _wanted(finding: Finding, options: Options) -> bool:
    if finding.severity is Severity.NOTE and not options.notes:
        return False
    return not options.only_regressions or finding.regression is not False


def _print_report(findings: list[Finding], linted: list[Linted], question: Question, options: Options) -> None:
    from importlib import import_module

    documents = {path: document for each in linted for path, document in each.documents.items()}
    report = Report(
        VERSION,
        question.profile.name,
        findings,
        documents,
        question.ruleset.rules,
        len(linted),
        suppressed=sum(each.suppressed for each in linted),
    )
    render = import_module(f"..reports.{options.form}", __package__).render
    if options.form == "text":
        click.echo(render(report, colour=sys.stdout.isatty()), nl=False)
    else:
        click.echo(render(report), nl=False)


def _print_diff(mended: Mended) -> None:
    from ..fixes.diff import diff

    for path, change in sorted(mended.changes.items()):
        click.echo(diff(path, change.old, change.new), nl=False)


def _print_problems(linted: list[Linted]) -> None:
    """What is wrong with suppressions, on standard error."""
    for each in linted:
        for problem in each.problems:
            line = each.documents[problem.place.path].line_of(problem.place.start)
            click.echo(f"{problem.place.path}:{line}: {problem.message}", err=True)
        if each.windows:
            click.echo(f"{each.path}: a Windows Dockerfile: left alone", err=True)
