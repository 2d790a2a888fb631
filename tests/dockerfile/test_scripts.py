"""What BuildKit hands to the shell, heredocs included: by table, and by a build whose shell prints its script."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from ns_lint.builders.build import BuildRequest, build
from ns_lint.builders.lab import stand_ins
from ns_lint.builders.local import Daemons
from ns_lint.linter.dockerfile import Instruction, parse
from ns_lint.linter.profile import USERNS
from ns_lint.linter.source import Document


def last(text: str) -> Instruction:
    return parse(Document("Dockerfile", text.encode("latin-1"))).instructions[-1]


SCRIPTS = [
    ("RUN a \\\n  b", "a   b"),
    ("RUN --network=none  a", "a"),
    ("RUN <<E\na\nb\nE", "a\nb\n"),
    ("RUN << 'E'\n$a\nE", "$a\n"),
    ("RUN <<-E\n\ta\n\t\tb\n\tE", "a\nb\n"),
    ("RUN <<E cat\na\nE", "<<E cat\na\nE"),
    ("RUN cat <<'E' && true\n$a\nE", "cat <<'E' && true\n$a\nE"),
    ("RUN cat <<-E\n\ta\n\tE", "cat <<-E\n\ta\nE"),
    ("RUN <<A <<B\n1\nA\n2\nB", "<<A <<B\n1\nA\n2\nB"),
    ("RUN cat <<A - 3<<B\n1\nA\n2\nB", "cat <<A - 3<<B\n1\nA\n2\nB"),
    ("RUN cat <<E \\\n  && b\na\nE", "cat <<E   && b\na\nE"),
]


@pytest.mark.parametrize(("text", "script"), SCRIPTS)
def test_shell_scripts(text: str, script: str) -> None:
    data = f"FROM a\n{text}\n"
    found = last(data).shell_script
    assert found is not None
    assert found.text == script
    assert "".join(data[found.source.offset(at)] for at in range(len(script))) == script


def test_healthcheck_and_onbuild() -> None:
    health = last("FROM a\nHEALTHCHECK --retries=1 CMD  a b\n").shell_script
    assert health is not None
    assert health.text == "a b"
    inner = last("FROM a\nONBUILD RUN <<E\na\nE\n").inner
    assert inner is not None
    assert inner.shell_script is not None
    assert inner.shell_script.text == "a\n"


@pytest.mark.parametrize("text", ['RUN ["a"]', "COPY a b", "USER a", "ONBUILD RUN a"])
def test_no_shell_reads_what_it_does_not_get(text: str) -> None:
    assert last(f"FROM a\n{text}\n").shell_script is None


def test_a_lone_heredoc_with_an_interpreter_is_a_file() -> None:
    instruction = last("FROM a\nRUN <<-E\n\t#!/usr/bin/python3\n\tprint()\n\tE\n")
    assert instruction.script_file is not None
    assert instruction.script_file.text == "#!/usr/bin/python3\nprint()\n"
    assert instruction.shell_script is None
    assert last("FROM a\nRUN cat <<E\n#!/bin/sh\nE\n").script_file is None


@pytest.mark.lab
def test_buildkit_hands_over_these_scripts(daemons: Daemons) -> None:
    """With `sh -c SCRIPT` as the shell, what BuildKit adds is `$0`. A file with an interpreter arrives as its path."""
    shell = r'SHELL ["/bin/sh", "-c", "echo \"script:$(printf %s \"$0\" | base64 -w0):\""]'
    texts = [text for text, _ in SCRIPTS]
    file = "RUN <<E\n#!/bin/cat\nE"
    steps = "\n".join([*texts, file])
    outcome = build(
        daemons.of(USERNS),
        BuildRequest(
            Path("Dockerfile"),
            dockerfile_text=f"FROM debian\n{shell}\n{steps}\n".encode(),
            images=stand_ins(["debian"]),
            timeout=120,
        ),
    )
    assert outcome.built, outcome.log
    seen = [base64.b64decode(found).decode() for found in re.findall(r"script:(\S*):", outcome.log)]
    scripts = [last(f"FROM a\n{text}\n").shell_script for text in texts]
    assert seen == [*(script and script.text for script in scripts), "/dev/pipes/E"]
