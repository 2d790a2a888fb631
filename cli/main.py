"""The command line: `ns-lint PATH…` is `ns-lint check PATH…`.

A hook passes only paths, and must feel instant: then click, which costs as much as the lint itself, is not loaded.
"""

from __future__ import annotations

import sys

from ..linter.errors import NsLintError
from .streams import say

COMMANDS = {
    "check": ("check", "Lint Dockerfiles; the default command."),
    "verify": ("verify", "Prove prediction and rewrite by building for real."),
    "explain": ("explain", "Say why a build failed, from its log."),
    "init": ("init", "Set a repo up: settings, pre-commit, CI."),
    "images": ("images", "Look into base images, for a lock file that lint uses."),
    "rule": ("rules", "Print the page of one rule."),
    "rules": ("rules", "List the rules."),
}
"""Command → its module in this package, and its line in the help."""


def main() -> None:
    """Run, and turn our errors into a message and an exit code."""
    try:
        sys.exit(_run(sys.argv[1:]))
    except KeyboardInterrupt:
        say("ns-lint: interrupted")
        sys.exit(130)
    except NsLintError as error:
        say(f"ns-lint: {error}")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _run(arguments: list[str]) -> int:
    if not any(argument.startswith("-") for argument in arguments) and (arguments or [""])[0] not in COMMANDS:
        from .run import Options, check

        return check(Options(paths=tuple(arguments)))
    from .commands import run

    return run(arguments)
