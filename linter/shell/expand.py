"""Word expansion: what arguments a word becomes, as far as its variables are known.

An unset variable is not known (a base image may set it), unless the script itself gives a default: `${X:-d}` is `d`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import translate
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ..command import Argument
from ..source import Script, SourceMap
from .quoting import word_script
from .tree import Arithmetic, Literal, Parameter, Part, Substitution, Word

if TYPE_CHECKING:
    import ast

Variables = Mapping[str, str | None]
"""Names to values; None is set, to something that is not known."""

Arrays = Mapping[str, tuple[Argument, ...]]

MAX_FIELDS = 2000
"""A value is not split into more fields than this."""

MAX_CUT = 4096
"""`${name#pattern}` of a longer value is not known, since every prefix is tried."""

_BLANKS = re.compile(r"[ \t\n]+")
_NAMES = re.compile(r"\$?\{?([A-Za-z_]\w*)\}?", re.ASCII)


class Text(NamedTuple):
    """A piece of an expanded word. What is not `known` stands there as it was written."""

    text: str
    known: bool
    splits: bool


class Expander:
    """Expands words of one script.

    `parameters` are the script's own arguments (None: not known), `arrays` those of bash. `output` says what a command
    substitution prints, None when that is not known.
    """

    def __init__(
        self,
        text: str,
        source: SourceMap,
        variables: Variables,
        parameters: tuple[Argument, ...] | None = None,
        arrays: Arrays = MappingProxyType({}),
        output: Callable[[Substitution], str | None] = lambda _: None,
    ) -> None:
        self.text = text
        self.source = source
        self.variables = variables
        self.parameters = parameters
        self.arrays = arrays
        self.output = output

    def arguments(self, word: Word) -> list[Argument]:
        """The arguments a word becomes: unquoted values are split at blanks, and may vanish."""
        place = self.source.place(word.start, word.end)
        if (literal := word.literal) is not None:
            return [Argument(_utf8(literal), True, place, self._script(word, literal))]
        if len(word.parts) == 1 and (values := self._list(word.parts[0])) is not None:
            return list(values)
        fields: list[Argument] = []
        current: list[str] = []
        known = True
        started = False
        for part, piece in ((part, self._piece(part)) for part in word.parts):
            if not piece.splits or not piece.known:
                started = started or bool(piece.text) or part.quoted
                current.append(piece.text)
                known = known and piece.known
                continue
            chunks = _BLANKS.split(piece.text, MAX_FIELDS)
            for index, chunk in enumerate(chunks):
                if index and started:
                    fields.append(Argument(_utf8("".join(current)), known, place))
                    current, known, started = [], True, False
                if chunk:
                    current.append(chunk)
                    started = True
        if started:
            text = "".join(current)
            script = self._script(word, text) if not fields else None
            fields.append(Argument(_utf8(text), known, place, script))
        return fields

    def _list(self, part: Part) -> tuple[Argument, ...] | None:
        """What `$@`, `$*` and `${array[@]}` stand for, where that is known."""
        if not isinstance(part, Parameter):
            return None
        if part.name in ("@", "*") and not part.operator:
            return self.parameters
        if part.operator == "subscript" and part.argument is not None and part.argument.literal in ("[@]", "[*]"):
            return self.arrays.get(part.name)
        return None

    def _script(self, word: Word, text: str) -> Script | None:
        if len(text) == word.end - word.start and not any(blank in text for blank in " \t\n;"):
            return None
        return self.script(word)

    def value(self, word: Word | None) -> str | None:
        """The word's value without splitting, None when it is not known."""
        if word is None:
            return ""
        pieces = [self._piece(part) for part in word.parts]
        if not all(piece.known for piece in pieces):
            return None
        return _utf8("".join(piece.text for piece in pieces))

    def argument(self, word: Word) -> Argument:
        """The word as one argument, as a redirect's target or an assignment's value is."""
        pieces = [self._piece(part) for part in word.parts]
        text = _utf8("".join(piece.text for piece in pieces))
        return Argument(text, all(piece.known for piece in pieces), self.source.place(word.start, word.end))

    def script(self, word: Word) -> Script | None:
        """The word's value as a script; what is not known stands in it as it was written."""
        return word_script(word, self.source, lambda part: self._piece(part).text)

    def _piece(self, part: Part) -> Text:
        if isinstance(part, Literal):
            return Text(_home(part, self.variables), True, False)
        value = self._expanded(part)
        if value is None:
            return Text(self.text[part.start : part.end], False, not part.quoted)
        return Text(value, True, not part.quoted)

    def _expanded(self, part: Parameter | Substitution | Arithmetic) -> str | None:
        if isinstance(part, Arithmetic):
            return arithmetic(part.expression, self.variables)
        if isinstance(part, Substitution):
            return self.output(part)
        return self._parameter(part)

    def _parameter(self, part: Parameter) -> str | None:
        name, how = part.name, part.operator
        if how == "subscript":
            return self._element(name, part.argument)
        is_set, value = self._variable(name)
        if how in (":-", "-", ":=", "="):
            if is_set and value is None:
                return None
            use_default = not is_set or (how.startswith(":") and value == "")
            return self.value(part.argument) if use_default else value
        if how in (":+", "+"):
            if not is_set:
                return ""
            if value is None:
                return None
            return "" if how == ":+" and value == "" else self.value(part.argument)
        if value is None:
            return None
        return _modified(value, how, self.value(part.argument))

    def _variable(self, name: str) -> tuple[bool, str | None]:
        """Whether a variable or parameter is set for sure, and its value."""
        parameters = self.parameters
        if name == "BASH_SOURCE":
            return True, self.variables.get("BASH_SOURCE", self.variables.get("0"))
        if name.isdecimal() and name != "0":
            if parameters is None:
                return True, None
            number = int(name) - 1
            return (True, parameters[number].value) if number < len(parameters) else (False, "")
        if name in ("#", "@", "*"):
            if parameters is None or not all(parameter.known for parameter in parameters):
                return True, None
            texts = [parameter.text for parameter in parameters]
            return bool(texts) or name == "#", str(len(texts)) if name == "#" else " ".join(texts)
        return name in self.variables, self.variables.get(name)

    def _element(self, name: str, subscript: Word | None) -> str | None:
        """`${array[number]}`."""
        number = subscript.literal if subscript is not None else None
        if number == "[0]" and name == "BASH_SOURCE":
            return self._variable(name)[1]
        if number is None or not number[1:-1].isdecimal() or name not in self.arrays:
            return None
        values = self.arrays[name]
        return values[int(number[1:-1])].value if int(number[1:-1]) < len(values) else ""


def _modified(value: str, how: str, argument: str | None) -> str | None:
    """`value` as `${name<how><argument>}` gives it."""
    if how in ("", ":?", "?"):
        return value
    if how == "length":
        return str(len(value))
    if argument is None or how not in ("#", "##", "%", "%%") or len(value) > MAX_CUT:
        return None
    pattern = re.compile(translate(argument), re.DOTALL)
    lengths = range(len(value) + 1)
    if how[0] == "#":
        ends = lengths if how == "#" else reversed(lengths)
        return next((value[end:] for end in ends if pattern.match(value[:end])), value)
    starts = reversed(lengths) if how == "%" else lengths
    return next((value[:start] for start in starts if pattern.match(value[start:])), value)


def arithmetic(expression: str, variables: Variables) -> str | None:
    """The value of `$((expression))` over integers, None when it is not known or not understood."""
    unknown = False

    def number(match: re.Match[str]) -> str:
        nonlocal unknown
        value = variables.get(match[1])
        if value is None or not re.fullmatch(r"-?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)", value):
            unknown = True
            return "0"
        return f"({_octal(value)})"

    text = _NAMES.sub(number, _octal(expression)).replace("/", "//").strip()
    if unknown or len(text) > 200:
        return None
    import ast  # 3 ms that most scripts do not need

    try:
        return str(_evaluate(ast.parse(text, mode="eval").body))
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError):
        return None


def _octal(text: str) -> str:
    """C's octal numbers, in Python's spelling."""
    return re.sub(r"(?<![\w$])0([0-7]+)\b", r"0o\1", text)


def _evaluate(node: ast.expr) -> int:
    import ast

    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_evaluate(node.operand)
    if not isinstance(node, ast.BinOp):
        raise ValueError(ast.dump(node))
    left, right = _evaluate(node.left), _evaluate(node.right)
    match node.op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.FloorDiv():
            return int(left / right)
        case ast.Mod():
            return left - right * int(left / right)
        case _:
            raise ValueError(ast.dump(node))


def _home(part: Literal, variables: Variables) -> str:
    if not part.quoted and (part.text == "~" or part.text.startswith("~/")):
        return (variables.get("HOME") or "/root") + part.text[1:]
    return part.text


def _utf8(text: str) -> str:
    return text if text.isascii() else text.encode("latin-1", "replace").decode("utf-8", "surrogateescape")
