"""What `lab/install` put on this machine: BuildKit's programs and base images."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from ..linter.errors import NoBuilder
from .images import Image, read_image

STAND_INS = {
    "debian": "debian",
    "ubuntu": "debian",
    "buildpack-deps": "debian",
    "alpine": "busybox",
    "busybox": "busybox",
}
"""Which base image of the lab stands in for an official one of the same tool family."""


def home() -> Path:
    """Where the lab keeps what it made: $NS_LINT_LAB, else ns-lint in the user's cache folder."""
    if chosen := os.environ.get("NS_LINT_LAB"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ns-lint"


def tool(name: str) -> Path:
    """Path of `buildkitd` or `buildctl`: the lab's own, else the one on PATH. Raises NoBuilder if there is none."""
    ours = home() / "bin" / name
    if ours.is_file():
        return ours
    if found := shutil.which(name):
        return Path(found)
    raise NoBuilder(f"{name} is not installed: run lab/install from a checkout of ns-lint")


def image(name: str) -> Image:
    """A base image of the lab, `debian` or `busybox`. Raises NoBuilder if it was not made."""
    layout = home() / "images" / name
    if not (layout / "index.json").is_file():
        raise NoBuilder(f"the lab has no base image {name!r}: run lab/install from a checkout of ns-lint")
    return read_image(layout)


def stand_ins(names: Iterable[str]) -> dict[str, Image]:
    """The lab's images for those of the FROM names that it has one for, so that they build without a registry."""
    found: dict[str, Image] = {}
    for name in names:
        official = name.removeprefix("docker.io/").removeprefix("library/").partition("@")[0].partition(":")[0]
        if official in STAND_INS:
            found[name] = image(STAND_INS[official])
    return found
