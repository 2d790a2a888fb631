"""Python build scripts, Tiltfiles and Bazel files, read with libcst: the calls that build.

docker SDK and python-on-whales by the names of their methods, commands given to subprocess and os.system, Tilt's
`docker_build` and `custom_build`, and the rules of rules_docker that run a container.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..command import Argument
from ..invocation import BuilderSetup, Form, Invocation, Option, SetupKind, Tool
from ..source import Document, Place, Script
from ..tools.flags import cut
from ..tools.where import Where, last, target_of
from .collected import Collected
from .config import ConfigFile
from .mapped import MappedText

if TYPE_CHECKING:
    import libcst

MAX_BYTES = 400_000
MAX_DEPTH = 200
_RUNNERS = frozenset(
    {"call", "check_call", "check_output", "getoutput", "getstatusoutput", "popen", "Popen", "run", "system"}
)
_RUN_MODULES = frozenset({"subprocess", "os", "sh", "sp", "commands", "asyncio"})
_RULES_DOCKER = frozenset(
    {"container_run_and_commit", "container_run_and_commit_layer", "container_run_and_extract"}
    | {"install_pkgs", "download_pkgs", "dockerfile_image"}
)
"""Rules of rules_docker that call a Docker daemon while the build runs."""

_IMPORTS_SDK = re.compile(rb"^\s*(?:import|from)\s+docker\b", re.MULTILINE)
_SDK_OWNER = re.compile(r"(?:^|\.)(?:images|api|APIClient|\w*api_client)$")
_WHALES_OWNER = re.compile(r"(?:^|\.)(?:buildx|docker|image)$")

SDK_NAMES = {
    "buildargs": "build-arg",
    "cache_from": "cache-from",
    "container_limits": "resource",
    "dockerfile": "file",
    "extra_hosts": "add-host",
    "labels": "label",
    "network_mode": "network",
    "nocache": "no-cache",
    "path": "context",
    "shmsize": "shm-size",
}
"""Keyword arguments of the docker SDK's `images.build` → options of docker buildx build."""
WHALES_NAMES = {
    "add_hosts": "add-host",
    "build_args": "build-arg",
    "build_contexts": "build-context",
    "buildkitd_flags": "buildkitd-flags",
    "cache_from": "cache-from",
    "cache_to": "cache-to",
    "config": "buildkitd-config",
    "context_path": "context",
    "driver_options": "driver-opt",
    "labels": "label",
    "platforms": "platform",
    "secrets": "secret",
    "tags": "tag",
}
_TILT_NAMES = {
    "build_args": "build-arg",
    "cache_from": "cache-from",
    "dockerfile": "file",
    "extra_tag": "tag",
}


class Call(NamedTuple):
    """A call, by the dotted name of what is called; what is no name is `?`."""

    name: str
    place: Place
    arguments: tuple[Given, ...]

    def given(self, keyword: str, position: int | None = None) -> Given | None:
        """The argument of that keyword, or else at that position."""
        for one in self.arguments:
            if one.keyword == keyword:
                return one
        plain = [one for one in self.arguments if one.keyword is None]
        return plain[position] if position is not None and position < len(plain) else None


class Given(NamedTuple):
    """One argument: its keyword, its expression, the places of it all and of the value, what to cut to leave it out."""

    keyword: str | None
    value: libcst.BaseExpression
    place: Place
    value_place: Place
    removal: Place | None


def read(document: Document) -> ConfigFile:
    """Every call in the file that has a part in builds."""
    collected = Collected(document)
    if len(document.data) > MAX_BYTES:
        collected.skip(0, "it is too large to be a build script")
        return collected.file("python")
    import libcst as cst
    from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

    skipped = 3 if document.data.startswith(b"\xef\xbb\xbf") else 0
    try:
        text = document.data[skipped:].decode("utf-8")
        _refuse_deep(text)
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        spans = wrapper.resolve(ByteSpanPositionProvider)
    except (SyntaxError, cst.ParserSyntaxError, RecursionError, MemoryError, ValueError) as error:
        reason = (str(error) or "too deep").splitlines()[0]
        collected.skip(0, f"it is not Python: {reason}")
        return collected.file("python")

    def place(node: libcst.CSTNode) -> Place:
        span = spans[node]
        return Place(document.path, span.start + skipped, span.start + span.length + skipped)

    reader = _Reader(collected, place)
    for node in _calls(wrapper.module):
        reader.read(node)
    return collected.file("python")


def _refuse_deep(text: str) -> None:
    """Raise ValueError, or what CPython's own parser raises: libcst's overflows the stack on what nests too deep."""
    import ast
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        waiting: list[tuple[ast.AST, int]] = [(ast.parse(text), 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise ValueError("it nests too deep")
        waiting.extend((child, depth + 1) for child in ast.iter_child_nodes(node))


def _calls(module: libcst.Module) -> list[libcst.Call]:
    """Every call, in the order of the file."""
    import libcst as cst

    found: list[libcst.Call] = []
    waiting: list[Any] = [module]
    while waiting:
        node = waiting.pop()
        if isinstance(node, cst.Call):
            found.append(node)
        waiting.extend(reversed(node.children))
    return found


class _Reader:
    def __init__(self, collected: Collected, place: Callable[[libcst.CSTNode], Place]) -> None:
        self.collected = collected
        self.document = collected.document
        self.place = place
        self.imports_sdk = _IMPORTS_SDK.search(collected.document.data) is not None
        self.imports_whales = b"python_on_whales" in collected.document.data

    def read(self, node: libcst.Call) -> None:
        """Take one call for what its name says it is."""
        name = _dotted(node.func)
        words = name.split(".")
        method, owner = words[-1], ".".join(words[:-1])
        if method in _RUNNERS and (words[0] in _RUN_MODULES or (len(words) == 1 and method != "run")):
            self._command(self._call(name, node))
        elif name == "local":
            self._command(self._call(name, node), keyword="command")
        elif name == "local_resource":
            self._command(self._call(name, node), keyword="cmd", position=1)
        elif name == "custom_build":
            self._command(self._call(name, node), keyword="command", position=1)
        elif name == "docker_build":
            self._tilt(self._call(name, node))
        elif name in _RULES_DOCKER:
            self.collected.setups.append(BuilderSetup(self.place(node.func), SetupKind.DOCKER_DAEMON))
        elif method == "build" and self.imports_sdk and _SDK_OWNER.search(owner):
            self._sdk(self._call(name, node))
        elif method in ("build", "create") and self.imports_whales and _WHALES_OWNER.search(owner):
            self._whales(self._call(name, node), method)

    # ---------------------------------------------------------------------------------------------- what is called

    def _call(self, name: str, node: libcst.Call) -> Call:
        given: list[Given] = []
        function = self.place(node.func)
        before = function
        places = [self.place(argument) for argument in node.args]
        for number, argument in enumerate(node.args):
            here = places[number]
            removal = cut(before, here, self.document.data)
            keyword = argument.keyword.value if argument.keyword is not None else None
            if argument.star == "":
                given.append(Given(keyword, argument.value, here, self.place(argument.value), removal))
            before = here
        return Call(name, function, tuple(given))

    def _command(self, call: Call, keyword: str = "args", position: int = 0) -> None:
        """A command: a list of words, or a string for a shell."""
        import libcst as cst

        given = call.given(keyword, position)
        if given is None:
            return
        where = Where(self.document.data, Form.LIST)
        if isinstance(given.value, cst.List | cst.Tuple):
            words = tuple(self._word(element.value) for element in given.value.elements)
            self.collected.words(words, where)
        elif (script := self._script(given.value)) is not None:
            self.collected.script(script, given.value_place, where._replace(form=Form.SHELL))

    def _sdk(self, call: Call) -> None:
        found = self._built(call, Tool.SDK, SDK_NAMES, "context")
        self.collected.invocations.append(found._replace(classic=call.place))

    def _whales(self, call: Call, method: str) -> None:
        if method == "build":
            self.collected.invocations.append(self._built(call, Tool.BUILDX, WHALES_NAMES, "context"))
            return
        options = self._options(call, WHALES_NAMES)
        driver = last(options, "driver")
        name = "docker-container" if driver is None else driver.value
        self.collected.setups.append(BuilderSetup(call.place, SetupKind.BUILDX, options, name))

    def _tilt(self, call: Call) -> None:
        """`docker_build(ref, context, …)`."""
        plain = [given for given in call.arguments if given.keyword is None]
        given = tuple(one._replace(keyword="context") for one in plain[1:2]) or ()
        named = tuple(one for one in call.arguments if one.keyword is not None)
        found = self._built(call._replace(arguments=(*given, *named)), Tool.BUILDX, _TILT_NAMES, "context")
        self.collected.invocations.append(found)

    def _built(self, call: Call, tool: Tool, names: dict[str, str], first: str) -> Invocation:
        options = self._options(call, names, first)
        context, file = last(options, "context"), last(options, "file")
        return Invocation(
            call.place,
            tool,
            options,
            file.text if file else None,
            context.text if context else None,
            target_of(options),
            "",
            Form.KEYS,
        )

    # ---------------------------------------------------------------------------------------------- values

    def _options(self, call: Call, names: dict[str, str], first: str | None = None) -> tuple[Option, ...]:
        """Keyword arguments as options, each item of a list and of a dict one; the first plain one is `first`."""
        found: list[Option] = []
        for number, given in enumerate(call.arguments):
            keyword = given.keyword if given.keyword is not None else first if number == 0 else None
            if keyword is not None:
                name = names.get(keyword) or keyword.replace("_", "-")
                found.extend(self._values(given, name, keyword))
        return tuple(found)

    def _values(self, given: Given, name: str, written: str) -> list[Option]:
        import libcst as cst

        node = given.value
        texts: list[tuple[str | None, str, Place]] = []
        if isinstance(node, cst.List | cst.Tuple):
            for element in node.elements:
                word = self._word(element.value)
                texts.append((word.value, word.text, word.place))
        elif isinstance(node, cst.Dict):
            for pair in node.elements:
                if isinstance(pair, cst.DictElement):
                    key, value = self._word(pair.key), self._word(pair.value)
                    text = f"{key.text}={value.text}"
                    texts.append((text if key.known and value.known else None, text, self.place(pair)))
        elif isinstance(node, cst.Name) and node.value in ("None", "False"):
            return []
        else:
            word = self._word(node)
            text = "true" if isinstance(node, cst.Name) and node.value == "True" else word.text
            known = text if word.known or text == "true" else None
            return [Option(name, known, given.place, given.value_place, written, given.removal, text)]
        alone = len(texts) == 1
        return [Option(name, v, p, p, written, given.removal if alone else None, t) for v, t, p in texts]

    def _word(self, node: libcst.BaseExpression) -> Argument:
        """An expression as a word: what is no plain string or number is not known."""
        import libcst as cst

        place = self.place(node)
        if isinstance(node, cst.SimpleString):
            value = node.evaluated_value
            text = value if isinstance(value, str) else value.decode("utf-8", "replace")
            script = self._script(node) if re.search(r"[\s;]", text) else None
            return Argument(text, True, place, script)
        if isinstance(node, cst.Integer | cst.Float):
            return Argument(node.value, True, place)
        written = self.document.data[place.start : place.end].decode("utf-8", "replace")
        return Argument(_inside_quotes(written) if isinstance(node, cst.FormattedString) else written, False, place)

    def _script(self, node: libcst.BaseExpression) -> Script | None:
        """A string as a script: expressions of an f-string become variables that nothing sets."""
        import libcst as cst

        parts = _strings(node)
        if not parts:
            return None
        mapped = MappedText(self.document.path)
        for part in parts:
            place = self.place(part)
            source = self.document.data[place.start : place.end].decode("latin-1")
            prefix = re.match(r"[a-zA-Z]*", source)
            letters = prefix[0].lower() if prefix else ""
            quotes = 3 if source[len(letters) : len(letters) + 3] in ("'''", '"""') else 1
            body = source[len(letters) + quotes : len(source) - quotes]
            if isinstance(part, cst.FormattedString):
                body = _FIELD.sub(
                    lambda found: "${" + "_" * (len(found[0]) - 3) + "}" if len(found[0]) > 3 else "${}", body
                )
            _add_string(mapped, body, place.start + len(letters) + quotes, raw="r" in letters)
        return mapped.script()


_FIELD = re.compile(r"(?<!\{)\{[^{}]+\}(?!\})")
_ESCAPE = re.compile(r"\\(\r?\n|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r"}


def _add_string(mapped: MappedText, body: str, start: int, *, raw: bool) -> None:
    at = 0
    escapes = [] if raw else list(_ESCAPE.finditer(body))
    for found in escapes:
        mapped.verbatim(body[at : found.start()], start + at)
        at = found.end()
        letter = str(found[1])
        if len(letter) > 1 and letter[0] in "xu":
            value = chr(int(letter[1:], 16)).encode("utf-8", "replace").decode("latin-1")
        else:
            value = "" if letter.endswith("\n") else _LETTERS.get(letter, letter)
        mapped.value(value, start + found.start(), start + found.end())
    mapped.verbatim(body[at:], start + at)


def _strings(node: libcst.BaseExpression) -> Sequence[libcst.BaseExpression]:
    """The pieces of a string literal, adjacent ones joined; nothing for any other expression."""
    import libcst as cst

    if isinstance(node, cst.SimpleString | cst.FormattedString):
        return (node,)
    if isinstance(node, cst.ConcatenatedString):
        return (*_strings(node.left), *_strings(node.right))
    return ()


def _inside_quotes(written: str) -> str:
    return re.sub(r"^[a-zA-Z]*(?:'''|\"\"\"|'|\")|(?:'''|\"\"\"|'|\")$", "", written)


def _dotted(node: libcst.BaseExpression) -> str:
    """`a.b.c` of a chain of names; a call in it counts as the name that is called."""
    import libcst as cst

    names: list[str] = []
    while True:
        if isinstance(node, cst.Attribute):
            names.append(node.attr.value)
            node = node.value
        elif isinstance(node, cst.Call):
            node = node.func
        else:
            names.append(node.value if isinstance(node, cst.Name) else "?")
            return ".".join(reversed(names))
