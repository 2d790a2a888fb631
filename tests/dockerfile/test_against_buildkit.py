"""The room against BuildKit's own parser: hand-made edge files, real Dockerfiles of the Go module cache, mutations."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ns_lint.linter.dockerfile import Dockerfile, Instruction, parse, spaces
from ns_lint.linter.dockerfile.instructions import KEYWORDS
from ns_lint.linter.source import Document

from .buildkit import CASES, SEED, Answer, HeredocAnswer, NodeAnswer, Oracle, from_base64
from .edges import EDGES


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
    keyword = from_base64(node["Keyword"]).decode("latin-1")
    upper = spaces.fold(keyword).upper()
    known = upper in KEYWORDS
    return Reading(
        (upper if known else keyword).encode("latin-1"),
        from_base64(node["Text"]),
        [from_base64(flag) for flag in node["Flags"] or ()],
        [from_base64(word) for word in node["Words"] or ()] if known else [],
        node["JSON"],
        (0, 0) if inside else (node["Start"], node["End"]),
        [_heredoc(found) for found in node["Heredocs"] or ()],
        theirs(node["Inner"], inside=True) if node["Inner"] else None,
    )


def _heredoc(found: HeredocAnswer) -> tuple[bytes, int, bool, bool, bytes, bytes]:
    name, body, chomped = (from_base64(text) for text in (found["Name"], found["Body"], found["Chomped"]))
    return name, found["FD"], found["Expand"], found["Chomp"], body, chomped


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
    assert files  # BuildKit's own source, which the oracle is built from, has some
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
