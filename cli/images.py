"""`ns-lint images`: what the base images of a repo hold, and a lock file that lint uses."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from ..linter import lock
from ..linter.build import find_stage, read_stages, sources
from ..linter.dockerfile import parse
from ..linter.errors import BadUsage, UnreadableInput
from ..linter.lock import BaseImage, canonical
from ..linter.profile import PROFILES
from ..linter.settings import settings_for
from .builds import LOCK, Asked, Build, builds
from .streams import say


@click.command("images")
@click.argument("paths", nargs=-1)
@click.option("--update", is_flag=True, help="Ask the registries, and write the lock file.")
@click.option(
    "--from-layout", "layouts", multiple=True, metavar="NAME=DIR", help="Read this image from an OCI layout on disk."
)
@click.option("--arch", default="amd64", show_default=True, help="Of images that are for several.")
@click.pass_context
def images_command(
    ctx: click.Context, /, *, paths: tuple[str, ...], update: bool, layouts: tuple[str, ...], arch: str
) -> None:
    """Say what is known of the base images that the Dockerfiles in PATHS name.

    Lint asks no registry. What --update finds is written to .ns-lint-images.json beside the settings, to be committed:
    users, groups, USER, SHELL, ENV and the kind of tools of each image. What is not in it stays unknown.

    Exit code: 0 all are known, 1 some are not, 2 could not run.
    """
    settings = settings_for(paths[0] if paths else ".")
    file = os.path.join(settings.folder or ".", LOCK)
    known = lock.read(file)
    names = sorted(set(_names(builds(Asked(paths, None, None, {}, frozenset()), settings))))
    on_disk = {canonical(name): folder for name, folder in map(_layout, layouts)}
    if update or layouts:
        wanted = names if update else [name for name in names if name in on_disk]
        known = {name: image for name, image in known.items() if name in names}
        for name in wanted:
            try:
                known[name] = _read(name, on_disk.get(name), arch, known.get(name))
            except UnreadableInput as error:
                say(f"{name}: {error}")
        lock.write(file, known)
    for name in names:
        click.echo(f"{name}: {', '.join(_told(known[name])) if name in known else 'not known: --update asks for it'}")
    ctx.exit(0 if all(name in known for name in names) else 1)


def _layout(text: str) -> tuple[str, str]:
    name, equals, folder = text.partition("=")
    if not name or not equals or not folder:
        raise BadUsage(f"--from-layout {text}: write NAME=DIR")
    return name, folder


def _names(found: Iterable[tuple[Build, ...]]) -> Iterator[str]:
    """The images that are no stages of the Dockerfile, by their whole names."""
    for build in (build for each in found for build in each):
        _, stages = read_stages(parse(build.document), build.target)
        for stage in stages:
            copied = (name for instruction in stage.instructions for name in sources(instruction))
            for name in (stage.base, *copied):
                if name and name != "scratch" and "$" not in name and find_stage(stages[: stage.number], name) is None:
                    yield canonical(name)


def _read(name: str, folder: str | None, arch: str, known: BaseImage | None) -> BaseImage:
    from ..builders.inspect import inspect
    from ..builders.registry import Layout, Registry, split

    registry, repository, reference = split(name)
    source = Registry(registry, repository) if folder is None else Layout(Path(folder))
    return inspect(source, reference, arch, known)


def _told(image: BaseImage) -> Iterator[str]:
    yield f"{image.family.value} tools" if image.family else "tools of no known kind"
    yield f"user {image.user or 'root'}"
    if image.shell:
        yield f"shell {' '.join(image.shell)}"
    if image.onbuild:
        yield f"{len(image.onbuild)} ONBUILD, which are not followed"
    if image.highest_id is not None:
        refuse = [profile.name for profile in PROFILES if not profile.maps(image.highest_id)]
        yield f"ids up to {image.highest_id}" + (f", which {', '.join(refuse)} cannot unpack" if refuse else "")
