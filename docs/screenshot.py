"""Takes docs/images/report.png, the HTML report on examples/ as Chromium shows it: `python docs/screenshot.py`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs/images/report.png"

EXAMPLES = ("api", "appliance", "gateway")

FLAGS = """
--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync --hide-scrollbars --window-size=1040,1400
""".split()


def main() -> None:
    PICTURE.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        page = Path(scratch) / "report.html"
        ns_lint = Path(sys.executable).with_name("ns-lint")
        lint = [ns_lint, "--from", "kaniko", "--format", "html", "--output", page, *EXAMPLES]
        subprocess.run(lint, cwd=ROOT / "examples", check=False)
        shoot = ["chromium", *FLAGS, f"--user-data-dir={scratch}/browser", f"--screenshot={PICTURE}", page.as_uri()]
        subprocess.run(shoot, check=True, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
