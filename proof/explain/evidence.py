"""Which lines of a log say that something was refused, and how much each is worth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from ...linter.context import Context
from ...linter.engine import Ruleset
from ...linter.invocation import Target
from ...linter.lint import Question, lint_file
from ...linter.profile import PROFILES
from ...linter.rule import Rule
from ...linter.source import Document
from .known import Says
from .request import REQUEST
from .setup import SETUP
from .steps import STEPS
from .unrelated import ORDINARY

TABLES = {"set-up": SETUP, "request": REQUEST, "step": STEPS}

_ORDER = ("set-up", "rule", "request", "step")
_TRACE = re.compile(r"\++ ")
_FEW = 3


class Line(NamedTuple):
    """A line that may say why. `printed` is true for what a step's program prints, false for what the builder and the
    runtime say of the step, None where no step is known.
    """

    text: str
    printed: bool | None


class Cause(NamedTuple):
    """`kind` is `rule`, `set-up`, `request` or `step`; `code` is a rule's. `lines` are those of the log that say so."""

    kind: str
    code: str
    name: str
    cause: str
    remedy: str
    references: tuple[str, ...]
    lines: tuple[str, ...]


class Candidate(NamedTuple):
    """`last` is the index of the last line that says so, `supported` that the failed instruction does what is refused,
    `weight` how specific the symptom is, `follows` that it only tells of an earlier failure.
    """

    cause: Cause
    last: int
    supported: bool
    weight: int
    follows: bool

    @property
    def rank(self) -> tuple[object, ...]:
        """Of several candidates for one line, the least is the likeliest."""
        return not self.supported, _ORDER.index(self.cause.kind), -self.weight, self.cause.code


def candidates(lines: Sequence[Line], instruction: str, rules: Iterable[Rule]) -> Iterator[Candidate]:
    """What the lines speak of; `instruction` is what failed, empty where it is not known."""
    rules = tuple(rules)
    codes = _judged(instruction, rules) if instruction else frozenset[str]()
    for rule in rules:
        supported = rule.code in codes
        symptoms = [symptom for symptom in rule.symptoms if supported or not _is_loose(symptom)]
        if hits := _hits(lines, symptoms, _says(rule)):
            cause = Cause("rule", rule.code, rule.name, rule.summary, rule.guidance, rule.references, hits.lines)
            yield Candidate(cause, hits.last, supported, hits.weight, follows=False)
    for kind, table in TABLES.items():
        for known in table:
            if hits := _hits(lines, known.symptoms, known.says):
                cause = Cause(kind, "", known.name, known.cause, known.remedy, known.references, hits.lines)
                yield Candidate(cause, hits.last, supported=False, weight=hits.weight, follows=known.follows)


_WHERE = {
    Says.DAEMON: (None,),
    Says.BUILDER: (None, False),
    Says.RUNTIME: (None, False, True),
    Says.STEP: (None, True),
}
"""What `Line.printed` is for the lines where such words stand."""


def _says(rule: Rule) -> Says:
    """Rules on configs and on a file's syntax are not about what a step prints."""
    return Says.RUNTIME if any(kind.__module__.endswith(".facts") for kind in rule.checks) else Says.BUILDER


def _judged(instruction: str, rules: Iterable[Rule]) -> frozenset[str]:
    """Codes of the rules that have something to say on this instruction alone."""
    document = Document("Dockerfile", b"FROM debian\n" + instruction.encode("utf-8", "surrogateescape") + b"\n")
    ruleset, found = Ruleset(rules), set[str]()
    for profile in PROFILES:
        linted = lint_file(document, Context(None), Target(), Question(profile, None, ruleset))
        found.update(finding.code for finding in linted.findings)
    return frozenset(found)


@cache
def _is_loose(symptom: str) -> bool:
    return any(re.search(symptom, line) for line in ORDINARY)


class _Hits(NamedTuple):
    lines: tuple[str, ...]
    last: int
    weight: int


def _hits(lines: Sequence[Line], symptoms: Iterable[str], says: Says) -> _Hits | None:
    """The lines where a symptom stands, the last one's index, and how specific its symptom is."""
    patterns = [re.compile(symptom) for symptom in symptoms]
    said: list[str] = []
    last = weight = -1
    for index, line in enumerate(lines):
        if line.printed not in _WHERE[says] or _TRACE.match(line.text):
            continue
        for pattern in patterns:
            if pattern.search(line.text):
                said.append(line.text.strip())
                weight = max(_weight(pattern.pattern), weight if last == index else -1)
                last = index
    return _Hits(tuple(dict.fromkeys(said))[-_FEW:], last, weight) if said else None


def _weight(symptom: str) -> int:
    """How many characters of a regular expression's longest alternative stand for themselves."""
    return max(len(re.findall(r"[A-Za-z0-9/' ]", part)) for part in symptom.split("|"))
