"""The oracle of this folder's tests, built on demand."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

from .buildkit import Oracle

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "tests/oracles/dockerfile"


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    """Built on demand; NS_LINT_DOCKERFILE_ORACLE names another place for it."""
    program = Path(os.environ.get("NS_LINT_DOCKERFILE_ORACLE", ROOT / ".lab/bin/dockerfile-oracle"))
    newest = max(path.stat().st_mtime for path in SOURCE.iterdir())
    if program.exists() and program.stat().st_mtime >= newest:
        return Oracle(program)
    if shutil.which("go") is None:
        _cannot("Go is missing: without it BuildKit's parser cannot be built to compare with")
    program.parent.mkdir(parents=True, exist_ok=True)
    build = subprocess.run(["go", "build", "-o", program, "."], cwd=SOURCE, capture_output=True, text=True, check=False)
    if build.returncode:
        _cannot(f"BuildKit's parser cannot be built to compare with: {build.stderr}")
    return Oracle(program)


def _cannot(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
