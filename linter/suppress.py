"""Comments that keep findings from being reported: `# ns-lint: ignore[device-node] the test needs it to fail`.

A comment line covers what stands directly below it: a whole instruction of a Dockerfile, the next line inside an
instruction, or the next line (with its continuations) of a script. At the end of a line it covers that line.
`ignore-file[…]`, above the first line that is no comment, covers the file. `# hadolint ignore=NS101` works too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from .finding import Finding
from .source import Document, Place


class Suppression(NamedTuple):
    """`names` are codes or names as written, `place` is the comment, `covers` the bytes whose findings it hides."""

    names: tuple[str, ...]
    place: Place
    covers: Place
    reason: str


class SuppressionProblem(NamedTuple):
    """A comment that does not do what it seems to say."""

    place: Place
    message: str


class Suppressions(NamedTuple):
    found: tuple[Suppression, ...]
    problems: tuple[SuppressionProblem, ...]


class Applied(NamedTuple):
    """`unused` holds the suppressions, cut down to the names, that hid nothing."""

    kept: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    unused: tuple[Suppression, ...]


def suppressions(
    document: Document, spans: Sequence[tuple[int, int]] = (), *, leaders: tuple[str, ...] = ("#",)
) -> Suppressions:
    """The suppressions in any file with line comments.

    `spans` are the first and last lines (from 1) of a Dockerfile's instructions; `leaders` begin a comment.
    """
    if b"ns-lint:" not in document.data and b"hadolint" not in document.data:
        return Suppressions((), ())
    lines = _Lines(document, spans, leaders)
    found: list[Suppression] = []
    problems: list[SuppressionProblem] = []
    for number, text in enumerate(lines.texts, 1):
        start = _comment_start(text, leaders)
        if start is None:
            continue
        said = _read(text[start:])
        if said is None:
            continue
        place = lines.place(number, start)
        if isinstance(said, str):
            problems.append(SuppressionProblem(place, said))
        elif said.whole_file and said.at_top and not lines.only_comments_above(number):
            problems.append(SuppressionProblem(place, "ignore-file stands above the first line that is no comment"))
        else:
            covers = Place(document.path, 0, len(document.data) + 1) if said.whole_file else lines.covered(number)
            found.append(Suppression(said.names, place, covers, said.reason))
    return Suppressions(tuple(found), tuple(problems))


def apply(findings: Iterable[Finding], found: Iterable[Suppression]) -> Applied:
    """Part the findings: one is hidden by a suppression of its code or name at its place, or at its step's start."""
    by_path: dict[str, list[Suppression]] = {}
    for suppression in found:
        by_path.setdefault(suppression.place.path, []).append(suppression)
    kept: list[Finding] = []
    suppressed: list[Finding] = []
    used: set[tuple[Suppression, str]] = set()
    for finding in findings:
        at_place = (one for one in by_path.get(finding.place.path, ()) if _overlap(one.covers, finding.place))
        step = finding.step
        at_step = (one for one in by_path.get(step.path, ()) if _holds(one.covers, step.start)) if step else ()
        hiding = {(one, name) for one in (*at_place, *at_step) for name in one.names if _names(name, finding)}
        used |= hiding
        (suppressed if hiding else kept).append(finding)
    return Applied(tuple(kept), tuple(suppressed), tuple(_unused(by_path, used)))


def problems(
    found: Iterable[Suppression], names: Mapping[str, str], *, require_reasons: bool = False
) -> Iterator[SuppressionProblem]:
    """What is wrong with suppressions, given every rule's code and its name."""
    known = {word.lower() for pair in names.items() for word in pair}
    for suppression in found:
        for name in suppression.names:
            if name.lower() not in known:
                yield SuppressionProblem(suppression.place, f"no rule is called {name}{_meant(name, known)}")
        if require_reasons and not suppression.reason:
            yield SuppressionProblem(suppression.place, "the settings require a reason after the brackets")


def _meant(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), list(known), n=1)
    return f": did you mean {near[0].upper() if near[0].startswith('ns') else near[0]}?" if near else ""


def _names(name: str, finding: Finding) -> bool:
    return name.lower() in (finding.code.lower(), finding.name.lower())


def _holds(covers: Place, offset: int) -> bool:
    return covers.start <= offset < covers.end


def _overlap(covers: Place, place: Place) -> bool:
    return place.start < covers.end and max(place.end, place.start + 1) > covers.start


def _unused(by_path: Mapping[str, Iterable[Suppression]], used: set[tuple[Suppression, str]]) -> Iterator[Suppression]:
    for found in by_path.values():
        for suppression in found:
            names = tuple(name for name in suppression.names if (suppression, name) not in used)
            if names:
                yield suppression._replace(names=names)


# ------------------------------------------------------------------------------------------------ what a comment says


class _Said(NamedTuple):
    names: tuple[str, ...]
    reason: str
    whole_file: bool
    at_top: bool


_FORM = "write ignore[device-node], or several names with commas between"


def _read(comment: str) -> _Said | str | None:
    """What a comment asks for, what is wrong with it, or None if it is about something else."""
    hadolint = re.match(r"\W+hadolint\s+(global\s+)?ignore\s*=\s*([\w,\s-]+)", comment)
    if hadolint:
        names = tuple(name for name in _split(hadolint[2]) if re.fullmatch(r"NS\d+", name))
        return _Said(names, "", bool(hadolint[1]), at_top=False) if names else None
    ours = re.match(r"\W+ns-lint:\s*(.*)", comment)
    if not ours:
        return None
    asked = re.match(r"(ignore|ignore-file)\s*\[([^\]]*)\](.*)", ours[1])
    if not asked:
        bare = re.match(r"ignore(-file)?\b", ours[1])
        return f"ignoring everything is not possible: {_FORM}" if bare else f"not understood: {_FORM}"
    names = _split(asked[2])
    if not names:
        return f"no name in the brackets: {_FORM}"
    reason = asked[3].encode("latin-1").decode("utf-8", "replace").strip(" \t-–—:")
    return _Said(names, reason, asked[1] == "ignore-file", at_top=True)


def _split(names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"[^\s,]+", names)))


def _comment_start(text: str, leaders: tuple[str, ...]) -> int | None:
    """Where a comment begins: at a leader that begins a word, outside of quotes."""
    if "ns-lint:" not in text and "hadolint" not in text:
        return None
    quote = ""
    at = 0
    while at < len(text):
        char = text[at]
        if not quote and text.startswith(leaders, at) and (at == 0 or text[at - 1] in " \t;"):
            return at
        if char == "\\" and quote != "'":
            at += 1
        elif char == quote:
            quote = ""
        elif not quote and char in "\"'":
            quote = char
        at += 1
    return None


# ---------------------------------------------------------------------------------------------- what a comment covers


class _Lines:
    """A file's lines, in latin-1 so that columns are bytes, numbered from 1."""

    def __init__(self, document: Document, spans: Sequence[tuple[int, int]], leaders: tuple[str, ...]) -> None:
        data = document.data
        starts = [*document.line_starts, len(data) + 1]
        self.texts = [data[start:end].decode("latin-1").rstrip("\r\n") for start, end in pairwise(starts)]
        if data.startswith(b"\xef\xbb\xbf"):
            self.texts[0] = "   " + self.texts[0][3:]
        self._path = document.path
        self._starts = starts
        self._ends = dict(spans)
        self._inside = {line for first, last in spans for line in range(first, last + 1)}
        self._leaders = leaders

    def place(self, number: int, column: int) -> Place:
        start = self._starts[number - 1]
        return Place(self._path, start + column, start + len(self.texts[number - 1]))

    def only_comments_above(self, number: int) -> bool:
        return all(self._is_comment(above) or self._is_blank(above) for above in range(1, number))

    def covered(self, number: int) -> Place:
        first, last = self._covered_lines(number)
        return Place(self._path, self._starts[first - 1], self._starts[last])

    def _covered_lines(self, number: int) -> tuple[int, int]:
        """First and last line; a comment with nothing directly below covers only itself."""
        if not self._is_comment(number):
            return (number, number) if self._joins_instruction(number) else self._logical(number)
        target = number + 1
        while target <= len(self.texts) and (
            self._is_comment(target) or (target in self._inside and self._is_blank(target))
        ):
            target += 1
        if target > len(self.texts) or self._is_blank(target):
            return number, number
        if target in self._ends:
            return target, self._ends[target]
        return (target, target) if self._joins_instruction(target) else self._logical(target)

    def _joins_instruction(self, number: int) -> bool:
        """Whether the line is one of a Dockerfile's instruction, and not in the body of a heredoc.

        The lines of an instruction all follow a continuation, those of a heredoc's script mostly do not.
        """
        above = number - 1
        while above in self._inside and (self._is_comment(above) or self._is_blank(above)):
            above -= 1
        return number in self._ends or (number in self._inside and above in self._inside and self._continues(above))

    def _logical(self, number: int) -> tuple[int, int]:
        first = last = number
        while first > 1 and self._continues(first - 1):
            first -= 1
        while last < len(self.texts) and self._continues(last):
            last += 1
        return first, last

    def _continues(self, number: int) -> bool:
        text = self.texts[number - 1].rstrip(" \t") if number in self._inside else self.texts[number - 1]
        return bool(re.search(r"(?<!\\)(\\\\)*\\$|`$", text)) and not self._is_comment(number)

    def _is_comment(self, number: int) -> bool:
        return self.texts[number - 1].lstrip().startswith(self._leaders)

    def _is_blank(self, number: int) -> bool:
        return not self.texts[number - 1].strip()
