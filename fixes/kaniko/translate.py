"""From the words of a kaniko command to those of a BuildKit client, each flag's in the place where it stood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .dialects import BUILDCTL, Argv, Dialect, before
from .flags import ROWS, Fate, Given, Note, Part, notes, read_flags, switch
from .job import DigestFile, Job, Obstacle, Surroundings, read_job, with_value
from .quoting import is_opaque


class Translation(NamedTuple):
    """`words[n]` stand for the flag `given[n]`; `head` goes in front of all, `tail` behind.

    `before` are commands to run first, `digest_files` are to be written when the build has passed. `kept` are the
    numbers of words that are not known, and stay.
    """

    head: Argv
    given: tuple[Given, ...]
    words: tuple[Argv, ...]
    tail: Argv
    before: tuple[Argv, ...]
    digest_files: tuple[DigestFile, ...]
    notes: tuple[Note, ...]
    kept: tuple[int, ...] = ()

    @property
    def argv(self) -> Argv:
        return (*self.head, *(word for words in self.words for word in words), *self.tail)

    def stand_ins(self, owners: Sequence[int]) -> Iterator[tuple[int, int, list[str]]]:
        """What stands for each run of pieces of a text: the first and the last piece, and the new words.

        `owners` are the numbers of the pieces that hold the words: one holds several where a variable does. A piece
        that is kept is left out.
        """
        new: dict[int, list[str]] = {number: [] for number in owners}
        last = {number: number for number in owners}
        for given, words in zip(self.given, self.words, strict=True):
            first = owners[given.first]
            new[first].extend(words)
            last[first] = max(last[first], owners[given.last])
        number, kept = 0, {owners[word] for word in self.kept}
        while number < len(new):
            if number not in kept:
                yield number, last[number], new[number]
            number = last[number] + 1


_NOWHERE = Surroundings()


def translate(
    argv: Sequence[str], dialect: Dialect = BUILDCTL, around: Surroundings = _NOWHERE, *, keep: bool = False
) -> Translation:
    """Translate the words behind the executor's name. With `keep`, words that are not known stay where they are.

    Raises Obstacle where a person has to decide.
    """
    flags = read_flags(argv)
    for given in flags.given:
        if given.name not in ROWS:
            raise Obstacle(f"kaniko knows no flag `{argv[given.first]}`")
    unknown = [number for number in flags.others if any(map(is_opaque, argv[number]))]
    if unknown and not keep:
        raise Obstacle("there may be more flags in a word that is not known")
    job = read_job(flags, around)
    said: set[Part] = set()
    words = tuple(_words(given, job, dialect, around, said) for given in flags.given)
    tail = (
        *(dialect.context(job) if Part.CONTEXT not in said else ()),
        *(dialect.dockerfile(job) if Part.DOCKERFILE not in said else ()),
        *dialect.tail(job),
    )
    strays = [argv[number] for number in flags.others if number not in unknown]
    return Translation(
        dialect.head,
        flags.given,
        words,
        tail,
        tuple(before(job)),
        job.digest_files,
        (*notes(flags), *_remarks(argv, job, flags.last("context"), strays)),
        tuple(unknown),
    )


def _words(given: Given, job: Job, dialect: Dialect, around: Surroundings, said: set[Part]) -> Argv:
    part, value = ROWS[given.name].part, given.value
    match part:
        case Part.BUILD_ARG if value is not None:
            return dialect.build_arg(with_value(value, around))
        case Part.LABEL if value is not None:
            return dialect.label(value)
        case Part.SECRET if value is not None:
            return dialect.secret(value)
        case Part.PROGRESS:
            return ("--progress=plain",) if value in ("debug", "trace") else ()
        case Part.CONTEXT | Part.DOCKERFILE | Part.TARGET | Part.PLATFORM | Part.OUTPUT | Part.CACHE:
            if part in said:
                return ()
            said.add(part)
            return _part(part, job, dialect)
        case _:
            return ()


def _part(part: Part, job: Job, dialect: Dialect) -> Argv:
    match part:
        case Part.CONTEXT:
            return dialect.context(job)
        case Part.DOCKERFILE:
            return dialect.dockerfile(job)
        case Part.TARGET:
            return dialect.target(job)
        case Part.PLATFORM:
            return dialect.platform(job)
        case Part.CACHE:
            return dialect.cache(job)
        case _:
            return dialect.output(job)


def _remarks(argv: Sequence[str], job: Job, context: str | None, strays: list[str]) -> list[Note]:
    """What the command line as a whole says, beyond its flags."""
    flags = read_flags(argv)
    found: list[Note] = []
    if flags.has("cache") and job.cache is None:
        found.append(Note("cache", Fate.GUIDANCE, "say where the cache is: --export-cache type=registry,ref=…"))
    if flags.values("cache-repo") and not flags.has("cache"):
        found.append(Note("cache-repo", Fate.DROPPED, "kaniko does not use it without --cache"))
    if flags.values("context-sub-path") and "://" not in (context or ""):
        found.append(Note("context-sub-path", Fate.DROPPED, "kaniko ignores it for a context without `://`"))
    ignored = "kaniko takes a switch's value only behind `=`: it ignores this"
    found.extend(Note(stray, Fate.DROPPED, ignored) for stray in strays if switch(stray) is not None)
    return found
