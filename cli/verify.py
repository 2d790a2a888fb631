"""`ns-lint verify`: prove prediction and rewrite by building for real."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..builders import lab
from ..builders.build import BuildRequest, build
from ..builders.local import Daemons, identity
from ..builders.outcome import Outcome
from ..linter.context import Context
from ..linter.engine import Ruleset
from ..linter.errors import BadUsage, NoBuilder
from ..linter.invocation import Target
from ..linter.lint import Question, read_file
from ..linter.profile import PROFILE_NAMES, PROFILES
from ..linter.source import Document
from ..proof.cache import BuildIn, Cache
from ..proof.keep import keeping
from ..proof.verify import Manner, Proof, Subject, verify
from ..rules import all_rules
from .progress import Progress

if TYPE_CHECKING:
    from ..linter.profile import Profile


@click.command("verify")
@click.argument("dockerfile", type=click.Path(exists=True, dir_okay=False))
@click.option("--profile", type=click.Choice(PROFILE_NAMES), default="userns", show_default=True)
@click.option("--all-profiles", is_flag=True, help="Build in every profile that this machine permits.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--only-safe-fixes", is_flag=True, help="Leave the unsafe fixes out of the fixed build.")
@click.option("--all-failures/--first-failure", default=True, help="Build on past each failing step.  [default: all]")
@click.option("--context", "context", metavar="DIR", help="The build context.  [default: the Dockerfile's directory]")
@click.option("--target", metavar="STAGE", help="The stage to build.  [default: the last]")
@click.option("--build-arg", "build_args", multiple=True, metavar="NAME=VALUE", help="As for docker buildx build.")
@click.option("--allow", multiple=True, metavar="ENTITLEMENT", help="As for docker buildx build.")
@click.option("--secret", multiple=True, metavar="SPEC", help="As for docker buildx build: id=NAME,src=FILE.")
@click.option("--ssh", multiple=True, metavar="SPEC", help="As for docker buildx build.")
@click.option("--build-context", "build_contexts", multiple=True, metavar="NAME=VALUE", help="As for buildx.")
@click.option("--add-host", "add_hosts", multiple=True, metavar="HOST:IP", help="As for docker buildx build.")
@click.option("--platform", metavar="OS/ARCH", help="As for docker buildx build.")
@click.option("--keep", is_flag=True, help="Keep what was built, the logs and the daemons' state, and say where.")
@click.option("--no-cache", is_flag=True, help="Build anew what was built before and has not changed since.")
@click.option("--timeout", type=float, default=600.0, show_default=True, metavar="SECONDS", help="For each build.")
@click.pass_context
def verify_command(
    ctx: click.Context,
    *,
    dockerfile: str,
    profile: str,
    all_profiles: bool,
    form: str,
    only_safe_fixes: bool,
    all_failures: bool,
    context: str | None,
    target: str | None,
    build_args: tuple[str, ...],
    allow: tuple[str, ...],
    secret: tuple[str, ...],
    ssh: tuple[str, ...],
    build_contexts: tuple[str, ...],
    add_hosts: tuple[str, ...],
    platform: str | None,
    keep: bool,
    no_cache: bool,
    timeout: float,
) -> None:
    """Build DOCKERFILE as it is and as `--fix --unsafe-fixes` would make it, and compare with what is predicted.

    Exit code: 0 the prediction held and the fixed file builds, 1 not proven, 2 could not run.
    """
    arguments = _pairs(build_args, "=", "--build-arg")
    request = BuildRequest(
        dockerfile=Path(dockerfile),
        context=Path(context) if context is not None else Path(dockerfile).parent,
        target=target or "",
        build_args=arguments,
        allow=allow,
        secrets=secret,
        ssh=ssh,
        build_contexts=_pairs(build_contexts, "=", "--build-context"),
        add_hosts=_pairs(add_hosts, ":", "--add-host"),
        platform=platform or "",
        timeout=timeout,
    )
    subject = Subject(
        Document(dockerfile, read_file(dockerfile)),
        Context(str(request.context), dockerfile=dockerfile),
        Target(target, arguments, frozenset(allow), platform),
        request,
    )
    chosen = PROFILES if all_profiles else tuple(p for p in PROFILES if p.name == profile)
    with Progress() as progress, Daemons(keep=keep) as daemons:
        builds = _builds(daemons, progress, keep=keep, no_cache=no_cache)
        manner = Manner(not only_safe_fixes, all_failures, progress.say)
        proofs = _prove(subject, chosen, builds, manner, progress)
    for daemon in daemons.started if keep else ():
        progress.note(f"the state and log of the {daemon.profile.name} daemon: {daemon.state}")
    if form == "json":
        from ..proof.report import as_json

        found = [as_json(proof, subject.document) for proof in proofs]
        click.echo(json.dumps({"profiles": found} if all_profiles else found[0], indent=2, ensure_ascii=False))
    else:
        from ..proof.report import as_matrix, as_text

        for proof in proofs:
            click.echo(as_text(proof, subject.document, colour=sys.stdout.isatty()))
        if all_profiles:
            click.echo(as_matrix(proofs))
    ctx.exit(0 if all(is_proven(proof) for proof in proofs) else 1)


def is_proven(proof: Proof) -> bool:
    """Whether the prediction held, and the fixed file builds where the original does not."""
    if not proof.original.comparison.agrees:
        return False
    if proof.fixed is not None:
        return proof.fixed.outcome.built
    return proof.original.outcome.built


def _builds(daemons: Daemons, progress: Progress, *, keep: bool, no_cache: bool) -> BuildIn:
    """How to build: from what is kept of earlier runs, else on a daemon that is started when it is needed."""

    def on_daemon(profile: Profile, request: BuildRequest) -> Outcome:
        return build(daemons.of(profile), request, progress.step)

    def told(age: float) -> None:
        progress.note(f"  built {_ago(age)} ago, and nothing has changed since: --no-cache builds again")

    builds: BuildIn = on_daemon
    if not no_cache:
        builds = Cache(lab.home() / "outcomes", identity(), on_daemon, told).build
    if keep:
        folder = Path(tempfile.mkdtemp(prefix="ns-lint-kept-"))
        progress.note(f"what is built, and each log: {folder}")
        builds = keeping(folder, builds)
    return builds


def _ago(seconds: float) -> str:
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _prove(
    subject: Subject, profiles: tuple[Profile, ...], build: BuildIn, manner: Manner, progress: Progress
) -> list[Proof]:
    ruleset = Ruleset(all_rules())
    proofs: list[Proof] = []
    for profile in profiles:
        try:
            proofs.append(verify(subject, Question(profile, None, ruleset), build, manner))
        except NoBuilder as error:
            if len(profiles) == 1:
                raise
            progress.note(f"ns-lint: {profile.name}: {error}")
    if not proofs:
        raise NoBuilder("no profile could be built here: the reasons are above")
    return proofs


def _pairs(texts: tuple[str, ...], separator: str, option: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        name, found, value = text.partition(separator)
        if not found or not name:
            raise BadUsage(f"{option} {text}: write NAME{separator}VALUE")
        pairs[name] = value
    return pairs
