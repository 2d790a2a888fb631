"""Words keep their value through reading, cutting and writing, as a real shell sees it."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.fixes.apply import plan
from ns_lint.fixes.kaniko.convert import conversions
from ns_lint.fixes.kaniko.quoting import NotRead, Words, is_opaque
from ns_lint.fixes.kaniko.translate import translate
from ns_lint.linter.formats import read_config
from ns_lint.linter.source import Document

from .test_convert import JOBS

READ = [
    ('"$A/b:$T"', "␀/b:␀", '"$A/b:$T"'),
    ("'a b'", "a b", "'a b'"),
    ('$X"y"', "␀y", '"${X}y"'),
    ('--build-arg="A=x y"', "--build-arg=A=x y", "--build-arg='A=x y'"),
    ("A='x $y'", "A=x $y", "'A=x $y'"),
    ('"${X:-"a b"}"', "␀", '"${X:-"a b"}"'),
    ("$(date +%s)", "␀", '"$(date +%s)"'),
    ("`id`", "␀", '"`id`"'),
    ('"$@"', "␀", '"$@"'),
    ('"{{x}}/$(params.y)"', "␀/␀", '"{{x}}/$(params.y)"'),
    ("a\\ b", "a b", "'a b'"),
    ("tür", "tür", "'tür'"),
    ("--flag=", "--flag=", "--flag="),
    ('""', "", "''"),
]


@pytest.mark.parametrize(("raw", "read", "written"), READ)
def test_reads_and_writes(raw: str, read: str, written: str) -> None:
    words = Words()
    value = words.read(raw)
    assert "".join("␀" if is_opaque(char) else char for char in value) == read
    assert words.write(value) == written


@pytest.mark.parametrize("raw", ["~/x", "a b", "a; b", "\U000f0000"])
def test_does_not_read(raw: str) -> None:
    with pytest.raises(NotRead):
        Words().read(raw)


VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r", max_codepoint=0xFFFF), max_size=12)
QUIET = settings(derandomize=True, deadline=None, max_examples=60)


@QUIET
@given(st.lists(VALUES, min_size=1, max_size=5))
def test_a_shell_sees_what_was_written(values: list[str]) -> None:
    words = Words()
    script = "printf '%s\\0' " + " ".join(words.write(value) for value in values)
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == values


@QUIET
@given(st.lists(VALUES.filter(bool), min_size=1, max_size=4))
def test_build_arguments_are_carried_over(values: list[str]) -> None:
    argv = ["--no-push", *(word for value in values for word in ("--build-arg", f"A={value}"))]
    assert [w for w in translate(argv).argv if "build-arg" in w] == [f"--opt=build-arg:A={value}" for value in values]


@settings(derandomize=True, deadline=None, max_examples=120)
@given(st.sampled_from(sorted(JOBS)), st.data())
def test_no_text_makes_it_crash(job: str, data: st.DataObject) -> None:
    """Whatever is cut out of a job or doubled in it: it is converted, or left to a person."""
    path, text, _ = JOBS[job]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    middle = data.draw(st.sampled_from(["", "\n", '"', "'", " ", "${", "&& ", "| "]))
    changed = Document(path, (text[:start] + middle + text[end:]).encode())
    config = read_config(changed)
    fixes = [one.fix for one in conversions(config) if one.fix] if config is not None else []
    plan(fixes, lambda _: changed.data, allow_unsafe=True)
