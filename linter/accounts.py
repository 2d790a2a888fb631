"""Users and groups of an image, as far as they are known: which ids a name stands for, and who gave it them."""

from __future__ import annotations

from typing import NamedTuple

from .command import decimal
from .facts import JoinGroup, NewGroup, NewUser
from .profile import unmapped
from .source import Place

NO_ID = 2**32 - 1
"""chown(2) and setuid(2) take it for "leave it as it is"; no file and no process can have it."""


class Id(NamedTuple):
    """A user or group id, None when it is not known; `origin` is where this build gave it to its name."""

    number: int | None
    origin: Place | None = None


NOBODY = Id(None)
"""Who cannot be told."""


class Unmapped(NamedTuple):
    """An id that some builder has no mapping for, and what people call it."""

    number: int
    words: str


def unmapped_id(uid: int | None, gid: int | None = None, groups: tuple[int, ...] = ()) -> Unmapped | None:
    """The largest of these ids, if some builder has no mapping for it."""
    number = unmapped(uid, gid, *groups)
    return None if number is None else Unmapped(number, f"{'uid' if number == uid else 'gid'} {number}")


class User(NamedTuple):
    """`group` is the primary group, by name or by number. `has_home` says that the home directory is surely there.

    `origin` is where this build gave the user its id, None for users of the base image.
    """

    uid: int | None
    group: str | None
    home: str | None
    has_home: bool = False
    origin: Place | None = None


_USERS = {
    "root": User(0, "root", "/root", has_home=True),
    "daemon": User(1, "daemon", None),
    "bin": User(2, "bin", None),
    "nobody": User(65534, "nogroup", None),
    "www-data": User(33, "www-data", "/var/www"),
    "node": User(1000, "node", "/home/node", has_home=True),
}
"""Users of common images: all have small ids, which is all that is asked of them."""

_GROUPS = {
    "root": 0,
    "daemon": 1,
    "bin": 2,
    "wheel": 10,
    "nogroup": 65534,
    "nobody": 65534,
    "www-data": 33,
    "node": 1000,
}

ACCOUNT_FILES = ("/etc/passwd", "/etc/group")


class Accounts:
    """The accounts of one stage. Steps change them in the order they run."""

    def __init__(self) -> None:
        self.users = dict(_USERS)
        self.groups = {name: Id(number) for name, number in _GROUPS.items()}
        self._memberships: dict[str, tuple[str, ...]] = {}

    @staticmethod
    def of(passwd: str, group: str) -> Accounts:
        """Those of an image whose files are known; this build gave none of them an id."""
        accounts = Accounts()
        accounts.users.clear()
        accounts.groups.clear()
        accounts.read("/etc/passwd", passwd, None)
        accounts.read("/etc/group", group, None)
        return accounts

    def copy(self) -> Accounts:
        accounts = Accounts()
        accounts.users = dict(self.users)
        accounts.groups = dict(self.groups)
        accounts._memberships = dict(self._memberships)
        return accounts

    def user_id(self, name: str) -> Id:
        """The id of a user by name or number."""
        if name.isdecimal():
            return _number(name)
        user = self.users.get(name)
        return Id(user.uid, user.origin) if user else NOBODY

    def group_id(self, name: str) -> Id:
        """The id of a group by name or number."""
        return _number(name) if name.isdecimal() else self.groups.get(name, NOBODY)

    def primary_group_id(self, name: str) -> Id:
        """The primary group's id of a user by name or number."""
        user = self.users.get(self._name(name))
        if user is None or user.group is None:
            return NOBODY
        found = self.group_id(user.group)
        return found if found.origin is not None else Id(found.number, user.origin)

    def supplementary_ids(self, name: str) -> tuple[Id, ...]:
        """The known ids of the groups that a user, by name or number, was made a member of."""
        found = (self.group_id(group) for group in self._memberships.get(self._name(name), ()))
        return tuple(each for each in found if each.number is not None)

    def _name(self, name: str) -> str:
        """A user's name; a number stands for the first user of this build that has it, as in /etc/passwd."""
        if not name.isdecimal():
            return name
        number = decimal(name)
        if number == 0:
            return "root"
        return next((each for each, user in self.users.items() if user.origin and user.uid == number), name)

    # ------------------------------------------------------------------------------------------ changes

    def add_user(self, fact: NewUser) -> None:
        user = User(fact.uid, fact.group, fact.home, fact.has_home, fact.place)
        before = self.users.get(fact.changes) if fact.changes is not None else None
        if before is not None:
            user = User(
                before.uid if fact.uid is None else fact.uid,
                before.group if fact.group is None else fact.group,
                before.home if fact.home is None else fact.home,
                fact.has_home,
                before.origin if fact.uid is None and before.origin is not None else fact.place,
            )
            self._memberships[fact.name] = self._memberships.get(fact.changes or "", ())
        self.users[fact.name] = user

    def add_group(self, fact: NewGroup) -> None:
        self.groups[fact.name] = Id(fact.gid, fact.place)
        for member in fact.members:
            self._join(member, (fact.name,))

    def join(self, fact: JoinGroup) -> None:
        self._join(fact.user, fact.groups)

    def _join(self, user: str, groups: tuple[str, ...]) -> None:
        self._memberships[user] = (*self._memberships.get(user, ()), *groups)

    def read(self, path: str, text: str, origin: Place | None) -> None:
        """Take in lines of /etc/passwd or /etc/group."""
        for line in text.splitlines():
            fields = line.split(":")
            if len(fields) < 3 or (number := decimal(fields[2])) is None:
                continue
            if path == "/etc/group":
                self.groups[fields[0]] = Id(number, origin)
                for member in fields[3].split(",") if len(fields) > 3 else ():
                    self._join(member, (fields[0],))
            elif len(fields) >= 6:
                self.users[fields[0]] = User(number, fields[3], fields[5], origin=origin)


def _number(text: str) -> Id:
    number = decimal(text)
    return Id(number) if number is not None and number < NO_ID else NOBODY
