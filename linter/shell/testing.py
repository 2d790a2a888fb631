"""`test`, `[` and `[[`: what they say, where that can be known, and the paths they look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..command import Argument, Command
from ..devices import NODES, STANDARD, is_absent

Made = Callable[[str], "bool | None"]

_FILE_TESTS = frozenset(("-e", "-d", "-f", "-r", "-w", "-x", "-s", "-b", "-c", "-h", "-L", "-a"))


def test_paths(command: Command) -> Iterator[tuple[Argument, str]]:
    """The paths that a test needs to find; a path behind `!` is not needed."""
    words = _words(command)
    for number, word in enumerate(words[:-1]):
        negated = number and words[number - 1].text == "!"
        if word.text in _FILE_TESTS and not negated and (path := command.path(words[number + 1])):
            yield words[number + 1], path


def test_result(command: Command, made: Made) -> bool | None:
    """Whether the test holds, None when it hangs on files or on values that are not known.

    `made` says of a path whether the build put something there, or took it away.
    """
    words = _words(command)
    negated = False
    while words and words[0].text == "!" and words[0].known:
        negated = not negated
        words = words[1:]
    result = _result(command, words, made)
    return result if result is None or not negated else not result


def asks_for_failure(command: Command) -> bool | None:
    """Whether `[ $? … 0 ]` asks if the last command failed; None when it asks something else."""
    match [word.text for word in _words(command)]:
        case ["$?", "-ne" | "!=" | "-gt", "0"] | ["0", "-ne" | "!=" | "-lt", "$?"]:
            return True
        case ["$?", "-eq" | "=" | "==", "0"] | ["0", "-eq" | "=" | "==", "$?"]:
            return False
        case _:
            return None


def _words(command: Command) -> tuple[Argument, ...]:
    words = command.argv[1:]
    return words[:-1] if words and words[-1].text in ("]", "]]") else words


def _result(command: Command, words: tuple[Argument, ...], made: Made) -> bool | None:
    if not all(word.known for word in words):
        return None
    texts = [word.text for word in words]
    match texts:
        case []:
            return False
        case [text]:
            return bool(text)
        case ["-n", text]:
            return bool(text)
        case ["-z", text]:
            return not text
        case [str(test), _] if test in _FILE_TESTS and (path := command.path(words[1])) and path.startswith("/dev/"):
            return _device(path, test, made)
        case [left, "=" | "==", right] if not any(char in right for char in "*?["):
            return left == right
        case [left, "!=", right] if not any(char in right for char in "*?["):
            return left != right
        case [left, "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" as how, right]:
            return _compare(left, how, right)
        case _:
            return None


def _device(path: str, test: str, made: Made) -> bool | None:
    """A step's /dev is a tmpfs with the standard nodes; what the step itself changed there may have been refused."""
    if made(path) is not None:
        return None
    if is_absent(path):
        return False
    return True if (path in STANDARD and test == "-e") or (path in NODES and test == "-c") else None


def _compare(left: str, how: str, right: str) -> bool | None:
    try:
        a, b = int(left), int(right)
    except ValueError:
        return None
    return {"-eq": a == b, "-ne": a != b, "-lt": a < b, "-le": a <= b, "-gt": a > b, "-ge": a >= b}[how]
