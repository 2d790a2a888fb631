"""What holds for any bytes at all."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.linter.dockerfile import Dockerfile, Instruction, grouping, parse
from ns_lint.linter.dockerfile.instructions import KEYWORDS
from ns_lint.linter.source import Document, Place, Script

PIECES = st.sampled_from(
    [
        *(
            b"FROM a\n",
            b"RUN ",
            b"COPY ",
            b"ENV ",
            b"ONBUILD ",
            b"HEALTHCHECK CMD ",
            b"# escape=`\n",
            b"#",
            b"\xef\xbb\xbf",
        ),
        *(b"\n", b"\r\n", b"\\\n", b"\\\r\n", b"`\n", b"<<A", b"<<-'B'", b"A\n", b"\tB\n", b'["a", "\\u00e9"]', b"[1]"),
        *(
            b"--mount=a ",
            b"--",
            b"=",
            b"a=b ",
            b"'",
            b'"',
            b"\\",
            b"$X",
            b"${X:-",
            b"}",
            b" ",
            b"\t",
            b"\xc2\xa0",
            b"\xff",
        ),
    ]
)
FILES = st.one_of(st.binary(max_size=200), st.lists(st.one_of(PIECES, st.binary(max_size=3))).map(b"".join))
PROFILE = settings(derandomize=True, deadline=None, max_examples=400)


def read(data: bytes) -> Dockerfile:
    return parse(Document("Dockerfile", data))


def each(dockerfile: Dockerfile) -> Iterator[Instruction]:
    for instruction in dockerfile.instructions:
        yield instruction
        if instruction.inner is not None:
            yield instruction.inner


@PROFILE
@given(FILES)
def test_any_bytes_can_be_read(data: bytes) -> None:
    dockerfile = read(data)
    assert dockerfile.windows in (True, False)
    assert dockerfile.instructions or dockerfile.problems
    for problem in dockerfile.problems:
        assert 0 <= problem.place.start <= problem.place.end <= len(data)


@PROFILE
@given(FILES)
def test_instructions_follow_each_other_and_leave_only_comments_between(data: bytes) -> None:
    end = 0
    for instruction in read(data).instructions:
        assert end <= instruction.place.start <= instruction.place.end
        assert all(_says_nothing(line) for line in data[end : instruction.place.start].splitlines())
        end = instruction.place.end
    assert all(_says_nothing(line) for line in data[end:].splitlines())


def _says_nothing(line: bytes) -> bool:
    text = line.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").strip(" \t\v\f\r\x85\xa0\u2003\\`")
    return not text or text.startswith("#")


@PROFILE
@given(FILES)
def test_every_character_of_a_script_stands_at_its_place(data: bytes) -> None:
    for instruction in each(read(data)):
        scripts = [instruction.script, instruction.shell_script, instruction.script_file]
        scripts += [text for heredoc in instruction.heredocs for text in (heredoc.body, heredoc.script)]
        for script in scripts:
            if script is not None:
                _check(data, script)


def _check(data: bytes, script: Script) -> None:
    written = bytes(data[script.source.offset(at)] for at in range(len(script.text)))
    assert written == script.text.encode("latin-1")


@PROFILE
@given(FILES)
def test_places_hold_what_they_are_places_of(data: bytes) -> None:
    for instruction in each(read(data)):
        within = instruction.place
        for place in _places(instruction):
            assert within.start <= place.start <= place.end <= within.end
        for word in () if instruction.exec_form else instruction.words():
            assert instruction.script.text[word.at : word.at + len(word.text)] == word.text


def _places(instruction: Instruction) -> Iterator[Place]:
    yield instruction.keyword_place
    yield instruction.arguments_place
    yield from (flag.place for flag in instruction.flags)
    yield from (flag.value_place for flag in instruction.flags if flag.value_place)
    yield from (word.place for word in instruction.words())
    yield from (pair.place for pair in instruction.pairs())
    yield from (heredoc.place for heredoc in instruction.heredocs)


@PROFILE
@given(FILES)
def test_dockerfile_parse_groups_instructions_as_the_scanner_does(data: bytes) -> None:
    instructions = read(data).instructions
    found = grouping.keywords([instruction.script.text for instruction in instructions])
    assert len(found) == len(instructions)
    for instruction, keyword in zip(instructions, found, strict=True):
        place = instruction.keyword_place
        if instruction.keyword in KEYWORDS and data[place.start : place.end].isascii():
            assert keyword == instruction.keyword
