"""chown and its kin: which files, which ids, and what is underlined."""

from __future__ import annotations

import pytest

from ns_lint.linter.facts import ChangeOwner, GrantAccess

from .reading import facts, text_at

CHOWN = [
    ("chown 70000 /a", [("70000", "/a", 70000, None, False)]),
    (
        "chown 70000:70001 /a b",
        [("70000:70001", "/a", 70000, 70001, False), ("70000:70001", "/w/b", 70000, 70001, False)],
    ),
    ("chown -R :5 /a", [(":5", "/a", None, 5, True)]),
    ("chown --recursive 1.2 /a", [("1.2", "/a", 1, 2, True)]),
    ("chown +7 /a", [("+7", "/a", 7, None, False)]),
    ("chown -hv root: /a", [("root:", "/a", 0, 0, False)]),
    ("chown 4294967295 /a", [("4294967295", "/a", None, None, False)]),
    ("chown $WHO:9 /a", [("$WHO:9", "/a", None, 9, False)]),
    ("chown nobody.nogroup /a", [("nobody.nogroup", "/a", 65534, 65534, False)]),
    ("chown -R --reference=/etc/passwd /dev", [("chown -R --reference=/etc/passwd /dev", "/dev", None, None, True)]),
    ("echo /a | xargs chown 5", [("5", "/a", 5, None, False)]),
    ("find / | xargs chown 5", [("5", None, 5, None, False)]),
    ("chgrp -R 6 /a", [("6", "/a", None, 6, True)]),
    ("install -m 755 -o 5 -g 6 x /a/y", [("5", "/a/y", 5, None, False), ("6", "/a/y", None, 6, False)]),
    ("install -d -o 5 /a /b", [("5", "/a", 5, None, False), ("5", "/b", 5, None, False)]),
    ("install --owner=5 -t /a x y", [("--owner=5", "/a", 5, None, False)]),
    ("rsync -a --chown=5:6 /x/ /a", [("--chown=5:6", "/a", 5, 6, False)]),
    (
        "rsync -a --usermap=0:5,*:7 /x/ /a",
        [("--usermap=0:5,*:7", "/a", 5, None, False), ("--usermap=0:5,*:7", "/a", 7, None, False)],
    ),
    ("sudo chown 5 /a", [("5", "/a", 5, None, False)]),
    ("chroot /mnt chown 5:app /a", [("5:app", "/mnt/a", 5, None, False)]),
    ("fakeroot chown 5 /dev/null", [("5", None, 5, None, False)]),
]


@pytest.mark.parametrize(("command", "expected"), CHOWN)
def test_says_whose_files_become_whose(command: str, expected: list[tuple[object, ...]]) -> None:
    text = f"FROM debian\nWORKDIR /w\nRUN {command}\n"
    found = [
        (text_at(text, fact.place), fact.path, fact.uid, fact.gid, fact.recursive) for fact in facts(ChangeOwner, text)
    ]
    assert found == expected


@pytest.mark.parametrize(
    "command",
    [
        "chown",
        "chown 5",
        "echo chown 5 /a",
        "install x /a",
        "rsync -a /x/ host:/a --chown=5:5",
        "find / -user 70000",
        "chgrp",
    ],
)
def test_says_nothing_of_files_where_none_changes_hands(command: str) -> None:
    assert all(fact.path is None for fact in facts(ChangeOwner, f"FROM debian\nRUN {command}\n"))


@pytest.mark.parametrize(
    ("command", "certain"),
    [
        ("chown 5 /a", True),
        ("chown --from=3 5 /a", False),
        ("find /a -exec chown 5 {} +", True),
        ("find /a -type d -exec chown 5 {} +", True),
        ("find /a -uid 3 -exec chown 5 {} +", False),
        ("find /a -name '*.so' -exec chgrp 5 {} +", False),
        ("find /a -exec chown 5 {} + -name x", True),
    ],
)
def test_knows_when_there_may_be_no_such_file(command: str, certain: bool) -> None:
    (fact,) = facts(ChangeOwner, f"FROM debian\nRUN {command}\n")
    assert fact.certain is certain


def test_the_path_has_a_place_of_its_own() -> None:
    text = "FROM debian\nRUN chown 0:0 /dev/null\n"
    (fact,) = facts(ChangeOwner, text)
    assert fact.path_place is not None
    assert text_at(text, fact.path_place) == "/dev/null"


@pytest.mark.parametrize(
    ("flag", "ids"),
    [
        ("5", (5, 5)),
        ("5:6", (5, 6)),
        (":6", (None, 6)),
        ("app", (70000, 7)),
        ("app:", (70000, 7)),
        ("app:team", (70000, 7)),
    ],
)
def test_copy_resolves_owners_as_buildkit_does(flag: str, ids: tuple[int | None, int | None]) -> None:
    accounts = "RUN groupadd -g 7 team && useradd -u 70000 -g team app"
    text = f"FROM debian\n{accounts}\nCOPY --chown={flag} a /a\n"
    (fact,) = facts(ChangeOwner, text)
    assert ((fact.uid, fact.gid), text_at(text, fact.place), fact.tool) == (ids, flag, "COPY")


@pytest.mark.parametrize(
    ("entries", "ids"),
    [
        ("-m u:5:rwx /a", [(5, None)]),
        ("-R -m u:5:rwx,d:g:6:r,o::r /a", [(5, None), (None, 6)]),
        ("--modify=default:user:root:r /a", [(0, None)]),
        ("-x u:5 /a", []),
        ("-b /a", []),
        ("-m u::rwx /a", []),
    ],
)
def test_says_whom_an_access_list_names(entries: str, ids: list[tuple[int | None, int | None]]) -> None:
    found = facts(GrantAccess, f"FROM debian\nRUN setfacl {entries}\n")
    assert [(fact.uid, fact.gid) for fact in found] == ids
