"""chattr, setfattr and attr: which flags and names."""

from __future__ import annotations

import pytest

from ns_lint.linter.facts import SetAttribute, SetXattr

from .reading import facts

FLAGS: list[tuple[str, list[tuple[str, str]]]] = [
    ("chattr +i /a b", [("/a", "+i"), ("/w/b", "+i")]),
    ("chattr -R -V +ai -d /a", [("/a", "+ai -d")]),
    ("chattr -i /a", [("/a", "-i")]),
    ("chattr -v 5 =A /a", [("/a", "=A")]),
    ("lsattr /a", []),
    ("chattr", []),
]
NAMES: list[tuple[str, list[tuple[str, str]]]] = [
    ("setfattr -n user.a -v 1 /a", [("/a", "user.a")]),
    ("setfattr --name=trusted.a --value=1 /a", [("/a", "trusted.a")]),
    ("setfattr -x trusted.a /a", [("/a", "trusted.a")]),
    ("setfattr --restore=/dump", []),
    ("getfattr -d /a", []),
    ("attr -s a -V 1 /a", [("/a", "user.a")]),
    ("attr -R -s a -V 1 /a", [("/a", "trusted.a")]),
    ("attr -S -r a /a", [("/a", "security.a")]),
    ("attr -g a /a", []),
]


@pytest.mark.parametrize(("command", "expected"), FLAGS)
def test_says_which_flags_are_set(command: str, expected: list[tuple[str, str]]) -> None:
    found = facts(SetAttribute, f"FROM debian\nWORKDIR /w\nRUN {command}\n")
    assert [(fact.path, fact.flags) for fact in found] == expected


@pytest.mark.parametrize(("command", "expected"), NAMES)
def test_says_which_names_are_set(command: str, expected: list[tuple[str, str]]) -> None:
    found = facts(SetXattr, f"FROM debian\nRUN {command}\n")
    assert [(fact.path, fact.name) for fact in found] == expected
