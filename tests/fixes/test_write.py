import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ns_lint.fixes.write import refuse_outside, write
from ns_lint.linter.errors import CannotWrite

NOBODY = 65534

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may do this")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike tmp_path."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


def leftovers(folder: Path) -> list[str]:
    return [name for name in os.listdir(folder) if name.startswith(".ns-lint-")]


def refusal(action: Callable[[], None]) -> str:
    with pytest.raises(CannotWrite) as refused:
        action()
    return str(refused.value)


def as_nobody(action: Callable[[], None]) -> str:
    """Run in a child without root's powers: what CannotWrite says, or an empty text when it went well."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
            action()
        except CannotWrite as error:
            os.write(writing, str(error).encode())
        except BaseException as error:
            os.write(writing, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as file:
        said = file.read()
    os.waitpid(child, 0)
    return said


@contextmanager
def after(do: list[str], undo: list[str]) -> Generator[None, None, None]:
    if subprocess.run(do, capture_output=True).returncode != 0:
        pytest.skip(f"{do[0]} does not work here")
    try:
        yield
    finally:
        subprocess.run(undo, check=True)


def test_the_new_bytes_take_the_place_of_the_old(folder: Path) -> None:
    file = folder / "Dockerfile"
    file.write_bytes(b"\xef\xbb\xbfa\r\n")
    write({str(file): (b"\xef\xbb\xbfa\r\n", b"\xef\xbb\xbfb\r\n")})
    assert file.read_bytes() == b"\xef\xbb\xbfb\r\n"
    assert os.listdir(folder) == ["Dockerfile"]


def test_a_relative_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "f").write_bytes(b"a")
    monkeypatch.chdir(folder)
    write({"f": (b"a", b"b")})
    assert Path("f").read_bytes() == b"b"


@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o4755, 0o666])
def test_the_mode_is_kept_whatever_the_umask(folder: Path, mode: int) -> None:
    file = folder / "f"
    file.write_bytes(b"a")
    file.chmod(mode)
    umask = os.umask(0o077)
    try:
        write({str(file): (b"a", b"b")})
    finally:
        os.umask(umask)
    assert stat.S_IMODE(file.stat().st_mode) == mode


@as_root
def test_owner_and_group_are_kept(folder: Path) -> None:
    file = folder / "f"
    file.write_bytes(b"a")
    os.chown(file, 1234, 5678)
    file.chmod(0o640)
    write({str(file): (b"a", b"b")})
    status = file.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 5678, 0o640)


def test_extended_attributes_are_kept(folder: Path) -> None:
    file = folder / "f"
    file.write_bytes(b"a")
    try:
        os.setxattr(file, "user.note", b"kept")
    except OSError:
        pytest.skip("no user.* attributes on this file system")
    write({str(file): (b"a", b"b")})
    assert os.getxattr(file, "user.note") == b"kept"


def acl(*entries: tuple[int, int, int]) -> bytes:
    """Access-list entries (tag, permissions, id) as the kernel keeps them in system.posix_acl_* (version 2)."""
    return b"\x02\0\0\0" + b"".join(
        tag.to_bytes(2, "little") + permissions.to_bytes(2, "little") + number.to_bytes(4, "little")
        for tag, permissions, number in entries
    )


ANYBODY = 0xFFFFFFFF
LIST_FOR_1234 = acl((1, 6, ANYBODY), (2, 4, 1234), (4, 4, ANYBODY), (16, 4, ANYBODY), (32, 0, ANYBODY))


def test_an_access_list_is_kept_and_none_is_taken_from_the_folder(folder: Path) -> None:
    listed, plain = folder / "listed", folder / "plain"
    for file in (listed, plain):
        file.write_bytes(b"a")
        file.chmod(0o640)
    try:
        os.setxattr(listed, "system.posix_acl_access", LIST_FOR_1234)
        os.setxattr(folder, "system.posix_acl_default", LIST_FOR_1234)
    except OSError:
        pytest.skip("no access lists on this file system")
    write({str(listed): (b"a", b"b"), str(plain): (b"a", b"b")})
    assert os.getxattr(listed, "system.posix_acl_access") == LIST_FOR_1234
    assert os.listxattr(plain) == []
    assert stat.S_IMODE(plain.stat().st_mode) == 0o640


def test_a_symbolic_link_stays_and_its_file_is_replaced(folder: Path) -> None:
    (folder / "real").mkdir()
    file, link = folder / "real" / "Dockerfile", folder / "link"
    file.write_bytes(b"a")
    link.symlink_to("real/Dockerfile")
    write({str(link): (b"a", b"b")})
    assert os.readlink(link) == "real/Dockerfile"
    assert file.read_bytes() == b"b"
    assert not file.is_symlink()


def test_one_file_under_two_names_is_written_once(folder: Path) -> None:
    file, link = folder / "f", folder / "link"
    file.write_bytes(b"a")
    link.symlink_to("f")
    said = refusal(lambda: write({str(file): (b"a", b"b"), str(link): (b"a", b"c")}))
    assert "one file" in said
    assert file.read_bytes() == b"a"
    write({str(file): (b"a", b"b"), str(link): (b"a", b"b")})
    assert file.read_bytes() == b"b"


def test_a_hard_link_parts(folder: Path) -> None:
    file, other = folder / "f", folder / "other"
    file.write_bytes(b"a")
    os.link(file, other)
    write({str(file): (b"a", b"b")})
    assert (file.read_bytes(), other.read_bytes()) == (b"b", b"a")


def make_changed(path: Path) -> None:
    path.write_bytes(b"changed by someone else")


def make_gone(path: Path) -> None:
    path.unlink()


def make_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_changed, "it has changed since it was linted; lint it again"),
        (make_gone, "No such file or directory"),
        (make_fifo, "it is not a regular file"),
        (make_folder, "it is not a regular file"),
        (make_loop, "Too many levels of symbolic links"),
    ],
)
def test_if_one_file_cannot_be_written_none_is(folder: Path, make: Callable[[Path], None], reason: str) -> None:
    first, second = folder / "1", folder / "2"
    for file in (first, second):
        file.write_bytes(b"a")
    make(second)
    said = refusal(lambda: write({str(first): (b"a", b"b"), str(second): (b"a", b"b")}))
    assert said == f"{second}: {reason}"
    assert first.read_bytes() == b"a"
    assert leftovers(folder) == []


@as_root
def test_an_immutable_file_is_refused_to_root_too(folder: Path) -> None:
    first, second = folder / "1", folder / "2"
    for file in (first, second):
        file.write_bytes(b"a")
    with after(["chattr", "+i", str(second)], ["chattr", "-i", str(second)]):
        said = refusal(lambda: write({str(first): (b"a", b"b"), str(second): (b"a", b"b")}))
        assert said == f"{second}: it may not be written"
        assert (first.read_bytes(), second.read_bytes()) == (b"a", b"a")
        assert leftovers(folder) == []


@as_root
def test_what_was_replaced_is_put_back_when_a_later_file_cannot_be(folder: Path) -> None:
    """A file that is a mount point, as in a container, passes every check and cannot be renamed over."""
    first, second, elsewhere = folder / "1", folder / "2", folder / "elsewhere"
    for file in (first, second, elsewhere):
        file.write_bytes(b"a")
    first.chmod(0o640)
    with after(["mount", "--bind", str(elsewhere), str(second)], ["umount", str(second)]):
        said = refusal(lambda: write({str(first): (b"a", b"b"), str(second): (b"a", b"b")}))
        assert said == f"{second}: Device or resource busy"
    assert (first.read_bytes(), second.read_bytes(), elsewhere.read_bytes()) == (b"a", b"a", b"a")
    assert stat.S_IMODE(first.stat().st_mode) == 0o640
    assert leftovers(folder) == []


@as_root
def test_a_read_only_mount_is_refused(folder: Path) -> None:
    (folder / "f").write_bytes(b"a")
    where = str(folder)
    with (
        after(["mount", "--bind", where, where], ["umount", where]),
        after(["mount", "-o", "remount,bind,ro", where], ["mount", "-o", "remount,bind,rw", where]),
    ):
        assert "may not be written" in refusal(lambda: write({f"{where}/f": (b"a", b"b")}))


def test_a_read_only_file_is_respected(folder: Path) -> None:
    file = folder / "f"
    file.write_bytes(b"a")
    file.chmod(0o444)
    folder.chmod(0o777)
    assert as_nobody(lambda: write({str(file): (b"a", b"b")})) == f"{file}: it may not be written"
    assert file.read_bytes() == b"a"


def test_a_read_only_folder(folder: Path) -> None:
    file = folder / "f"
    file.write_bytes(b"a")
    file.chmod(0o666)
    folder.chmod(0o555)
    assert as_nobody(lambda: write({str(file): (b"a", b"b")})) == f"{file}: Permission denied"
    assert file.read_bytes() == b"a"


@as_root
def test_a_file_whose_owner_cannot_be_kept_is_left_alone(folder: Path) -> None:
    file = folder / "f"
    file.write_bytes(b"a")
    file.chmod(0o666)
    folder.chmod(0o777)
    assert as_nobody(lambda: write({str(file): (b"a", b"b")})) == f"{file}: Operation not permitted"
    assert file.read_bytes() == b"a"
    assert leftovers(folder) == []


@as_root
def test_an_ordinary_user_writes_their_own_files(folder: Path) -> None:
    file = folder / "f"
    file.write_bytes(b"a")
    os.chown(file, NOBODY, NOBODY)
    os.chown(folder, NOBODY, NOBODY)
    assert as_nobody(lambda: write({str(file): (b"a", b"b")})) == ""
    assert file.read_bytes() == b"b"


@as_root
def test_a_full_disk_loses_nothing(folder: Path) -> None:
    disk = str(folder)
    with after(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], ["umount", disk]):
        file = folder / "f"
        file.write_bytes(b"a")
        said = refusal(lambda: write({str(file): (b"a", b"b" * 100_000)}))
        assert said == f"{file}: No space left on device"
        assert file.read_bytes() == b"a"
        assert leftovers(folder) == []


CHILD = """
import sys
from ns_lint.fixes.write import write
path, old, new = sys.argv[1], b"old\\n" * 50_000, b"new\\n" * 60_000
try:
    print("ready", flush=True)
    while True:
        write({path: (old, new), path + ".2": (old, new)})
        write({path: (new, old), path + ".2": (new, old)})
except KeyboardInterrupt:
    pass
"""


@pytest.mark.parametrize(("sent", "rounds"), [(signal.SIGKILL, 12), (signal.SIGINT, 6)], ids=["kill -9", "Ctrl-C"])
def test_a_process_that_is_ended_leaves_the_old_file_or_the_new(
    folder: Path, sent: signal.Signals, rounds: int
) -> None:
    old, new = b"old\n" * 50_000, b"new\n" * 60_000
    for round_ in range(rounds):
        files = [folder / "f", folder / "f.2"]
        for file in files:
            file.write_bytes(old)
            file.chmod(0o640)
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(files[0])], stdout=subprocess.PIPE)
        with child:
            assert child.stdout
            assert child.stdout.readline() == b"ready\n"
            time.sleep(0.003 * round_)
            child.send_signal(sent)
        for file in files:
            assert file.read_bytes() in (old, new)
            assert stat.S_IMODE(file.stat().st_mode) == 0o640
        if sent is signal.SIGINT:
            assert child.returncode == 0
            assert leftovers(folder) == []


def test_files_outside_the_tree_are_refused(folder: Path) -> None:
    tree = folder / "tree"
    (tree / "sub").mkdir(parents=True)
    (folder / "tree-too").write_bytes(b"")
    (tree / "in").symlink_to("sub/f")
    (tree / "out").symlink_to("../tree-too")
    refuse_outside(str(tree), str(tree / "sub" / "f"))
    refuse_outside(str(tree), str(tree / "in"))
    for path in (tree / "out", folder / "tree-too", tree / ".." / "x"):
        assert "outside" in refusal(lambda path=path: refuse_outside(str(tree), str(path)))
