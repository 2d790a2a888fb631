"""Texts put together from pieces of others, with the place of every character kept."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from ..source import Script, SourceMap


class ScriptBuilder:
    """Collects pieces; `script` is the text they make and where each character of it stands."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._pieces: list[str] = []
        self._length = 0
        self._texts: list[int] = []
        self._files: list[int] = []

    def put(self, text: str, file: int) -> None:
        """Add a text that stands verbatim in the file from byte `file`."""
        if text:
            self._texts.append(self._length)
            self._files.append(file)
            self._pieces.append(text)
            self._length += len(text)

    def write(self, text: str, file: int) -> None:
        """Add a text that is not in the file: each of its characters is said to stand at byte `file`."""
        for character in text:
            self.put(character, file)

    def copy(self, script: Script, start: int, end: int) -> None:
        """Add characters `start` to `end` of a script."""
        texts = script.source.texts
        edges = texts[bisect_right(texts, start) : bisect_left(texts, end)]
        for begin, stop in zip((start, *edges), (*edges, end), strict=True):
            self.put(script.text[begin:stop], script.source.offset(begin))

    def script(self) -> Script:
        return Script(
            "".join(self._pieces), SourceMap(self._path, tuple(self._texts) or (0,), tuple(self._files) or (0,))
        )


def part(script: Script, start: int, end: int) -> Script:
    """Characters `start` to `end` of a script, as a script."""
    if len(script.source.texts) == 1:
        return Script(script.text[start:end], SourceMap.straight(script.source.path, script.source.offset(start)))
    builder = ScriptBuilder(script.source.path)
    builder.copy(script, start, end)
    return builder.script()
