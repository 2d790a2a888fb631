"""What stands where in a Dockerfile, whatever its lines are broken into."""

from __future__ import annotations

import pytest

from ns_lint.linter.dockerfile import Dockerfile, Instruction, parse
from ns_lint.linter.source import Document, Place


def read(data: bytes) -> Dockerfile:
    return parse(Document("Dockerfile", data))


def only(data: bytes) -> Instruction:
    """The first instruction after FROM."""
    return read(data).instructions[1]


def at(data: bytes, place: Place) -> bytes:
    return data[place.start : place.end]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"FROM a\nRUN b\n", [b"FROM a", b"RUN b"]),
        (b"\xef\xbb\xbfFROM a", [b"FROM a"]),
        (b"  FROM a\r\n\r\nRUN b\r\n", [b"FROM a", b"RUN b"]),
        (b"# c\nFROM a\n# c\nRUN b \\\n# c\n\n  c\nUSER d", [b"FROM a", b"RUN b \\\n# c\n\n  c", b"USER d"]),
        (b"FROM a\nRUN b \\\n# c\n", [b"FROM a", b"RUN b \\\n# c"]),
        (b"FROM a\nR\\\nUN b\n", [b"FROM a", b"R\\\nUN b"]),
        (b"FROM a\nRUN <<E\r\nb\r\nE\r\nUSER c\n", [b"FROM a", b"RUN <<E\r\nb\r\nE", b"USER c"]),
        (b"FROM a\nCOPY <<A <<-B /x/\n1\nA\n2\n\tB\n", [b"FROM a", b"COPY <<A <<-B /x/\n1\nA\n2\n\tB"]),
        (b"FROM a\nRUN \xff \\\n \xfe\n", [b"FROM a", b"RUN \xff \\\n \xfe"]),
    ],
)
def test_places_of_instructions(data: bytes, expected: list[bytes]) -> None:
    assert [at(data, instruction.place) for instruction in read(data).instructions] == expected


@pytest.mark.parametrize(
    ("data", "keyword", "place"),
    [
        (b"FROM a\nrun b\n", "RUN", b"run"),
        (b"FROM a\n \tW\\\nORKDIR /x\n", "WORKDIR", b"W\\\nORKDIR"),
        (b"FROM a\nwor\xe2\x84\xaadir /x\n", "WORKDIR", b"wor\xe2\x84\xaadir"),
        (b"FROM a\nFoo b\n", "Foo", b"Foo"),
    ],
)
def test_keywords(data: bytes, keyword: str, place: bytes) -> None:
    instruction = only(data)
    assert instruction.keyword == keyword
    assert at(data, instruction.keyword_place) == place


def test_lines_are_those_that_buildkit_prints() -> None:
    data = b"# c\n\nFROM a\n\\\nRUN b \\\n\n# c\n c <<E\nE\n\nUSER d"
    found = [(instruction.line, instruction.end_line) for instruction in read(data).instructions]
    assert found == [(3, 3), (4, 9), (11, 11)]


def test_a_joined_text_keeps_the_place_of_every_character() -> None:
    data = b"\xef\xbb\xbfFROM a\r\nRUN a \\\r\n # c\r\n\tb\\\r\nc \xc3\xa9\r\n"
    script = only(data).script
    assert script.text == "RUN a \tbc \xc3\xa9"
    assert [data[script.source.offset(index)] for index in range(len(script.text))] == [ord(c) for c in script.text]


def test_flags_have_places_for_themselves_and_their_values() -> None:
    data = b"FROM a\nRUN --network=host \\\n  --mou'nt=type=b'ind --x -- --y b\n"
    instruction = only(data)
    found = [(flag.name, flag.value, at(data, flag.place)) for flag in instruction.flags]
    assert found == [
        ("network", "host", b"--network=host"),
        ("mount", "type=bind", b"--mou'nt=type=b'ind"),
        ("x", None, b"--x"),
    ]
    assert [flag.value_place and at(data, flag.value_place) for flag in instruction.flags] == [
        b"host",
        b"type=b'ind",
        None,
    ]
    assert instruction.arguments == "--y b"
    assert at(data, instruction.arguments_place) == b"--y b"


def test_the_last_flag_of_a_name_counts() -> None:
    instruction = only(b"FROM a\nCOPY --exclude=b --link --exclude=c d e\n")
    flag = instruction.flag("exclude")
    assert flag is not None
    assert flag.value == "c"
    assert instruction.flag("chown") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("COPY --link a  b\tc/", ["a", "b", "c/"]),
        ("COPY 'a b' c", ["'a", "b'", "c"]),
        ('COPY ["a b", "c\\u0020d"]', ["a b", "c d"]),
        ("USER  a:b c ", ["a:b c"]),
        ("WORKDIR /a b", ["/a b"]),
        ("EXPOSE 80 81/udp", ["80", "81/udp"]),
        ("ARG A B='c d' C=e\\ f", ["A", "B='c d'", "C=e\\ f"]),
        ("ENV A=1 B=$C", ["A=1", "B=$C"]),
        ("HEALTHCHECK --retries=1 CMD a b", ["CMD", "a b"]),
        ('HEALTHCHECK CMD ["a", "b"]', ["CMD", "a", "b"]),
        ("HEALTHCHECK NONE", ["NONE"]),
        ("RUN a && b", ["a && b"]),
        ("RUN", []),
        ("FOO a", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    instruction = only(f"FROM a\n{text}\n".encode())
    assert [word.text for word in instruction.words()] == words


def test_words_have_places_and_offsets() -> None:
    data = b"FROM a\nCOPY --chown=1:2 \\\n  \xc3\xa9\\\nb \\\n c\n"
    instruction = only(data)
    words = instruction.words()
    assert [at(data, word.place) for word in words] == [b"\xc3\xa9\\\nb", b"c"]
    assert [instruction.script.text[word.at : word.at + len(word.text)] for word in words] == ["\xc3\xa9b", "c"]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("ENV A=1 B='2 3'", [(b"A", b"1"), (b"B", b"'2 3'")]),
        ("ENV A b  c", [(b"A", b"b  c")]),
        ("ENV A=b=c", [(b"A", b"b=c")]),
        ("ENV A=", [(b"A", b"")]),
        ("ENV A=1 \\\n  # c\n  B=2", [(b"A", b"1"), (b"B", b"2")]),
        ("LABEL 'a b'=c", [(b"'a b'", b"c")]),
        ("ARG A B= C=d", [(b"A", None), (b"B", b""), (b"C", b"d")]),
        ("ENV A", []),
        ("ENV", []),
        ("USER a=b", []),
    ],
)
def test_pairs(text: str, pairs: list[tuple[bytes, bytes | None]]) -> None:
    data = f"FROM a\n{text}\n".encode()
    found = only(data).pairs()
    assert [(at(data, pair.key.place), pair.value and at(data, pair.value.place)) for pair in found] == pairs


def test_a_pair_s_place_holds_key_and_value() -> None:
    data = b"FROM a\nENV  A b c \nENV A=1 B=2\n"
    assert [at(data, pair.place) for i in read(data).instructions for pair in i.pairs()] == [b"A b c", b"A=1", b"B=2"]


def test_onbuild_holds_an_instruction_of_its_own() -> None:
    data = b"FROM a\nONBUILD COPY --from=b \\\n c <<E d\n1\nE\n"
    outer = only(data)
    assert outer.keyword == "ONBUILD"
    inner = outer.inner
    assert inner is not None
    assert inner.keyword == "COPY"
    assert at(data, inner.place) == b"COPY --from=b \\\n c <<E d\n1\nE"
    assert [at(data, flag.place) for flag in inner.flags] == [b"--from=b"]
    assert [word.text for word in inner.words()] == ["c", "<<E", "d"]
    assert inner.heredocs == outer.heredocs
    assert inner.inner is None


def test_directives() -> None:
    data = b"\xef\xbb\xbf#syntax = docker/dockerfile:1 \r\n# Escape=`\n# check=skip=all\n# escape=\\\nFROM a\n"
    dockerfile = read(data)
    assert [(d.name, d.value, at(data, d.place)) for d in dockerfile.directives] == [
        ("syntax", "docker/dockerfile:1", b"docker/dockerfile:1"),
        ("escape", "`", b"`"),
        ("check", "skip=all", b"skip=all"),
    ]
    assert dockerfile.escape == "`"
    assert [at(data, problem.place) for problem in dockerfile.problems] == [b"\\"]


def test_exec_form() -> None:
    data = b'FROM a\nRUN --network=none ["sh", "-c", \\\n # c\n "echo \\"\\u00e9\\n\\ud83d\\ude00\\" > \xc3\xa9"] \n'
    instruction = only(data)
    words = instruction.exec_form
    assert words is not None
    assert [word.value.encode("latin-1").decode() for word in words] == [
        "sh",
        "-c",
        'echo "\u00e9\n\U0001f600" > \u00e9',
    ]
    assert [at(data, word.place) for word in words][:2] == [b'"sh"', b'"-c"']
    value, source = words[2].script
    echo = value.index("echo")
    assert at(data, source.place(echo, echo + 4)) == b"echo"
    assert data[source.offset(value.index('"'))] == ord('"')
    assert data[source.offset(value.index("\n"))] == ord("n")
    assert at(data, source.place(value.rindex(">"), len(value))) == b"> \xc3\xa9"


@pytest.mark.parametrize("text", ["[ -f /a ] && b", '["a"] && b', "['a']", '["a",]', "[NaN]", '["a\\x"]', '["a" "b"]'])
def test_what_is_no_json_array_is_for_the_shell(text: str) -> None:
    instruction = only(f"FROM a\nRUN {text}\n".encode())
    assert instruction.exec_form is None
    assert instruction.shell_script is not None
    assert instruction.shell_script.text == text


def test_heredocs() -> None:
    data = b"FROM a\nRUN a <<'A' 3<<-B\n1\nA\n\t\t2\n\t 3\n\tB\nUSER b\n"
    first, second = only(data).heredocs
    assert (first.name, first.fd, first.strip_tabs, first.expand) == ("A", 0, False, False)
    assert (second.name, second.fd, second.strip_tabs, second.expand) == ("B", 3, True, True)
    assert (at(data, first.place), at(data, first.end)) == (b"1\n", b"A")
    assert (at(data, second.place), at(data, second.end)) == (b"\t\t2\n\t 3\n", b"\tB")
    assert second.body.text == "\t\t2\n\t 3\n"
    assert second.script.text == "2\n 3\n"
    assert at(data, second.script.source.place(0, 1)) == b"2"
    assert at(data, second.script.source.place(2, 4)) == b" 3"
    assert first.terminated
    assert second.terminated


def test_an_unterminated_heredoc_takes_the_rest() -> None:
    data = b"FROM a\nRUN <<A\nUSER b\n"
    dockerfile = read(data)
    heredoc = dockerfile.instructions[-1].heredocs[0]
    assert at(data, heredoc.place) == b"USER b\n"
    assert not heredoc.terminated
    assert [problem.message for problem in dockerfile.problems] == ["unterminated heredoc A"]


def test_lines_stay_linear_in_time() -> None:
    from time import process_time

    before = process_time()
    data = b"FROM a\nRUN true <<A" + b" \\\n  && echo 'some words'" * 100_000 + b"\nA\n"
    assert len(read(data).instructions) == 2
    assert len(read(b"# check=a\n" * 100_000 + b"FROM a\n").problems) == 1
    assert len(read(b"FROM a\nENV" + b" \\\n A=b" * 50_000).instructions[1].pairs()) == 50_000
    assert process_time() - before < 20
