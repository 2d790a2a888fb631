"""Commands: POSIX sh and the bash that Dockerfiles use, from text to tree, by recursive descent.

Nothing here raises on any text: what cannot be read becomes a SyntaxProblem, and reading goes on behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from .lexer import MAX_DEPTH
from .relocate import with_heredocs
from .simple import SimpleParser
from .tree import (
    And,
    ArithmeticCommand,
    Background,
    Case,
    CaseArm,
    For,
    Function,
    Group,
    If,
    Node,
    Not,
    Or,
    Parsed,
    Pipeline,
    Sequence,
    Simple,
    Subshell,
    While,
    Word,
)
from .words import NO_CLOSERS

PARENTHESES_OF_FUNCTION = re.compile(r"[ \t]*\([ \t]*\)")
COPROCESS_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*[ \t]+(?=[{(])")
ARM_ENDS: Final = (";;&", ";;", ";&")

CLOSERS: Final = frozenset({"then", "elif", "else", "fi", "do", "done", "esac", "}"})
THEN, FI, DO, DONE = (frozenset({word}) for word in ("then", "fi", "do", "done"))
BRANCH_ENDS: Final = frozenset({"elif", "else", "fi"})
ESAC, BRACE = frozenset({"esac"}), frozenset({"}"})


def parse(script_text: str) -> Parsed:
    """The tree of a script (latin-1: one character per byte). Never raises."""
    parser = Parser(script_text)
    tree = parser.script()
    return Parsed(tree, tuple(parser.problems))


class Parser(SimpleParser):
    """One method per construct; each begins where its first token is and ends behind its last."""

    __slots__ = ()

    def script(self) -> Node:
        items: list[Node] = []
        start = self.at
        while True:
            tree = self.commands(NO_CLOSERS)
            items.extend(tree.items if isinstance(tree, Sequence) else (tree,))
            if self.at >= self.end:
                break
            self.problem(f"unexpected {self.here()}")
            self.at += 1
        if self.heads:
            self.read_heredocs()
        return with_heredocs(_sequence(items, start), self.heredocs) if self.heredocs else _sequence(items, start)

    # ------------------------------------------------------------------------------------------ lists

    def commands(self, closers: frozenset[str]) -> Node:
        items: list[Node] = []
        start = self.at
        while True:
            self.skip_newlines()
            if self.at >= self.end or self._at_list_end(closers):
                return _sequence(items, start)
            begin = self.at
            item = self._and_or()
            self.skip_blanks()
            if self.ahead("&") and item:
                self.at += 1
                item = Background(item.start, self.at, item)
            elif self.ahead(";") and item and not self._at_arm_end():
                self.at += 1
            elif self.at == begin:
                self.problem(f"unexpected {self.here()}")
                self.at += 1
            elif self.at < self.end and self.here() != "\n" and not self._at_list_end(closers):
                self.problem(f"unexpected {self.bare_word() or self.here()}")
            if item:
                items.append(item)

    def _at_list_end(self, closers: frozenset[str]) -> bool:
        return self.here() == ")" or self._at_arm_end() or (bool(closers) and self.bare_word() in closers)

    def _at_arm_end(self) -> bool:
        return self.here() == ";" and self.text.startswith(ARM_ENDS, self.at, self.end)

    def _block(self, closers: frozenset[str]) -> Node:
        """Commands where at least one is needed."""
        body = self.commands(closers)
        if isinstance(body, Sequence) and not body.items:
            self.problem("expected a command")
        return body

    def _and_or(self) -> Node | None:
        chain = self._pipeline()
        operands: list[Node] = [chain] if chain else []
        operator, switches = "", 0
        while True:
            self.skip_blanks()
            found = self.text[self.at : min(self.at + 2, self.end)]
            if found not in ("&&", "||"):
                break
            if found != operator:
                operands = [_joined(operator, operands)] if operands else []
                operator, switches = found, switches + 1
                if self.depth + switches > MAX_DEPTH:
                    self.problem("too many && and || in turn")
                    self.at = self.end
                    break
            if not operands:
                self.problem("expected a command")
            self.at += 2
            self.skip_newlines()
            right = self._pipeline()
            if right:
                operands.append(right)
            else:
                self.problem("expected a command")
        return _joined(operator, operands) if operands else None

    def _pipeline(self) -> Node | None:
        start, negated = self.at, False
        while self.here() in ("!", "t"):
            if self.take_bare_word("!"):
                negated = not negated
            elif self.take_bare_word("time"):
                self.skip_blanks()
                self.take_bare_word("-p")
            else:
                break
            self.skip_blanks()
        begin = self.at
        body = self._pipe_members()
        if negated and not body:
            self.problem("expected a command", begin)
        return Not(start, body.end, body) if negated and body else body

    def _pipe_members(self) -> Node | None:
        first = self._command()
        members: list[Node] = [first] if first else []
        while True:
            self.skip_blanks()
            if self.here() != "|" or self.ahead("||"):
                break
            if not members:
                self.problem("expected a command")
            self.at += 2 if self.ahead("|&") else 1
            self.skip_newlines()
            member = self._command()
            if member:
                members.append(member)
            else:
                self.problem("expected a command")
        if len(members) < 2:
            return members[0] if members else None
        return Pipeline(members[0].start, members[-1].end, tuple(members))

    # ------------------------------------------------------------------------------------------ commands

    def _command(self) -> Node | None:
        if self.too_deep():
            return None
        self.depth += 1
        node = self._compound()
        self.depth -= 1
        return node

    def _compound(self) -> Node | None:
        start = self.at
        if self.here() == "(":
            if self.ahead("((") and (end := self.arithmetic_end(start + 2)) is not None:
                return self._redirected(self._arithmetic_command(start, end))
            return self._subshell(start)
        word, end = self._bare_word()
        reader = COMPOUNDS.get(word)
        if reader:
            self.at = end
            return reader(self, start)
        if word in CLOSERS:
            self.problem(f"unexpected {word}")
            self.at = end
            return None
        command = self.simple()
        return self._function(start, command.words[0]) if command and self._take_parentheses(command) else command

    def _redirected(self, node: Node) -> Node:
        redirects = self.redirects()
        return Group(node.start, self.at, node, redirects) if redirects else node

    def _subshell(self, start: int) -> Node:
        self.at += 1
        body = self._block(NO_CLOSERS)
        self.expect_character(")")
        redirects = self.redirects()
        return Subshell(start, self.at, body, redirects)

    def group(self, start: int) -> Node:
        body = self._block(BRACE)
        self.expect("}")
        redirects = self.redirects()
        return Group(start, self.at, body, redirects)

    def _arithmetic_command(self, start: int, end: int) -> ArithmeticCommand:
        parts = self.arithmetic_parts(start + 2, end)
        self.at = end + 2
        return ArithmeticCommand(start, self.at, self.text[start + 2 : end], parts)

    def if_clause(self, start: int) -> Node:
        arms: list[tuple[Node, Node]] = []
        otherwise = None
        while True:
            condition = self._block(THEN)
            self.expect("then")
            arms.append((condition, self._block(BRANCH_ENDS)))
            if not self.take_bare_word("elif"):
                break
        if self.take_bare_word("else"):
            otherwise = self._block(FI)
        self.expect("fi")
        return self._redirected(If(start, self.at, tuple(arms), otherwise))

    def while_loop(self, start: int) -> Node:
        until = self.text.startswith("until", start)
        condition = self._block(DO)
        body = self._do_group()
        return self._redirected(While(start, self.at, until, condition, body))

    def _do_group(self) -> Node:
        self.expect("do")
        body = self._block(DONE)
        self.expect("done")
        return body

    def for_loop(self, start: int) -> Node:
        self.skip_blanks()
        name, words = "", None
        if self.ahead("((") and (end := self.arithmetic_end(self.at + 2)) is not None:
            self.at = end + 2
        else:
            variable = self.word()
            if not variable:
                self.problem("expected a name")
            name = (variable and variable.literal) or ""
            self.skip_newlines()
            if self.take_bare_word("in"):
                words = self._words()
        self.skip_blanks()
        if self.ahead(";") and not self._at_arm_end():
            self.at += 1
        self.skip_newlines()
        if self.take_bare_word("{"):
            body = self._block(BRACE)
            self.expect("}")
        else:
            body = self._do_group()
        return self._redirected(For(start, self.at, name, words, body))

    def _words(self) -> tuple[Word, ...]:
        words: list[Word] = []
        while True:
            self.skip_blanks()
            word = self.word()
            if not word:
                return tuple(words)
            words.append(word)

    def case(self, start: int) -> Node:
        self.skip_blanks()
        subject = self.word_or_empty()
        if not subject.parts:
            self.problem("expected a word")
        self.expect("in")
        arms: list[CaseArm] = []
        while True:
            self.skip_newlines()
            if self.at >= self.end or self.bare_word() == "esac":
                break
            patterns = self._patterns()
            if patterns is None:
                break
            body = self.commands(ESAC)
            ending = next((ending for ending in ARM_ENDS if self.ahead(ending)), "")
            self.at += len(ending)
            arms.append(CaseArm(patterns, body, ending in (";&", ";;&")))
            if not ending and self.bare_word() != "esac":
                break
        self.expect("esac")
        return self._redirected(Case(start, self.at, subject, tuple(arms)))

    def _patterns(self) -> tuple[Word, ...] | None:
        """`(a|b)`, where the first parenthesis is optional; None if that is not what stands there."""
        if self.here() == "(":
            self.at += 1
        patterns: list[Word] = []
        while True:
            self.skip_blanks()
            word = self.word()
            if not word:
                self.problem("expected a pattern")
                return None
            patterns.append(word)
            self.skip_blanks()
            character = self.here()
            if character not in ("|", ")"):
                self.problem("expected )")
                return None
            self.at += 1
            if character == ")":
                return tuple(patterns)

    def function_keyword(self, start: int) -> Node | None:
        self.skip_blanks()
        word = self.word()
        self.at = self.matched_end(PARENTHESES_OF_FUNCTION)
        return self._function(start, word)

    def _take_parentheses(self, command: Simple) -> bool:
        """Whether `()` makes the one word of `command` the name of a function."""
        if command.assignments or command.redirects or len(command.words) != 1:
            return False
        match = PARENTHESES_OF_FUNCTION.match(self.text, self.at, self.end)
        if match:
            self.at = match.end()
        return bool(match)

    def _function(self, start: int, name: Word | None) -> Node | None:
        self.skip_newlines()
        body = self._command()
        if not name or not body:
            self.problem("expected a function")
            return body
        return Function(start, body.end, self.text[name.start : name.end], body)

    def coprocess(self, start: int) -> Node | None:
        self.skip_blanks()
        self.at = self.matched_end(COPROCESS_NAME)
        body = self._command()
        return Background(start, body.end, body) if body else None


COMPOUNDS: Final[dict[str, Callable[[Parser, int], Node | None]]] = {
    "{": Parser.group,
    "[[": Parser.test,
    "if": Parser.if_clause,
    "while": Parser.while_loop,
    "until": Parser.while_loop,
    "for": Parser.for_loop,
    "select": Parser.for_loop,
    "case": Parser.case,
    "function": Parser.function_keyword,
    "coproc": Parser.coprocess,
}


def _sequence(items: list[Node], start: int) -> Node:
    if len(items) == 1:
        return items[0]
    return Sequence(items[0].start, items[-1].end, tuple(items)) if items else Sequence(start, start, ())


def _joined(operator: str, operands: list[Node]) -> Node:
    """A chain of one operator as a balanced tree, so that a long one is not a deep one."""
    if len(operands) == 1:
        return operands[0]
    middle = (len(operands) + 1) // 2
    left, right = _joined(operator, operands[:middle]), _joined(operator, operands[middle:])
    return (And if operator == "&&" else Or)(left.start, right.end, left, right)
