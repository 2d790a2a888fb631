"""Real sessions for the pages: `python docs/terminal.py` runs its commands and writes down what they print.

The picture docs/images/terminal.svg is drawn from what a terminal gets; each ```console block of the README and of
docs/kaniko.md is filled in anew below its `$ ns-lint …` lines. Commands are run in a copy of examples/gateway, or of
what a comment before the block names. A test fails when they are stale.
"""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples/gateway"
PICTURE = ROOT / "docs/images/terminal.svg"
PAGES = (ROOT / "README.md", ROOT / "docs/kaniko.md")

COMMAND = "ns-lint Dockerfile"

WIDTH = 8.0
"""Of a character, in pixels."""
HEIGHT = 19
MARGIN = 18

STYLE = (
    "text{font:13.3px ui-monospace,'SF Mono','Cascadia Mono','DejaVu Sans Mono',monospace;fill:#d7dde4;white-space:pre}"
    ".c1{font-weight:700;fill:#fff}.c2{fill:#8b97a5}.c31{fill:#ff8f88}.c33{fill:#f0b849}.c36{fill:#8fc4ff}"
    ".p{fill:#6fdd8b}"
)


def run(command: str, *, example: Path = EXAMPLE, terminal: bool = False) -> str:
    """What a command prints on standard output, there where a copy of the example is."""
    words = command.split()
    words[0] = str(Path(sys.executable).with_name(words[0]))
    with tempfile.TemporaryDirectory() as scratch:
        here = shutil.copytree(example, Path(scratch) / example.name)
        if not terminal:
            return subprocess.run(words, cwd=here, stdout=subprocess.PIPE, check=False).stdout.decode()
        ours, theirs = pty.openpty()
        with subprocess.Popen(words, cwd=here, stdout=theirs, stdin=subprocess.DEVNULL):
            os.close(theirs)
            printed = b"".join(_read(ours))
        os.close(ours)
        return printed.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> Iterator[bytes]:
    """All that comes, until the other side of the terminal is closed, which reads as an error."""
    while True:
        try:
            data = os.read(descriptor, 65536)
        except OSError:
            return
        if not data:
            return
        yield data


# ---------------------------------------------------------------------------------------------------------- the picture


def picture() -> str:
    lines = [f"\x1b[p$\x1b[0m {COMMAND}", *run(COMMAND, terminal=True).rstrip("\n").split("\n")]
    columns = max(len(_plain(line)) for line in lines)
    width, height = round(columns * WIDTH + 2 * MARGIN), len(lines) * HEIGHT + 2 * MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
            f' role="img" aria-label="A terminal: {escape(COMMAND)}, and the findings it prints">',
            f"<style>{STYLE}</style>",
            f'<rect width="{width}" height="{height}" rx="10" fill="#0f1419"/>',
            *(_text(line, number) for number, line in enumerate(lines) if line),
            "</svg>\n",
        ]
    )


def _plain(line: str) -> str:
    return re.sub("\x1b\\[[0-9p]+m?", "", line)


def _text(line: str, number: int) -> str:
    """One line, its colours as classes; the length is given, so that any font keeps the columns."""
    length = round(len(_plain(line)) * WIDTH, 1)
    baseline = MARGIN + number * HEIGHT + 14
    return (
        f'<text x="{MARGIN}" y="{baseline}" textLength="{length}" xml:space="preserve">{"".join(_spans(line))}</text>'
    )


def _spans(line: str) -> Iterator[str]:
    code = "0"
    for index, piece in enumerate(re.split("\x1b\\[([0-9]+|p)m?", line)):
        if index % 2:
            code = piece
        elif piece:
            name = code if code == "p" else f"c{code}"
            yield (
                escape(piece, quote=False)
                if code == "0"
                else f'<tspan class="{name}">{escape(piece, quote=False)}</tspan>'
            )


# ------------------------------------------------------------------------------------------------------------ the pages

BLOCK = re.compile(r"(?P<head>(?:<!-- in (?P<example>\S+) -->\n)?```console\n)(?P<lines>.*?)```\n", re.DOTALL)


def filled(page: str) -> str:
    """A page with what the commands of its sessions print now."""

    def session(block: re.Match[str]) -> str:
        example = ROOT / block["example"] if block["example"] else EXAMPLE
        commands = [line for line in block["lines"].splitlines() if line.startswith("$ ns-lint ")]
        shown = "\n".join(f"{command}\n{run(command[2:], example=example)}" for command in commands)
        return f"{block['head']}{shown}```\n"

    return BLOCK.sub(session, page)


def main() -> None:
    PICTURE.write_text(picture(), encoding="utf-8")
    for page in PAGES:
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
