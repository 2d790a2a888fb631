"""Programs that run others as somebody else: as whom, and with which groups."""

from __future__ import annotations

import pytest

from ns_lint.linter.facts import Become

from .reading import build_of, facts, text_at

ACCOUNTS = "groupadd -g 70001 team && useradd -u 5 -g daemon -G team app && useradd -u 70000 -g team high"

SWITCHES: list[tuple[str, str, list[tuple[object, ...]]]] = [
    ("debian", "su app -c id", [("app", 5, 1, ())]),
    ("debian", "su - high -s /bin/sh -c id", [("high", 70000, 70001, ())]),
    ("debian", "su -c id", [("su -c id", 0, 0, ())]),
    ("debian", "su -lc id high", [("high", 70000, 70001, ())]),
    ("debian", "su -g team app -c id", [("app", 5, 70001, ())]),
    ("debian", "runuser -u high -- id", [("high", 70000, 70001, ())]),
    ("debian", "runuser -u app -G team id", [("team", None, None, (70001,)), ("app", 5, 1, ())]),
    ("alpine", "su app -c id", [("app", 5, 1, (70001,))]),
    ("debian", "sudo -u app id", [("app", 5, 1, (70001,))]),
    ("debian", "sudo -g team id", [("team", None, 70001, ())]),
    ("debian", "sudo -E id", [("sudo -E id", 0, 0, ())]),
    ("debian", "sudo -u '#70000' id", []),
    ("debian", "gosu app id", [("app", 5, 1, (70001,))]),
    ("debian", "gosu 70000:70001 id", [("70000:70001", 70000, 70001, ())]),
    ("alpine", "su-exec app:team id", [("app:team", 5, 70001, (70001,))]),
    ("alpine", "setuidgid high id", [("high", 70000, 70001, ())]),
    ("alpine", "chpst -u high id", [("high", 70000, 70001, ())]),
    (
        "debian",
        "setpriv --reuid high --regid team --init-groups id",
        [("high", 70000, None, ()), ("team", None, 70001, ())],
    ),
    ("debian", "setpriv --groups 5,team id", [("5,team", None, None, (5, 70001))]),
    ("debian", "setpriv --nnp id", []),
    ("debian", "chroot --userspec=app / id", [("--userspec=app", 5, 1, (70001,))]),
    ("debian", "chroot --userspec=app /mnt id", []),
    ("debian", "chroot --userspec=70000:70001 /mnt id", [("--userspec=70000:70001", 70000, 70001, ())]),
    ("debian", "chroot --userspec=70000 /mnt id", []),
    ("debian", "chroot --userspec=:70001 /mnt id", [("--userspec=:70001", None, 70001, ())]),
    ("debian", "chroot --groups=70001 /mnt id", [("--groups=70001", None, None, (70001,))]),
    ("debian", "chroot /mnt id", []),
    ("debian", "start-stop-daemon --start --chuid app --exec /bin/id", [("app", 5, 1, ())]),
    ("alpine", "start-stop-daemon -S -c app -x /bin/id", [("app", 5, 1, (70001,))]),
    ("debian", "start-stop-daemon --start --exec /bin/id", []),
    ("debian", "sg team id", [("team", None, 70001, ())]),
    ("debian", "newgrp - team", [("team", None, 70001, ())]),
    ("debian", "newgrp", []),
    ("debian", "capsh --user=high -- -c id", [("--user=high", 70000, 70001, ())]),
    ("debian", "capsh --print", []),
    ("debian", "su $WHO -c id", []),
    ("debian", "echo su high", []),
]


@pytest.mark.parametrize(("image", "command", "expected"), SWITCHES)
def test_says_who_is_become(image: str, command: str, expected: list[tuple[object, ...]]) -> None:
    text = f"FROM {image}\nRUN {ACCOUNTS}\nRUN {command}\n"
    found = [(text_at(text, fact.place), fact.uid, fact.gid, fact.groups) for fact in facts(Become, text)]
    assert found == expected


@pytest.mark.parametrize("command", ["su high -c 'touch x'", "gosu high touch x", "sudo -u high touch x"])
def test_what_is_run_is_read_as_well(command: str) -> None:
    steps = build_of(f"FROM debian\nRUN {ACCOUNTS}\nRUN {command}\n").steps
    assert ("touch", "high") in {(each.name, each.user) for each in steps[-1].commands}


def test_the_origin_is_where_the_id_was_given() -> None:
    text = f"FROM debian\nRUN {ACCOUNTS}\nRUN su high -c id\n"
    (fact,) = facts(Become, text)
    assert fact.origin is not None
    assert text_at(text, fact.origin) == "70000"


USERS: list[tuple[str, tuple[object, ...]]] = [
    ("USER 70000", (70000, 70001, ())),
    ("USER 70002", (70002, None, ())),
    ("USER 70000:70001", (70000, 70001, ())),
    ("USER high", (70000, 70001, ())),
    ("USER high:5", (70000, 5, ())),
    ("USER app", (5, 1, (70001,))),
    ("USER app:daemon", (5, 1, ())),
    ("USER 5", (5, 1, (70001,))),
    ("ARG ID=70002\nUSER $ID", (70002, None, ())),
]


@pytest.mark.parametrize(("user", "expected"), USERS)
def test_a_step_becomes_its_user(user: str, expected: tuple[object, ...]) -> None:
    (fact,) = facts(Become, f"FROM debian\nRUN {ACCOUNTS}\n{user}\nRUN id\n")
    assert (fact.uid, fact.gid, fact.groups) == expected
    assert fact.tool == "USER"


@pytest.mark.parametrize("user", ["USER $WHO", "USER root", "USER 70000\nUSER root"])
def test_says_nothing_of_users_who_are_no_news(user: str) -> None:
    assert all((fact.uid or 0) < 65536 for fact in facts(Become, f"FROM debian\n{user}\nRUN id\n"))


@pytest.mark.parametrize(
    ("base", "certain"),
    [
        ("debian", True),
        ("alpine:3.20", True),
        ("scratch", True),
        ("debian AS b\nFROM b", True),
        ("node:20", False),
        ("corp/app", False),
    ],
)
def test_workdir_makes_its_directory_unless_the_image_may_have_it(base: str, certain: bool) -> None:
    (fact,) = facts(Become, f"FROM {base}\nUSER 70000\nWORKDIR /app\nWORKDIR /app\n")
    assert (fact.tool, fact.certain, fact.groups) == ("WORKDIR", certain, ())
