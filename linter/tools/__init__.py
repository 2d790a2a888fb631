"""Commands that build, or that set a builder up: one module per tool turns words into models."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from ..command import Argument
from ..invocation import BuilderSetup, Invocation
from .where import Where

_MODULES = {
    "buildah": "buildah",
    "buildctl": "buildctl",
    "buildctl-daemonless.sh": "buildctl",
    "buildkitd": "buildkitd",
    "docker": "docker",
    "docker-buildx": "docker",
    "docker-compose": "docker",
    "dockerd": "buildkitd",
    "dockerd-entrypoint.sh": "buildkitd",
    "executor": "kaniko",
    "img": "buildah",
    "nerdctl": "buildah",
    "podman": "buildah",
    "rootlesskit": "buildkitd",
    "warmer": "kaniko",
}
"""A program's base name → the module here that reads its words."""


def read(argv: tuple[Argument, ...], where: Where) -> Iterator[Invocation | BuilderSetup]:
    """What a command says of builds: nothing for one that has no part in them."""
    if len(argv) > 1 and not argv[0].known and argv[0].text.startswith("$"):
        argv = argv[1:]  # `$SUDO docker build .`
    if len(argv) == 0:
        return
    program = argv[0].text
    name = program.rsplit("/", 1)[-1]
    module = _MODULES.get(name)
    if module is None or (module == "kaniko" and not _is_kaniko(program, where)):
        return
    reader = import_module(f".{module}", __package__)
    if name == "docker-compose":
        yield from reader.read_compose(argv, 1, where)
    elif name == "docker-buildx":
        yield from reader.read_buildx(argv, 1, where)
    else:
        yield from reader.read(argv, where)


def _is_kaniko(program: str, where: Where) -> bool:
    """`executor` is a common name: it is kaniko's in /kaniko, and in kaniko's own image."""
    from ..pod import ImageKind

    return "/kaniko/" in program or (where.container is not None and where.container.kind is ImageKind.KANIKO)
