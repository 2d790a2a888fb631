"""A Dockerfile as a build: stages, which of them run, and what every step asks for.

The build is a fold over the instructions of the stages that the target reaches: each step sees the accounts, files and
variables that the steps before it left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .accounts import Accounts
from .command import Argument, Command, decimal
from .context import Context
from .dockerfile import Dockerfile, Instruction, expand
from .flow import Flow
from .images import family_of, is_bare
from .invocation import Target
from .rule import Fact
from .source import Place
from .system import System

PREDEFINED_ARGUMENTS = frozenset(
    f"{name}{suffix}" for name in ("TARGET", "BUILD") for suffix in ("PLATFORM", "OS", "ARCH", "VARIANT")
)
"""Arguments that BuildKit sets by itself; their values hang on the platform."""


USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What BuildKit sets where an image has no PATH; most have this, or this and more."""


class Step(NamedTuple):
    """One instruction that the builder executes. A fact names the command, by number, that it belongs to."""

    instruction: Instruction
    insecure: bool
    flow: Flow
    commands: tuple[Command, ...]
    facts: tuple[tuple[int, Fact], ...]


class Stage(NamedTuple):
    """`base` is the stage or the image that it starts from, after expansion; None when it is not known."""

    number: int
    name: str
    base: str | None
    origin: Instruction
    instructions: tuple[Instruction, ...]


class Build(NamedTuple):
    """What a target of a Dockerfile runs. `skipped` are the stages it does not reach."""

    dockerfile: Dockerfile
    stages: tuple[Stage, ...]
    steps: tuple[Step, ...]
    skipped: tuple[Stage, ...]

    @property
    def place(self) -> Place:
        return Place(self.dockerfile.document.path, 0, 0)


class StageState:
    """What the instructions of a stage change: the system, and what the image's config says."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.env: dict[str, str | None] = {"PATH": USUAL_PATH}
        self.arguments: dict[str, str | None] = {}
        self.user: Argument | None = None
        self.cwd: str | None = "/"
        self.shell: tuple[Argument, ...] = ()
        self.directories: set[str] = set()

    def copy(self) -> StageState:
        state = StageState(self.system.copy())
        state.env = dict(self.env)
        state.user = self.user
        state.cwd = self.cwd
        state.shell = self.shell
        state.directories = set(self.directories)
        return state

    def has_directory(self, path: str) -> None:
        """The directory, and so all above it, may be there from now on."""
        while path not in ("/", ""):
            self.directories.add(path)
            path = path.rpartition("/")[0]

    @property
    def variables(self) -> Mapping[str, str | None]:
        """What a step's environment holds: of an ENV and an ARG with a value, the later one counts."""
        return {**self.env, **self.arguments}


def read_build(dockerfile: Dockerfile, context: Context, target: Target) -> Build:
    """The build of `target`; a target that does not exist reaches nothing but what the last stage does."""
    from .steps import StepReader

    global_arguments, stages = read_stages(dockerfile, target)
    reached = reachable(stages, target.target)
    reader = StepReader(context, target, dockerfile.escape)
    states: dict[int, StageState] = {}
    steps: list[Step] = []
    for stage in stages:
        parent = find_stage(stages[: stage.number], stage.base)
        state = states[parent.number].copy() if parent else _base_state(stage, target)
        states[stage.number] = state
        if stage.number not in reached:
            continue
        for trigger in parent.instructions if parent else ():
            step = reader.read(trigger.inner, state, global_arguments, states, stages) if trigger.inner else None
            if step is not None:
                steps.append(step._replace(instruction=stage.origin))  # BuildKit blames the FROM line
        for instruction in stage.instructions:
            step = reader.read(instruction, state, global_arguments, states, stages)
            if step is not None:
                steps.append(step)
    skipped = tuple(stage for stage in stages if stage.number not in reached)
    return Build(dockerfile, stages, tuple(steps), skipped)


def _base_state(stage: Stage, target: Target) -> StageState:
    """What a stage begins with: what the lock file knows of its base image, else what the name says."""
    state = StageState(_base_system(stage.base))
    if stage.base is None or not target.images:
        return state
    from .lock import canonical

    image = target.images.get(canonical(stage.base))
    if image is None:
        return state
    place = stage.origin.words()[0].place
    state.env.update(image.env)
    state.cwd = image.workdir or "/"
    state.user = Argument(image.user, True, place) if image.user else None
    state.shell = tuple(Argument(word, True, place) for word in image.shell)
    state.system.family = image.family or state.system.family
    if image.passwd is not None or image.group is not None:
        state.system.accounts = Accounts.of(image.passwd or "", image.group or "")
    return state


def _base_system(image: str | None) -> System:
    if image == "scratch":
        return System(None, empty=True)
    return System(family_of(image), bare=is_bare(image)) if image else System(None)


def read_stages(dockerfile: Dockerfile, target: Target) -> tuple[Mapping[str, str | None], tuple[Stage, ...]]:
    """The arguments before the first FROM, and the stages."""
    arguments: dict[str, str | None] = dict.fromkeys(PREDEFINED_ARGUMENTS)
    stages: list[Stage] = []
    body: list[Instruction] = []
    current: tuple[Instruction, str | None, str] | None = None

    def close() -> None:
        if current is not None:
            instruction, base, name = current
            stages.append(Stage(len(stages), name, base, instruction, tuple(body)))

    for instruction in dockerfile.instructions:
        if instruction.keyword == "FROM":
            close()
            body = []
            words = instruction.words()
            base = expand(words[0].text, arguments, dockerfile.escape, complete=True).value if words else None
            name = words[2].text.lower() if len(words) == 3 and words[1].text.lower() == "as" else ""
            current = (instruction, base, name)
        elif current is None:
            if instruction.keyword == "ARG":
                arguments.update(read_arguments(instruction, arguments, target, dockerfile.escape))
        else:
            body.append(instruction)
    close()
    return arguments, tuple(stages)


def read_arguments(
    instruction: Instruction, variables: Mapping[str, str | None], target: Target, escape: str
) -> dict[str, str | None]:
    """What an ARG line sets; a name without a value and without a default is left out: it is unset."""
    found: dict[str, str | None] = {}
    for word in instruction.words():
        name, equals, default = word.text.partition("=")
        if name in target.arguments:
            found[name] = target.arguments[name]
        elif equals:
            found[name] = expand(default, {**variables, **found}, escape).value
    return found


def find_stage(stages: tuple[Stage, ...], name: str | None) -> Stage | None:
    """The latest of these stages that has this name or number."""
    if name is None:
        return None
    wanted = name.lower()
    for stage in reversed(stages):
        if stage.name and stage.name == wanted:
            return stage
    number = decimal(wanted)
    return stages[number] if number is not None and number < len(stages) else None


def reachable(stages: tuple[Stage, ...], target: str | None) -> frozenset[int]:
    """Numbers of the stages that building `target` executes: its bases, and what is copied or mounted from."""
    if not stages:
        return frozenset()
    start = find_stage(stages, target) or stages[-1]
    waiting, reached = [start.number], set[int]()
    while waiting:
        number = waiting.pop()
        if number in reached:
            continue
        reached.add(number)
        stage = stages[number]
        names = [stage.base, *(name for instruction in stage.instructions for name in sources(instruction))]
        found = (find_stage(stages[:number], name) for name in names)
        waiting.extend(other.number for other in found if other is not None)
    return frozenset(reached)


def sources(instruction: Instruction) -> list[str]:
    """The stages or images that an instruction copies or mounts from."""
    found: list[str] = []
    for flag in instruction.flags:
        if flag.value is None:
            continue
        if flag.name == "from" and instruction.keyword in ("COPY", "ADD"):
            found.append(flag.value)
        elif flag.name == "mount" and instruction.keyword == "RUN":
            found.extend(value for key, value in mount_options(flag.value) if key == "from")
    return found


def mount_options(value: str) -> list[tuple[str, str]]:
    """The `key=value` pairs of a --mount; a key alone has an empty value."""
    pairs = (item.partition("=") for item in value.split(","))
    return [(key.strip().lower(), value.strip()) for key, _, value in pairs]
