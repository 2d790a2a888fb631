"""The script that a word's value is, as in `sh -c '…'`, with the place of each of its characters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from ..source import Script, SourceMap
from .tree import Literal, Part, Word


def word_script(word: Word, source: SourceMap, values: Callable[[Part], str | None] | None = None) -> Script | None:
    """The value of `word`, which stands in a text mapped by `source`, as the text of a script.

    `values` gives the value of a part that the outer shell expands; None when a value is not known. Characters of
    such a value stand at the part's first byte, from the second one on at its last.
    """
    script = _Builder(source)
    script.add_value("", word.start, word.end)
    for part in word.parts:
        if isinstance(part, Literal) and len(part.text) == part.end - part.start:
            script.add_verbatim(part.text, part.start)
        else:
            text = part.text if isinstance(part, Literal) else values and values(part)
            if text is None:
                return None
            script.add_value(text, part.start, part.end)
    return script.script()


class _Builder:
    """A text under construction; `runs` are (offset in it, offset in the file) pairs."""

    def __init__(self, source: SourceMap) -> None:
        self.source = source
        self.length = 0
        self.texts: list[str] = []
        self.runs: list[tuple[int, int]] = []

    def add_verbatim(self, text: str, start: int) -> None:
        """Add characters that stand in the outer text from `start`; that text's own seams remain seams."""
        seams = self.source.texts
        first, last = bisect_right(seams, start), bisect_right(seams, start + len(text) - 1)
        for at in (start, *seams[first:last]):
            self.runs.append((self.length + at - start, self.source.offset(at)))
        self._add(text)

    def add_value(self, text: str, start: int, end: int) -> None:
        first, last = self.source.offset(start), self.source.offset(max(end - 1, start))
        self.runs.append((self.length, first))
        self.runs.extend((self.length + index, last) for index in range(1, len(text)))
        self._add(text)

    def _add(self, text: str) -> None:
        self.texts.append(text)
        self.length += len(text)

    def script(self) -> Script:
        runs = dict(self.runs)
        return Script("".join(self.texts), SourceMap(self.source.path, tuple(runs), tuple(runs.values())))
