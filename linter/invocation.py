"""What is built, and how: one call of a builder, whatever file or settings it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Target(NamedTuple):
    """How a Dockerfile is built, as far as lint needs it.

    `target` is the stage (None: the last one), `arguments` the build args, `allow` the entitlements that are granted,
    `platform` such as `linux/amd64`.
    """

    target: str | None = None
    arguments: Mapping[str, str] = {}
    allow: frozenset[str] = frozenset()
    platform: str | None = None
