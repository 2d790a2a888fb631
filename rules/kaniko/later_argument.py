"""An ARG behind an ENV of its name sets the variable; kaniko kept the ENV's value.

In BuildKit the later of the two counts, wherever the ENV comes from: this stage, the stage or the image that it starts
from. An ARG counts if it has a default or is given as a build argument. Kaniko v1.24 gave an ENV the precedence,
whatever came later, so the same file may be built with another value.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.build import Build, find_stage
from ...linter.dockerfile import Instruction
from ...linter.profile import EVERYWHERE
from ...linter.rule import Good, Refusal, Rule, Warn

rule = Rule(
    code="NS934",
    name="kaniko-later-argument",
    summary="an ARG replaces the ENV before it, which kaniko kept",
    refused=EVERYWHERE,
    guidance="Give the ARG another name, or put it in front of the ENV.",
    only_from=("kaniko",),
    examples=(
        Warn("FROM debian\nENV A=env\n«ARG A=arg»\nRUN [ $A = arg ]\n"),
        Warn("FROM debian AS base\nENV A=env\nFROM base\n«ARG A=arg»\nRUN [ $A = arg ]\n", why="an inherited ENV too"),
        Warn("FROM debian\nENV A=env\n«ARG A»\nRUN [ $A = env ]\n", why="a build may give it"),
        Good("FROM debian\nARG A=arg\nENV A=env\nRUN [ $A = env ]\n", why="the ENV is the later one"),
        Good("FROM debian\nARG A=1\nENV B=$A\nRUN [ $B = 1 ]\n", why="they have different names"),
    ),
    references=("https://docs.docker.com/reference/dockerfile/#using-arg-variables",),
)


@rule.check(Build)
def later_argument(build: Build) -> Iterator[Refusal]:
    set_in: dict[int, set[str]] = {}
    for stage in build.stages:
        parent = find_stage(build.stages[: stage.number], stage.base)
        names = set(set_in[parent.number]) if parent is not None else set[str]()
        set_in[stage.number] = names
        for instruction in stage.instructions:
            if instruction.keyword == "ENV":
                names.update(pair.key.text for pair in instruction.pairs())
            elif instruction.keyword == "ARG" and stage not in build.skipped:
                for name in _arguments(instruction):
                    if name in names:
                        yield rule.refuses(
                            instruction, f"{name} is the ARG's from here on, not the ENV's", differs=True
                        )
                        break


def _arguments(instruction: Instruction) -> list[str]:
    return [word.text.partition("=")[0] for word in instruction.words()]
