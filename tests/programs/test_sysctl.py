"""sysctl: which parameters, from which line, and whether it fails."""

from __future__ import annotations

import pytest

from ns_lint.linter.facts import SetSysctl

from .reading import facts, text_at

WRITES: list[tuple[str, list[tuple[object, ...]]]] = [
    ("sysctl -w vm.swappiness=1 net.a=2", [("vm.swappiness", "1", True), ("net.a", "2", True)]),
    ("sysctl vm/swappiness=1", [("vm.swappiness", "1", True)]),
    ("sysctl -w 'vm.swappiness = 1'", [("vm.swappiness", "1", True)]),
    ("sysctl -w net/ipv4/conf/eth0.1/forwarding=1", [("net.ipv4.conf.eth0/1.forwarding", "1", True)]),
    ("sysctl -e -w vm.a=1", [("vm.a", "1", None)]),
    ("sysctl -q -w vm.a=1", [("vm.a", "1", True)]),
    ("sysctl vm.swappiness", []),
    ("sysctl -a", []),
    ("sysctl -n net.ipv4.ip_forward", []),
    ("sysctl --help", []),
    ("sysctl -w -- -vm.a=1", []),
    ("sysctl -p", []),
    ("sysctl -p /nowhere", [(None, None, True)]),
    ("sysctl --system", [(None, None, True)]),
    ("printf '# a=1\\n;b=2\\n\\n-c=3\\nd\\n e = 4\\n' > /f; sysctl -p /f", [("e", "4", True)]),
    ("printf 'a=1\\nb=2' > /etc/sysctl.conf; sysctl -p", [("a", "1", True), ("b", "2", True)]),
    ("echo a=1 > /f; sysctl -p/f", [("a", "1", True)]),
    ("echo a=1 > /f; sysctl --load=/f", [("a", "1", True)]),
    ("echo a=1 | sysctl -p -", [("a", "1", True)]),
    ("echo a=1 > /etc/sysctl.d/x.conf; sysctl --system", [("a", "1", True), (None, None, True)]),
    ("cat $X > /etc/sysctl.conf; sysctl -p", [(None, None, True)]),
]


@pytest.mark.parametrize(("command", "expected"), WRITES)
def test_says_what_is_set(command: str, expected: list[tuple[object, ...]]) -> None:
    found = facts(SetSysctl, f"FROM debian\nRUN {command}\n")
    assert [(fact.key, fact.value, fact.strict) for fact in found] == expected


@pytest.mark.parametrize(("image", "strict"), [("debian", True), ("alpine", False), ("corp/base", None)])
def test_busybox_does_not_fail_for_a_file(image: str, strict: bool | None) -> None:
    (fact,) = facts(SetSysctl, f"FROM {image}\nRUN echo a=1 > /etc/sysctl.conf && sysctl -p\n")
    assert fact.strict is strict


def test_names_the_line_that_says_so() -> None:
    text = "FROM debian\nCOPY <<EOF /etc/sysctl.d/x.conf\n# more\nvm.a = 1\nEOF\nRUN sysctl --system\n"
    first = facts(SetSysctl, text)[0]
    assert first.origin is not None
    assert text_at(text, first.origin) == "vm.a = 1"
    assert text_at(text, first.place) == "sysctl --system"
