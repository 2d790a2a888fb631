"""There is no service manager in a step, so nothing can be asked of it.

A step's first process is its command, not systemd: `systemctl start`, `daemon-reload` and `status`, and everything that
hostnamectl, timedatectl, localectl and loginctl do, need the bus and fail in every builder. What only changes links
below /etc works: `systemctl enable`, `disable`, `mask`, `set-default`. Packages know this and ask for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Fix, Safety
from ...linter.facts import ControlService
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

_NEEDLESS = frozenset(("daemon-reload", "daemon-reexec", "start", "restart", "reload", "try-restart", "stop"))
"""Verbs that leave nothing in the image even where a manager runs."""

rule = Rule(
    code="NS601",
    name="service-control",
    summary="there is no service manager in a step to ask",
    refused=EVERYWHERE,
    guidance="Enable the service (systemctl enable), or start its program in this step in the foreground.",
    symptoms=(
        r"System has not been booted with systemd",
        r"Failed to connect to (the )?(system )?bus",
        r"Failed to create bus connection",
    ),
    examples=(
        Bad(
            "FROM debian\nRUN «systemctl daemon-reload» && touch /ok\n",
            fixed="FROM debian\nRUN touch /ok\n",
        ),
        Bad(
            "FROM debian\nRUN systemctl enable getty@tty1 && «systemctl start getty@tty1»\n",
            fixed="FROM debian\nRUN systemctl enable getty@tty1\n",
        ),
        Bad("FROM debian\nRUN «systemctl status cron»\n"),
        Bad("FROM debian\nRUN «systemctl enable --now getty@tty1»\n"),
        Bad("FROM debian\nRUN «timedatectl set-timezone UTC»\n"),
        Bad("FROM debian\nRUN «hostnamectl set-hostname web»\n"),
        Bad("FROM debian\nRUN «systemctl restart cron» || «systemctl start cron»\n", fixed="FROM debian\n\n"),
        Warn("FROM debian\nRUN «systemctl daemon-reload»; touch /ok\n", fixed="FROM debian\nRUN touch /ok\n"),
        Warn("FROM debian\nRUN «systemctl is-active cron» || touch /ok\n"),
        Good("FROM debian\nRUN systemctl enable getty@tty1 && systemctl mask cron.service\n", why="these change links"),
        Good("FROM debian\nRUN systemctl set-default multi-user.target && systemctl --version\n", why="so does this"),
        Good("FROM debian\nRUN SYSTEMD_OFFLINE=1 systemctl daemon-reload\n", why="it is told that there is no manager"),
        Good("FROM debian\nRUN echo 'systemctl start app' > /start.sh\n", why="it is only written"),
    ),
    references=("https://man7.org/linux/man-pages/man1/systemctl.1.html",),
)


@rule.check(ControlService)
def service_control(control: ControlService) -> Iterator[Refusal]:
    if control.tool == "udevadm":
        return
    asked = f"{control.tool} {control.verb}".strip()
    yield rule.refuses(control, f"`{asked}` needs a running systemd", fix=_fix(control))


def _fix(control: ControlService) -> Fix | None:
    if control.tool != "systemctl" or control.verb not in _NEEDLESS:
        return None
    return delete_command(control.command, safety=Safety.UNSAFE)
