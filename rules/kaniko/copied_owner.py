"""COPY gives files to root, whatever USER says; kaniko gave them to the user.

Kaniko copied files from the context, and the directories that it made for them, as the USER of that moment. BuildKit
follows the reference: without `--chown` they are root's. The image still builds, but a process that runs as the user
can no longer write what it was given, and a `RUN chmod` or `chown` as that user fails. `COPY --from` keeps the owners
of the other stage in both, and so does an archive that ADD unpacks.

`--chown` with the user's name gives the files to the user and the user's own group, as kaniko did.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.build import Build, find_stage
from ...linter.dockerfile import Instruction
from ...linter.edit import Edit, Fix, Safety
from ...linter.profile import EVERYWHERE
from ...linter.rule import Good, Refusal, Rule, Warn
from ...linter.source import Place

rule = Rule(
    code="NS931",
    name="kaniko-copied-owner",
    summary="what kaniko copied belonged to the USER, in BuildKit it is root's",
    refused=EVERYWHERE,
    guidance="Add --chown where the user has to write it.",
    only_from=("kaniko",),
    examples=(
        Warn(
            "FROM debian\nUSER daemon\n«COPY f /srv/»\n",
            fixed="FROM debian\nUSER daemon\nCOPY --chown=daemon f /srv/\n",
            context={"f": "1"},
        ),
        Warn(
            "FROM debian\nRUN useradd -u 1234 app\nUSER app\n«ADD --chmod=644 f /srv/x/»\n",
            fixed="FROM debian\nRUN useradd -u 1234 app\nUSER app\nADD --chown=app --chmod=644 f /srv/x/\n",
            context={"f": "1"},
        ),
        Warn(
            "FROM debian AS base\nUSER 1:60\nFROM base\n«COPY f /srv/f»\n",
            fixed="FROM debian AS base\nUSER 1:60\nFROM base\nCOPY --chown=1:60 f /srv/f\n",
            context={"f": "1"},
            why="a stage that starts from another one has its user",
        ),
        Good("FROM debian\nUSER daemon\nCOPY --chown=daemon f /srv/\n", context={"f": "1"}, why="it says so"),
        Good("FROM debian\nUSER daemon\nUSER root\nCOPY f /srv/\n", context={"f": "1"}, why="root copies"),
        Good("FROM debian\nCOPY f /srv/\nUSER daemon\n", context={"f": "1"}, why="the user comes later"),
        Good(
            "FROM debian AS a\nRUN touch /f && chown 5:6 /f\nFROM debian\nUSER daemon\nCOPY --from=a /f /f\n",
            why="owners of another stage are kept",
        ),
        Good("FROM debian\nUSER 0:0\nCOPY f /srv/\n", context={"f": "1"}, why="0 is root"),
    ),
    references=("https://docs.docker.com/reference/dockerfile/#copy---chown---chmod",),
)

_ROOT = frozenset({"root", "0", ""})
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")


@rule.check(Build)
def copied_owner(build: Build) -> Iterator[Refusal]:
    users: dict[int, str | None] = {}
    for stage in build.stages:
        parent = find_stage(build.stages[: stage.number], stage.base)
        user = users.get(parent.number) if parent is not None else None
        skipped = stage in build.skipped
        for instruction in stage.instructions:
            user = _user(instruction) or user
            if user is not None and not skipped and _takes_root(instruction, user):
                yield _refusal(instruction, user)
        users[stage.number] = user


def _user(instruction: Instruction) -> str | None:
    words = instruction.words() if instruction.keyword == "USER" else ()
    return words[0].text if words else None


def _takes_root(instruction: Instruction, user: str) -> bool:
    if instruction.keyword not in ("COPY", "ADD") or user.partition(":")[0] in _ROOT:
        return False
    if instruction.flag("chown") is not None or instruction.flag("from") is not None:
        return False
    *sources, _ = (word.text for word in instruction.words()) if instruction.words() else ("",)
    return instruction.keyword == "COPY" or not all(source.endswith(_ARCHIVES) for source in sources)


def _refusal(instruction: Instruction, user: str) -> Refusal:
    fix = None
    if not set(user) & set("\"'`\\"):
        end = instruction.keyword_place.end
        edit = Edit(Place(instruction.place.path, end, end), f" --chown={user}")
        fix = Fix("give the files to the user", Safety.UNSAFE, (edit,))
    message = f"kaniko gave these files to {user}, BuildKit gives them to root"
    return rule.refuses(instruction, message, fix=fix, differs=True)
