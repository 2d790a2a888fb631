"""Real sessions for the README: `python docs/terminal.py` runs its commands and writes down what they print.

The picture docs/images/terminal.svg is drawn from what a terminal gets; each ```console block of the README is filled
in anew below its `$ ns-lint …` lines. Both are run in a copy of examples/gateway. A test fails when they are stale.
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
README = ROOT / "README.md"

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


def run(command: str, *, terminal: bool) -> str:
    """What a command prints on standard output, there where a copy of the example is."""
    words = command.split()
    words[0] = str(Path(sys.executable).with_name(words[0]))
    with tempfile.TemporaryDirectory() as scratch:
        here = shutil.copytree(EXAMPLE, Path(scratch) / "gateway")
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


# ----------------------------------------------------------------------------------------------------------- the README


def readme(text: str) -> str:
    """The README with what the commands of its sessions print now."""
    return re.sub(
        r"```console\n(.*?)```\n", lambda block: f"```console\n{_session(block[1])}```\n", text, flags=re.DOTALL
    )


def _session(block: str) -> str:
    commands = [line for line in block.splitlines() if line.startswith("$ ns-lint ")]
    return "\n".join(f"{command}\n{run(command[2:], terminal=False)}" for command in commands)


def main() -> None:
    PICTURE.write_text(picture(), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
