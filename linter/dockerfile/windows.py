"""Whether a Dockerfile is for Windows, or has PowerShell read its scripts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .expansion import expand
from .instructions import Instruction

_IMAGE = re.compile(
    r"^(?:mcr\.microsoft\.com/windows\b|(?:mcr\.microsoft\.com/|docker\.io/)?microsoft/iis\b)"
    r"|(?:^|[/:@-])(?:nanoserver|windowsservercore|servercore)\b",
    re.IGNORECASE,
)
_SHELLS = frozenset({"cmd", "powershell", "pwsh"})


def is_windows(instructions: Iterable[Instruction]) -> bool:
    """An escape character of ` proves nothing: a base image or a SHELL does."""
    defaults: dict[str, str | None] = {}
    in_stage = False
    for instruction in instructions:
        if instruction.keyword == "ARG" and not in_stage:
            for pair in instruction.pairs():
                value = expand(pair.value.text, defaults, instruction.escape) if pair.value else None
                defaults[pair.key.text] = value.value if value else None
        elif instruction.keyword == "FROM":
            in_stage = True
            if _is_windows_image(instruction, defaults):
                return True
        elif instruction.keyword == "SHELL" and instruction.exec_form:
            program = re.split(r"[/\\]", instruction.exec_form[0].value)[-1].lower()
            if program.removesuffix(".exe") in _SHELLS:
                return True
    return False


def _is_windows_image(instruction: Instruction, defaults: dict[str, str | None]) -> bool:
    words = instruction.words()
    image = expand(words[0].text, defaults, instruction.escape).text if words else ""
    platform = instruction.flag("platform")
    return bool(_IMAGE.search(image)) or (platform is not None and (platform.value or "").lower().startswith("windows"))
