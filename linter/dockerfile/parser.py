"""A Dockerfile's bytes → its instructions, as BuildKit reads them."""

from __future__ import annotations

from collections.abc import Iterator

from ..source import Document, Place, Script
from . import exec_form, grammar, grouping, heredocs, spaces, words
from .instructions import KEYWORDS, Dockerfile, Instruction
from .lines import LineReader, LogicalLine, SyntaxProblem

_JSON = frozenset({"ADD", "CMD", "COPY", "ENTRYPOINT", "HEALTHCHECK", "RUN", "SHELL", "VOLUME"})
_HEREDOCS = frozenset({"ADD", "COPY", "RUN"})


def parse(document: Document) -> Dockerfile:
    """Read a Dockerfile. Whatever the bytes are, the result holds what could be read, and the problems."""
    return _Parser(document).dockerfile()


class _Parser:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._reader = LineReader(document)
        self._problems = self._reader.problems

    def dockerfile(self) -> Dockerfile:
        instructions = tuple(self._instructions())
        _group(instructions)
        self._problems.extend(grammar.problems(instructions))
        if not instructions:
            end = len(self._document.data)
            self._problems.append(SyntaxProblem(Place(self._document.path, 0, end), "file with no instructions"))
        reader = self._reader
        problems = tuple(sorted(self._problems, key=lambda problem: problem.place.start))
        return Dockerfile(self._document, reader.escape, tuple(reader.directives), instructions, problems)

    def _instructions(self) -> Iterator[Instruction]:
        while (line := self._reader.logical()) is not None:
            script = Script(line.text, line.source)
            instruction = self._instruction(line, script, 0, len(line.text))
            if "<<" in line.text:
                self._read_heredocs(instruction)
            yield instruction

    def _instruction(self, line: LogicalLine, script: Script, start: int, end: int, depth: int = 0) -> Instruction:
        text = script.text
        start, end = spaces.trim(text, start, end)
        blank = words.BLANK.search(text, start, end)
        keyword_end = blank.start() if blank else end
        keyword = _keyword(text[start:keyword_end])
        flags: tuple[words.Flag, ...] = ()
        arguments = end
        if blank:
            flags, arguments = words.flags(script, blank.end(), end, self._reader.escape)
            arguments = min(spaces.skip(text, arguments), end)
        instruction = Instruction(
            keyword,
            place=Place(self._reader.path, script.source.offset(start), self._reader.end),
            keyword_place=script.source.place(start, keyword_end),
            line=line.first,
            end_line=line.last,
            script=script,
            arguments_at=arguments,
            arguments_end=end,
            escape=self._reader.escape,
            flags=flags,
        )
        if keyword in _JSON:
            instruction.exec_form = self._exec_form(instruction)
        if keyword == "ONBUILD" and arguments < end and depth == 0:
            instruction.inner = self._instruction(line, script, arguments, end, depth + 1)
        return instruction

    def _exec_form(self, instruction: Instruction) -> tuple[exec_form.ExecWord, ...] | None:
        script, start, end = instruction.script, instruction.command_at, instruction.arguments_end
        try:
            return exec_form.read(script, start, end)
        except exec_form.NotStringsError as error:
            self._problems.append(SyntaxProblem(script.source.place(start, end), str(error)))
            return None

    def _read_heredocs(self, instruction: Instruction) -> None:
        holder = instruction.inner or instruction
        if holder.keyword not in _HEREDOCS or holder.exec_form is not None:
            return
        found = tuple(heredocs.read(self._reader, tag) for tag in heredocs.tags(instruction.script.text))
        for each in (instruction, holder):
            each.heredocs = found
            each.end_line = self._reader.line
            each.place = each.place._replace(end=self._reader.end)
        for heredoc in found:
            if not heredoc.terminated:
                self._problems.append(SyntaxProblem(instruction.keyword_place, f"unterminated heredoc {heredoc.name}"))


def _group(instructions: tuple[Instruction, ...]) -> None:
    """The keywords BuildKit knows are as dockerfile-parse groups them; other words stand as the scanner read them."""
    names = grouping.keywords([instruction.script.text for instruction in instructions])
    for instruction, name in zip(instructions, names, strict=False):
        if name in KEYWORDS:
            instruction.keyword = name


def _keyword(text: str) -> str:
    """In upper case, if BuildKit knows it; other words as they are."""
    if text in KEYWORDS:
        return text
    upper = spaces.fold(text).upper()
    return upper if upper in KEYWORDS else text
