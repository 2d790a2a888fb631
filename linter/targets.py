"""How each Dockerfile of a repo is built, as its configs say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from posixpath import isabs, join, normpath
from typing import NamedTuple

from .formats.config import ConfigFile
from .invocation import BuilderSetup, Invocation, SetupKind, Target, Tool

MAX_BUILDS = 8
"""Of more ways to build one Dockerfile than these, the first are taken."""


class ConfiguredBuild(NamedTuple):
    """One way to build a Dockerfile. `context` is a directory, None where it is none, or none that is known."""

    target: Target
    context: str | None


_URL = re.compile(r"^-$|://|^git@|\$|\{\{|^tar:")


def targets_of(
    configs: Iterable[ConfigFile], dockerfiles: Iterable[str], top: str = ""
) -> Mapping[str, tuple[ConfiguredBuild, ...]]:
    """The builds of each Dockerfile that a config builds; `top` is the repo's, to which paths are relative.

    Where a config builds a Dockerfile but its stage is not known, the last stage is among the builds.
    """
    known = {normpath(path): path for path in dockerfiles}
    found: dict[str, list[ConfiguredBuild]] = {}
    for invocation in (invocation for config in configs for invocation in config.invocations):
        for path in _candidates(invocation, top):
            if (dockerfile := known.get(path)) is not None:
                build = ConfiguredBuild(_target(invocation), _context(invocation, top))
                builds = found.setdefault(dockerfile, [])
                if build not in builds and len(builds) < MAX_BUILDS:
                    builds.append(build)
                break
    return {path: tuple(builds) for path, builds in found.items()}


def granted_by(configs: Iterable[ConfigFile]) -> frozenset[str]:
    """The entitlements that a daemon set up in these configs grants."""
    setups = [setup for config in configs for setup in config.setups]
    return frozenset(entitlement for setup in setups for entitlement in entitlements_of(setup))


def entitlements_of(setup: BuilderSetup) -> tuple[str, ...]:
    """What a buildkitd's command line or config file grants."""
    if setup.kind not in (SetupKind.BUILDKITD, SetupKind.CONFIG):
        return ()
    options = setup.values("allow-insecure-entitlement", "insecure-entitlements")
    return tuple(word for option in options for word in (option.value or "").split(",") if word)


def _target(invocation: Invocation) -> Target:
    """What is built: an unknown stage counts as the last one, and an unknown argument as set."""
    target = invocation.target
    if target.target is not None and _URL.search(target.target):
        target = target._replace(target=None)
    return target._replace(comes_from="kaniko") if invocation.tool is Tool.KANIKO else target


def _candidates(invocation: Invocation, top: str) -> list[str]:
    """Paths that the Dockerfile may have, the likeliest first."""
    directory, context = invocation.directory, invocation.context
    if directory is None or invocation.tool is Tool.WARMER:
        return []
    written = invocation.dockerfile
    if written is not None:
        names = [written]
        if invocation.tool is Tool.KANIKO and context is not None:
            names.append(join(_local(context) or "", written))
    elif context is not None and (local := _local(context)) is not None:
        names = [join(local, "Dockerfile")]
    else:
        return []
    return [normpath(join(top, directory, name)) for name in names if not (_URL.search(name) or isabs(name))]


def _context(invocation: Invocation, top: str) -> str | None:
    if invocation.directory is None or invocation.context is None:
        return None
    local = _local(invocation.context)
    return normpath(join(top, invocation.directory, local)) if local is not None else None


def _local(context: str) -> str | None:
    """A context that is a directory below the repo's top."""
    context = context.removeprefix("dir://")
    return None if _URL.search(context) or isabs(context) else context
