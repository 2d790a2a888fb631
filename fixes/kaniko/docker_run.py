"""`docker run … kaniko …` on a machine with a Docker daemon: what is mounted where."""

from __future__ import annotations

from collections.abc import Sequence

from ...linter.command import Argument
from ...linter.source import Place
from ...linter.tools.docker_run import RUN
from ...linter.tools.flags import split
from .flags import read_flags
from .job import WORKSPACE, Obstacle

_PATHS = frozenset({"context", "dockerfile", "tar-path", "digest-file", "oci-layout-path", "cache-dir"}) | {
    "image-name-with-digest-file",
    "image-name-tag-with-digest-file",
}


def mounts(words: Sequence[str]) -> dict[str, str]:
    """Directories of the container and those of the machine that are mounted there, from the words behind `run`.

    Raises Obstacle for a way to mount that is not understood.
    """
    arguments = tuple(Argument(text, True, Place("", n, n + 1)) for n, text in enumerate(words))
    options, _, _ = split(arguments, 0, RUN, b"")
    found: dict[str, str] = {}
    for option in options:
        text = option.text or ""
        if option.name == "volume":
            source, _, rest = text.partition(":")
            found[_directory(rest.partition(":")[0])] = source
        elif option.name == "mount":
            pairs = {name: value for name, _, value in (item.partition("=") for item in text.split(","))}
            target = pairs.get("target") or pairs.get("dst") or pairs.get("destination")
            source = pairs.get("source") or pairs.get("src")
            if pairs.get("type", "volume") != "bind" or not target or not source:
                raise Obstacle(f"`--mount {text}` is no directory of the machine")
            found[_directory(target)] = source
        elif option.name == "volumes-from":
            raise Obstacle("`--volumes-from` hides what is mounted")
    return found


def _directory(path: str) -> str:
    return path.rstrip("/") or "/"


def on_machine(argv: list[str], mounted: dict[str, str], workdir: str = WORKSPACE) -> list[str]:
    """Kaniko's words with paths of the machine. Raises Obstacle for one that is not mounted."""
    flags = read_flags(argv)
    made = list(argv)
    for given in flags.given:
        if given.name in _PATHS and given.value is not None:
            path = outside(given.value, mounted, workdir)
            last = made[given.last]
            made[given.last] = last[: len(last) - len(given.value)] + path
    return made


def outside(value: str, mounted: dict[str, str], workdir: str = WORKSPACE) -> str:
    """The path on the machine of one in the container."""
    path = value.removeprefix("dir://")
    if "://" in path:
        return value
    full = path if path.startswith("/") else f"{workdir}/{path.removeprefix('./')}"
    for target in sorted(mounted, key=len, reverse=True):
        if full.rstrip("/") == target or full.startswith(target + "/"):
            return (mounted[target].rstrip("/") or "/") + full[len(target) :].rstrip("/")
    if not path.startswith("/"):
        return value  # a Dockerfile is looked for below the context too
    raise Obstacle(f"{path} is not mounted into kaniko's container")
