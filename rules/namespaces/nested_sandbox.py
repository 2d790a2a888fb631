"""A sandbox does not fit into a step.

bwrap, and what is built on it or on the same system calls (`flatpak run`, `flatpak build`, systemd-nspawn, schroot,
Chromium's sandbox, nix with `sandbox-fallback = false`), makes namespaces and mounts, which a plain step may not, in
any profile. In an insecure step bwrap and Chromium work; flatpak, systemd-nspawn and schroot need real root there,
since a user namespace has no /sys to show. Chromium does not start as root unless it is told `--no-sandbox`.

The step is a sandbox already, so the switch that turns the inner one off costs little.

Silent are those that notice and go without: `opam init -y`, firejail, nix by default, `flatpak install`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import insert_after
from ...linter.edit import Fix, Safety
from ...linter.facts import NestedSandbox
from ...linter.profile import EVERYWHERE, WITHOUT_CAPABILITIES, WITHOUT_HOST_ROOT
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

_CHROMIUM = """#!/bin/sh
case "$*" in *--no-sandbox*) exit ;; esac
[ "$(id -u)" != 0 ] || { echo 'Running as root without --no-sandbox is not supported.' >&2; exit 1; }
exec unshare --user true
"""
"""What it does before it shows a page."""

_INSTALLED = (
    "FROM debian\nCOPY --chmod=755 chromium /opt/\n"
    "RUN update-alternatives --install /usr/bin/chromium chromium /opt/chromium 1\n"
)
_TOOL = {"chromium": _CHROMIUM}

rule = Rule(
    code="NS423",
    name="nested-sandbox",
    summary="a sandbox inside a step may not make its namespaces",
    refused=WITHOUT_CAPABILITIES,
    guidance="Turn the inner sandbox off: the step is one already.",
    symptoms=(
        r"bwrap: (Creating new namespace failed|No permissions to create new namespace|Can't find source path /sys)",
        r"Running as root without --no-sandbox is not supported",
        r"No usable sandbox!",
        r"unshare: .*Operation not permitted",
        r"cloning builder process:.* Operation not permitted",
        r"clone\(\) failed: Operation not permitted",
        r"Failed to determine whether the unified cgroups hierarchy is used",
        r"E: .*: Chroot setup failed: stage=setup-start",
    ),
    examples=(
        Bad("FROM debian\nRUN «bwrap --ro-bind / / true»\n"),
        Bad("FROM debian\nRUN echo start && «bwrap --bind / / --dev /dev --unshare-net make -v» && echo ok\n"),
        Bad("FROM debian\nUSER nobody\nRUN «bwrap --dev-bind / / --unshare-all true»\n"),
        Bad("FROM debian\nCOPY t.sh /\nRUN sh -e /t.sh\n", context={"t.sh": "«bwrap --ro-bind / / true»\necho ok\n"}),
        Bad(
            _INSTALLED + "RUN «chromium --headless --dump-dom about:blank»\n",
            fixed=_INSTALLED + "RUN chromium --no-sandbox --headless --dump-dom about:blank\n",
            context=_TOOL,
        ),
        Bad(
            _INSTALLED + "USER nobody\nRUN «chromium --headless --dump-dom about:blank»\n",
            fixed=_INSTALLED + "USER nobody\nRUN chromium --no-sandbox --headless --dump-dom about:blank\n",
            context=_TOOL,
        ),
        Warn("FROM debian\nRUN «bwrap --ro-bind / / true» || echo no sandbox\n"),
        Good("FROM debian\nRUN bwrap --version && bwrap --help\n", why="nothing is run in it"),
        Good("FROM debian\nRUN --security=insecure bwrap --ro-bind / / true\n", why="an insecure step may"),
        Good(_INSTALLED + "RUN chromium --no-sandbox --headless\n", why="the sandbox is off", context=_TOOL),
        Good('FROM debian\nRUN command -v bwrap && echo bwrap > /x\nCMD ["bwrap", "true"]\n', why="it is not run"),
    ),
    references=(
        "https://github.com/containers/bubblewrap",
        "https://chromium.googlesource.com/chromium/src/+/main/docs/linux/sandboxing.md",
    ),
)


@rule.check(NestedSandbox)
def nested_sandbox(sandbox: NestedSandbox) -> Iterator[Refusal]:
    tool = sandbox.tool
    if sandbox.not_as_root:
        message, row = f"`{tool}` does not start as root with its sandbox", EVERYWHERE
    else:
        message = f"`{tool}` may not make the namespaces of its sandbox"
        row = WITHOUT_HOST_ROOT if sandbox.privileged else WITHOUT_CAPABILITIES
    yield rule.refuses(sandbox, message, refused=row, fix=_fix(sandbox), certain=sandbox.certain)


def _fix(sandbox: NestedSandbox) -> Fix | None:
    if sandbox.after is None:
        return None
    title = f"turn the sandbox of `{sandbox.tool}` off"
    return insert_after(sandbox.after, sandbox.switch, title, Safety.UNSAFE)
