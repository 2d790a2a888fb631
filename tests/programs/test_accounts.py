"""Accounts: which ids a name stands for after the commands that make and change it, and who gets a home."""

from __future__ import annotations

import pytest

from ns_lint.linter.facts import Become, ChangeOwner, GiveHome

from .reading import facts, text_at

IDS = [
    ("debian", "useradd -u 70000 x", "x:", (70000, None)),
    ("debian", "useradd --uid=70000 -g daemon x", "x:", (70000, 1)),
    ("debian", "groupadd -g 70001 g && useradd -u 5 -g g x", "x:", (5, 70001)),
    ("debian", "groupadd -g 70001 g && useradd -u 5 -g g x", "x:g", (5, 70001)),
    ("debian", "useradd -g 70001 x", "x:", (None, 70001)),
    ("debian", "useradd x && usermod -u 70000 x", "x", (70000, None)),
    ("debian", "useradd -u 70000 x && usermod -g daemon x", "x:", (70000, 1)),
    ("debian", "useradd -u 70000 x && usermod -l y x", "y", (70000, None)),
    ("debian", "useradd -u 70000 x && usermod -u 5 x", "x", (5, None)),
    ("debian", "useradd x && groupmod -g 70001 x", "x:", (None, 70001)),
    ("debian", "groupmod -g 70001 node && usermod -u 70000 node", "node:", (70000, 70001)),
    ("debian", "groupadd -g 70001 g && groupmod -n h g", ":h", (None, None)),
    ("debian", "adduser --uid 70000 --disabled-password x", "x:", (70000, 70000)),
    ("debian", "adduser --system --uid 70000 x", "x:", (70000, 65534)),
    ("debian", "adduser --system --group --uid 70000 x", "x:", (70000, 70000)),
    ("debian", "addgroup --gid 70001 g && adduser --ingroup g --uid 5 x", "x:", (5, 70001)),
    ("debian", "adduser --group --gid 70001 g", ":g", (None, 70001)),
    ("centos", "adduser -u 70000 x", "x:", (70000, None)),
    ("alpine", "adduser -D -u 70000 x", "x:", (70000, 70000)),
    ("alpine", "addgroup -g 70001 g && adduser -D -u 5 -G g x", "x:", (5, 70001)),
    ("alpine", "adduser -S -u 70000 x", "x:", (70000, 65534)),
    ("some/image", "adduser -D -H -u 70000 x", "x:", (70000, 70000)),
    ("debian", "echo x:x:70000:70001::/:/bin/sh >> /etc/passwd", "x:", (70000, 70001)),
    ("debian", "printf 'g:x:%s:\\n' 70001 >> /etc/group", ":g", (None, 70001)),
    ("debian", "echo x:p:70000:g::/x:/bin/sh | newusers", "x:", (70000, 70000)),
    ("debian", "useradd -R /mnt -u 70000 x", "x", (None, None)),
    ("debian", "chroot /mnt useradd -u 70000 x", "x", (None, None)),
    ("debian", "useradd -u $ID x", "x", (None, None)),
    ("debian", "useradd -D -u 70000 x", "x", (None, None)),
]


@pytest.mark.parametrize(("image", "commands", "owner", "ids"), IDS)
def test_a_name_stands_for_its_ids(image: str, commands: str, owner: str, ids: tuple[int | None, int | None]) -> None:
    last = facts(ChangeOwner, f"FROM {image}\nRUN {commands}\nRUN chown {owner} /a\n")[-1]
    assert (last.uid, last.gid) == ids


def test_the_origin_is_where_the_id_was_given() -> None:
    text = "FROM debian\nRUN useradd x\nRUN usermod -u 70000 -s /bin/sh x\nRUN chown x /a\n"
    (fact,) = facts(ChangeOwner, text)
    assert fact.origin is not None
    assert text_at(text, fact.origin) == "70000"


def test_a_copied_account_file_is_read() -> None:
    text = "FROM debian\nCOPY passwd /etc/passwd\nRUN chown x /a\n"
    (fact,) = facts(ChangeOwner, text, {"passwd": b"x:x:70000:0::/:/bin/sh\n"})
    assert fact.uid == 70000


@pytest.mark.parametrize(
    ("commands", "user", "groups"),
    [
        ("groupadd -g 70001 g && useradd -G g,daemon x", "x", (70001, 1)),
        ("useradd x && groupadd -g 70001 g && usermod -aG g x", "x", (70001,)),
        ("useradd x && groupadd -g 70001 g && gpasswd -a x g", "x", (70001,)),
        ("useradd x && groupadd -g 70001 g && gpasswd -M y,x g", "x", (70001,)),
        ("useradd x && groupadd -g 70001 g && adduser x g", "x", (70001,)),
        ("useradd x && groupadd -g 70001 g && addgroup x g", "x", (70001,)),
        ("useradd -u 5 x && groupadd -g 70001 g && usermod -aG g x", "5", (70001,)),
        ("useradd x && groupadd -g 70001 g && usermod -aG g x && usermod -l y x", "y", (70001,)),
        ("useradd x && groupadd -g 70001 g && usermod -aG g x", "x:x", ()),
        ("useradd x && groupadd -g 70001 g && usermod -aG g y", "x", ()),
    ],
)
def test_a_step_has_the_supplementary_groups_of_its_user(commands: str, user: str, groups: tuple[int, ...]) -> None:
    (become,) = facts(Become, f"FROM debian\nRUN {commands}\nUSER {user}\nRUN id\n")
    assert become.groups == groups


@pytest.mark.parametrize("user", ["", "USER root\n", "USER 0\n"])
def test_root_has_supplementary_groups_too(user: str) -> None:
    text = f"FROM debian\nRUN groupadd -g 70001 g && usermod -aG g root\n{user}RUN id\n"
    (become,) = facts(Become, text)
    assert become.groups == (70001,)


HOMES: list[tuple[str, str, list[tuple[object, ...]]]] = [
    ("debian", "useradd -m -u 70000 x", [("/home/x", 70000, None, False, True)]),
    ("debian", "useradd -m -d /x -u 70000 x", [("/x", 70000, None, False, True)]),
    ("debian", "useradd -b /srv -m -g 70001 x", [("/srv/x", None, 70001, False, True)]),
    ("debian", "useradd -u 70000 x", []),
    ("debian", "useradd -m -M x", []),
    ("debian", "adduser --uid 70000 x", [("/home/x", 70000, 70000, True, True)]),
    ("debian", "adduser --uid 70000 --no-create-home x", []),
    ("debian", "adduser --system --uid 70000 x", []),
    ("debian", "adduser --system --home /x --uid 70000 x", [("/x", 70000, None, True, True)]),
    ("alpine", "adduser -D -u 70000 x", [("/home/x", 70000, 70000, False, True)]),
    ("alpine", "adduser --disabled-password --uid 70000 x", [("/home/x", 70000, 70000, False, True)]),
    ("alpine", "adduser -D -H -u 70000 x", []),
    ("centos", "adduser -m -u 70000 x", [("/home/x", 70000, None, False, True)]),
    ("some/image", "adduser -D -u 70000 x", [("/home/x", 70000, 70000, False, True)]),
    ("some/image", "adduser --disabled-password --uid 70000 x", [("/home/x", 70000, 70000, True, False)]),
    ("debian", "useradd x && usermod -u 70000 x", []),
    ("debian", "usermod -u 70000 www-data", [("/var/www", 70000, None, True, False)]),
    ("debian", "usermod -u 70000 node", [("/home/node", 70000, None, True, True)]),
    ("debian", "usermod -aG daemon node", []),
    ("debian", "usermod -d /x node", []),
]


@pytest.mark.parametrize(("image", "command", "expected"), HOMES)
def test_says_who_is_given_a_home(image: str, command: str, expected: list[tuple[object, ...]]) -> None:
    found = facts(GiveHome, f"FROM {image}\nRUN {command}\n")
    assert [(fact.path, fact.uid, fact.gid, fact.aborts, fact.certain) for fact in found] == expected


def test_a_home_that_was_made_is_given_away_when_the_id_changes() -> None:
    made, changed = facts(GiveHome, "FROM debian\nRUN useradd -m x && usermod -u 70000 x\n")
    assert (made.aborts, changed.aborts, changed.certain, changed.path) == (False, True, True, "/home/x")


def test_the_id_that_cannot_be_had_is_underlined() -> None:
    text = "FROM debian\nRUN groupadd -g 70001 g && useradd -m -u 5 -g g x\n"
    (fact,) = facts(GiveHome, text)
    assert text_at(text, fact.place) == "g"
