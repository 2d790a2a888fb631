"""`ns-lint init`: settings, a pre-commit hook and a CI job. What is there is left as it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from ..linter.errors import CannotWrite, UnreadableInput
from ..linter.settings import OWN_FILE, SHARED_FILE, read
from . import snippets
from .hooks import NAME as PRE_COMMIT
from .hooks import has_hook, with_entry

BASELINE = ".ns-lint-baseline.json"
WORKFLOW = ".github/workflows/ns-lint.yml"
GITLAB = ".gitlab-ci.yml"


class Written(NamedTuple):
    """A file to write; `old` is None where there is none yet."""

    name: str
    text: bytes
    old: bytes | None = None


class Added(NamedTuple):
    """What a person has to add to a file, and why ns-lint does not."""

    name: str
    text: str
    reason: str


class Kept(NamedTuple):
    name: str
    reason: str


Step = Written | Added | Kept


@click.command("init")
@click.argument("folder", type=click.Path(exists=True, file_okay=False), default=".")
@click.option("--baseline", is_flag=True, help=f"Accept all that is found today, in {BASELINE}.")
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab", "none"]),
    multiple=True,
    help="The CI to write a job for.  [default: those that the repo has]",
)
@click.option("--print", "only_print", is_flag=True, help="Print what would be written, and write nothing.")
def init_command(*, folder: str, baseline: bool, ci: tuple[str, ...], only_print: bool) -> None:
    """Set a repo up: settings, a pre-commit hook, a CI job. FOLDER is the repo's top.

    Nothing is overwritten: what ns-lint cannot add by itself, it prints.
    """
    top = Path(folder)
    for step in _steps(top, baseline=baseline, ci=ci or _found(top)):
        match step:
            case Kept(name, reason):
                click.echo(f"{name}: {reason}")
            case Added(name, text, reason):
                click.echo(f"{name}: {reason}. Add this:\n\n{_indented(text)}")
            case Written(name, text, old) if only_print:
                shown = text if old is None else _difference(name, old, text)
                click.echo(f"{name}: would {'be written' if old is None else 'change'}:\n\n{_indented(shown.decode())}")
            case Written(name, text, old):
                _write(top / name, text, old)
                click.echo(f"{name}: {'written' if old is None else 'added to'}")
    if only_print:
        return
    if not baseline:
        click.echo("\n`ns-lint .` says what breaks; `ns-lint init --baseline` accepts what is there today.")
    elif (top / BASELINE).exists():
        click.echo(f"{BASELINE}: is there already; `ns-lint --update-baseline .` writes it anew")
    else:
        _accept(top)


def _steps(top: Path, *, baseline: bool, ci: tuple[str, ...]) -> Iterator[Step]:
    yield _settings(top, BASELINE if baseline else None)
    yield _hook(top)
    if "github" in ci:
        yield _whole(top, WORKFLOW, snippets.GITHUB)
    if "gitlab" in ci:
        if (top / GITLAB).exists():
            has = b"ns-lint" in _bytes(top / GITLAB)
            yield Kept(GITLAB, "has ns-lint already") if has else Added(GITLAB, snippets.GITLAB, "it is yours")
        else:
            yield Written(GITLAB, snippets.GITLAB.encode())


def _settings(top: Path, baseline: str | None) -> Step:
    for name in (OWN_FILE, SHARED_FILE):
        settings = read(str(top / name))
        if settings is None:
            continue
        if baseline is None or settings.baseline is not None:
            return Kept(name, "has settings already")
        data = _bytes(top / name)
        line, offered = f'baseline = "{baseline}"', f'\n# baseline = "{baseline}"'.encode()
        if data.count(offered) == 1:
            return Written(name, data.replace(offered, f"\n{line}".encode()), data)
        return Added(name, line, "has settings already")
    return _whole(top, OWN_FILE, snippets.settings(_coming_from(top), baseline))


def _hook(top: Path) -> Step:
    path = top / PRE_COMMIT
    entry = snippets.PRE_COMMIT
    listed = "- " + entry.rstrip("\n").replace("\n", "\n  ") + "\n"
    if not path.exists():
        return Written(PRE_COMMIT, f"repos:\n{_indented(listed, 2)}".encode())
    data = _bytes(path)
    if has_hook(data):
        return Kept(PRE_COMMIT, "has the hook already")
    changed = with_entry(data, entry)
    if changed is None:
        return Added(PRE_COMMIT, listed, "it is written in a way that ns-lint does not add to")
    return Written(PRE_COMMIT, changed, data)


def _whole(top: Path, name: str, text: str) -> Step:
    return Kept(name, "is there already") if (top / name).exists() else Written(name, text.encode())


# ----------------------------------------------------------------------------------------------- what a repo says of it


def _found(top: Path) -> tuple[str, ...]:
    """The CI services that the repo is set up for."""
    has = {"github": (top / ".github").is_dir(), "gitlab": (top / GITLAB).exists()}
    return tuple(name for name, there in has.items() if there)


def _coming_from(top: Path) -> str | None:
    """The word kaniko, where a build config of the repo runs it."""
    from ..linter.invocation import Tool
    from ..linter.settings import Settings
    from .configs import read_configs

    configs = read_configs([str(top)], Settings(), frozenset())
    runs = any(one.tool is Tool.KANIKO for config in configs.files for one in config.invocations)
    return "kaniko" if runs else None


# ------------------------------------------------------------------------------------------------------------- writing


def _write(path: Path, text: bytes, old: bytes | None) -> None:
    if old is not None:
        from ..fixes.write import write

        write({str(path): (old, text)})
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:  # x: another run, or a dangling link, is not written over
            file.write(text)
    except OSError as error:
        raise CannotWrite(f"{path}: {error.strerror}") from error


def _accept(top: Path) -> None:
    """Write the baseline with what is found now, as the settings that were just written have it."""
    from .run import Options, check

    check(Options(paths=(os.path.normpath(top),), update_baseline=True, baseline=str(top / BASELINE)))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableInput(f"{path}: {error.strerror}") from error


def _difference(name: str, old: bytes, new: bytes) -> bytes:
    from ..fixes.diff import diff

    return diff(name, old, new).encode("utf-8", "surrogateescape")


def _indented(text: str, width: int = 4) -> str:
    return "".join(f"{' ' * width}{line}\n" if line else "\n" for line in text.rstrip("\n").split("\n"))
