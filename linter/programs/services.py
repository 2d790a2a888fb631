"""Requests to a running service manager: systemctl and the other programs of systemd.

Measured with systemd 252: what only changes links under /etc passes, and so does everything that asks the manager to
act while SYSTEMD_OFFLINE=1 or `--root=` says that there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..command import Command
from ..facts import ControlService
from ..system import System
from .options import options

_WITHOUT_MANAGER = frozenset(
    """
    add-requires add-wants disable edit enable get-default help is-enabled link list-unit-files mask preset preset-all
    reenable revert set-default unmask
    """.split()
)
"""Verbs that systemctl does by itself on the files below /etc."""


def systemctl(command: Command, _system: System) -> Iterator[ControlService]:
    """A verb that the manager must answer; `enable --now` starts what it has enabled."""
    found = options(command, "tpPHMosin", "type state property kill-whom signal root image host machine job-mode lines")
    if found.has("--help", "-h", "--version", "--root", "--image") or _offline(command):
        return
    verb = found.operands[0].value if found.operands else "list-units"
    if verb is None or (verb in _WITHOUT_MANAGER and not found.has("--now")):
        return
    unit = found.operands[1].value if len(found.operands) > 1 else None
    yield ControlService(command.place, command, "systemctl", verb, unit)


def asks_the_bus(command: Command, _system: System) -> Iterator[ControlService]:
    """hostnamectl, timedatectl and their like do everything over the bus."""
    found = options(command, "HM", "host machine")
    if found.has("--help", "-h", "--version"):
        return
    verb = found.operands[0].value if found.operands else ""
    if verb is not None:
        yield ControlService(command.place, command, command.name, verb, None)


def _offline(command: Command) -> bool:
    return command.env.get("SYSTEMD_OFFLINE") not in (None, "", "0")


PROGRAMS = {
    "busctl": asks_the_bus,
    "hostnamectl": asks_the_bus,
    "localectl": asks_the_bus,
    "loginctl": asks_the_bus,
    "systemctl": systemctl,
    "systemd-run": asks_the_bus,
    "timedatectl": asks_the_bus,
}
