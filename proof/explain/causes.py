"""From what a failed step said to what was refused, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ...linter.rule import Rule
from .known import Known, Says
from .log import BuildLog, Failure
from .request import REQUEST
from .setup import SETUP
from .steps import STEPS
from .unrelated import UNRELATED

TABLES = {"set-up": SETUP, "request": REQUEST, "step": STEPS}

_COMMAND = re.compile(
    r"process \".*?\" did not complete|executor failed running \[.*?\]|The command '.*?' returned|The command \".*?\""
    r"|while running runtime|building at STEP \".*?\":",
    re.DOTALL,
)
_TRACE = re.compile(r"\++ ")
_FEW = 3


class Cause(NamedTuple):
    """`kind` is `rule`, `set-up`, `request` or `step`; `code` is a rule's. `lines` are those of the log that say so."""

    kind: str
    code: str
    name: str
    cause: str
    remedy: str
    references: tuple[str, ...]
    lines: tuple[str, ...]


class Explanation(NamedTuple):
    """`failure` None is a failure outside of any step. `causes` come with the most telling first.

    `unrelated` says what the failure is about, if it is one that any builder would have had.
    """

    failure: Failure | None
    causes: tuple[Cause, ...]
    unrelated: str


class _Line(NamedTuple):
    """One line that may say why, and whether a step printed it (None: it cannot be told)."""

    text: str
    printed: bool | None


class _Match(NamedTuple):
    cause: Cause
    last: int
    weight: int
    follows: bool


def explain(log: BuildLog, rules: Iterable[Rule]) -> list[Explanation]:
    """Why each failing step failed; where no step is known, why anything in the log failed."""
    rules = tuple(rules)
    if not log.failures:
        found = _explained(None, [_Line(line, None) for line in log.outside], rules)
        return [found] if found.causes or found.unrelated or not log.builder else []
    return [_explained(failure, list(_lines_of(failure, log)), rules) for failure in log.failures]


def _lines_of(failure: Failure, log: BuildLog) -> Iterator[_Line]:
    """The lines near a failure: what the step printed and what the builder said of it; all where no step had begun."""
    if not failure.step:
        yield from (_Line(line, None) for line in log.outside)
    yield from (_Line(line, True) for line in failure.output)
    yield from (_Line(line, False) for line in _without_command(failure.error).splitlines())


def _without_command(error: str) -> str:
    """A builder's error quotes the step's own script, whose text says nothing."""
    return _COMMAND.sub("", error)


def _explained(failure: Failure | None, lines: Sequence[_Line], rules: Iterable[Rule]) -> Explanation:
    matches = [*_by_rules(lines, rules), *_by_tables(lines)]
    unrelated, last = _unrelated(lines)
    spoken = {match.last for match in matches if match.cause.kind == "rule"}
    kept = [m for m in matches if m.cause.kind in ("rule", "set-up") or m.last not in spoken]
    kept = [m for m in kept if m.last >= last]
    kept.sort(key=lambda m: (m.follows, -m.last, -m.weight))
    causes = tuple(m.cause for m in kept)[:_FEW]
    return Explanation(failure, causes, "" if causes else unrelated)


def _by_rules(lines: Sequence[_Line], rules: Iterable[Rule]) -> Iterator[_Match]:
    for rule in rules:
        hits = _hits(lines, rule.symptoms, outside=None)
        if hits is not None:
            said, last, weight = hits
            cause = Cause("rule", rule.code, rule.name, rule.summary, rule.guidance, rule.references, said)
            yield _Match(cause, last, weight, follows=False)


def _by_tables(lines: Sequence[_Line]) -> Iterator[_Match]:
    for kind, table in TABLES.items():
        for known in table:
            hits = _hits(lines, known.symptoms, outside=_outside(known))
            if hits is not None:
                said, last, weight = hits
                cause = Cause(kind, "", known.name, known.cause, known.remedy, known.references, said)
                yield _Match(cause, last, weight, known.follows)


def _outside(known: Known) -> bool | None:
    """Whether the words are said outside of steps only, inside only, or on both sides (None)."""
    return {Says.DAEMON: True, Says.BUILDER: None, Says.STEP: False}[known.says]


def _hits(
    lines: Sequence[_Line], symptoms: Iterable[str], *, outside: bool | None
) -> tuple[tuple[str, ...], int, int] | None:
    """The lines where a symptom stands, the last one's index, and how specific its symptom is."""
    patterns = [re.compile(symptom) for symptom in symptoms]
    said: list[str] = []
    last = weight = -1
    for index, line in enumerate(lines):
        if (outside is not None and line.printed is outside) or _TRACE.match(line.text):
            continue
        for pattern in patterns:
            if pattern.search(line.text):
                said.append(line.text.strip())
                last, weight = index, max(_weight(pattern.pattern), weight if last == index else -1)
    return (tuple(dict.fromkeys(said))[-_FEW:], last, weight) if said else None


def _weight(symptom: str) -> int:
    """How many characters of a regular expression's longest alternative stand for themselves."""
    return max(len(re.findall(r"[A-Za-z0-9/' ]", part)) for part in symptom.split("|"))


def _unrelated(lines: Sequence[_Line]) -> tuple[str, int]:
    """What the last line that any builder could have is about, and its index."""
    patterns = [(re.compile(pattern), about) for pattern, about in UNRELATED]
    for index in range(len(lines) - 1, -1, -1):
        for pattern, about in patterns:
            if pattern.search(lines[index].text):
                return about, index
    return "", -1
