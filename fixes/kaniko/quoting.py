"""Words as texts in which an expansion is one character, so that whatever cuts the text never cuts the expansion.

`"$REGISTRY/app:$TAG"` is read as `␀/app:␁`, where ␀ and ␁ stand for characters of a private-use plane.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ...linter.shell import tree as t
from ...linter.shell.parse import parse

_FIRST = 0xF0000
_RAW = 0x100000
_SAFE = re.compile(r"[\w@%+=:,./-]+", re.ASCII)
_NAME = re.compile(r"\$(\w+)", re.ASCII)
_FLAG = re.compile(r"(--?[A-Za-z][\w-]*=)(.*)", re.DOTALL)
_ENGINE = r"\$\{\{.*?\}\}|\{\{.*?\}\}|\$\((?:params|workspaces|results|context|tasks|inputs|outputs)\.[^()]+\)"
_IN_SCRIPT = re.compile(_ENGINE, re.DOTALL)
"""What Tekton, Argo, Helm or GitHub put a value in for before a shell sees it, whatever quotes it stands in."""
_IN_CONFIG = re.compile(_ENGINE + r"|\$\([\w.-]+\)|\$\{\w+\}|\$\w+", re.DOTALL)
"""What Kubernetes and Cloud Build put a value in for too."""


def is_opaque(char: str) -> bool:
    """Whether a character stands for something that is not known. Nothing else is in that plane."""
    return char >= chr(_FIRST)


def unicode(text: str) -> str:
    """A part of a script, which has a character for each byte."""
    return text.encode("latin-1").decode("utf-8", "surrogateescape")


def _latin(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


class NotRead(ValueError):
    """A word that is not understood."""


class Words:
    """Reads words, and writes them again: both know the expansions that were met."""

    def __init__(self) -> None:
        self._expansions: list[str] = []
        self._raw: list[str] = []

    def hold(self, written: str) -> str:
        """One character that stands for `written` from now on."""
        self._expansions.append(written)
        return chr(_FIRST + len(self._expansions) - 1)

    def hold_raw(self, written: str) -> str:
        """The same for what the file that holds the script replaces itself: it must not be escaped there."""
        self._raw.append(written)
        return chr(_RAW + len(self._raw) - 1)

    def shown(self, text: str) -> str:
        """The text with its expansions as they were written, the raw ones left out."""
        return "".join(self._expansions[ord(c) - _FIRST] if chr(_FIRST) <= c < chr(_RAW) else c for c in text)

    def finished(self, text: str) -> str:
        """The text with everything as it was written."""
        return "".join(self._raw[ord(c) - _RAW] if c >= chr(_RAW) else c for c in self.shown(text))

    def read(self, raw: str) -> str:
        """The value of one word as it is written in a script. Raises NotRead."""
        text = _latin(": " + raw)
        tree = parse(text).tree
        node = tree.items[0] if isinstance(tree, t.Sequence) and len(tree.items) == 1 else tree
        if not isinstance(node, t.Simple) or len(node.words) != 2 or node.redirects:
            raise NotRead(raw)
        return self.read_word(node.words[1], lambda start, end: unicode(text[start:end]))

    def read_word(self, word: t.Word, written: Callable[[int, int], str]) -> str:
        """The value of a word of a script; `written` gives the text of an expansion by its offsets. Raises NotRead."""
        out: list[str] = []
        for part in word.parts:
            if not isinstance(part, t.Literal):
                out.append(self.hold(written(part.start, part.end)))
                continue
            text = unicode(part.text)
            if any(map(is_opaque, text)) or (not out and not part.quoted and text.startswith("~")):
                raise NotRead(text)
            out.append(_IN_SCRIPT.sub(lambda found: self.hold(found[0]), text))
        return "".join(out)

    def read_config(self, text: str) -> str:
        """A text of a config, in which an engine may put values in. Raises NotRead."""
        if any(map(is_opaque, text)):
            raise NotRead(text)
        return _IN_CONFIG.sub(lambda found: self.hold_raw(found[0]), text)

    def write(self, text: str) -> str:
        """The text as one word of a script; of `--flag=value`, only the value is quoted."""
        flag = _FLAG.fullmatch(text)
        return flag[1] + self._quoted(flag[2]) if flag and flag[2] else self._quoted(text)

    def _quoted(self, text: str) -> str:
        if _SAFE.fullmatch(text):
            return text
        if not any(map(is_opaque, text)):
            return "'" + text.replace("'", "'\\''") + "'"
        out = ['"']
        for number, char in enumerate(text):
            if not is_opaque(char):
                out.append("\\" + char if char in '"\\$`' else char)
                continue
            expansion = self.shown(char)
            bare, behind = _NAME.fullmatch(expansion), text[number + 1 : number + 2]
            cut = bare and behind and (behind.isalnum() or behind in "_[")
            out.append(f"${{{bare[1]}}}" if bare and cut else expansion)
        return "".join([*out, '"'])
