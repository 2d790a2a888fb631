"""What a fix changes: bytes at places, in one file or several."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from .source import Place


class Safety(Enum):
    """SAFE: the same file tree before and after, wherever the original builds. UNSAFE: a person should look."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class Edit(NamedTuple):
    """Put `text` where the bytes of `place` are."""

    place: Place
    text: str


class Fix(NamedTuple):
    """Edits that only make sense together. `title` says in the imperative what they do."""

    title: str
    safety: Safety
    edits: tuple[Edit, ...]
