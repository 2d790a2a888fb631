"""Builds that leave what they built and what they said, for people who look into a proof."""

from __future__ import annotations

from pathlib import Path

from ..builders.build import BuildRequest
from ..builders.outcome import Outcome
from ..linter.profile import Profile
from .cache import BuildIn


def keeping(folder: Path, build: BuildIn) -> BuildIn:
    """The same builds, each with its Dockerfile, the files that were replaced in its context, and its log in a numbered
    folder below `folder`.
    """
    count = 0

    def keep(profile: Profile, request: BuildRequest) -> Outcome:
        nonlocal count
        count += 1
        place = folder / f"{count:02}-{profile.name}"
        text = request.dockerfile_text
        _write(place / request.dockerfile.name, request.dockerfile.read_bytes() if text is None else text)
        for name, data in request.files.items():
            _write(place / "context" / name, data)
        outcome = build(profile, request)
        ended = "built" if outcome.built else f"failed: {outcome.error}"
        _write(place / "log", f"{outcome.log}\n{ended}\n".encode())
        return outcome

    return keep


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
