"""Redirects, and the here-documents whose bodies stand behind the line that names them."""

from __future__ import annotations

import re

from .lexer import HereDocHead
from .tree import HereDoc, Literal, Part, Redirect, Word
from .words import WordParser

REDIRECT = re.compile(r"(\d+|\{[A-Za-z_][A-Za-z0-9_]*\})?(<<<|<<-|<<|<>|<&|>&|>>|>\||<(?!\()|>(?!\()|&>>|&>)")
HEREDOC_TEXT = re.compile(r"[^\\$`]*(?:\\[^\\$`\n][^\\$`]*)*")
TABBED_TEXT = re.compile(r"[^\\$`\n]*(?:(?:\\[^\\$`\n]|\n(?!\t))[^\\$`\n]*)*\n?")
TABS = re.compile(r"\t+")


class RedirectParser(WordParser):
    """Reads redirects where they stand, and here-documents at the end of the line."""

    __slots__ = ()

    def redirects(self) -> tuple[Redirect, ...]:
        """The redirects behind a compound command. `at` stays behind the last one."""
        redirects: list[Redirect] = []
        while True:
            end = self.at
            self.skip_blanks()
            match = REDIRECT.match(self.text, self.at, self.end)
            if not match:
                self.at = end
                return tuple(redirects)
            redirects.append(self.redirect(match))

    def redirect(self, match: re.Match[str]) -> Redirect:
        start, operator = self.at, match[2]
        self.at = match.end()
        self.skip_blanks()
        target = self.word()
        if not target:
            self.at = match.end()
            self.problem(f"{operator} has no target")
            target = Word(self.at, self.at, ())
        if operator in ("<<", "<<-"):
            self.heads.append(HereDocHead(start, target, operator == "<<-"))
        return Redirect(start, self.at, operator, match[1] or "", target)

    def read_heredocs(self) -> None:
        heads, self.heads = self.heads, []
        for head in heads:
            self.heredocs[head.at] = self._heredoc(head)

    def _heredoc(self, head: HereDocHead) -> HereDoc:
        quoted = any(isinstance(part, Literal) and part.quoted for part in head.tag.parts)
        tag = "".join(
            part.text if isinstance(part, Literal) else self.text[part.start : part.end] for part in head.tag.parts
        )
        start = self.at
        end = self._heredoc_end(tag, head.tabs, quoted)
        after = self.at
        word = None
        if not quoted:
            word = Word(start, end, tuple(self.within(start, end, lambda: self._heredoc_parts(head.tabs))))
            self.at = after
        return HereDoc(start, end, head.tabs, word)

    def _heredoc_end(self, tag: str, tabs: bool, quoted: bool) -> int:
        """Where the closing line begins; `at` moves past it. Shells accept a body that only the end closes."""
        continued = False
        while self.at < self.end:
            begin = self.at
            found = self.text.find("\n", begin, self.end)
            end = self.end if found < 0 else found
            self.at = min(end + 1, self.end)
            line = self.text[begin:end]
            if not continued and (line.lstrip("\t") if tabs else line).rstrip("\r") == tag:
                return begin
            continued = not quoted and (len(line) - len(line.rstrip("\\"))) % 2 == 1
        return self.end

    def _heredoc_parts(self, tabs: bool) -> list[Part]:
        parts: list[Part] = []
        while self.at < self.end:
            if tabs and self.text[self.at - 1] == "\n":
                self.at = self.matched_end(TABS)
                if self.at >= self.end:
                    break
            self.double_quoted_part(parts, TABBED_TEXT if tabs else HEREDOC_TEXT, "$`\\")
        return parts
