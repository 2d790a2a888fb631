"""Take a failing step out of a build, so that the steps behind it are reached; no line moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from ..fixes.commands import children
from ..linter.dockerfile import Dockerfile, Instruction, parse
from ..linter.finding import Finding
from ..linter.shell import parse as shell
from ..linter.shell import tree as t
from ..linter.source import Document, Place, Script


class Means(Enum):
    """How a step was taken out. COMMANDS: what is refused in it is `true` instead. FLAG: without `--chown`. ORIGIN: the
    instruction that makes it fail, such as USER, is a comment. STEP: the step itself is one.
    """

    COMMANDS = "commands"
    FLAG = "flag"
    ORIGIN = "origin"
    STEP = "step"


class Cut(NamedTuple):
    """Bytes of the original file, and what stands in for them."""

    start: int
    end: int
    text: bytes


class Neutralised(NamedTuple):
    means: Means
    cuts: tuple[Cut, ...]


def neutralise(document: Document, line: int, findings: Sequence[Finding]) -> Iterator[Neutralised]:
    """Ways to take out the step at a 1-based line, the one that changes least first; none for FROM.

    `findings` are the errors predicted there.
    """
    dockerfile = parse(document)
    step = _at(dockerfile, line)
    if step is None or step.keyword in ("FROM", "ARG"):
        return
    for means, cuts in (
        (Means.ORIGIN, tuple(_origins(dockerfile, step, findings))),
        (Means.COMMANDS, tuple(_commands(document, step, findings))),
        (Means.FLAG, tuple(_chown(step))),
        (Means.STEP, (_comment(document, step),)),
    ):
        if cuts and _keeps_lines(document, cuts):
            yield Neutralised(means, cuts)


def without(document: Document, cuts: Iterable[Cut]) -> bytes:
    """The file with these bytes replaced; of two cuts where one holds the other, the larger counts."""
    data = document.data
    done = len(data)
    for cut in sorted(cuts, key=lambda cut: (cut.end, -cut.start), reverse=True):
        if cut.end <= done:
            data = data[: cut.start] + cut.text + data[cut.end :]
            done = cut.start
    return data


def _at(dockerfile: Dockerfile, line: int) -> Instruction | None:
    return next((each for each in dockerfile.instructions if each.line <= line <= each.end_line), None)


def _comment(document: Document, step: Instruction) -> Cut:
    """Comments in place of all its lines; of the last one the line ending stays."""
    start = document.line_starts[step.line - 1]
    end = step.place.end
    return Cut(start, end, b"\n".join([b"#"] * (document.data.count(b"\n", start, end) + 1)))


def _origins(dockerfile: Dockerfile, step: Instruction, findings: Sequence[Finding]) -> Iterator[Cut]:
    for finding in findings:
        place = finding.origin
        if place is not None and place.path == dockerfile.document.path:
            found = _at(dockerfile, dockerfile.document.line_of(place.start))
            if found is not None and found is not step and found.keyword not in ("FROM", "ARG"):
                yield _comment(dockerfile.document, found)


def _commands(document: Document, step: Instruction, findings: Sequence[Finding]) -> Iterator[Cut]:
    """`true` for each command that holds a finding's place. A heredoc that feeds a command must go with it."""
    script = step.shell_script
    if step.keyword != "RUN" or script is None:
        return
    tree = shell.parse(script.text).tree
    places = {finding.place for finding in findings if finding.place.path == step.place.path}
    for place in places:
        node = _innermost(tree, script, place)
        if node is None or any(redirect.heredoc is not None for redirect in node.redirects):
            return
        at = script.source.place(node.start, node.end)
        breaks = document.data.count(b"\n", at.start, at.end)
        yield Cut(at.start, at.end, _escape(step, place) * breaks + b"true")


def _escape(step: Instruction, place: Place) -> bytes:
    """What continues a line there: the shell's backslash in a heredoc, the Dockerfile's escape character elsewhere."""
    inside = any(each.body.source.offset(0) <= place.start for each in step.heredocs)
    return b"\\\n" if inside else f"{step.escape}\n".encode()


def _innermost(node: t.Node, script: Script, place: Place) -> t.Simple | None:
    if isinstance(node, t.Simple):
        at = script.source.place(node.start, node.end)
        return node if at.start <= place.start and place.end <= at.end else None
    return next((found for each in children(node) if (found := _innermost(each, script, place))), None)


def _chown(step: Instruction) -> Iterator[Cut]:
    flag = step.flag("chown")
    if step.keyword in ("COPY", "ADD") and flag is not None:
        yield Cut(flag.place.start, flag.place.end, b"")


def _keeps_lines(document: Document, cuts: Sequence[Cut]) -> bool:
    """Whether all other instructions stand where they stood; a command over several lines is filled up for that."""
    before = parse(document)
    after = parse(Document(document.path, without(document, cuts)))
    if after.problems:
        return False
    touched = {each.line for each in before.instructions for cut in cuts if _overlaps(each.place, cut)}
    stood = [(each.keyword, each.line) for each in before.instructions if each.line not in touched]
    stands = [(each.keyword, each.line) for each in after.instructions if each.line not in touched]
    return stood == stands


def _overlaps(place: Place, cut: Cut) -> bool:
    return place.start < cut.end and cut.start < place.end
