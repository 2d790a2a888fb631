"""`ns-lint verify`: prove prediction and rewrite by building for real."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..builders.build import BuildRequest
from ..builders.local import Daemons
from ..linter.context import Context
from ..linter.engine import Ruleset
from ..linter.errors import BadUsage, NoBuilder
from ..linter.invocation import Target
from ..linter.lint import Question, read_file
from ..linter.profile import PROFILE_NAMES, PROFILES
from ..linter.source import Document
from ..proof.verify import Manner, Proof, Subject, verify
from ..rules import all_rules

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
    proofs = _prove(subject, chosen, Manner(not only_safe_fixes, all_failures, _progress))
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


def _prove(subject: Subject, profiles: tuple[Profile, ...], manner: Manner) -> list[Proof]:
    ruleset = Ruleset(all_rules())
    proofs: list[Proof] = []
    with Daemons() as daemons:
        for profile in profiles:
            question = Question(profile, None, ruleset)
            try:
                proof = verify(subject, question, daemons.of, manner)
            except NoBuilder as error:
                if len(profiles) == 1:
                    raise
                click.echo(f"ns-lint: {profile.name}: {error}", err=True)
                continue
            proofs.append(proof)
    if not proofs:
        raise NoBuilder("no profile could be built here: the reasons are above")
    return proofs


def _progress(text: str) -> None:
    click.echo(f"… {text}", err=True)


def _pairs(texts: tuple[str, ...], separator: str, option: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        name, found, value = text.partition(separator)
        if not found or not name:
            raise BadUsage(f"{option} {text}: write NAME{separator}VALUE")
        pairs[name] = value
    return pairs
