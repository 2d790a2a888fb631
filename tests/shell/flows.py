"""Random flows, and flows as shell text: what the model of the shell is held against."""

from __future__ import annotations

import random
import shlex
import subprocess
from collections.abc import Set
from pathlib import Path
from typing import NamedTuple

from ns_lint.linter import flow as f
from ns_lint.linter.status import World, answers, questions

# ---------------------------------------------------------------------------------------------- random flows


class Flows:
    """Makes flows of the constructs that `dash` has, or those of `bash`."""

    def __init__(self, seed: int, shell: str) -> None:
        self.random = random.Random(seed)
        self.bash = shell == "bash"
        self.count = 0

    def step(self) -> f.Flow:
        return f.Process(
            self.list(3), errexit=self.random.random() < 0.5, pipefail=self.bash and self.random.random() < 0.3
        )

    def list(self, depth: int, loop: bool = False, function: bool = False) -> f.Flow:
        items: list[f.Flow] = []
        while True:
            items.append(self.and_or(depth, loop, function))
            if self.random.random() < 0.12:
                items.append(self.leave(loop, function))
            if self.random.random() < 0.08:
                items.append(f.LastStatus(self.random.random() < 0.5))
            if self.random.random() < 0.5:
                return items[0] if len(items) == 1 else f.Sequence(tuple(items))

    def leave(self, loop: bool, function: bool) -> f.Flow:
        """Behind a condition, as people write it, or bare."""
        modes = [f.ExitMode.SHELL, *[f.ExitMode.FUNCTION] * function, *[f.ExitMode.LOOP, f.ExitMode.ROUND] * loop]
        leave = f.Exit(self.random.choice(modes), self.random.choice([None, None, 0, 1, 3]))
        match self.random.randrange(5):
            case 0:
                return f.Or(self.command(), leave)
            case 3:
                return f.If(((f.LastStatus(self.random.random() < 0.7), leave),), None)
            case 1:
                return f.And(self.command(), leave)
            case 2:
                return f.If(((self.command(), leave),), None)
            case _:
                return leave

    def and_or(self, depth: int, loop: bool, function: bool) -> f.Flow:
        if self.random.random() < 0.08:
            return f.Option(errexit=self.random.random() < 0.7)
        if self.bash and self.random.random() < 0.05:
            return f.Option(pipefail=self.random.random() < 0.7)
        flow = self.pipeline(depth, loop, function)
        while self.random.random() < 0.35:
            flow = self.random.choice([f.And, f.Or])(flow, self.pipeline(depth, loop, function))
        return flow

    def pipeline(self, depth: int, loop: bool, function: bool) -> f.Flow:
        negated, piped = self.random.random() < 0.1, self.random.random() < 0.12
        # Bash negates the status of a `break` under `!`, and does not know the loop in a subshell, where dash does.
        flow = self.one(depth, loop and not negated and not piped, function)
        if piped:
            flow = f.Pipe((flow, self.one(depth, False, function)))
        if self.bash and "Option(errexit=True" in repr(flow):
            return flow  # under `!`, bash still heeds a `set -e` that comes later than the `!`
        return f.Not(flow) if negated else flow

    def detached(self, depth: int, function: bool) -> f.Flow:
        """In a condition, `set -e` sleeps in a background list too, in bash; in dash only in a pipe's members."""
        if self.bash:
            return self.list(depth, False, function)
        return self.random.choice([self.command(), f.Pipe((self.command(), self.list(depth, False, function)))])

    def one(self, depth: int, loop: bool, function: bool) -> f.Flow:
        if depth == 0 or self.random.random() < 0.45:
            return self.command()
        depth -= 1
        match self.random.randrange(10):
            case 0:
                return f.Subshell(self.list(depth, False, function))
            case 1:
                arms = [(self.list(depth, loop, function), self.list(depth, loop, function))]
                if self.random.random() < 0.3:
                    arms.append((self.list(depth, loop, function), self.list(depth, loop, function)))
                return f.If(tuple(arms), self.list(depth, loop, function) if self.random.random() < 0.5 else None)
            case 2:
                return f.Call(self.list(depth, False, True))
            case 3:
                return f.Process(self.list(depth), self.random.random() < 0.5, self.bash and self.random.random() < 0.3)
            case 4:
                return f.Repeat(tuple(self.list(depth, True, function) for _ in range(2)), unknown=False)
            case 5:
                return f.Repeat((self.list(depth, True, function),), unknown=True)
            case 6:
                # A bare `return` in a loop's condition returns 0 in dash, the last status in bash.
                condition = self.list(depth, True, function and self.bash)
                return f.While(self.random.random() < 0.3, condition, self.list(depth, True, function))
            case 7:
                arms = tuple(self.list(depth, loop, function) for _ in range(2))
                return f.Choice(arms, exhaustive=self.random.random() < 0.5)
            case 8:
                return f.Detach(self.detached(depth, function))
            case _:
                return f.Trial(self.command())

    def command(self) -> f.Flow:
        self.count += 1
        return f.Run(self.random.randrange(self.count), self.random.choice([*f.Outcome, f.Outcome.UNKNOWN]))

    def world(self, flow: f.Flow) -> World:
        asked = [node for node in questions(flow, tested=True) if answers(node) > 1]
        return {id(node): self.random.randrange(answers(node)) for node in asked}

    def refused(self) -> frozenset[int]:
        return frozenset(command for command in range(self.count) if self.random.random() < 0.3)


# ---------------------------------------------------------------------------------------------- as shell text

STUB = 'c() { echo "$1" >&3; return "$2"; }\n'


class Renderer:
    """Text for a shell in which every command is a stub that logs its number and exits as it should."""

    def __init__(self, shell: str, refused: Set[int], world: World) -> None:
        self.shell = shell
        self.refused = refused
        self.world = world
        self.functions: list[str] = []
        self.names = 0

    def script(self, flow: f.Flow) -> str:
        outer, self.functions = self.functions, []
        body = self.text(flow)
        functions, self.functions = self.functions, outer
        return STUB + "".join(functions) + body

    def name(self) -> str:
        self.names += 1
        return f"n{self.names}"

    def group(self, flow: f.Flow) -> str:
        return f"{{ {self.text(flow)}\n}}"

    def text(self, flow: f.Flow) -> str:
        match flow:
            case f.Run():
                return f"c {flow.command} {int(self.fails(flow))}"
            case f.Option(errexit, pipefail):
                options = [("-e", errexit), ("-o pipefail", pipefail)]
                return "set " + " ".join(o if on else o.replace("-", "+", 1) for o, on in options if on is not None)
            case f.Sequence(items):
                return "\n".join(map(self.text, items)) or ":"
            case f.And(left, right):
                return f"{self.group(left)} && {self.group(right)}"
            case f.Or(left, right):
                return f"{self.group(left)} || {self.group(right)}"
            case f.Not(body):
                return f"! {self.group(body)}"
            case f.Pipe(members):
                return " | ".join(map(self.group, members))
            case f.Subshell(body):
                return f"( {self.text(body)}\n)"
            case f.Detach(body):
                return f"{{ {self.group(body)} & wait; }}"
            case f.Trial(body):
                return f': "$({self.text(body)})"'
            case f.If(arms, otherwise):
                text = "el".join(f"if {self.text(check)}\nthen {self.text(body)}\n" for check, body in arms)
                return text + (f"else {self.text(otherwise)}\n" if otherwise is not None else "") + "fi"
            case f.Choice(arms):
                bodies = "".join(f"{index}) {self.text(arm)}\n;;\n" for index, arm in enumerate(arms))
                return f"case {self.world.get(id(flow), 0)} in {bodies}esac"
            case f.Repeat(bodies, unknown):
                runs = not (unknown and self.world.get(id(flow), 0))
                rounds = "".join(f"{index}) {self.text(body)}\n;;\n" for index, body in enumerate(bodies))
                words = " ".join(map(str, range(len(bodies)))) if runs else ""
                variable = self.name()
                return f"for {variable} in {words}\ndo case ${variable} in {rounds}esac\ndone"
            case f.While(until, condition, body):
                once = self.name()
                first = f'until [ -n "${once}" ] ||' if until else f'while [ -z "${once}" ] &&'
                mark = f"{once}=1" if not until else f"! {once}=1"
                operator = "||" if until else "&&"
                return f"{first} {mark} {operator} {self.group(condition)}\ndo {self.text(body)}\ndone"
            case f.Call(body):
                name = self.name()
                self.functions.append(f"{name}() {self.group(body)}\n")
                return name
            case f.Process(body, errexit, pipefail):
                options = "-e " * errexit + "-o pipefail " * pipefail
                return f"{self.shell} {options}-c {shlex.quote(self.script(body))}"
            case f.LastStatus(failed):
                return f"[ $? {'-ne' if failed else '-eq'} 0 ]"
            case f.Exit(mode, status):
                words = {
                    f.ExitMode.SHELL: "exit",
                    f.ExitMode.FUNCTION: "return",
                    f.ExitMode.LOOP: "break",
                    f.ExitMode.ROUND: "continue",
                }
                takes_status = mode in (f.ExitMode.SHELL, f.ExitMode.FUNCTION) and status is not None
                return f"{words[mode]} {status}" if takes_status else words[mode]

    def fails(self, run: f.Run) -> bool:
        if run.command in self.refused or run.outcome is f.Outcome.FAILS:
            return True
        return run.outcome is f.Outcome.UNKNOWN and bool(self.world.get(id(run), 0))


# ---------------------------------------------------------------------------------------------- in a real shell


class Case(NamedTuple):
    flow: f.Process
    refused: frozenset[int]
    world: World


def case(seed: int, shell: str) -> Case:
    flows = Flows(seed, shell)
    flow = flows.step()
    assert isinstance(flow, f.Process)
    return Case(flow, flows.refused(), flows.world(flow))


def real_results(cases: list[Case], shell: str, folder: Path) -> list[tuple[int, list[int]]]:
    """The status and the commands run of each case, all in one shell that forks for each."""
    lines = [STUB]
    for number, (flow, refused, world) in enumerate(cases):
        renderer = Renderer(shell, refused, world)
        body = renderer.text(flow.body)
        options = ("set -e\n" * flow.errexit) + ("set -o pipefail\n" * flow.pipefail)
        lines.append(
            f"(exec 3>{number}.run\n{''.join(renderer.functions)}{options}{body}\n)\necho $? >{number}.status\n"
        )
    (folder / "cases").write_text("".join(lines))
    subprocess.run([shell, "cases"], cwd=folder, capture_output=True, check=False, timeout=600)
    return [
        (
            int((folder / f"{number}.status").read_text()),
            [int(line) for line in (folder / f"{number}.run").read_text().split()],
        )
        for number in range(len(cases))
    ]
