"""Dockerfiles as BuildKit reads them: lines, words, heredocs → instructions with exact places."""

from .expansion import Expanded, expand
from .heredocs import Heredoc
from .instructions import Dockerfile, ExecWord, Flag, Instruction, Pair, Word
from .lines import Directive, SyntaxProblem
from .parser import parse

__all__ = [
    "Directive",
    "Dockerfile",
    "ExecWord",
    "Expanded",
    "Flag",
    "Heredoc",
    "Instruction",
    "Pair",
    "SyntaxProblem",
    "Word",
    "expand",
    "parse",
]
