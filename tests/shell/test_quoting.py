"""The script in a word: what it says, and where each of its characters stands."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.linter.shell.parse import parse
from ns_lint.linter.shell.quoting import word_script
from ns_lint.linter.shell.tree import Literal, Parameter, Part, Simple, Word
from ns_lint.linter.source import Script, SourceMap


def words(script: str) -> tuple[Word, ...]:
    node = parse(script).tree
    assert isinstance(node, Simple)
    return node.words


def characters(script: Script, text: str) -> str:
    """What stands in `text` at the places of the script's characters."""
    return "".join(text[script.source.offset(at)] for at in range(len(script.text)))


@pytest.mark.parametrize(
    ("outer", "value"),
    [
        ("sh -c 'mknod /x c 1 3'", "mknod /x c 1 3"),
        ('sh -c "echo \\"a\\" > \\$x"', 'echo "a" > $x'),
        ("sh -c mknod\\ /x' c 1 '3", "mknod /x c 1 3"),
        ("sh -c 'a'\"'\"'b'", "a'b"),
        ("sh -c 'a && \\\n b'", "a && \\\n b"),
        ('sh -c "a && \\\n b"', "a &&  b"),
        ("sh -c ''", ""),
    ],
)
def test_every_character_of_a_literal_word_has_its_place(outer: str, value: str) -> None:
    script = word_script(words(outer)[2], SourceMap.straight("f"))
    assert script is not None
    assert script.text == value
    assert characters(script, outer) == value


def test_an_inner_command_is_found_in_the_file_through_two_quotings_and_a_continuation() -> None:
    file = 'RUN sh -c "bash -c \'a; mkn\\\nod \\"/x\\" p\'"\n'
    joined = Script('sh -c "bash -c \'a; mknod \\"/x\\" p\'"', SourceMap("f", (0, 22), (4, 28)))
    outer = word_script(words(joined.text)[2], joined.source)
    assert outer is not None
    inner = word_script(words(outer.text)[2], outer.source)
    assert inner is not None
    assert inner.text == 'a; mknod "/x" p'
    place = inner.source.place(3, 15)
    assert file[place.start : place.end] == 'mkn\\\nod \\"/x\\" p'


def test_an_empty_script_stands_where_its_word_does() -> None:
    script = word_script(words("sh -c ''")[2], SourceMap.straight("f", 10))
    assert script is not None
    assert script.source.offset(0) == 17


def test_a_value_that_the_outer_shell_expands_stands_where_the_expansion_does() -> None:
    outer = 'sh -c "mknod $NODE c 1 3"'

    def value(part: Part) -> str | None:
        return "/dev/x" if isinstance(part, Parameter) else None

    script = word_script(words(outer)[2], SourceMap.straight("f"), value)
    assert script is not None
    assert script.text == "mknod /dev/x c 1 3"
    place = script.source.place(6, 12)
    assert outer[place.start : place.end] == "$NODE"
    place = script.source.place(0, len(script.text))
    assert outer[place.start : place.end] == "mknod $NODE c 1 3"


def test_a_value_that_is_not_known_makes_no_script() -> None:
    word = words('sh -c "mknod $NODE"')[2]
    assert word_script(word, SourceMap.straight("f")) is None
    assert word_script(word, SourceMap.straight("f"), lambda part: None) is None


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.text(st.sampled_from("ab '\"\\$`\n&;é*~!"), max_size=25).filter(lambda text: not text.endswith("\n")))
def test_quotes_are_removed_as_bash_removes_them(text: str) -> None:
    node = parse(f"printf %s {text}").tree
    if not isinstance(node, Simple) or len(node.words) != 3 or node.assignments or node.redirects:
        return
    word = node.words[2]
    if parse(f"printf %s {text}").problems or any(not isinstance(part, Literal) for part in word.parts):
        return
    if any(not part.quoted for part in word.parts if isinstance(part, Literal) and set(part.text) & set("*~")):
        return
    done = subprocess.run(["bash", "-c", f"printf %s {text}"], capture_output=True, check=False)
    assert done.stdout.decode() == word.literal
