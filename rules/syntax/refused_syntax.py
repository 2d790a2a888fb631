"""BuildKit refuses to read this Dockerfile.

Nothing is built, in any profile: BuildKit's parser or its check of the instructions stops first. Builders that are less
strict, Kaniko among them, may have let it pass. Until it is mended, nothing else is said about the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.dockerfile import SyntaxProblem
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule

rule = Rule(
    code="NS001",
    name="refused-syntax",
    summary="BuildKit refuses to read this Dockerfile",
    refused=EVERYWHERE,
    guidance="Mend the line: BuildKit stops here before it builds anything.",
    symptoms=(
        r"dockerfile parse error",
        r"unknown instruction",
        r"failed to (parse|process)",
        r"file with no instructions",
        r"unterminated heredoc",
    ),
    examples=(
        Bad("FROM debian\n«INSTALL» curl\n"),
        Bad("FROM debian\n«RUN» <<EOF\necho done\n"),
        Good("FROM debian\nrun echo 'a keyword may be written small'\n", why="keywords have no case"),
    ),
    references=("https://docs.docker.com/reference/dockerfile/",),
)


@rule.check(SyntaxProblem)
def refused_syntax(problem: SyntaxProblem) -> Iterator[Refusal]:
    yield rule.refuses(problem, problem.message)
