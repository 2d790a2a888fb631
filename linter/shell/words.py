"""Words: quotes and expansions. What shells do is checked against dash, bash and shfmt in the tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final, TypeVar

from .lexer import PLAIN, WORD_ENDS, Lexer
from .relocate import relocated
from .tree import Arithmetic, Literal, Node, Parameter, Part, Substitution, Word

T = TypeVar("T")

PLAIN_WORD_ENDS: Final = WORD_ENDS - frozenset("<>(\r")
NO_CLOSERS: Final[frozenset[str]] = frozenset()

# Runs that stand for themselves, with the backslashes that do.
DOUBLE_QUOTED = re.compile(r'[^"\\$`]*(?:\\[^"\\$`\n][^"\\$`]*)*')
PATTERN_TEXT = re.compile(r"""[^'"\\$`()]+""")
ARGUMENT_TEXT = re.compile(r"""[^}"'\\$`]+""")
PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]")
BRACED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-]")
LENGTH = re.compile(r"#(?=(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])[}\[])")
INDIRECT = re.compile(r"!(?=[A-Za-z_0-9])")
OPERATOR = re.compile(r":[-=?+]|[-=?+]|##?|%%?|//|/[#%]?|\^\^?|,,?|:|@|\[")
VALUE_OPERATORS: Final = frozenset({":-", "-", ":=", "=", ":?", "?", ":+", "+"})
"""The others are followed by a pattern, where quotes are special even inside double quotes."""

BACKTICKS = re.compile(r"`([^`\\]*(?:\\.[^`\\]*)*)(`?)", re.S)
ESCAPED = re.compile(r"\\[$`\\]")
ESCAPED_IN_QUOTES = re.compile(r'\\[$`\\"]')
ANSI = re.compile(r"[^'\\]+|\\(?:x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|[0-7]{1,3}|c.|.)|\\\Z", re.S)
ANSI_LETTERS: Final = {
    **dict(zip("ntrabeEfv", "\n\t\r\a\b\x1b\x1b\f\v", strict=True)),
    **{character: character for character in "\\'\"?"},
}
PARENTHESES = re.compile(r"""\\.|"[^"\\]*(?:\\.[^"\\]*)*"|'[^']*'|[()]""", re.S)


class WordParser(Lexer):
    """Reads words and everything that can stand inside one."""

    __slots__ = ()

    # ------------------------------------------------------------------------------------------ words

    def word(self) -> Word | None:
        """The word at hand, or None when an operator, a blank or the end is there."""
        start, text = self.at, self.text
        match = PLAIN.match(text, start, self.end)
        if match:
            end = match.end()
            if end >= self.end or text[end] in PLAIN_WORD_ENDS:
                self.at = end
                return Word(start, end, (Literal(start, end, match[0], False),))
        parts: list[Part] = []
        self._word_parts(parts, regex=False)
        return Word(start, self.at, tuple(parts)) if self.at > start else None

    def regex_word(self) -> Word | None:
        """The right side of `=~`, where parentheses and bars are ordinary characters."""
        start, parts = self.at, list[Part]()
        self._word_parts(parts, regex=True)
        return Word(start, self.at, tuple(parts)) if self.at > start else None

    def word_or_empty(self) -> Word:
        return self.word() or Word(self.at, self.at, ())

    def _word_parts(self, parts: list[Part], *, regex: bool) -> None:
        text = self.text
        while self.at < self.end:
            at = self.at
            character = text[at]
            if match := PLAIN.match(text, at, self.end):
                self.literal(parts, match.end())
            elif self._quoted_part(parts) or self._expansion(parts, quoted=False):
                pass
            elif (character in "<>" and text.startswith("(", at + 1, self.end)) and not regex:
                parts.append(self._substitution(at + 2, quoted=False, process=True))
            elif character == "(" and (regex or self._opens_pattern(parts)):
                self._pattern_list(parts)
            elif (character == "\r" and not text.startswith("\n", at + 1, self.end) and at + 1 < self.end) or (
                regex and character in "|<>"
            ):
                self.literal(parts, at + 1)
            else:
                return

    def literal(self, parts: list[Part], end: int, *, quoted: bool = False) -> None:
        """Add the text up to `end` as it stands; it joins the literal that it continues."""
        start = self.at
        self.at = end
        text = self.text[start:end]
        last = parts[-1] if parts else None
        if isinstance(last, Literal) and last.quoted == quoted and last.end == start == last.start + len(last.text):
            parts[-1] = Literal(last.start, end, last.text + text, quoted)
        else:
            parts.append(Literal(start, end, text, quoted))

    # ------------------------------------------------------------------------------------------ quotes

    def _quoted_part(self, parts: list[Part]) -> bool:
        """Read a backslash or a quoted string, if one is at hand."""
        text, at = self.text, self.at
        character = text[at]
        if character == "\\":
            self._escape(parts)
        elif character == "'":
            self.at += 1
            self._single_quoted(parts)
        elif character == '"' or text.startswith('$"', at, self.end):
            self.at += 1 if character == '"' else 2
            self.double_quoted(parts)
        elif text.startswith("$'", at, self.end):
            self.at += 2
            self._ansi_quoted(parts)
        else:
            return False
        return True

    def _escape(self, parts: list[Part]) -> None:
        if self.at + 1 >= self.end:
            self.literal(parts, self.end)
        elif self.text[self.at + 1] == "\n":
            self.at += 2
        else:
            self.at += 1
            self.literal(parts, self.at + 1, quoted=True)

    def _single_quoted(self, parts: list[Part]) -> None:
        close = self.text.find("'", self.at, self.end)
        if close < 0:
            self.problem("' is not closed", self.at - 1)
            close = self.end
        self.literal(parts, close, quoted=True)
        self.at = min(close + 1, self.end)

    def double_quoted(self, parts: list[Part]) -> None:
        """Read what follows a `"`, and the `"` that closes it."""
        start, count = self.at, len(parts)
        while self.at < self.end and self.text[self.at] != '"':
            self.double_quoted_part(parts, DOUBLE_QUOTED, '$`"\\')
        if len(parts) == count:
            parts.append(Literal(start, start, "", True))
        if self.at < self.end:
            self.at += 1
        else:
            self.problem('" is not closed', start - 1)

    def double_quoted_part(self, parts: list[Part], plain: re.Pattern[str], escapable: str) -> None:
        """Read one step of a text where only `$`, backticks and some backslashes are special."""
        text, at = self.text, self.at
        match = plain.match(text, at, self.end)
        if match and match.end() > at:
            self.literal(parts, match.end(), quoted=True)
        elif text[at] == "\\":
            following = text[at + 1] if at + 1 < self.end else ""
            if following == "\n":
                self.at += 2
            elif following and following in escapable:
                self.at += 1
                self.literal(parts, self.at + 1, quoted=True)
            else:
                self.literal(parts, at + 1, quoted=True)
        elif not self._expansion(parts, quoted=True):
            self.literal(parts, at + 1, quoted=True)

    def _ansi_quoted(self, parts: list[Part]) -> None:
        """`$'…'`, as in bash(1); a character that is named by its code point becomes its UTF-8 bytes."""
        start, count = self.at, len(parts)
        while match := ANSI.match(self.text, self.at, self.end):
            found = match[0]
            if found[0] == "\\":
                value = _ansi_escape(found[1:])
                if value is None:
                    self.literal(parts, match.end(), quoted=True)
                else:
                    parts.append(Literal(self.at, match.end(), value, True))
                    self.at = match.end()
            else:
                self.literal(parts, match.end(), quoted=True)
        if len(parts) == count:
            parts.append(Literal(start, start, "", True))
        if self.at < self.end:
            self.at += 1
        else:
            self.problem("$' is not closed", start - 2)

    # ------------------------------------------------------------------------------------------ patterns

    def _opens_pattern(self, parts: list[Part]) -> bool:
        """Whether the `(` at hand follows an unquoted `?`, `*`, `+`, `@` or `!`, as in bash's extended patterns."""
        last = parts[-1] if parts else None
        if not isinstance(last, Literal) or last.quoted or last.end != self.at:
            return False
        return last.text[-1:] in ("?", "*", "+", "@", "!") and not self.ahead("()")

    def _pattern_list(self, parts: list[Part]) -> None:
        """Read `(…|…)` up to the parenthesis that closes it; blanks and operators in it are ordinary characters."""
        start, depth, text = self.at, 0, self.text
        while self.at < self.end:
            character = text[self.at]
            if match := PATTERN_TEXT.match(text, self.at, self.end):
                self.literal(parts, match.end())
            elif not self._quoted_part(parts) and not self._expansion(parts, quoted=False):
                self.literal(parts, self.at + 1)
                depth += (character == "(") - (character == ")")
                if not depth:
                    return
        self.problem("( is not closed", start)

    # ------------------------------------------------------------------------------------------ expansions

    def _expansion(self, parts: list[Part], *, quoted: bool) -> bool:
        """Read what begins with `$` or a backtick, if that is at hand; a lone `$` stands for itself."""
        character = self.text[self.at]
        if character not in "$`":
            return False
        if self.too_deep():
            return True
        self.depth += 1
        if character == "`":
            parts.append(self._backticks(quoted))
        else:
            self._dollar(parts, quoted)
        self.depth -= 1
        return True

    def _dollar(self, parts: list[Part], quoted: bool) -> None:
        at = self.at
        if self.text.startswith("$((", at, self.end) and (end := self.arithmetic_end(at + 3)) is not None:
            inner = self.arithmetic_parts(at + 3, end)
            self.at = end + 2
            parts.append(Arithmetic(at, self.at, self.text[at + 3 : end], quoted, inner))
        elif self.text.startswith("$(", at, self.end):
            parts.append(self._substitution(at + 2, quoted=quoted, process=False))
        elif self.text.startswith("${", at, self.end):
            parts.append(self._braced(quoted))
        elif match := PARAMETER.match(self.text, at + 1, self.end):
            self.at = match.end()
            parts.append(Parameter(at, self.at, match[0], "", None, quoted))
        else:
            self.literal(parts, at + 1, quoted=quoted)

    def _substitution(self, body_start: int, *, quoted: bool, process: bool) -> Substitution:
        """Read `…)`; the line's own here-documents begin after the line on which the substitution ends."""
        start = body_start - 2
        self.at = body_start
        heads, self.heads = self.heads, []
        body = self.commands(NO_CLOSERS)
        self.heads = heads + self.heads
        self.expect_character(")")
        return Substitution(start, self.at, body, quoted, process)

    def _backticks(self, quoted: bool) -> Substitution:
        """Read a substitution in backticks, whose text is unescaped before it is read as commands."""
        start = self.at
        match = BACKTICKS.match(self.text, start, self.end)
        assert match  # a backtick is at hand, and all else is optional
        if not match[2]:
            self.problem("` is not closed")
        escaped = ESCAPED_IN_QUOTES if quoted else ESCAPED
        if escaped.search(match[1]):
            body = self._unescaped_script(start + 1, match[1], escaped)
        else:
            body = self.within(match.start(1), match.end(1), self.script)
        self.at = match.end()
        return Substitution(start, self.at, body, quoted)

    def _unescaped_script(self, start: int, source: str, escaped: re.Pattern[str]) -> Node:
        """Read a script that stands in `source`, at `start`, with backslashes that are not its own."""
        drops = [match.start() for match in escaped.finditer(source)]
        cuts = [-1, *drops, len(source)]
        offsets = [start + at for before, after in pairwise(cuts) for at in range(before + 1, after)]
        inner = type(self)("".join(source[before + 1 : after] for before, after in pairwise(cuts)), self.depth)
        tree = inner.script()
        offsets.append(start + len(source))
        for problem in inner.problems:
            self.problem(problem.message, offsets[problem.at])
        return relocated(tree, offsets)

    def script(self) -> Node:
        """Read commands up to the end, whatever stands between them."""
        raise NotImplementedError

    # ------------------------------------------------------------------------------------------ ${…}

    def _braced(self, quoted: bool) -> Parameter:
        start, text = self.at, self.text
        self.at += 2
        prefix = LENGTH.match(text, self.at, self.end) or INDIRECT.match(text, self.at, self.end)
        if prefix:
            self.at = prefix.end()
        match = BRACED.match(text, self.at, self.end)
        if match:
            self.at = match.end()
        elif self.at < self.end:
            self.problem("bad substitution", start)
        name = match[0] if match else ""
        operator, argument = "", None
        if not self.ahead("}"):
            operator_match = OPERATOR.match(text, self.at, self.end)
            if operator_match and operator_match[0] != "[":
                self.at = operator_match.end()
            if not operator_match and self.at < self.end:
                self.problem("bad substitution", start)
            operator = operator_match[0] if operator_match else ""
            argument = self._argument(quoted and operator in VALUE_OPERATORS)
        if prefix:
            operator = "length" if prefix[0] == "#" else "indirect"
        elif operator == "[":
            operator = "subscript"
        if self.at < self.end:
            self.at += 1
        else:
            self.problem("${ is not closed", start)
        return Parameter(start, self.at, name, operator, argument, quoted)

    def _argument(self, quoted: bool) -> Word:
        """The word after an operator, up to the `}`. Inside double quotes, single quotes stand for themselves."""
        start, parts = self.at, list[Part]()
        while self.at < self.end and self.text[self.at] != "}":
            if match := ARGUMENT_TEXT.match(self.text, self.at, self.end):
                self.literal(parts, match.end(), quoted=quoted)
            elif quoted and self.text[self.at] in "'\\$`" and not self.ahead('$"'):
                self.double_quoted_part(parts, ARGUMENT_TEXT, '$`"\\}')
            elif not self._quoted_part(parts) and not self._expansion(parts, quoted=quoted):
                self.literal(parts, self.at + 1, quoted=quoted)
        return Word(start, self.at, tuple(parts))

    # ------------------------------------------------------------------------------------------ arithmetic

    def arithmetic_end(self, start: int) -> int | None:
        """Where the `))` stands that closes the expression from `start`; None if these are two subshells instead."""
        depth = 0
        limit = min(self.end, start + self.scans)
        for match in PARENTHESES.finditer(self.text, start, limit):
            if match[0] == "(":
                depth += 1
            elif match[0] == ")":
                if not depth:
                    self.scans -= match.end() - start
                    return match.start() if self.text.startswith("))", match.start(), self.end) else None
                depth -= 1
        self.scans -= limit - start
        return None

    def arithmetic_parts(self, start: int, end: int) -> tuple[Part, ...]:
        """The expression's parts; it is expanded as if it were double-quoted."""

        def read() -> list[Part]:
            parts: list[Part] = []
            while self.at < self.end:
                self.double_quoted_part(parts, DOUBLE_QUOTED, '$`"\\')
            return parts

        return tuple(self.within(start, end, read))

    def within(self, start: int, end: int, read: Callable[[], T]) -> T:
        """What `read` reads when it sees no more than `start` to `end`; the caller then moves on."""
        saved = self.at, self.end, self.heads
        self.at, self.end, self.heads = start, end, []
        result = read()
        self.at, self.end, self.heads = saved
        return result


def _ansi_escape(escape: str) -> str | None:
    """The characters that a backslash and `escape` stand for; None when they stand for themselves."""
    kind = escape[:1]
    if kind in ANSI_LETTERS:
        return ANSI_LETTERS[kind]
    if kind in ("x", "u", "U") and len(escape) > 1:
        code = int(escape[1:], 16)
        if kind == "x" or code > 0x10FFFF:
            return chr(code & 0xFF)
        return chr(code).encode("utf-8", "surrogatepass").decode("latin-1")
    if kind.isdigit() and kind in "01234567":
        return chr(int(escape, 8) & 0xFF)
    if kind == "c" and len(escape) > 1:
        return chr(ord(escape[1]) & 0x1F)
    return None
