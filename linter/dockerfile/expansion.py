"""How BuildKit expands words: `$name`, `${name…}`, quotes and escapes in ENV, ARG, FROM, USER, WORKDIR, COPY, …

Source: BuildKit 0.34.2, frontend/dockerfile/shell/lex.go. The lexer here is that one, so its quirks are meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import takewhile
from typing import NamedTuple

from . import spaces

DEEPEST = 60
LARGEST = 1 << 20
"""Substitutions within substitutions, and characters that variables may add; beyond them nothing is said of a word."""

_PLAIN = re.compile(r"[^$<'\"\\`]+")
_PLAIN_INSIDE = re.compile(r"[^$<'\"\\`}/]+")
_PLAIN_QUOTED = re.compile(r"[^$\"\\`]+")
_SPACE = re.compile(f"[{re.escape(spaces.RUNES)}]")
_NAME = re.compile(r"\d+|[@*#?\-$!]|\w+")
_OPERATORS = "+-?#%"


class WordError(ValueError):
    """BuildKit refuses the word."""


class TooMuchError(WordError):
    """BuildKit would read the word; here it is given up."""


class Expanded(NamedTuple):
    """A word's value. When it is not known, `text` still holds the `$…` of what is not known.

    `problem` says why BuildKit refuses the word; then nothing is known.
    """

    text: str
    known: bool
    problem: str | None = None

    @property
    def value(self) -> str | None:
        return self.text if self.known else None


def expand(
    text: str, env: Mapping[str, str | None], escape: str = "\\", *, complete: bool = False, quotes: bool = True
) -> Expanded:
    """Expand a word as BuildKit does (`ProcessWord`): variables, quotes, escapes; the word is not split.

    A variable that is None in `env` is set to a value that is not known. One that is missing is not known either,
    unless `env` is `complete`: then it is not set. A default (`${X:-d}`) is taken for a missing one all the same.
    `quotes` is off for the files that COPY and ADD make of heredocs.
    """
    if "$" not in text and "'" not in text and '"' not in text and escape not in text and text.isascii():
        return Expanded(text, known=True)
    lexer = Lexer(text, escape, env, complete=complete, quotes=quotes)
    try:
        result = lexer.word()
    except TooMuchError:
        return Expanded(text, known=False)
    except WordError as error:
        return Expanded(text, known=False, problem=str(error))
    return Expanded(spaces.encode(result), lexer.known)


class Lexer:
    """BuildKit's `shell.Lex` over one text.

    A variable whose value is not known stands for itself, as `SkipUnsetEnv` has it, and clears `known`. Without `env`,
    that is every variable, its default included.
    `raw_quotes` and `raw_escapes` keep quotes and escape characters in the result.
    """

    def __init__(
        self,
        text: str,
        escape: str = "\\",
        env: Mapping[str, str | None] | None = None,
        *,
        complete: bool = False,
        quotes: bool = True,
        raw_quotes: bool = False,
        raw_escapes: bool = False,
    ) -> None:
        self._text = spaces.decode(text)
        self._at = 1 if self._text.startswith("\ufeff") else 0
        self._escape = escape
        self._env = env
        self._complete = complete
        self._quotes = "'\"" if quotes else ""
        self._raw_quotes = raw_quotes
        self._raw_escapes = raw_escapes
        self._depth = 0
        self._added = 0
        self._word: list[str] = []
        self.known = True

    def word(self) -> str:
        """`ProcessWord`: the whole text's value."""
        return self._until("", self._raw_escapes, pattern=False)

    def words(self) -> list[str]:
        """`ProcessWords`: the text's words, split at white space outside quotes after expansion."""
        found: list[str] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == "$":
                self._split(self._dollar(), found)
            elif character == "<":
                self._word.append(self._less())
            elif character in self._quotes:
                self._word.append(self._quoted(character, pattern=False))
            elif character == self._escape:
                self._at += 1
                self._word.append((character if self._raw_escapes else "") + self._take())
            else:
                self._split(self._plain(_PLAIN), found)
        self._end_word(found)
        return found

    def _split(self, text: str, found: list[str]) -> None:
        first, *others = _SPACE.split(text)
        self._word.append(first)
        for piece in others:
            self._end_word(found)
            self._word.append(piece)

    def _end_word(self, found: list[str]) -> None:
        word = "".join(self._word)
        if word:
            found.append(word)
        self._word.clear()

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        character = self._text[self._at : self._at + 1]
        self._at += len(character)
        return character

    def _plain(self, plain: re.Pattern[str]) -> str:
        """A run of characters without a meaning, or the one character at hand."""
        match = plain.match(self._text, self._at)
        end = match.end() if match else self._at + 1
        start, self._at = self._at, end
        return self._text[start:end]

    def _until(self, stop: str, raw_escapes: bool, *, pattern: bool) -> str:
        """`processStopOn`: up to the character `stop`, or to the end when it is empty.

        `pattern` doubles escape characters within quotes, because a pattern is read a second time.
        """
        kept, self._raw_escapes = self._raw_escapes, raw_escapes
        self._word.clear()  # BuildKit's buffer for the word at hand is shared, and lost here
        pieces: list[str] = []
        plain = _PLAIN_INSIDE if stop else _PLAIN
        while character := self._peek():
            if character == stop:
                self._at += 1
                break
            if character == "$":
                pieces.append(self._dollar())
            elif character == "<":
                pieces.append(self._less())
            elif character in self._quotes:
                pieces.append(self._quoted(character, pattern=pattern))
            elif character == self._escape:
                self._at += 1
                pieces.append((character if raw_escapes else "") + self._take())
            else:
                pieces.append(self._plain(plain))
        else:
            if stop:
                raise WordError(f"unexpected end of statement while looking for matching {stop}")
        self._raw_escapes = kept
        return "".join(pieces)

    def _quoted(self, quote: str, *, pattern: bool) -> str:
        self._at += 1
        content = self._single_quoted(pattern) if quote == "'" else self._double_quoted(pattern)
        return f"{quote}{content}{quote}" if self._raw_quotes else content

    def _single_quoted(self, pattern: bool) -> str:
        end = self._text.find("'", self._at)
        if end < 0:
            raise WordError("unexpected end of statement while looking for matching single-quote")
        content = self._text[self._at : end]
        self._at = end + 1
        return content.replace(self._escape, self._escape * 2) if pattern else content

    def _double_quoted(self, pattern: bool) -> str:
        pieces: list[str] = []
        while character := self._peek():
            if character == '"':
                self._at += 1
                return "".join(pieces)
            if character == "$":
                pieces.append(self._dollar())
            elif character == self._escape:
                self._at += 1
                pieces.append(self._escape_in_quotes(pattern))
            else:
                pieces.append(self._plain(_PLAIN_QUOTED))
        raise WordError("unexpected end of statement while looking for matching double-quote")

    def _escape_in_quotes(self, pattern: bool) -> str:
        following = self._peek()
        if not following:
            return ""
        if following in ('"', "$", self._escape):
            self._at += 1
            return self._escape + following if self._raw_escapes else following
        doubled = self._raw_escapes and (pattern or not self._raw_quotes)
        return self._escape * 2 if doubled else self._escape

    def _less(self) -> str:
        """`<<` keeps the blanks after it, so that a heredoc's name stays in its word."""
        self._at += 1
        if self._peek() != "<":
            return "<"
        start = self._at
        self._at += 1
        while self._peek() in ("\t", "\r", " "):
            self._at += 1
        return "<" + self._text[start : self._at]

    def _name(self) -> str:
        match = _NAME.match(self._text, self._at)
        if match is None:
            return ""
        name = match[0]
        if not name.isascii():  # \w has numerals that Go's unicode.IsDigit has not
            name = "".join(takewhile(lambda c: c == "_" or c.isalpha() or c.isdecimal(), name))
        self._at += len(name)
        return name

    def _value(self, name: str) -> tuple[str | None, bool]:
        """A variable's value, None when it is not set; and whether that is known."""
        key = spaces.encode(name)
        if self._env is None or key not in self._env:
            return None, self._complete
        value = self._env[key]
        if value is None:
            return None, False
        self._added += len(value)
        if self._added > LARGEST:
            raise TooMuchError("variables add too much")
        return spaces.keep(value), True

    def _is_missing(self, name: str) -> bool:
        return self._env is not None and spaces.encode(name) not in self._env

    def _unknown(self, text: str) -> str:
        self.known = False
        return text

    def _dollar(self) -> str:
        self._at += 1
        if self._peek() != "{":
            name = self._name()
            if not name:
                return "$"
            value, known = self._value(name)
            return (value or "") if known else self._unknown(f"${name}")
        self._at += 1
        if self._depth == DEEPEST:
            raise TooMuchError("too many substitutions within each other")
        self._depth += 1
        result = self._braces()
        self._depth -= 1
        return result

    def _braces(self) -> str:
        if self._peek() in ("", "{", "}", ":"):
            raise WordError("syntax error: bad substitution")
        name = self._name()
        operator = self._take()
        if operator == "}":
            value, known = self._value(name)
            return (value or "") if known else self._unknown(f"${{{name}}}")
        if operator == "/":
            return self._replacement(name)
        if operator != ":" and (not operator or operator not in _OPERATORS):
            raise WordError(f"unsupported modifier ({operator}) in substitution")
        empty_is_unset = operator == ":"
        if empty_is_unset:
            operator = self._take()
        return self._modified(name, operator, empty_is_unset)

    def _modified(self, name: str, operator: str, empty_is_unset: bool) -> str:
        modifier = ":" * empty_is_unset + operator
        pattern = operator in ("#", "%")
        if empty_is_unset and pattern:
            raise WordError(f"unsupported modifier ({modifier}) in substitution")
        argument, argument_known = self._argument("}", raw_escapes=pattern, pattern=pattern)
        value, known = self._value(name)
        if not known and not (operator in ("-", "+") and self._is_missing(name)):
            return self._unknown(f"${{{name}{modifier}{argument}}}")
        unset = value is None or (empty_is_unset and not value)
        match operator:
            case "-" | "+":
                if unset == (operator == "-"):
                    self.known &= argument_known
                    return argument
                return value or "" if operator == "-" else ""
            case "?":
                if unset:
                    state = "unset" if value is None else "empty"
                    raise WordError(f"{name}: {argument or f'is not allowed to be {state}'}")
                return value or ""
            case "#" | "%":
                if not argument_known:
                    return self._unknown(f"${{{name}{modifier}{argument}}}")
                from . import patterns

                longest = argument.startswith(operator)
                without = patterns.without_prefix if operator == "#" else patterns.without_suffix
                return without(value or "", argument[longest:], longest)
            case _:
                raise WordError(f"unsupported modifier ({modifier}) in substitution")

    def _replacement(self, name: str) -> str:
        everywhere = self._peek() == "/"
        self._at += everywhere
        pattern, pattern_known = self._argument("/", raw_escapes=True, pattern=True)
        replacement, replacement_known = self._argument("}", raw_escapes=True, pattern=False)
        value, known = self._value(name)
        result = None
        if known and pattern_known and replacement_known:
            from . import patterns

            result = patterns.replaced(value or "", pattern, replacement, everywhere)
        return self._unknown(f"${{{name}/{pattern}/{replacement}}}") if result is None else result

    def _argument(self, stop: str, *, raw_escapes: bool, pattern: bool) -> tuple[str, bool]:
        """What stands before `stop`, and whether it is known; it may not be used."""
        before, self.known = self.known, True
        text = self._until(stop, raw_escapes, pattern=pattern)
        known, self.known = self.known, before
        return text, known
