"""Programs on files: which paths, and what is done to them."""

from __future__ import annotations

import pytest

from ns_lint.linter.facts import FileUse, MakeNode, UseFile

from .reading import facts, text_at

READ, WRITE, REMOVE, RENAME = FileUse.READ, FileUse.WRITE, FileUse.REMOVE, FileUse.RENAME
LINK, LINK_OVER, CHMOD, MAKE_DIRECTORY = FileUse.LINK, FileUse.LINK_OVER, FileUse.CHMOD, FileUse.MAKE_DIRECTORY

USES: list[tuple[str, list[tuple[str, FileUse]]]] = [
    ("cat /a b -", [("/a", READ), ("/w/b", READ)]),
    ("head -n 5 /a", [("/a", READ)]),
    ("tail -c+3 --pid 4 /a", [("/a", READ)]),
    ("ls -la /a /b", [("/a", READ), ("/b", READ)]),
    ("cut -d : -f 1 /a", [("/a", READ)]),
    ("sort -k 2 -o /out /a", [("/a", READ)]),
    ("grep -E x /a", [("/a", READ)]),
    ("grep -e x -e y /a", [("/a", READ)]),
    ("grep -q x /a", [("/a", READ)]),
    ("grep -q x /a /b", []),
    ("awk -F : '{print}' v=1 /a", [("/a", READ)]),
    ("sed -n p /a", [("/a", READ)]),
    ("sed -i.bak s/a/b/ /a", [("/a", LINK_OVER)]),
    ("sed --in-place -e s/a/b/ /a", [("/a", LINK_OVER)]),
    ("readlink -f /a", [("/a", READ)]),
    ("realpath -m /a", []),
    ("find -L /a b -name x", [("/a", READ), ("/w/b", READ)]),
    ("find -name x", [("/w", READ)]),
    ("dd if=/a of=/b bs=1", [("/a", READ), ("/b", WRITE)]),
    ("touch -d now /a", [("/a", WRITE)]),
    ("touch -c /a", []),
    ("truncate -s 0 /a", [("/a", WRITE)]),
    ("mkdir -p -m 755 /a", [("/a", MAKE_DIRECTORY)]),
    ("rm -rf /a /b", [("/a", REMOVE), ("/b", REMOVE)]),
    ("unlink /a", [("/a", REMOVE)]),
    ("chmod 644 /a", [("/a", CHMOD)]),
    ("chmod -x /a", [("/a", CHMOD)]),
    ("chmod -R u+rwX,go-w /a", [("/a", CHMOD)]),
    ("chmod --reference=/b /a", [("/a", CHMOD)]),
    ("cp /a /b", [("/a", READ), ("/b", WRITE)]),
    ("cp /a /etc", [("/a", READ), ("/etc/a", WRITE)]),
    ("cp -t /d /a /b", [("/a", READ), ("/b", READ), ("/d/a", WRITE), ("/d/b", WRITE)]),
    ("cp --remove-destination /a /b", [("/a", READ), ("/b", LINK_OVER)]),
    ("mv /a /b/", [("/a", RENAME), ("/b/a", LINK_OVER)]),
    ("ln -s /a /b", [("/b", LINK)]),
    ("ln -sfn /a /b", [("/b", LINK_OVER)]),
    ("ln -s /a", []),
    ("install -m 644 /a /b", [("/a", READ), ("/b", LINK_OVER)]),
    ("install -d /a", [("/a", MAKE_DIRECTORY)]),
    ("sudo rm /a", [("/a", REMOVE)]),
    ("chroot /r rm /a", [("/r/a", REMOVE)]),
    ("cat $FILE", []),
    ("echo rm /a", []),
]


@pytest.mark.parametrize(("command", "expected"), USES)
def test_says_what_is_done_to_a_path(command: str, expected: list[tuple[str, FileUse]]) -> None:
    found = facts(UseFile, f"FROM debian\nWORKDIR /w\nRUN {command}\n")
    assert [(fact.path, fact.use) for fact in found] == expected


RECURSIVE = [
    ("find /", True),
    ("find / -name x", True),
    ("find / -not -path '/proc/*'", True),
    ("find / -xdev", False),
    ("find / -path /proc -prune -o -print", False),
    ("find / -maxdepth 3", False),
    ("find / -maxdepth 4", True),
    ("find / -fstype overlay", True),
    ("du -s /", True),
    ("du -sx /", False),
    ("ls -R /", True),
    ("ls /", False),
    ("rm -r /", True),
    ("chmod -R 755 /", True),
    ("mkdir /", False),
]


@pytest.mark.parametrize(("command", "recursive"), RECURSIVE)
def test_says_what_is_walked_through(command: str, recursive: bool) -> None:
    (fact,) = facts(UseFile, f"FROM debian\nRUN {command}\n")
    assert (fact.path, fact.recursive) == ("/", recursive)


def test_knows_what_is_written_through_a_pipe() -> None:
    text = "FROM debian\nRUN echo 1 | tee -a /a > /dev/null\n"
    found = [(text_at(text, fact.place), fact.value) for fact in facts(UseFile, text)]
    assert found == [("> /dev/null", "1"), ("/a", "1")]


MADE: list[tuple[str, list[bool | None]]] = [
    ("mknod /dev/x c 1 3; chmod 600 /dev/x", [True]),
    ("chmod 600 /dev/x", [None]),
    ("rm /dev/null; ln -s /a /dev/null", [None, False]),
    ("rm /dev/null; ln -s /a /dev/null; chmod 600 /dev/null", [None, False, True]),
    ("mkdir -p /sys/a; cat /sys/a/b", [None, True]),
    ("cat /sys/a", [None]),
]


@pytest.mark.parametrize(("commands", "made"), MADE)
def test_remembers_what_the_step_made_below_dev_and_sys(commands: str, made: list[bool | None]) -> None:
    assert [fact.made for fact in facts(UseFile, f"FROM debian\nRUN {commands}\n")] == made


def test_a_step_has_a_new_dev_but_the_same_sys() -> None:
    text = "FROM debian\nRUN rm /dev/null; mkdir -p /sys/a\nRUN ln -s /x /dev/null; ls /sys/a\n"
    assert [fact.made for fact in facts(UseFile, text)] == [None, None, None, True]


NODES: list[tuple[str, list[str]]] = [
    ("cp -a /dev/null /a", ["/a"]),
    ("cp -R /dev/zero /dev/full /srv/", ["/srv/zero", "/srv/full"]),
    ("cp -r /dev /a", ["/a"]),
    ("cp /dev/null /a", []),
    ("cp -a /dev/shm /a", []),
    ("cp -a /dev/stdout /a", []),
    ("cd /srv && MAKEDEV console", ["/srv/console"]),
    ("MAKEDEV -n console", []),
    ("apt-get install -y vim makedev", ["/dev/tty0"]),
    ("apt-get install -y makedev-doc", []),
    ("apt-get remove makedev", []),
    ("apt install --download-only makedev", []),
    ("apt install makedev:amd64=2.3.1-97 watchdog", ["/dev/tty0", "/dev/tty0"]),
    ("mkfifo /a", ["/a"]),
    ("mknod --help", []),
]


@pytest.mark.parametrize(("command", "paths"), NODES)
def test_says_which_nodes_are_made(command: str, paths: list[str]) -> None:
    assert [fact.path for fact in facts(MakeNode, f"FROM debian\nRUN {command}\n")] == paths
