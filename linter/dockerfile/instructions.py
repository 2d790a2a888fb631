"""What a Dockerfile says: its instructions, each with the place of everything in it.

Texts are latin-1 (one character per byte), and as written: quotes and `$…` stand until `expand` is asked.
"""

from __future__ import annotations

from functools import cached_property

from ..source import Document, Place, Script
from . import heredocs, spaces, words
from .exec_form import ExecWord
from .heredocs import Heredoc
from .lines import Directive, SyntaxProblem
from .mapping import ScriptBuilder, part
from .words import Flag, Pair, Word

_QUOTED = frozenset({"ENV", "LABEL", "ARG"})
_BLANK = frozenset({"ADD", "COPY", "EXPOSE", "FROM", "VOLUME"})
_WHOLE = frozenset({"CMD", "ENTRYPOINT", "MAINTAINER", "RUN", "SHELL", "STOPSIGNAL", "USER", "WORKDIR"})

KEYWORDS = _QUOTED | _BLANK | _WHOLE | {"HEALTHCHECK", "ONBUILD"}


class Instruction:
    """One instruction. `inner` is what ONBUILD postpones; it shares the script with its ONBUILD.

    `place` goes from the keyword to the end of the last line, heredocs included, without the final line ending;
    `line` and `end_line` are what BuildKit prints, 1-based. `arguments_at` and `arguments_end` are offsets in
    `script.text`; flags stand before them.
    """

    def __init__(
        self,
        keyword: str,
        *,
        place: Place,
        keyword_place: Place,
        line: int,
        end_line: int,
        script: Script,
        arguments_at: int,
        arguments_end: int,
        escape: str,
        flags: tuple[Flag, ...] = (),
        exec_form: tuple[ExecWord, ...] | None = None,
        heredocs: tuple[Heredoc, ...] = (),
        inner: Instruction | None = None,
    ) -> None:
        self.keyword = keyword
        self.place = place
        self.keyword_place = keyword_place
        self.line = line
        self.end_line = end_line
        self.script = script
        self.arguments_at = arguments_at
        self.arguments_end = arguments_end
        self.escape = escape
        self.flags = flags
        self.exec_form = exec_form
        self.heredocs = heredocs
        self.inner = inner
        self._words: tuple[Word, ...] | None = None

    def __repr__(self) -> str:
        return f"<{self.keyword} at line {self.line}>"

    @property
    def arguments(self) -> str:
        """What stands after the flags, as written."""
        return self.script.text[self.arguments_at : self.arguments_end]

    @property
    def arguments_place(self) -> Place:
        return self.script.source.place(self.arguments_at, self.arguments_end)

    @property
    def command_at(self) -> int:
        """Where a command or an exec form starts: with the arguments, but after HEALTHCHECK's `CMD`."""
        if self.keyword != "HEALTHCHECK":
            return self.arguments_at
        after = words.first_argument(self.script.text, self.arguments_at, self.arguments_end)[1]
        return min(spaces.skip(self.script.text, after), self.arguments_end)

    def flag(self, name: str) -> Flag | None:
        """The last flag of that name."""
        return next((flag for flag in reversed(self.flags) if flag.name == name), None)

    def words(self) -> tuple[Word, ...]:
        """The arguments, split as BuildKit splits them; those of an exec form are decoded.

        RUN, CMD, USER, WORKDIR and the like have one argument, however many blanks are in it.
        """
        if self._words is None:
            self._words = self._split()
        return self._words

    def _split(self) -> tuple[Word, ...]:
        if self.exec_form is not None:
            kind = () if self.keyword != "HEALTHCHECK" else self._health_check()[:1]
            return (*kind, *(Word(word.value, word.place, word.at) for word in self.exec_form))
        script, start, end = self.script, self.arguments_at, self.arguments_end
        if start == end:
            return ()
        if self.keyword in _QUOTED:
            return tuple(words.split_quoted(script, start, end, self.escape))
        if self.keyword in _BLANK:
            return tuple(words.split_blank(script, start, end))
        if self.keyword in _WHOLE:
            return (words.word(script, start, end),)
        return self._health_check() if self.keyword == "HEALTHCHECK" else ()

    def _health_check(self) -> tuple[Word, ...]:
        """`CMD` or `NONE`, and the command."""
        script, end = self.script, self.arguments_end
        stop, start = words.first_argument(script.text, self.arguments_at, end)
        if stop == self.arguments_at:
            return ()
        kind = words.word(script, self.arguments_at, stop)
        return (kind, words.word(script, start, end)) if start < end else (kind,)

    def pairs(self) -> tuple[Pair, ...]:
        """What ENV, LABEL and ARG set. `ENV name value`, the old form, is one pair whose value runs to the end."""
        found = self.words()
        if self.keyword not in _QUOTED or not found:
            return ()
        if self.keyword != "ARG" and "=" not in found[0].text:
            old = words.old_pair(self.script, self.arguments_at, self.arguments_end)
            return () if old is None else (old,)
        return tuple(words.pair(self.script, word) for word in found)

    @cached_property
    def shell_script(self) -> Script | None:
        """What the shell gets as its script, heredocs included; None in the exec form and where `script_file` is.

        Source: dispatchRun in BuildKit's dockerfile2llb/convert.go.
        """
        if self.exec_form is not None or self.keyword not in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"):
            return None
        if not self.heredocs:
            return part(self.script, self.command_at, self.arguments_end)
        if self._is_lone_heredoc:
            body = self.heredocs[0].script
            return None if body.text.startswith("#!") else body
        builder = ScriptBuilder(self.place.path)
        builder.copy(self.script, self.arguments_at, self.arguments_end)
        for heredoc in self.heredocs:
            body = heredoc.body
            builder.write("\n", body.source.offset(0) - 1)
            builder.copy(body, 0, len(body.text))
            builder.put(heredoc.name, heredoc.end.end - len(heredoc.name))
        return builder.script()

    @property
    def script_file(self) -> Script | None:
        """The body of `RUN <<EOF` that starts with `#!`: it is run as a file, by that interpreter."""
        if self.keyword == "RUN" and self.heredocs and self._is_lone_heredoc:
            body = self.heredocs[0].script
            return body if body.text.startswith("#!") else None
        return None

    @property
    def _is_lone_heredoc(self) -> bool:
        """Whether the heredoc is all there is; then its body is the script."""
        return heredocs.opens_alone(self.arguments)


class Dockerfile:
    """A parsed Dockerfile. With `problems`, BuildKit refuses it; the instructions are what could be read."""

    def __init__(
        self,
        document: Document,
        escape: str,
        directives: tuple[Directive, ...],
        instructions: tuple[Instruction, ...],
        problems: tuple[SyntaxProblem, ...],
    ) -> None:
        self.document = document
        self.escape = escape
        self.directives = directives
        self.instructions = instructions
        self.problems = problems

    @cached_property
    def windows(self) -> bool:
        """Whether a base image or a SHELL is Windows's, or the shell is PowerShell: no sh will read the scripts."""
        from .windows import is_windows

        return is_windows(self.instructions)
