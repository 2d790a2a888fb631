"""The model of the shell against dash and bash, with commands that log themselves and fail where they should."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from ns_lint.linter import flow as f
from ns_lint.linter.status import Result, questions, run

from .flows import case, real_results

SCRIPTS = 250


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_random_scripts_run_as_in_the_real_shell(shell: str, tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    cases = [case(seed, shell) for seed in range(SCRIPTS)]
    results = real_results(cases, shell, tmp_path)
    for (flow, refused, world), (status, executed) in zip(cases, results, strict=True):
        model = run(flow, refused, world)
        assert (model.status, sorted(model.executed)) == (status, sorted(executed)), flow
    assert 0.2 < sum(status != 0 for status, _ in results) / SCRIPTS < 0.8


def known(command: int) -> f.Run:
    return f.Run(command, f.Outcome.SUCCEEDS)


def test_a_refused_command_fails_and_the_next_ones_still_run() -> None:
    assert run(f.Sequence((known(0), known(1))), {0}) == Result(0, (0, 1))


def test_errexit_ends_the_step() -> None:
    assert run(f.Process(f.Sequence((known(0), known(1))), errexit=True), {0}) == Result(1, (0,))


def test_a_program_that_swallows_the_status_hides_the_refusal() -> None:
    assert run(f.Process(f.Trial(known(0)), errexit=True), {0}) == Result(0, (0,))


def test_a_world_answers_each_question_by_its_place() -> None:
    first, second = f.Run(0), f.Run(0)
    flow = f.Sequence((f.And(first, known(1)), f.And(second, known(2))))
    assert run(flow, set(), {id(first): 1}).executed == (0, 0, 2)


def test_only_what_decides_is_asked() -> None:
    condition, left, last = f.Run(1), f.Run(3), f.Run(5)
    choice = f.Choice((known(6), known(7)), exhaustive=False)
    flow = f.Sequence((f.Run(0), f.If(((condition, f.Run(2)),), None), f.And(left, f.Run(4)), f.Not(last), choice))
    assert [id(node) for node in questions(flow)] == [id(node) for node in (condition, left, last, choice)]


def test_a_functions_last_status_is_asked_where_the_function_is_a_condition() -> None:
    decides = f.Run(1)
    body = f.Sequence((f.Run(0), decides, f.Exit(f.ExitMode.FUNCTION, None)))
    assert list(questions(f.Or(f.Call(body), known(2)))) == [decides]
    assert list(questions(f.Call(body))) == []


def test_long_flows_run_in_linear_time() -> None:
    flow = f.Process(f.Sequence(tuple(f.And(f.Run(index), f.Run(index + 1)) for index in range(0, 50_000, 2))))
    start = time.process_time()
    assert len(run(flow, frozenset({7})).executed) == 50_000
    assert time.process_time() - start < 2
