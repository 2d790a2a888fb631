"""A position in a script's text: blanks, comments, newlines, reserved words and operators.

Characters are bytes (latin-1), so only space and tab are blank, as in a shell's C locale.
"""

from __future__ import annotations

import re
from typing import Final

from .tree import HereDoc, Node, SyntaxProblem, Word

MAX_DEPTH: Final = 40
"""How deep constructs may nest, so that no reader of a tree needs more stack than Python gives."""

MAX_PROBLEMS: Final = 100

BLANK = re.compile(r"(?:[ \t]+|\\\n|\r(?=\n|\Z))*")
COMMENT = re.compile(r"[^\n]*")
PLAIN = re.compile(r"[^ \t\r\n;&|<>()'\"\\$`]+")
WORD_ENDS: Final = frozenset(" \t\r\n;&|<>()")


class HereDocHead:
    """A `<<TAG` whose body begins after the end of its line; `at` is where its redirect starts."""

    __slots__ = ("at", "tabs", "tag")

    def __init__(self, at: int, tag: Word, tabs: bool) -> None:
        self.at = at
        self.tag = tag
        self.tabs = tabs


class Lexer:
    """`at` is the next character to read of `text`, `end` where reading stops."""

    __slots__ = ("at", "depth", "end", "heads", "heredocs", "problems", "scans", "text")

    def __init__(self, text: str, depth: int = 0) -> None:
        self.text = text
        self.at = 0
        self.end = len(text)
        self.depth: int = depth
        self.problems: list[SyntaxProblem] = []
        self.heads: list[HereDocHead] = []
        self.heredocs: dict[int, HereDoc] = {}
        self.scans = 8 * len(text) + 10_000
        """How many characters may still be looked at twice, which keeps hostile texts linear."""

    def problem(self, message: str, at: int | None = None) -> None:
        """Note a problem, but only the first at its offset: what follows it is its consequence."""
        at = self.at if at is None else at
        if len(self.problems) < MAX_PROBLEMS and not (self.problems and self.problems[-1].at == at):
            self.problems.append(SyntaxProblem(at, message))

    def too_deep(self) -> bool:
        """Whether to give up here; if so, nothing more is read."""
        if self.depth < MAX_DEPTH:
            return False
        self.problem("nested too deeply to be followed")
        self.at = self.end
        return True

    def ahead(self, token: str) -> bool:
        return self.text.startswith(token, self.at, self.end)

    def here(self) -> str:
        """The character at hand, empty at the end."""
        return self.text[self.at] if self.at < self.end else ""

    def skip_blanks(self) -> None:
        """Move past blanks and line continuations, and past a comment, which can only begin where a token can."""
        at = self.at
        if at < self.end and self.text[at] in " \t\\\r":
            at = self.at = self.matched_end(BLANK)
        if at < self.end and self.text[at] == "#":
            self.at = self.matched_end(COMMENT)

    def matched_end(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at, self.end)
        return match.end() if match else self.at

    def skip_newlines(self) -> None:
        """Move past blanks, comments and newlines; the bodies of here-documents are read on the way."""
        while True:
            self.skip_blanks()
            if self.here() != "\n":
                return
            self.newline()

    def newline(self) -> None:
        self.at += 1
        if self.heads:
            self.read_heredocs()

    def bare_word(self) -> str:
        """The word at hand if nothing in it is quoted or expanded: what a reserved word must be. Else empty."""
        return self._bare_word()[0]

    def take_bare_word(self, word: str) -> bool:
        found, end = self._bare_word()
        if found != word:
            return False
        self.at = end
        return True

    def expect(self, word: str) -> None:
        """Read the reserved word, or report that it is missing."""
        self.skip_newlines()
        if not self.take_bare_word(word):
            self.problem(f"expected {word}")

    def expect_character(self, character: str) -> None:
        self.skip_newlines()
        if self.here() == character:
            self.at += 1
        else:
            self.problem(f"expected {character}")

    def _bare_word(self) -> tuple[str, int]:
        text, end = self.text, self.end
        match = PLAIN.match(text, self.at, end)
        if not match:
            return "", self.at
        word, at = match[0], match.end()
        while text.startswith("\\\n", at, end):
            at += 2
            if match := PLAIN.match(text, at, end):
                word, at = word + match[0], match.end()
        return (word, at) if at >= end or text[at] in WORD_ENDS else ("", at)

    # Words hold commands and commands hold words: what a later layer reads is named here.

    def read_heredocs(self) -> None:
        """Read the bodies of all here-documents begun on the line that ends here."""
        raise NotImplementedError

    def commands(self, closers: frozenset[str]) -> Node:
        """Read commands up to `)`, `;;`, one of the reserved words in `closers`, or the end."""
        raise NotImplementedError
