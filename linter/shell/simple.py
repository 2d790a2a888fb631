"""Simple commands: assignments, words and redirects; and `[[ … ]]`, which is read as one."""

from __future__ import annotations

import re
from typing import Final

from .redirects import REDIRECT, RedirectParser
from .tree import Assignment, Literal, Part, Redirect, Simple, Word

ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\[(?:[^\[\]\n]|\[[^\[\]\n]{0,99}\]){0,99}\])?(\+?)=")
TEST_OPERATOR = re.compile(r"&&|\|\||[()|]|[<>](?!\()")
REDIRECT_STARTS: Final = frozenset("<>&{0123456789")
DECLARATIONS: Final = frozenset({"export", "declare", "local", "readonly", "typeset"})


class SimpleParser(RedirectParser):
    """Reads simple commands."""

    __slots__ = ()

    def test(self, start: int) -> Simple:
        """`[[ … ]]`, whose operators are kept as words of their own."""
        words = [_verbatim(start, "[[")]
        while self.at < self.end:
            self.skip_newlines()
            at = self.at
            if self.take_bare_word("]]"):
                words.append(_verbatim(at, "]]"))
                break
            if match := TEST_OPERATOR.match(self.text, at, self.end):
                self.at = match.end()
                words.append(_verbatim(at, match[0]))
            elif word := self.word():
                words.append(word)
                if word.literal == "=~":
                    self.skip_blanks()
                    if pattern := self.regex_word():
                        words.append(pattern)
            else:
                break
        if words[-1].literal != "]]":
            self.problem("expected ]]")
        redirects = self.redirects()
        return Simple(start, self.at, (), tuple(words), redirects)

    def simple(self) -> Simple | None:
        start = end = self.at
        assignments: list[Assignment] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        declares = False
        while True:
            self.skip_blanks()
            character = self.here()
            if character in REDIRECT_STARTS and (match := REDIRECT.match(self.text, self.at, self.end)):
                redirects.append(self.redirect(match))
            elif (not words or declares) and (match := ASSIGNMENT.match(self.text, self.at, self.end)):
                assignment, word = self._assignment(match)
                if words:
                    words.append(word)
                else:
                    assignments.append(assignment)
            elif word := self.word():
                words.append(word)
                if len(words) == 1:
                    declares = word.literal in DECLARATIONS
            else:
                break
            end = self.at
        if not words and not assignments and not redirects:
            return None
        self.at = end
        return Simple(start, end, tuple(assignments), tuple(words), tuple(redirects))

    def _assignment(self, match: re.Match[str]) -> tuple[Assignment, Word]:
        """An assignment, and what it is as an argument of `export` and its like."""
        start = self.at
        self.at = match.end()
        name_part = Literal(start, self.at, match[0], False)
        append, value, elements = bool(match[3]), None, ()
        if self.here() == "(":
            elements, parts = self._array()
        else:
            value = self.word_or_empty()
            parts = list(value.parts)
            if match[2]:
                value, elements = None, (value,)
        return (
            Assignment(start, self.at, match[1], append, value, elements),
            Word(start, self.at, (name_part, *parts)),
        )

    def _array(self) -> tuple[tuple[Word, ...], list[Part]]:
        """`(a b c)`: its words, and the whole as it would stand in one word."""
        words: list[Word] = []
        parts: list[Part] = []
        begin = self.at
        self.at += 1
        while True:
            self.skip_newlines()
            gap = Literal(begin, self.at, self.text[begin : self.at], False)
            word = self.word()
            if not word:
                break
            parts += [gap, *word.parts]
            words.append(word)
            begin = self.at
        self.expect_character(")")
        parts.append(Literal(begin, self.at, self.text[begin : self.at], False))
        return tuple(words), parts


def _verbatim(start: int, text: str) -> Word:
    return Word(start, start + len(text), (Literal(start, start + len(text), text, False),))
