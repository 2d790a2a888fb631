import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.fixes.diff import diff


def applied(tool: str, folder: Path, path: str, old: bytes, patch: str) -> bytes:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(old)
    command = {"git": ["git", "apply", "-"], "patch": ["patch", "-p1", "--no-backup-if-mismatch"]}[tool]
    done = subprocess.run(command, cwd=folder, input=patch.encode("utf-8", "surrogateescape"), capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return file.read_bytes() if file.exists() else b""


def test_a_diff_as_people_know_it() -> None:
    assert diff("./app/Dockerfile", b"FROM a\nRUN x\n", b"FROM a\nRUN y") == (
        "--- a/app/Dockerfile\n"
        "+++ b/app/Dockerfile\n"
        "@@ -1,2 +1,2 @@\n"
        " FROM a\n"
        "-RUN x\n"
        "+RUN y\n"
        "\\ No newline at end of file\n"
    )


def test_no_change_is_no_diff() -> None:
    assert diff("f", b"a", b"a") == ""


TEXTS = [
    pytest.param(b"a\nb\nc\n", b"a\nB\nc\n", id="plain"),
    pytest.param(b"a\nb", b"a\nB", id="no newline at the end"),
    pytest.param(b"a\nb", b"a\nb\n", id="a newline gained"),
    pytest.param(b"a\nb\n", b"a\nb", id="a newline lost"),
    pytest.param(b"a\r\nb\r\n", b"a\r\nB\r\n", id="CRLF"),
    pytest.param(b"\xef\xbb\xbfa\r\nb", b"\xef\xbb\xbfa\r\nB", id="BOM, CRLF, no newline at the end"),
    pytest.param(b"a\rb\x0cc\x85\n\xe2\x80\xa8\nd\n", b"a\rb\x0cc\x85\n\xe2\x80\xa8\nD\n", id="no other line ends"),
    pytest.param(b"caf\xe9\nb\n", b"caf\xe9\nB\n", id="not UTF-8"),
    pytest.param(b"", b"a\n", id="an empty file"),
    pytest.param(b"\n" * 30 + b"a" + b"\n" * 30 + b"b", b"\n" * 30 + b"A" + b"\n" * 30 + b"B", id="two hunks"),
]


@pytest.mark.parametrize("tool", ["git", "patch"])
@pytest.mark.parametrize(("old", "new"), TEXTS)
def test_the_tools_make_the_new_text_of_it(tool: str, old: bytes, new: bytes, tmp_path: Path) -> None:
    assert applied(tool, tmp_path, "app/Dockerfile", old, diff("app/Dockerfile", old, new)) == new


@pytest.mark.parametrize("tool", ["git", "patch"])
@pytest.mark.parametrize(
    "name", ["a b", "日本", 'q"uote', "back\\slash", "tab\there", "Dockerfile.é", "a  b/c d", "\x01"]
)
def test_names_are_quoted_as_git_does(tool: str, name: str, tmp_path: Path) -> None:
    assert applied(tool, tmp_path, name, b"a\n", diff(name, b"a\n", b"b\n")) == b"b\n"


def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    name = b"Dockerfile.\xe9".decode("utf-8", "surrogateescape")
    assert applied("git", tmp_path, name, b"a\n", diff(name, b"a\n", b"b\n")) == b"b\n"


LINES = st.lists(st.sampled_from(["a\n", "b\n", "\r\n", "c", " \\\n", "\t\n"]), max_size=12).map("".join)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(LINES, LINES)
def test_any_change_survives_git_apply(old: str, new: str) -> None:
    from tempfile import TemporaryDirectory

    if old == new or not new:  # git takes a diff to nothing for a deletion
        return
    with TemporaryDirectory() as folder:
        assert applied("git", Path(folder), "f", old.encode(), diff("f", old.encode(), new.encode())) == new.encode()
