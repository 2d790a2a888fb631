from collections import Counter
from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.fixes.apply import (
    CHANGES_NOTHING,
    NOT_AS_LINTED,
    OVERLAPS,
    OVERLAPS_ITSELF,
    UNSAFE_NOT_ASKED,
    Plan,
    plan,
)
from ns_lint.linter.edit import Edit, Fix, Safety
from ns_lint.linter.errors import CannotWrite
from ns_lint.linter.source import Place


def fix(*edits: tuple[int, int, str], title: str = "", safety: Safety = Safety.SAFE, path: str = "f") -> Fix:
    return Fix(title, safety, tuple(Edit(Place(path, start, end), text) for start, end, text in edits))


def planned(data: bytes, *fixes: Fix, unsafe: bool = False) -> Plan:
    return plan(fixes, {"f": data}.__getitem__, allow_unsafe=unsafe)


def new_text(made: Plan, path: str = "f") -> bytes | None:
    return made.changes[path].new if path in made.changes else None


@pytest.mark.parametrize(
    ("data", "edits", "expected"),
    [
        pytest.param(b"RUN a && b\n", [(4, 9, "")], b"RUN b\n", id="delete"),
        pytest.param(b"RUN a\n", [(3, 3, " --x")], b"RUN --x a\n", id="insert"),
        pytest.param(b"USER 70000\n", [(5, 10, "1000")], b"USER 1000\n", id="replace"),
        pytest.param(b"ab", [(1, 1, "1"), (1, 1, "2")], b"a12b", id="two insertions at one point stay in order"),
        pytest.param(b"abcd", [(2, 4, "Y"), (0, 2, "X")], b"XY", id="edits of one fix may touch, in any order"),
        pytest.param(b"a", [(1, 1, "日")], "a日".encode(), id="text is UTF-8"),
        pytest.param(b"\xff\xfe a", [(3, 4, "b")], b"\xff\xfe b", id="bytes that are not UTF-8 stay"),
        pytest.param(b"\xef\xbb\xbfRUN\ta \t\r\n", [(7, 8, "b")], b"\xef\xbb\xbfRUN\tb \t\r\n", id="BOM, tabs, blanks"),
        pytest.param(b"a\r\nb\r\n", [(3, 3, "x\ny\r\n")], b"a\r\nx\r\ny\r\nb\r\n", id="new lines in a CRLF file"),
        pytest.param(b"a\r\nb\n", [(3, 3, "x\n")], b"a\r\nx\nb\n", id="new lines in a file of both kinds"),
        pytest.param(b"", [(0, 0, "x")], b"x", id="an empty file"),
    ],
)
def test_a_fix_changes_only_its_own_bytes(data: bytes, edits: list[tuple[int, int, str]], expected: bytes) -> None:
    made = planned(data, fix(*edits))
    assert made.changes == {"f": (data, expected)}
    assert made.skipped == ()


@pytest.mark.parametrize(
    ("data", "fixes", "expected", "reasons"),
    [
        pytest.param(b"abcd", [fix((0, 1, "")), fix((2, 3, ""))], b"bd", [], id="apart"),
        pytest.param(b"abcd", [fix((0, 1, "")), fix((0, 1, ""), title="t")], b"bcd", [], id="equal ones apply once"),
        pytest.param(b"abcd", [fix((0, 2, "")), fix((1, 3, ""))], b"cd", [OVERLAPS], id="overlap"),
        pytest.param(b"abcd", [fix((0, 4, "x")), fix((1, 2, ""))], b"x", [OVERLAPS], id="one inside the other"),
        pytest.param(b"abcd", [fix((0, 2, "")), fix((2, 4, ""))], b"cd", [OVERLAPS], id="touching"),
        pytest.param(b"abcd", [fix((2, 2, "x")), fix((2, 2, "y"))], b"abxcd", [OVERLAPS], id="insertions at one point"),
        pytest.param(
            b"abcdefgh",
            [fix((0, 1, ""), (6, 7, "")), fix((3, 4, "")), fix((4, 5, ""), (7, 8, ""))],
            b"bcefh",
            [OVERLAPS],
            id="a fix is applied whole or not at all",
        ),
        pytest.param(b"ab", [fix((0, 3, ""))], None, [NOT_AS_LINTED], id="beyond the end"),
        pytest.param(b"ab", [fix((2, 1, ""))], None, [NOT_AS_LINTED], id="backwards"),
        pytest.param(b"ab", [fix((0, 1, "a"))], None, [CHANGES_NOTHING], id="what stands there already"),
        pytest.param(b"ab", [fix()], None, [CHANGES_NOTHING], id="no edits"),
        pytest.param(b"abcd", [fix((0, 2, ""), (1, 3, ""))], None, [OVERLAPS_ITSELF], id="overlaps itself"),
    ],
)
def test_every_fix_is_applied_or_says_why_not(
    data: bytes, fixes: list[Fix], expected: bytes | None, reasons: list[str]
) -> None:
    made = planned(data, *fixes)
    assert new_text(made) == expected
    assert [skipped.reason for skipped in made.skipped] == reasons
    assert len(made.applied) + len(made.skipped) == len(fixes)


def test_unsafe_fixes_are_applied_only_when_asked() -> None:
    unsafe = fix((0, 1, ""), safety=Safety.UNSAFE)
    assert planned(b"ab", unsafe).skipped == ((unsafe, UNSAFE_NOT_ASKED),)
    assert new_text(planned(b"ab", unsafe, unsafe=True)) == b"b"


def test_an_unsafe_fix_that_equals_a_safe_one_counts_as_applied() -> None:
    made = planned(b"ab", fix((0, 1, ""), safety=Safety.UNSAFE), fix((0, 1, "")))
    assert (len(made.applied), made.skipped, new_text(made)) == (2, (), b"b")


def test_one_fix_may_edit_several_files() -> None:
    both = Fix("", Safety.SAFE, (Edit(Place("b", 0, 1), "B"), Edit(Place("a", 0, 1), "A")))
    other = Fix("", Safety.SAFE, (Edit(Place("a", 0, 1), "Z"), Edit(Place("c", 0, 1), "Z")))
    made = plan([both, other], {"a": b"1", "b": b"2", "c": b"3"}.__getitem__)
    assert made.changes == {"a": (b"1", b"A"), "b": (b"2", b"B")}
    assert made.skipped == ((other, OVERLAPS),)


@pytest.mark.parametrize("error", [CannotWrite("x/f: it lies outside x"), FileNotFoundError(2, "gone", "f")])
def test_a_file_that_cannot_be_read_is_the_reason_to_skip(error: Exception) -> None:
    def read(path: str) -> bytes:
        if path == "f":
            raise error
        return b"ab"

    broken, whole = fix((0, 1, "")), fix((0, 1, ""), path="g")
    made = plan([broken, whole], read)
    assert made.skipped == ((broken, str(error)),)
    assert new_text(made, "g") == b"b"


PIECES = st.sampled_from([b"RUN ", b"mknod", b"\r\n", b"\n", b"\t", b"\xef\xbb\xbf", b"\xff", "日".encode(), b" \\\n"])
DATA = st.lists(PIECES, max_size=12).map(b"".join)
TEXTS = st.text(st.sampled_from("ab\n日"), max_size=3)


@st.composite
def files_and_fixes(draw: st.DrawFn) -> tuple[dict[str, bytes], list[Fix]]:
    files = {"a": draw(DATA), "b": draw(DATA)}

    def edit() -> Edit:
        path = draw(st.sampled_from("ab"))
        start = draw(st.integers(0, len(files[path])))
        return Edit(Place(path, start, draw(st.integers(start, min(start + 6, len(files[path]))))), draw(TEXTS))

    fixes = [
        Fix("", draw(st.sampled_from(Safety)), tuple(edit() for _ in range(draw(st.integers(0, 3)))))
        for _ in range(draw(st.integers(0, 5)))
    ]
    return files, fixes + draw(st.lists(st.sampled_from(fixes), max_size=2)) if fixes else fixes


def spliced(data: bytes, edits: list[Edit]) -> bytes:
    """Apply edits from the last to the first, as the plainest possible oracle."""
    for edit in sorted(edits, key=lambda edit: edit.place, reverse=True):
        text = edit.text
        if b"\r\n" in data and b"\n" not in data.replace(b"\r\n", b""):
            text = text.replace("\n", "\r\n")
        data = data[: edit.place.start] + text.encode() + data[edit.place.end :]
    return data


def edits_of(fixes: tuple[Fix, ...], path: str) -> list[Edit]:
    return [edit for edits in dict.fromkeys(fix.edits for fix in fixes) for edit in edits if edit.place.path == path]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(files_and_fixes())
def test_what_is_applied_is_spliced_in_and_every_other_byte_stays(given_: tuple[dict[str, bytes], list[Fix]]) -> None:
    files, fixes = given_
    made = plan(fixes, files.__getitem__, allow_unsafe=True)
    assert Counter(made.applied) + Counter(skipped.fix for skipped in made.skipped) == Counter(fixes)
    for path, data in files.items():
        edits = edits_of(made.applied, path)
        if len({edit.place.start for edit in edits}) == len(edits):  # the oracle has no order for one point
            new = made.changes[path].new if path in made.changes else data
            assert new == spliced(data, edits)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(files_and_fixes(), st.randoms(use_true_random=False))
def test_the_order_of_the_fixes_does_not_matter(given_: tuple[Mapping[str, bytes], list[Fix]], random: Random) -> None:
    files, fixes = given_
    shuffled = list(fixes)
    random.shuffle(shuffled)
    assert plan(fixes, files.__getitem__).changes == plan(shuffled, files.__getitem__).changes


@settings(derandomize=True, deadline=None, max_examples=150)
@given(files_and_fixes())
def test_what_was_applied_changes_nothing_when_it_is_applied_again(given_: tuple[dict[str, bytes], list[Fix]]) -> None:
    files, fixes = given_
    made = plan(fixes, files.__getitem__, allow_unsafe=True)
    again: list[Fix] = []
    for path, (old, new) in made.changes.items():
        grown = 0
        for edit in sorted(edits_of(made.applied, path), key=lambda edit: edit.place):
            length = len(spliced(old, [edit])) - len(old) + edit.place.end - edit.place.start
            place = Place(path, edit.place.start + grown, edit.place.start + grown + length)
            again.append(Fix("", Safety.SAFE, (Edit(place, new[place.start : place.end].decode()),)))
            grown += length - (edit.place.end - edit.place.start)
    second = plan(again, {path: change.new for path, change in made.changes.items()}.__getitem__)
    assert second.changes == {}
    assert {skipped.reason for skipped in second.skipped} <= {CHANGES_NOTHING}
