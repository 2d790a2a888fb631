import json
from pathlib import Path

import pytest

from ns_lint.linter.baseline import Compared, compare, normalised, read, write
from ns_lint.linter.errors import UnreadableInput
from ns_lint.linter.finding import Effect, Finding, Severity
from ns_lint.linter.source import Document, Place


def findings(path: str, data: bytes, code: str = "NS101") -> tuple[list[Finding], dict[str, Document]]:
    """A finding for every mknod of the file, up to the end of its line."""
    document = Document(path, data)
    found: list[Finding] = []
    at = data.find(b"mknod")
    while at >= 0:
        end = len(data[at:].split(b"\n")[0]) + at
        place = Place(path, at, end)
        found.append(
            Finding(code, "device-node", Severity.ERROR, Effect.FATAL, "", "", place, None, None, {}, None, None)
        )
        at = data.find(b"mknod", end)
    return found, {path: document}


BEFORE = b"FROM a\nRUN mknod /a b 7 7\nRUN mknod /b b 7 7\n"


def compared(baseline: str, path: str, data: bytes, code: str = "NS101") -> Compared:
    found, documents = findings(path, data, code)
    return compare(found, documents, baseline)


@pytest.mark.parametrize(
    ("after", "new", "known", "gone"),
    [
        pytest.param(BEFORE, 0, 2, 0, id="unchanged"),
        pytest.param(b"# x\n\n" + BEFORE.replace(b"\n", b"\n\n"), 0, 2, 0, id="lines added"),
        pytest.param(BEFORE.replace(b" b 7", b"   b\t7"), 0, 2, 0, id="blanks changed"),
        pytest.param(BEFORE.replace(b"\n", b"\r\n"), 0, 2, 0, id="line ends changed"),
        pytest.param(BEFORE.replace(b"/b", b"/c"), 1, 1, 1, id="one replaced"),
        pytest.param(BEFORE + b"RUN mknod /a b 7 7\n", 1, 2, 0, id="an equal one added"),
        pytest.param(b"FROM a\n", 0, 0, 2, id="all gone"),
    ],
)
def test_only_what_is_new_is_new(tmp_path: Path, after: bytes, new: int, known: int, gone: int) -> None:
    baseline = str(tmp_path / "known.json")
    write(baseline, *findings(str(tmp_path / "Dockerfile"), BEFORE))
    result = compared(baseline, str(tmp_path / "Dockerfile"), after)
    assert (len(result.new), len(result.known), result.gone) == (new, known, gone)


def test_another_rule_or_file_is_new(tmp_path: Path) -> None:
    baseline = str(tmp_path / "known.json")
    write(baseline, *findings(str(tmp_path / "Dockerfile"), BEFORE))
    assert len(compared(baseline, str(tmp_path / "Dockerfile"), BEFORE, "NS102").new) == 2
    assert len(compared(baseline, str(tmp_path / "other"), BEFORE).new) == 2


def test_of_equal_findings_the_last_is_the_new_one(tmp_path: Path) -> None:
    baseline = str(tmp_path / "known.json")
    path = str(tmp_path / "Dockerfile")
    write(baseline, *findings(path, b"mknod a\n"))
    [new] = compared(baseline, path, b"mknod a\nmknod a\n").new
    assert new.place.start == 8


def test_paths_are_relative_to_the_baseline_whatever_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    write("known.json", *findings("sub/Dockerfile", BEFORE))
    assert {entry.path for entry in read("known.json")} == {"sub/Dockerfile"}
    monkeypatch.chdir(tmp_path / "sub")
    assert compared("../known.json", "Dockerfile", BEFORE).new == ()
    assert compared("../known.json", "./Dockerfile", BEFORE).new == ()


def test_the_file_is_sorted_counted_and_made_to_be_reviewed(tmp_path: Path) -> None:
    baseline = tmp_path / "known.json"
    write(str(baseline), *findings(str(tmp_path / "Dockerfile"), b"mknod b\nmknod \xff\nmknod b\n"))
    assert json.loads(baseline.read_bytes()) == {
        "version": 1,
        "findings": [
            {"code": "NS101", "path": "Dockerfile", "text": "mknod b", "count": 2},
            {"code": "NS101", "path": "Dockerfile", "text": "mknod \ufffd", "count": 1},
        ],
    }
    assert len(compared(str(baseline), str(tmp_path / "Dockerfile"), b"mknod \xff\n").known) == 1


@pytest.mark.parametrize("text", ["mknod \\\n  a", "mknod \\\r\n\ta", "mknod   a", "mknod a"])
def test_continuations_and_blanks_are_evened_out(text: str) -> None:
    data = text.encode()
    assert normalised(Document("f", data), Place("f", 0, len(data))) == "mknod a"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "not a baseline of ns-lint"),
        ("{}", "not a baseline of ns-lint"),
        ('{"version": 2, "findings": []}', "version 2, written by a newer ns-lint"),
        ('{"version": 1, "findings": {}}', "not a baseline of ns-lint"),
        ('{"version": 1, "findings": [{"code": "NS101"}]}', "not an entry of a baseline"),
        ('{"version": 1, "findings": [1]}', "not an entry of a baseline"),
    ],
)
def test_a_file_that_is_no_baseline_is_told(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "known.json").write_text(text)
    with pytest.raises(UnreadableInput, match=message):
        read(str(tmp_path / "known.json"))


def test_a_missing_baseline_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="--update-baseline writes it"):
        read(str(tmp_path / "known.json"))
