"""Docs that cannot rot: what is generated is current."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from ns_lint.linter.settings import schema_text

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def generate(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])
    return runpy.run_path(str(DOCS / "generate.py"))


def test_rule_pages_are_current(generate: dict[str, object]) -> None:
    pages = cast("Callable[[], Iterator[tuple[str, str]]]", generate["pages"])
    expected = dict(pages())
    written = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "rules").glob("*.md")}
    assert written == expected, "run: .venv/bin/python docs/generate.py"


def test_compatibility_table_is_current(generate: dict[str, object]) -> None:
    text = cast("Callable[[], str]", generate["compatibility"])()
    assert (DOCS / "compatibility.md").read_text(encoding="utf-8") == text, "run: .venv/bin/python docs/generate.py"


def test_settings_schema_is_current() -> None:
    assert (DOCS / "settings.schema.json").read_text(encoding="utf-8") == schema_text()
