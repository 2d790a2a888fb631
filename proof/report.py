"""A proof for people and for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..linter.finding import Effect, Finding
from ..linter.source import Document
from .compare import Comparison, Word
from .failures import Failure
from .verify import Built, Proof

_GREEN, _RED, _YELLOW = "32", "31", "33"


def as_json(proof: Proof, document: Document) -> dict[str, object]:
    """The object that `verify --format json` prints for one profile."""
    return {
        "profile": proof.profile,
        "original": _built(proof.original, document),
        "fixed": _built(proof.fixed, document) if proof.fixed is not None else None,
        "stand_ins": dict(proof.stand_ins),
    }


def _built(built: Built, document: Document) -> dict[str, object]:
    failed = built.outcome.failed
    words = {id(said.finding): said.word.value for said in built.comparison.said}
    return {
        "built": built.outcome.built,
        "failed_step": {"path": failed.path, "line": failed.line} if failed is not None else None,
        "predicted": built.comparison.agrees,
        "unpredicted": built.comparison.unpredicted,
        "unrelated": built.comparison.unrelated,
        "codes": list(built.comparison.codes),
        "findings": [
            {
                "code": finding.code,
                "name": finding.name,
                "severity": finding.severity.value,
                "effect": finding.effect.value,
                "message": finding.message,
                "path": finding.place.path,
                "line": document.line_of(finding.place.start) if finding.place.path == document.path else None,
                "step": document.line_of(finding.step.start) if finding.step is not None else None,
                "outcome": words.get(id(finding)),
            }
            for finding in built.findings
        ],
        "failures": [_failure(failure) for failure in built.failures],
        "complete": built.complete,
        "lines": list(built.comparison.lines),
        "seconds": round(built.outcome.seconds, 2),
        "log": built.outcome.log,
        "error": built.outcome.error,
    }


def _failure(failure: Failure) -> dict[str, object]:
    return {
        "step": {"path": failure.step.path, "line": failure.step.line},
        "name": failure.step.name,
        "outcome": failure.word.value,
        "predicted": [finding.code for finding in failure.findings],
        "codes": list(failure.codes),
        "lines": list(failure.lines),
        "taken_out": failure.means.value if failure.means is not None else None,
        "log": failure.step.log,
        "error": failure.step.error,
    }


def as_text(proof: Proof, document: Document, *, colour: bool = False) -> str:
    """What happened, in a few lines."""
    return "\n".join(_lines(proof, document, colour))


def _lines(proof: Proof, document: Document, colour: bool) -> Iterator[str]:
    yield _paint(f"{document.path} in {proof.profile}", "1", colour)
    for name, stand_in in proof.stand_ins.items():
        yield f"  no registry: the lab's {stand_in} image stands in for {name}"
    yield from _side("original", proof.original, document, colour)
    if proof.fixed is None:
        yield "  fixed     there is nothing that ns-lint can mend"
    else:
        yield from _side("fixed", proof.fixed, document, colour)


def _side(name: str, built: Built, document: Document, colour: bool) -> Iterator[str]:
    failed = built.outcome.failed
    if built.outcome.built:
        state = _paint(f"builds ({built.outcome.seconds:.1f} s)", _GREEN, colour)
    else:
        where = f" at line {failed.line}" if failed is not None and failed.line else ""
        state = _paint(f"fails{where}", _RED, colour)
    yield f"  {name:<9} {state}: {_judgement(built.comparison, built.outcome.built)}"
    for said in built.comparison.said:
        yield f"            {_about(said.finding, document)}: {_paint(said.word.value, _COLOURS[said.word], colour)}"
    for line in built.comparison.lines if not built.outcome.built else ():
        yield f"            | {line}"
    for failure in built.failures[1:]:
        yield from _later(failure, colour)
    if not built.complete:
        yield "            what stands behind the last of these steps was not reached"


def _later(failure: Failure, colour: bool) -> Iterator[str]:
    """A failing step behind the first, which shows once that one is taken out."""
    codes = ", ".join(failure.codes)
    said = _paint(failure.word.value, _COLOURS[failure.word], colour)
    yield f"            also fails at line {failure.step.line}: {said}{f' ({codes})' if codes else ''}"
    for line in failure.lines:
        yield f"            | {line}"


_COLOURS = {
    Word.CONFIRMED: _GREEN,
    Word.NOT_REACHED: _YELLOW,
    Word.OVER_PREDICTED: _RED,
    Word.UNRELATED: _YELLOW,
    Word.UNPREDICTED: _RED,
    Word.UNPROVEN: _YELLOW,
}


def _judgement(comparison: Comparison, built: bool) -> str:
    if comparison.agrees:
        return "as predicted"
    if built:
        return "over-predicted"
    if comparison.unpredicted:
        return "unpredicted: this is a miss of ns-lint"
    return "unrelated to user namespaces, as far as the log says"


def _about(finding: Finding, document: Document) -> str:
    line = f":{document.line_of(finding.step.start)}" if finding.step is not None else ""
    return f"{finding.code} {finding.name} at {document.path}{line}"


def as_matrix(proofs: Sequence[Proof]) -> str:
    """One line a profile: what was predicted, and what original and fixed did."""
    width = max(len(proof.profile) for proof in proofs)
    rows = [f"{'profile':<{width}}  predicted  original  fixed"]
    for proof in proofs:
        predicted = any(f.verdicts.get(proof.profile) is Effect.FATAL for f in proof.original.findings)
        fixed = "-" if proof.fixed is None else _state(proof.fixed.outcome.built)
        original = _state(proof.original.outcome.built)
        rows.append(f"{proof.profile:<{width}}  {_state(not predicted):<9}  {original:<8}  {fixed}")
    return "\n".join(rows)


def _state(built: bool) -> str:
    return "builds" if built else "fails"


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
