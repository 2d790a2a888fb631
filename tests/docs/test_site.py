"""The docs site builds without a warning, and what pages say of the command line is so."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ns_lint.cli.commands import cli
from ns_lint.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", source, target]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_site_builds_and_every_link_leads_somewhere(tmp_path: Path) -> None:
    done = build(ROOT / "docs", tmp_path / "site")
    assert (done.returncode, done.stderr) == (0, "")
    front = (tmp_path / "site/index.html").read_text(encoding="utf-8")
    assert 'href="rules/index.html"' in front
    assert "_images/report.png" in front
    assert not re.findall(r'(?:src|<link[^>]*href)="https?:', front)


def test_a_link_that_leads_nowhere_ends_the_build(tmp_path: Path) -> None:
    source = tmp_path / "docs"
    source.mkdir()
    (source / "conf.py").write_text((ROOT / "docs/conf.py").read_text(encoding="utf-8"), encoding="utf-8")
    links = ["[a](missing.md)", "[a](index.md#missing)", "![a](missing.png)", "[a](../missing)"]
    (source / "index.md").write_text("# Title\n\n" + "\n\n".join(links) + "\n")
    done = build(source, tmp_path / "site")
    assert done.returncode == 1
    assert sorted(int(line) for line in re.findall(r"index\.md:(\d+): WARNING", done.stderr)) == [3, 5, 7, 9]


def commands() -> Iterator[tuple[str, str]]:
    """Every `ns-lint …` that a page shows, in a block or in a sentence."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        lines = [line for block in blocks for line in re.findall(r"^(?:\$ )?(ns-lint [^#\n]*)", block, re.MULTILINE)]
        for command in (*lines, *re.findall(r"`(ns-lint [^`…]+)`", text)):
            yield page.name, command.strip()


@pytest.mark.parametrize(("page", "command"), sorted(set(commands())))
def test_a_command_that_a_page_shows_is_one(
    page: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Dockerfile").touch()
    monkeypatch.chdir(tmp_path)
    first, *words = shlex.split(command)[1:]
    name, words = (first, words) if first in COMMANDS else ("check", [first, *words])
    with click.Context(cli) as top:
        found = cli.get_command(top, name)
        assert found is not None
        try:
            found.make_context(name, words, parent=top)
        except click.MissingParameter:
            assert not words, f"{page}: {command}"  # a sentence that only names the command


def test_an_option_that_a_page_names_is_one() -> None:
    with click.Context(cli) as top:
        known = {
            option
            for name in COMMANDS
            for parameter in (cli.get_command(top, name) or cli).params
            for option in parameter.opts
        }
    ours = (ROOT / "docs/exit-codes.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(--[a-z-]+)`", ours))
    assert named
    assert named <= known
