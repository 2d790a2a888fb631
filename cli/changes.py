"""What has changed in a git work tree, for `--only-changed`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable

from ..linter.errors import BadUsage
from ..linter.lint import Question, lint_file
from .builds import Build


class Changes:
    """The files that differ from a commit, by their real paths: deleted and untracked ones are among them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)

    def hold(self, path: str) -> bool:
        return os.path.realpath(path) in self._paths

    def touch(self, builds: Iterable[Build], question: Question) -> bool:
        """Whether a Dockerfile has changed, or a file that lint looks into when it follows what its steps run."""
        for build in builds:
            if self.hold(build.document.path):
                return True
            lint_file(*build, question)
            if any(self.hold(path) for path in build.context.opened):
                return True
        return False


def changes_since(revision: str, folder: str) -> Changes:
    """What changed since the work tree's branch left `revision`, commits and what is not committed alike.

    Raises BadUsage where there is no git, no repository, no such commit, or nothing in common with it.
    """
    top = _git(folder, "rev-parse", "--show-toplevel", or_else=f"{folder} is in no git repository").rstrip("\n")
    commit = f"{revision}^{{commit}}"
    unknown = f"git knows no commit {revision} here; a CI's checkout may need more history, or `git fetch`"
    known = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", commit, or_else=unknown).strip()
    apart = f"{revision} and HEAD have no commit in common; a CI's checkout may need more history"
    base = _git(top, "merge-base", known, "HEAD", or_else=apart).strip()
    differ = _git(top, "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", base)
    untracked = _git(top, "ls-files", "--others", "--exclude-standard", "-z")
    return Changes(os.path.realpath(os.path.join(top, name)) for name in (differ + untracked).split("\0") if name)


def _git(folder: str, *arguments: str, or_else: str | None = None) -> str:
    """What git prints; `or_else` says what it means when git fails."""
    command = ["git", "-C", folder, *arguments]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(command, capture_output=True, env=environment, stdin=subprocess.DEVNULL, check=False)
    except OSError as error:
        raise BadUsage(f"--only-changed: git cannot be run: {error.strerror}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise BadUsage(f"--only-changed: {or_else or said}" + (f" ({said})" if or_else and said else ""))
    return os.fsdecode(done.stdout)
