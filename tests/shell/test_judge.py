"""Which refused commands are to blame for a step."""

from __future__ import annotations

import time

import pytest

from ns_lint.linter import flow as f
from ns_lint.linter.finding import Effect
from ns_lint.linter.judge import judge, worlds
from ns_lint.linter.status import run

from .flows import Flows

FATAL, TOLERATED, CONDITIONAL = Effect.FATAL, Effect.TOLERATED, Effect.CONDITIONAL


def ok(command: int) -> f.Run:
    return f.Run(command, f.Outcome.SUCCEEDS)


def fails(command: int) -> f.Run:
    return f.Run(command, f.Outcome.FAILS)


def maybe(command: int) -> f.Run:
    return f.Run(command, f.Outcome.UNKNOWN)


def script(*items: f.Flow, errexit: bool = False, pipefail: bool = False) -> f.Flow:
    return f.Process(f.Sequence(items), errexit, pipefail)


@pytest.mark.parametrize(
    ("flow", "refused", "effects"),
    [
        (script(ok(0)), {0}, {0: FATAL}),
        (script(ok(0), ok(1)), {0}, {0: TOLERATED}),
        (script(ok(0), ok(1), errexit=True), {0}, {0: FATAL}),
        (script(ok(0), ok(1), errexit=True), {0, 1}, {0: FATAL, 1: FATAL}),
        (script(f.Or(ok(0), ok(1))), {0}, {0: TOLERATED}),
        (script(f.Or(ok(0), ok(1))), {0, 1}, {0: FATAL, 1: FATAL}),
        (script(f.And(ok(0), ok(1))), {0, 1}, {0: FATAL, 1: FATAL}),
        (script(f.Not(ok(0))), {0}, {0: TOLERATED}),
        (script(f.If(((ok(0), ok(1)),), None)), {0, 1}, {0: TOLERATED}),
        (script(f.Pipe((ok(0), ok(1)))), {0}, {0: TOLERATED}),
        (script(f.Pipe((ok(0), ok(1))), pipefail=True), {0}, {0: FATAL}),
        (script(f.Detach(ok(0))), {0}, {0: TOLERATED}),
        (script(f.Trial(ok(0)), errexit=True), {0}, {0: TOLERATED}),
        (script(f.Exit(f.ExitMode.SHELL, 0), ok(0)), {0}, {}),
        (script(f.Or(ok(0), f.Exit(f.ExitMode.SHELL, 2)), ok(1)), {0}, {0: FATAL}),
        (script(f.And(fails(0), ok(1)), ok(2)), {1, 2}, {2: FATAL}),
        # a test whose result is not known
        (script(f.If(((maybe(0), ok(1)),), None)), {1}, {1: CONDITIONAL}),
        (script(f.If(((maybe(0), ok(1)),), ok(2))), {1, 2}, {1: FATAL, 2: FATAL}),
        (script(f.If(((maybe(0), ok(1)),), ok(2))), {2}, {2: CONDITIONAL}),
        (script(f.If(((maybe(0), ok(1)),), None), ok(2)), {1}, {1: TOLERATED}),
        (script(f.Or(maybe(0), ok(1))), {1}, {1: CONDITIONAL}),
        (script(f.And(maybe(0), ok(1))), {1}, {1: FATAL}),
        (script(f.And(maybe(0), ok(1)), ok(2)), {1}, {1: TOLERATED}),
        (script(f.While(False, maybe(0), ok(1))), {1}, {1: CONDITIONAL}),
        (script(f.Choice((ok(0), ok(1)), exhaustive=True)), {0}, {0: CONDITIONAL}),
        (script(f.Choice((ok(0), ok(1)), exhaustive=True)), {0, 1}, {0: FATAL, 1: FATAL}),
        (script(f.Choice((ok(0), ok(1)), exhaustive=False)), {0, 1}, {0: CONDITIONAL, 1: CONDITIONAL}),
        (script(f.Repeat((ok(0),), unknown=True)), {0}, {0: CONDITIONAL}),
        (script(f.Repeat((ok(0), ok(1)), unknown=False)), {0, 1}, {0: TOLERATED, 1: FATAL}),
        # refused commands fail whatever their outcome is
        (script(maybe(0)), {0}, {0: FATAL}),
        (script(f.If(((maybe(0), ok(1)),), ok(2))), {0, 2}, {0: FATAL, 2: FATAL}),
        # a step that fails by itself
        (script(ok(0), fails(1)), {0}, {0: TOLERATED}),
        (script(fails(1), ok(0), errexit=True), {0}, {}),
        (script(ok(0), fails(1), errexit=True), {0}, {0: FATAL}),
    ],
)
def test_effects(flow: f.Flow, refused: set[int], effects: dict[int, Effect]) -> None:
    assert judge(flow, frozenset(refused)) == effects


def cases() -> list[tuple[f.Flow, frozenset[int]]]:
    made: list[tuple[f.Flow, frozenset[int]]] = []
    for seed in range(250):
        flows = Flows(seed, "bash")
        flow = f.Process(flows.list(2), errexit=seed % 2 == 0)
        made.append((flow, flows.refused()))
    return made


def test_an_error_means_that_the_step_fails_in_every_world() -> None:
    """And mending all that is to blame makes it pass in every world."""
    seen: set[Effect] = set()
    for flow, refused in cases():
        possible = [world for world in worlds(flow) if run(flow, frozenset(), world).status == 0]
        if not possible:
            continue
        effects = judge(flow, refused)
        blamed = frozenset(command for command, effect in effects.items() if effect is not TOLERATED)
        always = all(run(flow, refused, world).status for world in possible)
        assert (FATAL in effects.values()) == always
        assert bool(blamed) == any(run(flow, refused, world).status for world in possible)
        assert not any(run(flow, refused - blamed, world).status for world in possible)
        assert effects.keys() <= refused
        assert not (FATAL in effects.values() and CONDITIONAL in effects.values())
        seen.update(effects.values())
    assert seen == {FATAL, TOLERATED, CONDITIONAL}


def test_what_never_runs_has_no_effect() -> None:
    for flow, refused in cases():
        runs = {command for world in worlds(flow) for command in run(flow, refused - {-1}, world).executed}
        mended = {command for world in worlds(flow) for command in run(flow, frozenset(), world).executed}
        if refused.isdisjoint(runs | mended):
            assert judge(flow, refused) == {}


def test_many_questions_are_asked_one_at_a_time() -> None:
    tests = tuple(f.If(((maybe(index), ok(100 + index)),), None) for index in range(30))
    flow = script(*tests, ok(200), errexit=True)
    assert judge(flow, frozenset({110, 129})) == {110: CONDITIONAL, 129: CONDITIONAL}
    assert judge(flow, frozenset({200})) == {200: FATAL}


def test_a_long_step_is_judged_in_a_second() -> None:
    tests = tuple(f.If(((maybe(index), ok(10_000 + index)),), None) for index in range(1_000))
    start = time.process_time()
    judge(script(*tests, errexit=True), frozenset({10_000, 10_999}))
    assert time.process_time() - start < 3
