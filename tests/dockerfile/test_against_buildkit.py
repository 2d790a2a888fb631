"""The room against BuildKit's own parser: hand-made edge files, real Dockerfiles of the Go module cache, mutations."""

from __future__ import annotations

import base64
import json
import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypedDict

import pytest

from ns_lint.linter.dockerfile import Dockerfile, Instruction, expand, parse, spaces
from ns_lint.linter.dockerfile.instructions import KEYWORDS
from ns_lint.linter.source import Document

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "tests/oracles/dockerfile"
CASES = int(os.environ.get("NS_LINT_FUZZ_CASES", "3000"))
SEED = int(os.environ.get("NS_LINT_FUZZ_SEED", "1"))


class HeredocAnswer(TypedDict):
    Name: str
    FD: int
    Expand: bool
    Chomp: bool
    Body: str
    Chomped: str


class NodeAnswer(TypedDict):
    Keyword: str
    Text: str
    Flags: list[str] | None
    Words: list[str] | None
    JSON: bool
    Start: int
    End: int
    Heredocs: list[HeredocAnswer] | None
    Inner: NodeAnswer | None


class Answer(TypedDict):
    ParseError: str
    InstructionError: str
    Escape: str
    Nodes: list[NodeAnswer] | None
    Value: str
    WordError: str
    Unset: list[str] | None


class Oracle:
    """BuildKit, asked in one go."""

    def __init__(self, program: Path) -> None:
        self._program = program

    def ask(self, questions: Iterable[Mapping[str, object]]) -> list[Answer]:
        lines = "\n".join(json.dumps(question) for question in questions)
        run = subprocess.run([self._program], input=lines.encode(), capture_output=True, check=True)
        return [json.loads(line) for line in run.stdout.splitlines()]

    def read(self, files: Iterable[bytes]) -> list[Answer]:
        return self.ask({"Dockerfile": _base64(data)} for data in files)


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    """Built on demand; NS_LINT_DOCKERFILE_ORACLE names another place for it."""
    program = Path(os.environ.get("NS_LINT_DOCKERFILE_ORACLE", ROOT / ".lab/bin/dockerfile-oracle"))
    newest = max(path.stat().st_mtime for path in SOURCE.iterdir())
    if program.exists() and program.stat().st_mtime >= newest:
        return Oracle(program)
    if shutil.which("go") is None:
        _cannot("Go is missing: without it BuildKit's parser cannot be built to compare with")
    program.parent.mkdir(parents=True, exist_ok=True)
    build = subprocess.run(["go", "build", "-o", program, "."], cwd=SOURCE, capture_output=True, text=True, check=False)
    if build.returncode:
        _cannot(f"BuildKit's parser cannot be built to compare with: {build.stderr}")
    return Oracle(program)


def _cannot(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)


# ---------------------------------------------------------------------------------------------- what is compared


class Reading(NamedTuple):
    """An instruction, as either side sees it."""

    keyword: bytes
    text: bytes
    flags: list[bytes]
    words: list[bytes]
    json: bool
    lines: tuple[int, int]
    heredocs: list[tuple[bytes, int, bool, bool, bytes, bytes]]
    inner: Reading | None


def theirs(node: NodeAnswer, inside: bool = False) -> Reading:
    keyword = _bytes(node["Keyword"]).decode("latin-1")
    upper = spaces.fold(keyword).upper()
    known = upper in KEYWORDS
    return Reading(
        (upper if known else keyword).encode("latin-1"),
        _bytes(node["Text"]),
        [_bytes(flag) for flag in node["Flags"] or ()],
        [_bytes(word) for word in node["Words"] or ()] if known else [],
        node["JSON"],
        (0, 0) if inside else (node["Start"], node["End"]),
        [
            (_bytes(h["Name"]), h["FD"], h["Expand"], h["Chomp"], _bytes(h["Body"]), _bytes(h["Chomped"]))
            for h in node["Heredocs"] or ()
        ],
        theirs(node["Inner"], inside=True) if node["Inner"] else None,
    )


def ours(instruction: Instruction, inside: str | None = None) -> Reading:
    """`inside` is the text of an instruction within ONBUILD."""
    found = [
        (h.name, h.fd, h.expand, h.strip_tabs, h.body.text, h.script.text)
        for h in (instruction.heredocs if inside is None else ())
    ]
    inner = instruction.inner
    return Reading(
        instruction.keyword.encode("latin-1"),
        (instruction.script.text if inside is None else inside).encode("latin-1"),
        [(f"--{flag.name}" + ("" if flag.value is None else f"={flag.value}")).encode() for flag in instruction.flags],
        _words(instruction),
        instruction.exec_form is not None,
        (instruction.line, instruction.end_line) if inside is None else (0, 0),
        [
            (name.encode("latin-1"), fd, expanded, chomp, body.encode("latin-1"), script.encode("latin-1"))
            for name, fd, expanded, chomp, body, script in found
        ],
        ours(inner, instruction.arguments) if inner else None,
    )


def _words(instruction: Instruction) -> list[bytes]:
    if instruction.keyword not in ("ENV", "LABEL"):
        words = [word.text for word in instruction.words()]
        if instruction.keyword == "ARG":
            words = [_as_runes(word) for word in words]
        return [word.encode("latin-1") for word in words]
    found: list[str] = []
    for pair in instruction.pairs():
        assert pair.value is not None
        if "=" in instruction.words()[0].text:
            found += _as_runes(pair.key.text), _as_runes(pair.value.text), "="
        else:
            found += pair.key.text, pair.value.text, ""
    return [word.encode("latin-1") for word in found]


def _as_runes(text: str) -> str:
    return spaces.encode(spaces.decode(text))


def compare(data: bytes, answer: Answer) -> None:
    dockerfile = parse(Document("Dockerfile", data))
    refused = answer["ParseError"] or answer["InstructionError"]
    problems = [problem.message for problem in dockerfile.problems]
    assert bool(problems) == bool(refused), (data, problems, refused)
    if not answer["ParseError"]:
        assert dockerfile.escape == answer["Escape"], data
        read = [ours(instruction) for instruction in dockerfile.instructions]
        assert read == [theirs(node) for node in answer["Nodes"] or ()], data
    check_places(dockerfile)


def check_places(dockerfile: Dockerfile) -> None:
    """Every character of a joined text is the byte at its place, and instructions follow each other."""
    data = dockerfile.document.data.decode("latin-1")
    end = 0
    for instruction in dockerfile.instructions:
        assert end <= instruction.place.start <= instruction.place.end <= len(data), data
        end = instruction.place.end
        texts = [instruction.script, *(h.script for h in instruction.heredocs), *(h.body for h in instruction.heredocs)]
        for text, source in texts:
            assert "".join(data[source.offset(at)] for at in range(len(text))) == text, data


# ---------------------------------------------------------------------------------------------- files

EDGES = [
    b"",
    b"\n\n",
    b"# nothing\n",
    b"\xef\xbb\xbf",
    b"\xef\xbb\xbfFROM a\n",
    b"\xef\xbb\xbf# escape=`\nFROM a\nRUN b `\n c\n",
    b" \xef\xbb\xbfFROM a\n",
    b"# escape=`\nFROM a\nRUN dir C:\\\nRUN x `\n  y\n",
    b"#escape = ` \nFROM a\nCOPY a`\n b\n",
    b"# ESCAPE=`\r\nFROM a\r\nRUN a `\r\n b\r\n",
    b"# escape=x\nFROM a\n",
    b"# escape=`\n# escape=\\\nFROM a\n",
    b"# escape=\nFROM a\n",
    b"# escape=   \nFROM a\n",
    b"# check=skip=all\n# escape=`\nFROM a\nRUN a `\nb\n",
    b"# syntax=docker/dockerfile:1\n# syntax=docker/dockerfile:1\nFROM a\n",
    b"# other=1\n# escape=`\nFROM a\nRUN a `\n",
    b"\n# escape=`\nFROM a\nRUN a `\n b\n",
    b"# a comment\n# escape=`\nFROM a\nRUN a `\n",
    b"FROM a\n# escape=`\nRUN a `\n",
    b"# syntax=" + b" " * 5000 + b"x y\nFROM a\n",
    b"FROM a\r\nRUN b \\\r\n  c\r\nRUN d\r\n",
    b"FROM a\rRUN b\r",
    b"FROM a\nRUN b\r\r\n",
    b"FROM a\nRUN a \\\n# comment\n b \\\n\n c\n",
    b"FROM a\nRUN a \\\n   # indented\n\n\n   b\nRUN c",
    b"FROM a\nRUN a \\",
    b"FROM a\nRUN a \\\n",
    b"FROM a\nRUN a \\\n# end\n",
    b"FROM a\nRUN a \\\n\n\n",
    b"FROM a\n\\\n",
    b"FROM a\n\\",
    b"\\\nFROM a\n",
    b"FROM a\nR\\\nUN x\n",
    b"FROM \\\n a \\\n AS b\n",
    b"FROM a\nRUN a \\\\\nRUN b\n",
    b"FROM a\nRUN a \\\\\\\nRUN b\n",
    b"FROM a\nRUN a \\ \t \n b\n",
    b"FROM a\nRUN a \\\x0b\nb\n",
    b"FROM a\nRUN a\\\nb\\\nc\n",
    b"FROM a\nRUN\ta\nRUN\x0bb\nRUN\x0cc\n",
    b"FROM a\nRUN\xc2\xa0a\n",
    b"\xc2\xa0FROM a\n",
    b"FROM\xe2\x80\x83a\n",
    b"FROM a\xe3\x80\x80\nRUN b \xc2\x85\n",
    b"FROM a\nRUN x\x00y\nRUN \xff\xfe\n",
    b"FROM a\nRUN\n",
    b"FROM a\nRUN \nCMD\nENTRYPOINT\nSHELL\n",
    b"from a\nrun b\nRuN c\n",
    b"FROM a\nENTRYPO\xc4\xb0NT a\nWOR\xe2\x84\xaaDIR /x\n",
    b"FROM a\nFOO bar\n",
    b"FROM a\nRUN--mount=x y\n",
    b"RUN a\nFROM b\n",
    b"ARG A\nFROM b\n",
    b"ARG A=1\n",
    b"FROM\n",
    b"FROM a b\nFROM a AS 1x\nFROM a as x.y-z_\n",
    b"FROM --platform=linux/amd64 a AS b\n",
    b"FROM --platform a\n",
    b"FROM --platform=a --platform=b c\n",
    b"FROM a\nRUN --mount=type=bind,from=$X true\n",
    b"FROM a\nRUN --mount=type=bind,from=x$ true\n",
    b"FROM a\nRUN --mount=type=cache,target=/x --mount=type=tmpfs,target=/y --network=none --security=insecure x\n",
    b'FROM a\nRUN --mount="type=cache,target=/x" x\n',
    b'FROM a\nRUN --mount=type=cache,\\"target=/x,y\\",ro x\n',
    b'FROM a\nRUN --mount=a\\"b x\n',
    b"FROM a\nRUN --mount= x\n",
    b"FROM a\nRUN --network=x y\nRUN --security=y z\n",
    b"FROM a\nRUN --foo x\n",
    b"FROM a\nRUN -- --foo x\n",
    b"FROM a\nRUN --network=host -- --foo x\n",
    b"FROM a\nRUN --\n",
    b"FROM a\nRUN --network=no\\\n  ne x\n",
    b"FROM a\nRUN --network=no'ne' x\n",
    b"FROM a\nRUN --mount=a=\xc3\xa0 x\n",
    b"FROM a\nRUN --mount=a='\xc3\xa0 x' x\n",
    b"FROM a\nCOPY --chown=1:2 --chmod=755 --link --parents --exclude=a --exclude=b --from=c d e\n",
    b"FROM a\nCOPY --link=maybe a b\n",
    b"FROM a\nCOPY --link= a b\n",
    b"FROM a\nCOPY --link=FALSE a b\nADD --keep-git-dir=true --checksum=x --unpack a b\n",
    b"FROM a\nCOPY a\n",
    b"FROM a\nCOPY\n",
    b"FROM a\nUSER --x a\nUSER a b\nUSER\n",
    b"FROM a\nENV A=1 B=\"2 3\" C=4\\ 5 D='6 \\' E=\\\n F\n",
    b"FROM a\nENV A b c  d\n",
    b"FROM a\nENV A\n",
    b"FROM a\nENV A=1 B\n",
    b"FROM a\nENV =1\n",
    b"FROM a\nENV\n",
    b"FROM a\nENV A=b\\\\\n",
    b'FROM a\nENV A="b\\\\\\\n',
    b"FROM a\nENV A='b\\ c' D=\"e\n",
    b"FROM a\nENV A=\xff\xc2\xa0B=\xe2\x80\x83C=\\\xe2\x80\x83\n",
    b"FROM a\nLABEL a\nLABEL a=b\n",
    b'FROM a\nLABEL "a b"=c d="e f"\n',
    b'FROM a\nARG A B=1 C="2 3"\nARG =x\n',
    b"FROM a\nARG\n",
    b"FROM a\nEXPOSE 80 81/udp\n",
    b"FROM a\nEXPOSE\nVOLUME\nSTOPSIGNAL\nWORKDIR\nMAINTAINER\n",
    b'FROM a\nVOLUME ["/a", " "]\n',
    b"FROM a\nVOLUME /a /b\n",
    b"FROM a\nSTOPSIGNAL --x 9\n",
    b"FROM a\nARG --x A\n",
    b'FROM a\nRUN ["a", "b c", "\\u00e9\\n\\"\\\\\\/"]\n',
    b'FROM a\nRUN [ "a" , "b" ]  \n',
    b'FROM a\nRUN ["a", 1]\n',
    b'FROM a\nRUN ["a", ["b"]]\n',
    b"FROM a\nRUN [null]\n",
    b'FROM a\nRUN [1e999, "a"]\n',
    b'FROM a\nRUN [NaN]\nRUN ["a",]\nRUN ["a"] b\nRUN [ -f a ]\n',
    b"FROM a\nRUN ['a']\n",
    b"FROM a\nRUN []\nCMD []\nENTRYPOINT []\n",
    b"FROM a\nSHELL []\n",
    b"FROM a\nSHELL sh -c\n",
    b'FROM a\nSHELL ["sh", "-c"]\n',
    b'FROM a\nRUN ["\xff\xc3\xa9", "\\ud83d\\ude00", "\\ud83d", "\\ude00x", "\\ud83d\\u0041"]\n',
    b'FROM a\nRUN ["a\tb"]\nRUN ["a\\x"]\n',
    b'FROM a\nRUN ["a", \\\n # c\n  "b"]\n',
    b'FROM a\nCOPY ["a b", "c"]\nADD ["a"]\n',
    b"FROM a\nHEALTHCHECK NONE\n",
    b"FROM a\nHEALTHCHECK NONE x\n",
    b"FROM a\nHEALTHCHECK --foo NONE\n",
    b"FROM a\nHEALTHCHECK --interval=1m30s --timeout=.5s --start-period=0 --retries=3 CMD a b\n",
    b"FROM a\nHEALTHCHECK --interval=1 CMD a\n",
    b"FROM a\nHEALTHCHECK --interval=-1s CMD a\n",
    b"FROM a\nHEALTHCHECK --interval=1us CMD a\n",
    b"FROM a\nHEALTHCHECK --interval= --retries= CMD a\n",
    b"FROM a\nHEALTHCHECK --retries=-1 CMD a\n",
    b"FROM a\nHEALTHCHECK --retries=9999999999 CMD a\n",
    b"FROM a\nHEALTHCHECK --retries=+1 cmd a\n",
    b'FROM a\nHEALTHCHECK CMD  ["a", "b"]\nHEALTHCHECK CMD\n',
    b"FROM a\nHEALTHCHECK\n",
    b"FROM a\nHEALTHCHECK CMD [1]\n",
    b"FROM a\nHEALTHCHECK CMD []\n",
    b"FROM a\nHEALTHCHECK foo\n",
    b"FROM a\nONBUILD RUN a\n",
    b"FROM a\nONBUILD  run  --network=none a\n",
    b"FROM a\nONBUILD\n",
    b"FROM a\nONBUILD ONBUILD RUN a\n",
    b"FROM a\nONBUILD FROM b\n",
    b"FROM a\nONBUILD maintainer b\n",
    b"FROM a\nONBUILD ENV A\n",
    b"FROM a\nONBUILD FOO b\n",
    b"FROM a\nONBUILD USER\n",
    b"FROM a\nONBUILD --x RUN a\n",
    b"FROM a\nONBUILD RUN [1]\n",
    b"FROM a\nONBUILD COPY <<A /x\na\nA\n",
    b"FROM a\n" + b"ONBUILD " * 3000 + b"RUN a\n",
    b"FROM a\nRUN <<EOF\na\nEOF\nRUN b\n",
    b"FROM a\nRUN <<EOF\na\n",
    b"FROM a\nRUN <<EOF",
    b"FROM a\nRUN <<EOF\nEOF",
    b"FROM a\nRUN <<EOF\r\na\r\nEOF\r\nRUN b\r\n",
    b"FROM a\nRUN <<-EOF\n\ta\n\t\tb\n\tEOF\nRUN b\n",
    b"FROM a\nRUN <<-EOF\n\t\n \tb\nEOF\n",
    b"FROM a\nRUN <<'EOF' <<\"B\" 3<<C\n1\nEOF\n2\nB\n3\nC\n",
    b"FROM a\nRUN << EOF\na\nEOF\n",
    b"FROM a\nRUN <<\\EOF\na\nEOF\n",
    b"FROM a\nRUN <<E'O'F cat\na\nEOF\n",
    b"FROM a\nRUN <<''\n\n",
    b"FROM a\nRUN <<A<<B\n",
    b"FROM a\nRUN cat <<< x\n",
    b"FROM a\nRUN echo $((1<<2))\n2))\n",
    b'FROM a\nRUN echo "<<A"\n',
    b"FROM a\nRUN echo '<<A'\n",
    b"FROM a\nRUN echo \\<<A\n",
    b"FROM a\nRUN echo 'it<<A\n",
    b"FROM a\nRUN echo ${X:-<<A}\nA}\n",
    b"FROM a\nRUN a${X:-b} <<A\nA\n",
    b"FROM a\nRUN ${X^} <<A\nA\n",
    b"FROM a\nRUN <<${X:-\\'}\n",
    b"FROM a\nRUN ${X <<A\nA\n",
    b"FROM a\nRUN <<$X\n$X\n",
    b"FROM a\nRUN <<${X}\n${X}\n",
    b'FROM a\nRUN <<"a b"\na b\n',
    b"FROM a\nRUN <<A \\\n && b\n# body\nA\n",
    b"FROM a\nRUN <<A <<A\n1\nA\n2\nA\n",
    b"FROM a\nRUN 99999999999999999999999<<A\nA\n",
    b"FROM a\nRUN <<\xff\n\xff\n",
    b"FROM a\nRUN <<\xc3\xa9\n\xc3\xa9\n",
    b"FROM a\nRUN <<A\n" + b"x" * 70000 + b"\nA\n",
    b"FROM a\nCOPY <<A <<B /x/\n1\nA\n2\nB\n",
    b"FROM a\nCOPY x <<A\nA\n",
    b"FROM a\nADD --chmod=644 <<-A /x\n\t1\n\tA\n",
    b'FROM a\nCOPY ["<<A", "/x"]\n',
    b"FROM a\nCMD <<A\n",
    b"FROM a\nENV A=<<B\n",
    b"# escape=`\nFROM a\nRUN <<A `\n && b\n1 `\nA\n",
    b"FROM a\nRUN " + b"x" * 65531 + b"\n",
    b"FROM a\nRUN " + b"x" * 65532 + b"\n",
    b"FROM a\nRUN " + b"x" * 65531,
    b"FROM a\nRUN " + b"x" * 65532,
    b"#" * 65536 + b"\nFROM a\n",
    b"FROM a\nRUN x \\\n" + b"y" * 65536 + b"\n",
    bytes(range(256)) * 4,
    b"FROM a\n" + bytes(range(256)),
]


def test_edge_files(oracle: Oracle) -> None:
    for data, answer in zip(EDGES, oracle.read(EDGES), strict=True):
        compare(data, answer)


def real_files() -> list[bytes]:
    """Whatever is called like a Dockerfile in the Go module cache."""
    go = shutil.which("go")
    if go is None:
        return []
    cache = subprocess.run([go, "env", "GOMODCACHE"], capture_output=True, text=True, check=True).stdout.strip()
    names = (
        Path(folder, name)
        for folder, folders, files in os.walk(cache)
        if not _prune(folders)
        for name in files
        if "dockerfile" in name.lower() or "containerfile" in name.lower()
    )
    return sorted({path.read_bytes() for path in names if path.suffix not in (".go", ".md", ".gz")})


def _prune(folders: list[str]) -> None:
    if "cache" in folders:
        folders.remove("cache")


def test_real_dockerfiles(oracle: Oracle) -> None:
    files = real_files()
    for data, answer in zip(files, oracle.read(files), strict=True):
        compare(data, answer)


# ---------------------------------------------------------------------------------------------- mutations

TOKENS = [
    *(b"FROM a\n", b"RUN ", b"COPY ", b"ADD ", b"ENV ", b"ARG ", b"LABEL ", b"ONBUILD ", b"HEALTHCHECK ", b"CMD "),
    *(b"USER ", b"WORKDIR ", b"VOLUME ", b"SHELL ", b"EXPOSE ", b"ENTRYPOINT ", b"STOPSIGNAL ", b"MAINTAINER "),
    *(b"--mount=type=bind,", b"--network=none ", b"--chown=1 ", b"--link ", b"--from=a ", b"-- ", b"--interval=1s "),
    *(b"\\\n", b" \\\n", b"\\ \n", b"`\n", b"\\\\\n", b"\n", b"\r\n", b"\r", b"\n\n", b"\n#", b"# escape=`\n", b"#"),
    *(b"<<A", b"<<-A", b" <<'A'", b' <<"A"', b" 3<<A", b"<<A B", b"\nA\n", b"\n\tA\n", b"\nA", b"<<", b"<"),
    *(b"'", b'"', b"\\", b"`", b"$", b"${", b"}", b"$X", b"${X:-a}", b"${X#a}", b"${X/a/b}", b":", b"/", b"%"),
    *(b'["a", "b"]', b"[", b"]", b'"a"', b",", b'["a\\n"]', b"[1]", b'\\"', b"\\u00e9", b"{", b"null"),
    *(b"=", b"a=b", b" A=b C=d", b" ", b"  ", b"\t", b"\x0b", b"\xc2\xa0", b"\xe2\x80\x83", b"\x85", b"\xa0", b"\xff"),
    *(b"\xef\xbb\xbf", b"\xc3\xa9", b"\x00", b"a", b"b c", b"/x", b" AS b", b"NONE", b"CMD ", b"-", b"--", b"0"),
]


def mutations(seed: int, count: int, originals: Sequence[bytes]) -> Iterator[bytes]:
    """Token soup, and short files with tokens put in, pieces cut out and repeated."""
    chance = random.Random(seed)
    originals = [data for data in originals if len(data) < 3000]
    for _ in range(count):
        if chance.random() < 0.4:
            data = chance.choice((b"", b"FROM a\n", b"FROM a\n", b"# escape=`\nFROM a\n"))
            yield data + b"".join(chance.choices(TOKENS, k=chance.randrange(1, 25)))
            continue
        data = chance.choice(originals)
        for _ in range(chance.randrange(1, 6)):
            start = chance.randrange(len(data) + 1)
            end = min(len(data), start + chance.choice((0, 0, 1, 2, 10)))
            data = data[:start] + chance.choice((b"", chance.choice(TOKENS), data[start:end] * 2)) + data[end:]
        yield data


def test_mutations(oracle: Oracle) -> None:
    files = list(mutations(SEED, CASES, [*EDGES, *real_files()]))
    for data, answer in zip(files, oracle.read(files), strict=True):
        compare(data, answer)


# ---------------------------------------------------------------------------------------------- expansion

PIECES = [
    *("$A", "$B", "$C", "$1", "$@", "$", "${A}", "${B}", "${C}", "${", "}", "${A:-x}", "${B:-x}", "${C:-x y}"),
    *("${B-x}", "${C-x}", "${A:+y}", "${B:+y}", "${C+y}", "${A+y}", "${C:?no}", "${A?no}", "${C:-$A}", "${C:-${B:-z}}"),
    *("${A#*.}", "${A##*.}", "${A%.*}", "${A%%.*}", "${A#?}", "${A%?}", "${A#\\*}", "${A%'.'*}", '${A#"a"}', "${A#$D}"),
    *("${A/b/x}", "${A//b/x}", "${A/*/x}", "${A//?/$B}", "${A/./\\/}", "${A//./\\$0}", "${A//\\//x}", "${A/", "${A//}"),
    *(
        "${A:=x}",
        "${A^}",
        "${:x}",
        "${}",
        "${ A}",
        "${A:#x}",
        "${A",
        "${é}",
        "$é",
        "$A_",
        "${A#",
        "${E//a*b/x}",
        "${E%a*}",
    ),
    *("'", '"', "\\", "`", "\\$", '\\"', "'$A'", '"$A"', '"a b"', "'\\'", '"\\a"', "<", "<<", "<< ", " ", "\t", "a"),
    *(".", "/", "*", "?", "é", "\xff", "\u3000", ":", "-", "{", "#", "%", "+"),
]
OPERATOR = re.compile(rb"\$\{[^}]*[-+#%/]")
"""A default is taken here and kept by BuildKit; a variable in a pattern is kept here and part of it in BuildKit."""

VARIABLES = {"A": "a.b/c.d", "B": "", "D": "a", "E": "aabaab*?", "é": "e"}


class Expansion(NamedTuple):
    word: bytes
    escape: str
    quotes: bool


def expansions(seed: int, count: int) -> Iterator[Expansion]:
    chance = random.Random(seed)
    for _ in range(count):
        word = "".join(chance.choices(PIECES, k=chance.randrange(1, 7))).replace("\xff", "\udcff")
        yield Expansion(word.encode("utf-8", "surrogateescape"), chance.choice("\\\\`"), chance.random() < 0.9)


ENV = {spaces.encode(name): spaces.encode(value) for name, value in VARIABLES.items()}


def ask_for(oracle: Oracle, asked: Iterable[Expansion], keep_unset: bool) -> list[Answer]:
    env = [_base64(f"{name}={value}".encode("latin-1")) for name, value in ENV.items()]
    return oracle.ask(
        {"Word": _base64(word), "Env": env, "Escape": escape, "Quotes": quotes, "KeepUnset": keep_unset}
        for word, escape, quotes in asked
    )


def test_expansion(oracle: Oracle) -> None:
    asked = list(expansions(SEED, 2 * CASES))
    for each, answer in zip(asked, ask_for(oracle, asked, keep_unset=False), strict=True):
        got = expand(each.word.decode("latin-1"), ENV, each.escape, complete=True, quotes=each.quotes)
        about = (each, got, answer["WordError"], answer["Value"])
        assert (got.problem is not None) == bool(answer["WordError"]), about
        if got.problem is None:
            assert got.known, about
            assert got.text.encode("latin-1") == _bytes(answer["Value"]), about


def test_expansion_where_unset_variables_may_be_set_by_the_base_image(oracle: Oracle) -> None:
    """What is known is what BuildKit makes of it; otherwise a variable that is not set stands for itself."""
    asked = list(expansions(SEED + 1, 2 * CASES))
    kept = ask_for(oracle, asked, keep_unset=True)
    for each, unset, keeping in zip(asked, ask_for(oracle, asked, keep_unset=False), kept, strict=True):
        got = expand(each.word.decode("latin-1"), ENV, each.escape, quotes=each.quotes)
        about = (each, got, unset, keeping)
        if got.problem is not None:
            assert unset["WordError"], about
        elif got.known:
            assert not unset["WordError"], about
            assert got.text.encode("latin-1") == _bytes(unset["Value"]), about
        elif OPERATOR.search(each.word) is None:
            assert keeping["Unset"], about
            assert got.text.encode("latin-1") == _bytes(keeping["Value"]), about
