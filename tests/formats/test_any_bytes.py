"""Whatever the bytes: no reader raises, every place is in the file, and a cut leaves all other bytes as they are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.linter.formats import FORMATS, read_as
from ns_lint.linter.formats.config import ConfigFile
from ns_lint.linter.invocation import Option
from ns_lint.linter.rule import Log
from ns_lint.linter.source import Document, Place
from ns_lint.rules import all_rules

FIXED = settings(derandomize=True, deadline=None, max_examples=60)
MODULES = sorted({one.module for one in FORMATS})
SEEDS = [
    example.text.replace("«", "").replace("»", "").encode()
    for rule in all_rules()
    for example in rule.examples
    if not isinstance(example, Log) and example.path != "Dockerfile"
]
SCRAPS = (
    *(b"\n", b"\r\n", b"\t", b"{{ x }}", b"${{ y }}", b"'", b'"', b"`", b"$(", b"&a ", b"*a", b"<<: ", b"- ", b": "),
    *(b"|\n", b">-\n", b"\xff", b"\xc3\xa9", b"\xef\xbb\xbf", b"\0", b"\\", b"[", b"]", b"}", b"#", b"docker build "),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A rule's example with some bytes taken out, put in or doubled."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 12)))
        data = data[:start] + draw(st.sampled_from([b"", data[start:end] * 2, *SCRAPS])) + data[end:]
    return data


def places(config: ConfigFile) -> Iterator[Place]:
    for one in (*config.invocations, *config.setups):
        yield one.place
        for option in one.options:
            yield from (place for place in (option.place, option.value_place, option.removal) if place is not None)
    for pod in config.pods:
        yield pod.place
        for setting in (*pod.settings.values(), *pod.annotations.values()):
            yield from (place for place in (setting.place, setting.value_place, setting.removal) if place is not None)
        for insertion in (pod.entry, *(container.new_argument for container in pod.containers)):
            if insertion is not None:
                yield insertion.place
    for skipped in config.skipped:
        yield skipped.place


@pytest.mark.parametrize("module", MODULES)
@given(st.data())
@FIXED
def test_reads_anything(module: str, data: st.DataObject) -> None:
    text = data.draw(mutated() | st.binary(max_size=80))
    config = read_as(module, Document("some/file", text))
    for place in places(config):
        assert place.path == "some/file"
        assert 0 <= place.start <= place.end <= len(text)


@given(mutated(), st.sampled_from(["gitlab", "github", "compose", "kubernetes", "shell", "makefile", "python", "bake"]))
@FIXED
def test_a_cut_takes_its_option_and_leaves_the_others(data: bytes, module: str) -> None:
    config = read_as(module, Document("f", data))
    for one in (*config.invocations, *config.setups):
        for option in one.options:
            if option.removal is None:
                continue
            assert option.removal.start <= option.place.start
            assert option.place.end <= option.removal.end
            others = [other for other in one.options if other.place != option.place]
            assert not any(_overlap(option.removal, other) for other in others if not _holds(option, other))


def _overlap(cut: Place, other: Option) -> bool:
    return cut.start < other.place.end and other.place.start < cut.end


def _holds(option: Option, other: Option) -> bool:
    """Whether one stands in the other, or both in one value: an alias, a word of several, a variable used twice."""
    a, b = option.place, other.place
    return (a.start <= b.start and b.end <= a.end) or (b.start <= a.start and a.end <= b.end)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbf",
        b"\0" * 100,
        bytes(range(256)),
        b"docker build .\n" * 3000,
        b"- " * 3000 + b"docker",
        b"{" * 3000,
        b"a: &a [" + b"*a, " * 100 + b"]\n",
        b"docker " * 20000,
    ],
    ids=range(9),
)
def test_reads_hostile_files(module: str, data: bytes) -> None:
    read_as(module, Document("f", data))
