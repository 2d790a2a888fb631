"""The kinds of BuildKit daemon a build can meet, and where an operation is refused."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Profile(NamedTuple):
    """What decides whether a step works: a daemon's namespaces and limits.

    `ids` is how many user and group ids, from 0, are mapped (None: all of them).
    """

    name: str
    ids: int | None
    process_sandbox: bool
    own_network: bool

    @property
    def in_user_namespace(self) -> bool:
        return self.ids is not None

    def maps(self, number: int) -> bool:
        return self.ids is None or 0 <= number < self.ids


ROOTFUL = Profile("rootful", ids=None, process_sandbox=True, own_network=True)
USERNS = Profile("userns", ids=65536, process_sandbox=True, own_network=True)
ROOTLESS = Profile("rootless", ids=65537, process_sandbox=True, own_network=True)
NO_SANDBOX = Profile("rootless-no-process-sandbox", ids=65537, process_sandbox=False, own_network=True)

PROFILES = (ROOTFUL, USERNS, ROOTLESS, NO_SANDBOX)
PROFILE_NAMES = tuple(profile.name for profile in PROFILES)

SMALLEST_MAP = min(profile.ids for profile in PROFILES if profile.ids is not None)
"""How many ids are mapped in every profile."""


def unmapped(*numbers: int | None) -> int | None:
    """The largest of these ids, if it is one that some profile has no mapping for."""
    largest = max((number for number in numbers if number is not None), default=0)
    return largest if largest >= SMALLEST_MAP else None


class Row(Protocol):
    """One row of the compatibility table."""

    def refuses(self, profile: Profile, insecure: bool) -> bool:
        """Whether a step in `profile` is refused, with or without `--security=insecure`."""
        ...


class Refused(NamedTuple):
    """A row that was measured: the names of the profiles that refuse a plain step, and an insecure one."""

    plain: frozenset[str]
    insecure: frozenset[str]

    def refuses(self, profile: Profile, insecure: bool) -> bool:
        return profile.name in (self.insecure if insecure else self.plain)


class BeyondMap(NamedTuple):
    """A row that follows from the id map: refused wherever `number` has no mapping."""

    number: int

    def refuses(self, profile: Profile, insecure: bool) -> bool:
        return not profile.maps(self.number)


_ALL = frozenset(PROFILE_NAMES)
_USER_NAMESPACES = frozenset(p.name for p in PROFILES if p.in_user_namespace)

EVERYWHERE = Refused(_ALL, _ALL)
"""Refused by every builder, insecure steps included."""

IN_USER_NAMESPACES = Refused(_USER_NAMESPACES, _USER_NAMESPACES)
"""Works as real root, fails in any user namespace, insecure steps included."""

WITHOUT_CAPABILITIES = Refused(_ALL, frozenset())
"""Refused to a plain step everywhere, granted to an insecure one everywhere."""

WITHOUT_HOST_ROOT = Refused(_ALL, _USER_NAMESPACES)
"""Refused to a plain step everywhere; an insecure one needs real root on the host."""
