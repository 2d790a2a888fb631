"""What becomes of a step in which some commands are refused, and which of them are to blame."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from math import prod

from .finding import Effect
from .flow import Flow
from .status import USUAL, World, answers, questions, run

MAX_WORLDS = 256
"""Up to so many worlds, all are tried; beyond, only the usual one, its opposite, and those with one unusual answer."""


def judge(flow: Flow, refused: frozenset[int]) -> dict[int, Effect]:
    """The effect of each refused command of a step that runs in some world.

    Worlds in which the step fails although nothing is refused say nothing, unless there are no others. FATAL: the
    step fails in every world, in at least one because of this command. CONDITIONAL: it fails because of it in some.
    """
    fatal: set[int] = set()
    executed: set[int] = set()
    always_fails = True
    for world in [world for world in worlds(flow) if run(flow, frozenset(), world).status == 0] or [USUAL]:
        culprits, tolerated, fails = _judge_in(world, flow, refused)
        fatal |= culprits
        executed |= culprits | tolerated
        always_fails = always_fails and fails
    failing = Effect.FATAL if always_fails else Effect.CONDITIONAL
    return {command: failing if command in fatal else Effect.TOLERATED for command in sorted(executed)}


def worlds(flow: Flow) -> Iterator[World]:
    """What may be the case, the usual world first."""
    asked = {id(node): answers(node) for node in questions(flow)}
    if prod(asked.values()) <= MAX_WORLDS:
        for choice in product(*map(range, asked.values())):
            yield dict(zip(asked, choice, strict=True))
        return
    yield USUAL
    yield {node: count - 1 for node, count in asked.items()}
    yield from islice(({node: answer} for node, count in asked.items() for answer in range(1, count)), MAX_WORLDS)


def _judge_in(world: World, flow: Flow, refused: frozenset[int]) -> tuple[set[int], set[int], bool]:
    """The commands that make the step fail in a world, the refused ones that do not, and whether it fails.

    A command is to blame when the step would survive without its refusal; where only several together make it fail,
    the last of them is. What still fails once those are mended is judged again. In a step that fails by itself, only
    the command that ended it can be to blame.
    """
    fatal: set[int] = set()
    fails = run(flow, refused, world).status != 0
    by_itself = run(flow, frozenset(), world).status != 0
    while True:
        result = run(flow, refused, world)
        met = [command for command in result.executed if command in refused]
        if not result.status or not met:
            return fatal, set(met), fails
        culprits = {command for command in set(met) if run(flow, refused - {command}, world).status == 0}
        if not culprits:
            if by_itself and result.executed[-1] != met[-1]:
                return fatal, set(met), fails
            culprits = {met[-1]}
        fatal |= culprits
        refused -= culprits
