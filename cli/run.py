"""Lint, fix, report: what `ns-lint check` does. No click here: a hook that passes only paths does without it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..linter.discovery import is_dockerfile
from ..linter.engine import COMING_FROM, Coming, Ruleset
from ..linter.errors import BadUsage
from ..linter.finding import Finding, Severity
from ..linter.lint import Linted, Question, lint_file, merged
from ..linter.profile import PROFILES, Profile
from ..linter.settings import Settings, ignored_in, settings_for
from ..linter.suppress import problems
from ..reports.report import Report
from ..rules import all_rules, find_rule, rules_judging
from .builds import NO_CONFIGS, Asked, Build, Configs, builds, names
from .streams import out, say
from .version import VERSION

if TYPE_CHECKING:
    from ..fixes.mend import Mended

FORMATS = ("text", "json", "sarif", "github", "gitlab", "junit", "html")
FAIL_ON = ("error", "warning", "note", "never")
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
    output: str | None = None
    select: str | None = None
    ignore: str | None = None
    fail_on: str | None = None
    baseline: str | None = None
    update_baseline: bool = False
    build_args: tuple[str, ...] = ()
    target: str | None = None
    context: str | None = None
    allow: tuple[str, ...] = ()
    notes: bool = False
    only_changed: str | None = None

    @property
    def mends(self) -> bool:
        return self.fix or self.unsafe_fixes or self.diff


def check(options: Options) -> int:
    """Lint what the options name, write fixes and the report; the exit code."""
    settings = settings_for(options.paths[0] if options.paths and options.paths[0] != "-" else ".")
    question = Question(_profile(options, settings), _coming(options, settings), _ruleset(options, settings))
    asked = Asked(options.paths, options.context, options.target, _pairs(options.build_args), frozenset(options.allow))
    if options.only_regressions and question.coming_from is None:
        raise BadUsage("--only-regressions: say against what with --from")
    linted: list[Linted] = []
    mended: list[Mended] = []
    configs = _configs(asked, settings)
    wanted = builds(asked, settings, configs)
    if options.only_changed is not None:
        wanted, configs = _changed(options.only_changed, asked, question, wanted, configs)
    for each in wanted:
        if options.mends:
            mended.extend(_mend(each, question, options))
            linted.append(merged([one.linted for one in mended[-len(each) :]]))
        else:
            linted.append(merged([lint_file(*build, question) for build in each]))
    if configs.files:
        from .configs import lint_configs, mend_configs, remarks

        for remark in remarks(configs, notes=options.notes or settings.notes):
            say(remark)
        if options.mends:
            written = mend_configs(configs, question, allow_unsafe=options.unsafe_fixes)
            for one in written:
                _write(one, options)
            mended.extend(written)
            linted.extend(one.linted for one in written)
        else:
            linted.extend(lint_configs(configs, question))
    if options.diff:
        return 1 if any(one.changes for one in mended) else 0
    findings = [f for one in linted for f in one.findings if _wanted(f, options, settings)]
    findings, known = _new(findings, linted, options, settings)
    _print_report(findings, known, linted, question, options)
    _print_remarks(linted, mended, options, settings)
    threshold = _RANK[options.fail_on or settings.fail_on or "error"]
    return 1 if any(_RANK[finding.severity.value] <= threshold for finding in findings) else 0


def _configs(asked: Asked, settings: Settings) -> Configs:
    """The repo's build configs, which are looked for only where more than Dockerfiles was named."""
    if asked.paths == ("-",) or (asked.paths and all(_is_dockerfile(path) for path in asked.paths)):
        return NO_CONFIGS
    from .configs import read_configs

    return read_configs(asked.paths or (".",), settings, asked.allow)


def _changed(
    revision: str, asked: Asked, question: Question, wanted: Iterator[tuple[Build, ...]], configs: Configs
) -> tuple[Iterator[tuple[Build, ...]], Configs]:
    """The builds and configs that have changed since a commit."""
    from .changes import changes_since

    if asked.paths == ("-",):
        raise BadUsage("--only-changed: standard input has no history")
    path = asked.paths[0] if asked.paths else "."
    changes = changes_since(revision, path if os.path.isdir(path) else os.path.dirname(path) or ".")
    files = tuple(config for config in configs.files if changes.hold(config.document.path))
    return (each for each in wanted if changes.touch(each, question)), configs._replace(files=files)


def _is_dockerfile(path: str) -> bool:
    return is_dockerfile(os.path.basename(path)) and not os.path.isdir(path)


def _write(mended: Mended, options: Options) -> None:
    """Write what fixes made, or print the difference."""
    if options.diff:
        _print_diff(mended)
    elif mended.changes:
        from ..fixes.write import write

        write({path: (change.old, change.new) for path, change in mended.changes.items()})


def _mend(each: tuple[Build, ...], question: Question, options: Options) -> list[Mended]:
    """Mend a file as each of its builds, one after the other; write it, or print the difference."""
    from ..fixes.mend import mend
    from ..fixes.write import refuse_outside

    found: list[Mended] = []
    for build in each:
        mended = mend(*build, question, allow_unsafe=options.unsafe_fixes)
        found.append(mended)
        for path in mended.changes:
            if path != build.document.path and build.context.root is not None:
                refuse_outside(build.context.root, path)
        _write(mended, options)
        if mended.changes and not options.diff:
            break
    return found


# -------------------------------------------------------------------------------------------------- what was asked for


def _profile(options: Options, settings: Settings) -> Profile:
    profile = next(p for p in PROFILES if p.name == (options.profile or settings.profile or "userns"))
    if settings.ids is not None and profile.in_user_namespace:
        return profile._replace(ids=settings.ids)
    return profile


def _coming(options: Options, settings: Settings) -> Coming | None:
    name = options.coming_from or settings.origin
    return COMING_FROM[name] if name else None


def _ruleset(options: Options, settings: Settings) -> Ruleset:
    """The rules that were asked for; where nothing was said of rules, each when it is needed."""
    wanted = names(options.select) if options.select else settings.select
    ignored = {find_rule(name).code for name in (*names(options.ignore), *settings.ignore)}
    if not wanted and not ignored and options.form in ("text", "json"):
        return Ruleset(judging=rules_judging)
    chosen = [find_rule(name) for name in wanted] if wanted else all_rules()
    return Ruleset(rule for rule in chosen if rule.code not in ignored)


def _pairs(build_args: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in build_args:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadUsage(f"--build-arg {text}: write NAME=VALUE")
        pairs[name] = value
    return pairs


def _wanted(finding: Finding, options: Options, settings: Settings) -> bool:
    if finding.severity is Severity.NOTE and not (options.notes or settings.notes):
        return False
    if options.only_regressions and finding.regression is False:
        return False
    ignored = ignored_in(settings, finding.place.path)
    return finding.code not in ignored and finding.name not in ignored


def _new(
    findings: list[Finding], linted: list[Linted], options: Options, settings: Settings
) -> tuple[list[Finding], int]:
    """The findings that the baseline does not hold, and how many it does."""
    file = options.baseline
    if file is None and settings.baseline is not None:
        file = os.path.relpath(os.path.join(settings.folder or ".", settings.baseline))
    if file is None:
        if options.update_baseline:
            raise BadUsage("--update-baseline: say which file with --baseline")
        return findings, 0
    from ..linter import baseline

    documents = {path: document for one in linted for path, document in one.documents.items()}
    if options.update_baseline:
        baseline.write(file, findings, documents)
    compared = baseline.compare(findings, documents, file)
    return list(compared.new), len(compared.known)


# ---------------------------------------------------------------------------------------------------------- output


def _print_report(
    findings: list[Finding], known: int, linted: list[Linted], question: Question, options: Options
) -> None:
    from importlib import import_module

    documents = {path: document for one in linted for path, document in one.documents.items()}
    suppressed = sum(one.suppressed for one in linted)
    rules = question.ruleset.rules
    paths = tuple(dict.fromkeys(one.path for one in linted))
    report = Report(VERSION, question.profile.name, findings, documents, rules, len(linted), suppressed, known, paths)
    render = import_module(f"..reports.{options.form}", __package__).render
    to_terminal = options.output is None and sys.stdout.isatty()
    text: str = render(report, colour=to_terminal) if options.form == "text" else render(report)
    text = text.rstrip("\n") + "\n"
    if options.output is None:
        out(text)
        return
    from ..linter.atomic import replace

    replace(options.output, text.encode("utf-8", "surrogateescape"))


def _print_diff(mended: Mended) -> None:
    from ..fixes.diff import diff

    for path, change in sorted(mended.changes.items()):
        out(diff(path, change.old, change.new))


def _print_remarks(linted: list[Linted], mended: list[Mended], options: Options, settings: Settings) -> None:
    """On standard error: what was fixed or could not be, and suppressions that do not do what they seem to say."""
    applied = sum(one.applied for one in mended)
    if applied:
        say(f"fixed {applied}: `git diff` shows how")
    for skipped in (skipped for one in mended for skipped in one.skipped):
        say(f"not fixed: {skipped.fix.title}: {skipped.reason}")
    known = {rule.code: rule.name for rule in all_rules()} if any(one.suppressions for one in linted) else {}
    for one in linted:
        wrong = [*one.problems, *problems(one.suppressions, known, require_reasons=settings.require_reasons)]
        for problem in wrong:
            line = one.documents[problem.place.path].line_of(problem.place.start)
            say(f"{problem.place.path}:{line}: {problem.message}")
        everything = not (options.select or options.ignore or settings.select or settings.ignore)
        for unused in one.unused if everything else ():
            line = one.documents[unused.place.path].line_of(unused.place.start)
            named = ", ".join(unused.names)
            say(f"{unused.place.path}:{line}: nothing to ignore here: delete {named}")
        if one.windows:
            say(f"{one.path}: a Windows Dockerfile: left alone")
