"""Docs that cannot rot: what is generated is current."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from ns_lint.linter.settings import schema_text

DOCS = Path(__file__).parents[2] / "docs"


def test_rule_pages_are_current() -> None:
    generate = runpy.run_path(str(DOCS / "generate.py"))
    pages = cast("Callable[[], Iterator[tuple[str, str]]]", generate["pages"])
    expected = dict(pages())
    written = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "rules").glob("*.md")}
    assert written == expected, "run: .venv/bin/python docs/generate.py"


def test_settings_schema_is_current() -> None:
    assert (DOCS / "settings.schema.json").read_text(encoding="utf-8") == schema_text()
