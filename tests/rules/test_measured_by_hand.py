"""What no example can show: the tool is in none of the lab's images, or fails without a word.

Each was built once in the `userns` profile, on an image that has the tool.
"""

from __future__ import annotations

import pytest

from ns_lint.linter.context import Context
from ns_lint.linter.engine import Ruleset
from ns_lint.linter.finding import Effect
from ns_lint.linter.invocation import Target
from ns_lint.linter.lint import Question, lint_file
from ns_lint.linter.profile import USERNS
from ns_lint.linter.source import Document
from ns_lint.rules import all_rules

FATAL, DIFFERS, CONDITIONAL = Effect.FATAL, Effect.DIFFERS, Effect.CONDITIONAL

MEASURED = [
    ("cd /srv && MAKEDEV console", "NS101", DIFFERS),
    ("cd /dev && MAKEDEV console", "NS101", None),
    ("apt-get install -y makedev", "NS101", CONDITIONAL),
    ("dmidecode -t 1", "NS104", FATAL),
    ("hdparm -I /dev/sda", "NS104", FATAL),
    ("sysctl --system", "NS301", CONDITIONAL),
    ("sysctl -w net.core.rmem_max=1", "NS301", CONDITIONAL),
    ("find / -maxdepth 4 -name x", "NS305", FATAL),
    ("find / -maxdepth 3 -name x", "NS305", None),
    ("test -d /sys/class/net || exit 1", "NS321", FATAL),
    ("grep -s x /sys/class/net/lo/address", "NS321", FATAL),
    ("numastat", "NS321", FATAL),
    ("numactl -N 0 true", "NS321", FATAL),
    ("udevadm info /dev/null", "NS321", FATAL),
    ("udevadm trigger && udevadm settle", "NS321", None),
    ("lspci && hwinfo --short && lstopo", "NS321", None),
]


@pytest.mark.parametrize(("command", "code", "effect"), MEASURED)
def test_says_what_was_measured(command: str, code: str, effect: Effect | None) -> None:
    document = Document("Dockerfile", f"FROM debian\nRUN {command}\n".encode())
    linted = lint_file(document, Context(None, {}), Target(), Question(USERNS, None, Ruleset(all_rules())))
    assert {f.effect for f in linted.findings if f.code == code} == ({effect} if effect else set())
