"""An explanation for people and for scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .causes import Explanation
from .evidence import Cause
from .log import BuildLog, Failure

_LAST = 5


def as_json(path: str, log: BuildLog, explanations: Sequence[Explanation]) -> dict[str, object]:
    """The object that `explain --format json` prints."""
    return {
        "log": path,
        "builder": log.builder or None,
        "explained": any(each.causes for each in explanations),
        "failures": [_failure_as_json(each) for each in explanations],
    }


def _failure_as_json(explanation: Explanation) -> dict[str, object]:
    failure = explanation.failure or Failure("", "", (), "")
    return {
        "step": failure.step or None,
        "instruction": failure.instruction or None,
        "path": failure.path or None,
        "line": failure.line or None,
        "end_line": failure.end_line or None,
        "error": failure.error or None,
        "output": list(failure.output),
        "unrelated": explanation.unrelated or None,
        "causes": [
            {
                "kind": cause.kind,
                "code": cause.code or None,
                "name": cause.name,
                "cause": cause.cause,
                "remedy": cause.remedy,
                "references": list(cause.references),
                "lines": list(cause.lines),
            }
            for cause in explanation.causes
        ],
    }


def as_text(path: str, log: BuildLog, explanations: Sequence[Explanation], *, colour: bool = False) -> str:
    """What failed, why, and what to do."""
    return "\n".join(_lines(path, log, explanations, colour))


def _lines(path: str, log: BuildLog, explanations: Sequence[Explanation], colour: bool) -> Iterator[str]:
    if not explanations:
        yield f"{path}: no failure is in this log" + (f" of {log.builder}" if log.builder else "")
    for number, explanation in enumerate(explanations):
        if number:
            yield ""
        yield from _explained(path, explanation, colour)


def _explained(path: str, explanation: Explanation, colour: bool) -> Iterator[str]:
    failure = explanation.failure
    yield _paint(_where(path, failure), "1", colour)
    if failure is not None and failure.instruction:
        instruction, more, _ = failure.instruction.partition("\n")
        yield f"  {instruction}{' …' if more else ''}"
    for cause in explanation.causes:
        yield from _cause(cause, colour)
    if explanation.causes:
        return
    if explanation.unrelated:
        yield f"  This has nothing to do with user namespaces, as far as the log says: {explanation.unrelated}."
    else:
        yield "  ns-lint does not know this error."
    yield from (f"  | {line}" for line in _last_words(failure))


def _where(path: str, failure: Failure | None) -> str:
    if failure is None:
        return f"{path}: no failing step is named in this log"
    if failure.line:
        return f"{failure.path}:{failure.line}: this step failed"
    return f"{path}: {failure.step or 'the build'} failed"


def _cause(cause: Cause, colour: bool) -> Iterator[str]:
    title = f"{cause.code} {cause.name}".strip()
    yield ""
    yield f"  {_paint(title, '31', colour)}: {cause.cause}"
    yield from (f"    | {line}" for line in cause.lines)
    yield f"    What to do: {cause.remedy}"
    if cause.code:
        yield f"    `ns-lint rule {cause.code}` says more."
    yield from (f"    See {reference}" for reference in cause.references)


def _last_words(failure: Failure | None) -> list[str]:
    if failure is None:
        return []
    said = [line for line in failure.output if line.strip()][-_LAST:]
    return said or [line for line in failure.error.splitlines() if line.strip()][-_LAST:]


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
