"""A script's text put together piece by piece, each piece with its place in the file."""

from __future__ import annotations

from ..source import Script, SourceMap


class MappedText:
    """A text under construction, latin-1 as scripts are: one character per byte."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._texts: list[str] = []
        self._length = 0
        self._at: list[int] = []
        self._files: list[int] = []

    def verbatim(self, text: str, start: int) -> None:
        """Characters that stand in the file from byte `start`."""
        if not text:
            return
        if not self._at or self._files[-1] + self._length - self._at[-1] != start:
            self._at.append(self._length)
            self._files.append(start)
        self._add(text)

    def value(self, text: str, start: int, end: int) -> None:
        """Characters that the bytes `start` to `end` stand for: the first is at the first, the rest at the last."""
        if not text:
            return
        self._at.append(self._length)
        self._files.append(start)
        for index in range(1, len(text)):
            self._at.append(self._length + index)
            self._files.append(max(end - 1, start))
        self._add(text)

    def _add(self, text: str) -> None:
        self._texts.append(text)
        self._length += len(text)

    def script(self) -> Script:
        source = SourceMap(self.path, tuple(self._at) or (0,), tuple(self._files) or (0,))
        return Script("".join(self._texts), source)
