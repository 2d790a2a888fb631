"""Who a step runs as, and whom the builder itself makes an owner: USER, --chown, the ids of a --mount."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .build import StageState
from .command import Argument, Command, decimal
from .dockerfile import Flag
from .facts import Become, ChangeOwner, MountIds
from .system import System


def become(command: Command, state: StageState) -> Iterator[Become]:
    """Becoming the step's user, as runc does before its first command: with the user's supplementary groups.

    A number is looked up in /etc/passwd too. Where no USER is set it is root, who may have been put into a group.
    """
    user = state.user if state.user is not None else Argument("root", True, command.argv[0].place)
    if not user.known:
        return
    name, _, group = user.text.partition(":")
    accounts = state.system.accounts
    own = accounts.user_id(name)
    primary = accounts.group_id(group) if group else accounts.primary_group_id(name)
    others = () if group else accounts.supplementary_ids(name)
    if state.user is None and not others:
        return
    origins = (each.origin for each in (own, primary, *others) if each.number is not None)
    origin = next((origin for origin in origins if origin is not None), user.place)
    groups = tuple(each.number for each in others if each.number is not None)
    yield Become(user.place, command, own.number, primary.number, groups, origin)


def directory_owner(command: Command, state: StageState) -> Iterator[Become]:
    """The owner of a directory that WORKDIR makes: user and group, and none of the supplementary groups.

    Source: dispatchWorkdir in BuildKit's dockerfile2llb/convert.go, `llb.WithUser`.
    """
    if state.user is not None:
        for fact in become(command, state):
            yield fact._replace(groups=(), tool="WORKDIR", certain=state.system.bare)


def copied_owner(flag: Flag, value: str | None, command: Command, system: System) -> Iterator[ChangeOwner]:
    """The owner of what COPY or ADD copies. Without a group, a number is both, and a user has its primary group."""
    if value is None:
        return
    name, _, group = value.partition(":")
    accounts = system.accounts
    user = accounts.user_id(name)
    group_alone = user if name.isdecimal() else accounts.primary_group_id(name)
    owner_group = accounts.group_id(group) if group else group_alone
    yield ChangeOwner(
        flag.value_place or flag.place,
        command,
        None,
        user.number,
        owner_group.number,
        origin=user.origin or owner_group.origin,
        tool=command.name,
    )


def mount_ids(flag: Flag, kind: str, options: Mapping[str, str], command: Command) -> Iterator[MountIds]:
    """The ids of a cache directory, a secret or an SSH socket.

    Those of a cache are left alone where it has a source, and those of a secret where it is a variable only.
    Source: convert_runmount.go in BuildKit's dockerfile2llb, and the lab.
    """
    uid, gid = decimal(options.get("uid", "")), decimal(options.get("gid", ""))
    if uid is None and gid is None:
        return
    if kind == "cache" and (options.get("source") or options.get("src") or "/") not in ("/", "."):
        return
    if kind == "secret" and "env" in options and not _target(options):
        return
    optional = kind in ("secret", "ssh") and options.get("required", "false").lower() not in ("", "1", "t", "true")
    yield MountIds(flag.value_place or flag.place, command, kind, uid, gid, optional)


def _target(options: Mapping[str, str]) -> str | None:
    return options.get("target") or options.get("dst") or options.get("destination")
