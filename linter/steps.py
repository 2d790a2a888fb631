"""The steps of a stage: what RUN, COPY, ADD and WORKDIR execute, and what the other instructions change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .build import Stage, StageState, Step, find_stage, mount_options, read_arguments
from .command import Argument, Command
from .context import MAX_FOLLOWED_BYTES, Context
from .dockerfile import Flag, Instruction, Word, expand
from .facts import IgnoredSource, InsecureStep
from .flow import And, Flow
from .flow import Sequence as Nothing
from .identity import become, copied_owner, directory_owner, mount_ids
from .invocation import Target
from .programs import facts_of
from .rule import Fact
from .scripts import follow
from .shell.interpret import Interpreter
from .shell.state import Shell
from .source import Document
from .system import Content, System
from .unpack import unpacked

_DEFAULT_SHELL = ("/bin/sh", "-c")

_STANDARD_DIRECTORIES = frozenset(
    """
    / /bin /boot /dev /etc /home /lib /lib64 /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr /usr/bin
    /usr/lib /usr/local /usr/local/bin /usr/sbin /usr/share /var /var/cache /var/lib /var/log /var/run /var/tmp
    """.split()
)


class StepReader:
    """Reads one instruction after another; what they change is in the stage's state."""

    def __init__(self, context: Context, target: Target, escape: str) -> None:
        self.context = context
        self.target = target
        self.escape = escape

    def read(
        self,
        instruction: Instruction,
        state: StageState,
        global_arguments: Mapping[str, str | None],
        states: Mapping[int, StageState],
        stages: tuple[Stage, ...],
    ) -> Step | None:
        """The step that an instruction is, None when the builder only notes it down."""
        match instruction.keyword:
            case "ARG":
                self._arg(instruction, state, global_arguments)
            case "ENV":
                values = {p.key.text: self._expand(p.value.text, state) if p.value else "" for p in instruction.pairs()}
                state.env.update(values)
                state.arguments = {name: one for name, one in state.arguments.items() if name not in values}
            case "USER":
                state.user = self._argument(instruction.words(), state)
            case "SHELL":
                if instruction.exec_form is not None:
                    state.shell = tuple(Argument(word.value, True, word.place) for word in instruction.exec_form)
            case "WORKDIR":
                return self._workdir(instruction, state)
            case "COPY" | "ADD":
                return self._copy(instruction, state, states, stages)
            case "RUN":
                return self._run(instruction, state, states, stages)
            case _:
                pass
        return None

    # ------------------------------------------------------------------------------------------ small ones

    def _expand(self, text: str, state: StageState) -> str | None:
        return expand(text, state.variables, self.escape).value

    def _argument(self, words: tuple[Word, ...], state: StageState) -> Argument | None:
        if not words:
            return None
        value = self._expand(words[0].text, state)
        return Argument(words[0].text if value is None else value, value is not None, words[0].place)

    def _arg(self, instruction: Instruction, state: StageState, global_arguments: Mapping[str, str | None]) -> None:
        found = read_arguments(instruction, state.variables, self.target, self.escape)
        for word in instruction.words():
            name = word.text.partition("=")[0]
            if name in found:
                state.arguments[name] = found[name]
            elif name in global_arguments:
                state.arguments[name] = global_arguments[name]

    def _workdir(self, instruction: Instruction, state: StageState) -> Step | None:
        argument = self._argument(instruction.words(), state)
        if argument is None:
            return None
        command = self._builder_command(instruction, (argument,), state)
        path = command.path(argument)
        created = path is None or path not in _STANDARD_DIRECTORIES | state.directories
        state.cwd = path
        if path is not None:
            state.has_directory(path)
            state.system.appear(path)
        if not created:
            return None
        return self._builder_step(instruction, command, list(directory_owner(command, state)), state)

    def _builder_command(self, instruction: Instruction, argv: tuple[Argument, ...], state: StageState) -> Command:
        keyword = Argument(instruction.keyword, True, instruction.keyword_place)
        return Command((keyword, *argv), instruction.place, cwd=state.cwd, env=state.env, step=instruction.place)

    def _builder_step(self, instruction: Instruction, command: Command, facts: list[Fact], state: StageState) -> Step:
        interpreter = Interpreter(state.system, facts_of, follow, instruction.place)
        flow = interpreter.instruction(command, facts)
        return Step(instruction, False, flow, tuple(interpreter.commands), tuple(interpreter.facts))

    # ------------------------------------------------------------------------------------------ COPY and ADD

    def _copy(
        self,
        instruction: Instruction,
        state: StageState,
        states: Mapping[int, StageState],
        stages: tuple[Stage, ...],
    ) -> Step | None:
        words = instruction.words()
        if not words:
            return None
        argv: list[Argument] = []
        for word in words:
            value = self._expand(word.text, state)
            argv.append(Argument(word.text if value is None else value, value is not None, word.place))
        command = self._builder_command(instruction, tuple(argv), state)
        chown = instruction.flag("chown")
        facts: list[Fact] = []
        if chown is not None and chown.value:
            facts.extend(copied_owner(chown, self._expand(chown.value, state), command, state.system))
        facts.extend(unpacked(instruction, command, self.context))
        if instruction.flag("from") is None:
            facts.extend(self._ignored(command))
        self._add_files(instruction, command, state, states, stages)
        return self._builder_step(instruction, command, facts, state)

    def _ignored(self, command: Command) -> Iterator[IgnoredSource]:
        """Sources that .dockerignore leaves out; a wildcard passes over them."""
        for source in command.argv[1:-1]:
            text = source.text
            plain = source.known and not (set(text) & set("*?[") or text.startswith("<<") or "://" in text)
            if plain and self.context.withholds(text):
                yield IgnoredSource(source.place, command, text)

    def _add_files(
        self,
        instruction: Instruction,
        command: Command,
        state: StageState,
        states: Mapping[int, StageState],
        stages: tuple[Stage, ...],
    ) -> None:
        """Make what is copied readable for later steps."""
        *sources, last = command.argv[1:]
        target = command.path(last)
        if target is None:
            return
        state.has_directory(target)
        state.system.appear(target)
        for heredoc in instruction.heredocs:
            into_directory = last.text.endswith("/") or len(sources) > 1
            path = f"{target}/{heredoc.name}" if into_directory else target
            state.system.put(path, Content(heredoc.script))
        from_flag = next((flag.value for flag in instruction.flags if flag.name == "from"), None)
        into_directory = last.text.endswith("/") or len(sources) > 1 or last.text == "."
        for source in sources:
            if not source.known or source.text.startswith("<<"):
                continue
            if "://" in source.text:
                name = source.text.rstrip("/").rsplit("/", 1)[-1]
                state.system.files.write(f"{target}/{name}" if into_directory else target, None)
            elif from_flag is not None:
                stage = find_stage(stages, from_flag)
                other = states.get(stage.number) if stage is not None else None
                if other is not None:
                    self._add_from_stage(state.system, other.system, source.text, target, into_directory)
            else:
                self._add_from_context(state.system, source.text, target, into_directory)

    def _add_from_stage(self, system: System, other: System, source: str, target: str, into_directory: bool) -> None:
        name = source.rstrip("/").rsplit("/", 1)[-1]
        if other.files.read("/" + source.strip("/")) is None:
            system.files.add_from(target, other.files, source)
        else:
            for path in _targets(target, name, into_directory):
                system.files.add_from(path, other.files, source)

    def _add_from_context(self, system: System, pattern: str, target: str, into_directory: bool) -> None:
        context = self.context
        wild = any(char in pattern for char in "*?[")
        for source in context.matching(pattern) if wild else (pattern,):
            if context.is_directory(source):
                _add_directory(system, context, source, target)
            elif (content := _content(context, source)) is not None:
                name = source.rstrip("/").rsplit("/", 1)[-1]
                for path in _targets(target, name, into_directory or wild):
                    system.put(path, content)

    # ------------------------------------------------------------------------------------------ RUN

    def _run(
        self,
        instruction: Instruction,
        state: StageState,
        states: Mapping[int, StageState],
        stages: tuple[Stage, ...],
    ) -> Step:
        system = state.system
        kept = system.files
        system.files = kept.copy()
        entry = self._builder_command(instruction, (), state)
        entry_facts: list[Fact] = list(become(entry, state))
        mounted: list[str] = []
        insecure = False
        for flag in instruction.flags:
            if flag.name == "security" and flag.value == "insecure":
                insecure = True
                entry_facts.append(self._asks_for("security.insecure", flag, entry))
            elif flag.name == "network" and flag.value == "host":
                entry_facts.append(self._asks_for("network.host", flag, entry))
            elif flag.name == "device" and dict(mount_options(flag.value or "")).get("required", "false") != "false":
                entry_facts.append(self._asks_for("device", flag, entry))
            elif flag.name == "mount":
                mounted.extend(self._mount(flag, entry, entry_facts, state, states, stages))
        interpreter = Interpreter(system, facts_of, follow, instruction.place)
        user = state.user.text.partition(":")[0] if state.user is not None and state.user.known else None
        shell = Shell(state.variables, state.cwd, user if state.user is not None else "root")
        head = interpreter.instruction(entry, entry_facts) if entry_facts else None
        body = self._body(instruction, interpreter, shell, state)
        interpreter.finish()
        for command in interpreter.commands:
            for argument in command.argv[1:]:
                if (named := command.path(argument)) is not None:
                    state.has_directory(named)
        for path in mounted:
            system.files.remove_tree(path)
        flow = body if head is None else And(head, body)
        return Step(instruction, insecure, flow, tuple(interpreter.commands), tuple(interpreter.facts))

    def _asks_for(self, entitlement: str, flag: Flag, entry: Command) -> InsecureStep:
        granted = any(allowed.partition("=")[0] == entitlement for allowed in self.target.allow)
        return InsecureStep(flag.place, entry, entitlement, granted)

    def _body(self, instruction: Instruction, interpreter: Interpreter, shell: Shell, state: StageState) -> Flow:
        if instruction.exec_form is not None:
            argv = tuple(Argument(word.value, True, word.place, word.script) for word in instruction.exec_form)
            return interpreter.exec_form(argv, shell)
        if instruction.script_file is not None:
            return interpreter.script_file(instruction.script_file, shell)
        script = instruction.shell_script
        if script is None:
            return Nothing(())
        place = script.source.place(0, len(script.text))
        argv = state.shell or tuple(Argument(text, True, place) for text in _DEFAULT_SHELL)
        return interpreter.shell_form(argv, script, shell)

    def _mount(
        self,
        flag: Flag,
        entry: Command,
        facts: list[Fact],
        state: StageState,
        states: Mapping[int, StageState],
        stages: tuple[Stage, ...],
    ) -> Iterator[str]:
        """Take in a --mount: ids are facts, bind mounts show files. Yields the paths that are gone after the step."""
        value = self._expand(flag.value or "", state)
        if value is None:
            return
        options = dict(mount_options(value))
        kind = options.get("type", "bind")
        facts.extend(mount_ids(flag, kind, options, entry))
        target = options.get("target") or options.get("dst") or options.get("destination")
        if not target and kind == "secret":
            target = f"/run/secrets/{options.get('id', '')}"
        path = entry.path(Argument(target, True, flag.place)) if target else None
        if path is None:
            return
        state.system.appear(path)
        if kind != "bind":
            return
        source = options.get("source") or options.get("src") or ""
        if "from" in options:
            stage = find_stage(stages, options["from"])
            other = states.get(stage.number) if stage is not None else None
            if other is not None:
                state.system.files.add_from(path, other.system.files, source)
        elif self.context.is_directory(source):
            _add_directory(state.system, self.context, source, path)
        else:
            content = _content(self.context, source)
            if content is not None:
                state.system.files.write(path, content)
        yield path


def _content(context: Context, name: str) -> Content | None:
    file = context.open(name)
    if file is None:
        return None
    with file:
        data = file.read(MAX_FOLLOWED_BYTES + 1)
    path = context.path(name)
    if len(data) > MAX_FOLLOWED_BYTES:
        return Content.large(path, lambda: context.open(name))
    return Content.of(Document(path, data))


def _add_directory(system: System, context: Context, source: str, target: str) -> None:
    system.files.add_tree(
        target,
        lambda path: _content(context, f"{source}/{path}"),
        lambda path: context.names(f"{source}/{path}"),
    )


def _targets(target: str, name: str, into_directory: bool) -> tuple[str, ...]:
    """Where a copied file may be: `COPY x /y` puts it into /y if that is a directory, which is not always known."""
    return (f"{target}/{name}",) if into_directory else (target, f"{target}/{name}")
