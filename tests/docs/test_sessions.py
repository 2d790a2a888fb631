"""What the README shows of a terminal is what a terminal shows."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import cast
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
MADE = runpy.run_path(str(ROOT / "docs/terminal.py"))


def test_the_picture_is_what_the_command_prints_now() -> None:
    picture = cast("Callable[[], str]", MADE["picture"])()
    assert (ROOT / "docs/images/terminal.svg").read_text(encoding="utf-8") == picture, "run: make docs"
    ElementTree.fromstring(picture)


@pytest.mark.parametrize("path", cast("tuple[Path, ...]", MADE["PAGES"]), ids=lambda path: path.name)
def test_the_sessions_of_a_page_are_current(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert "```console\n$ ns-lint " in page
    assert cast("Callable[[str], str]", MADE["filled"])(page) == page, "run: make docs"


def test_the_screenshot_is_light_enough_for_a_page() -> None:
    assert (ROOT / "docs/images/report.png").stat().st_size < 200_000
