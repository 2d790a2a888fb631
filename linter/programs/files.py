"""Programs that read, write, move and mark the files they are given.

Which of them exit non-zero for a file that is missing or cannot be changed was measured with GNU coreutils 9.1, grep
3.8, sed 4.9, mawk 1.3 and busybox 1.35: all that are here, `rm -f` of a mounted file included; `rm -f` and `touch -c`
of a missing file do not, and file(1) never does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import inf
from posixpath import basename

from ..command import Argument, Command
from ..facts import FileUse, MakeNode, UseFile
from ..rule import Fact
from ..system import System
from .nodes import copied_nodes
from .options import Options, options

_DIRECTORIES = frozenset("/ /dev /etc /home /media /mnt /opt /proc /root /run /srv /sys /tmp /usr /var".split())
"""Directories that every image has: what is copied to one goes into it."""

_READERS: dict[str, tuple[str, str]] = {
    "base64": ("w", "wrap"),
    "cat": ("", ""),
    "cksum": ("a", "algorithm"),
    "cmp": ("in", "ignore-initial bytes"),
    "cut": ("bcdf", "bytes characters delimiter fields output-delimiter"),
    "diff": ("UWxI", "unified width exclude label"),
    "du": ("dBtX", "max-depth block-size threshold exclude exclude-from"),
    "head": ("nc", "lines bytes"),
    "hexdump": ("nsef", "length skip"),
    "less": ("", ""),
    "ls": ("IwT", "ignore hide width tabsize block-size"),
    "md5sum": ("", ""),
    "more": ("", ""),
    "nl": ("bdfhilnsvw", ""),
    "od": ("AjNtSw", "address-radix skip-bytes read-bytes format"),
    "sha1sum": ("", ""),
    "sha256sum": ("", ""),
    "sha512sum": ("", ""),
    "sort": ("koStT", "key output buffer-size field-separator temporary-directory parallel"),
    "stat": ("cf", "format printf"),
    "strings": ("ntes", "bytes radix encoding"),
    "tac": ("s", "separator"),
    "tail": ("ncs", "lines bytes pid sleep-interval"),
    "wc": ("", "files0-from total"),
    "xxd": ("cglos", ""),
    "zcat": ("", ""),
}
"""Programs whose operands are files to read, and their options that take a value."""


def _uses(command: Command, arguments: Iterable[Argument], use: FileUse, system: System) -> Iterator[UseFile]:
    for argument in arguments:
        if path := command.path(argument):
            yield UseFile(argument.place, command, path, use, made=system.made(path))


def reader(command: Command, system: System) -> Iterator[UseFile]:
    short, long = _READERS[command.name]
    given = options(command, short, long)
    walks = {
        "du": not given.has("-x", "--one-file-system", "--exclude", "-X", "--exclude-from"),
        "ls": given.has("-R", "--recursive"),
    }
    operands = (operand for operand in given.operands if operand.text != "-")
    for use in _uses(command, operands, FileUse.READ, system):
        yield use._replace(recursive=walks.get(command.name, False))


def readlink(command: Command, system: System) -> Iterator[UseFile]:
    """What readlink and realpath look at; with -m nothing needs to be there."""
    given = options(command, "", "relative-to relative-base")
    if not given.has("-m", "--canonicalize-missing"):
        yield from _uses(command, given.operands, FileUse.READ, system)


def grep(command: Command, system: System) -> Iterator[UseFile]:
    """`grep [-e PATTERN] [PATTERN] FILE…`; -q succeeds at the first match, whatever becomes of other files."""
    given = options(command, "efABCmdD", "regexp file after-context before-context context max-count include exclude")
    has_pattern = given.has("-e", "--regexp", "-f", "--file")
    files = given.operands if has_pattern else given.operands[1:]
    if len(files) == 1 or not given.has("-q", "--quiet", "--silent"):
        yield from _uses(command, files, FileUse.READ, system)


def awk(command: Command, system: System) -> Iterator[UseFile]:
    """`awk [-f FILE] [PROGRAM] FILE…`; operands with a `=` assign to variables."""
    given = options(command, "fFv", "file field-separator assign", permute=False)
    files = given.operands if given.has("-f", "--file") else given.operands[1:]
    return _uses(command, (file for file in files if "=" not in file.text), FileUse.READ, system)


def sed(command: Command, system: System) -> Iterator[UseFile]:
    """`sed [-i] [-e SCRIPT] [SCRIPT] FILE…`; -i makes a new file and renames it over the old one."""
    given = options(command, "efl", "expression file line-length")
    has_script = given.has("-e", "--expression", "-f", "--file")
    in_place = any(name == "-i" or name.startswith("--in-place") for name in given.given)
    files = given.operands if has_script else given.operands[1:]
    return _uses(command, files, FileUse.LINK_OVER if in_place else FileUse.READ, system)


def find(command: Command, system: System) -> Iterator[UseFile]:
    """Where a search begins."""
    starts: list[Argument] = []
    words = [argument.text for argument in command.argv[1:]]
    for argument in command.argv[1:]:
        if argument.text in ("-H", "-L", "-P"):
            continue
        if argument.text[:1] in ("-", "(", "!"):
            break
        starts.append(argument)
    here = Argument(".", True, command.argv[0].place)
    for use in _uses(command, starts or (here,), FileUse.READ, system):
        yield use._replace(recursive=_LIMITS.isdisjoint(words) and _depth(words) > _DEPTH_OF_PROC_TTY_DRIVER)


_LIMITS = frozenset(("-xdev", "-mount", "-x", "-prune", "-quit"))
"""What may keep a search out of /proc."""

_DEPTH_OF_PROC_TTY_DRIVER = 3


def _depth(words: list[str]) -> float:
    """How deep a search goes below where it begins."""
    at = words.index("-maxdepth") + 1 if "-maxdepth" in words else len(words)
    return int(words[at]) if at < len(words) and words[at].isdecimal() else inf


def dd(command: Command, system: System) -> Iterator[UseFile]:
    for argument in command.argv[1:]:
        name, _, value = argument.text.partition("=")
        use = {"if": FileUse.READ, "of": FileUse.WRITE}.get(name)
        if use is not None and value:
            yield from _uses(command, (argument._replace(text=value),), use, system)


def tee(command: Command, system: System) -> Iterator[UseFile]:
    value = command.stdin.text.rstrip("\n") if command.stdin is not None else None
    for use in _uses(command, options(command, "", "output-error").operands, FileUse.WRITE, system):
        yield use._replace(value=value)


def touch(command: Command, system: System) -> Iterator[UseFile]:
    given = options(command, "drt", "date reference time")
    if not given.has("-c", "--no-create"):
        yield from _uses(command, given.operands, FileUse.WRITE, system)


def truncate(command: Command, system: System) -> Iterator[UseFile]:
    return _uses(command, options(command, "rs", "reference size").operands, FileUse.WRITE, system)


def mkdir(command: Command, system: System) -> Iterator[UseFile]:
    """`recursive` is -p: parents are made too, and what is there already is fine."""
    given = options(command, "mZ", "mode")
    for use in _uses(command, given.operands, FileUse.MAKE_DIRECTORY, system):
        yield use._replace(recursive=given.has("-p", "--parents"))


def rm(command: Command, system: System) -> Iterator[UseFile]:
    given = options(command)
    for use in _uses(command, given.operands, FileUse.REMOVE, system):
        yield use._replace(recursive=given.has("-r", "-R", "--recursive"))


def chmod(command: Command, system: System) -> Iterator[UseFile]:
    """`chmod [-R] MODE FILE…`; a mode may begin with a dash, as `-x` does."""
    given = options(command, "", "reference")
    mode_is_option = given.has("--reference") or any(name[1:2] in "rwxXst" for name in given.given if len(name) == 2)
    files = given.operands if mode_is_option else given.operands[1:]
    for use in _uses(command, files, FileUse.CHMOD, system):
        yield use._replace(recursive=given.has("-R", "--recursive"))


# ---------------------------------------------------------------------------------------------- from here to there


def cp(command: Command, system: System) -> Iterator[UseFile | MakeNode]:
    """A copy reads its source and writes into its target; `-a` and `-r` make device nodes anew."""
    given = options(command, "tS", "target-directory suffix")
    sources, target = _ends(given)
    over = given.has("--remove-destination")
    if given.has("-a", "-r", "-R", "--archive", "--recursive"):
        for source in sources:
            goal = _goal(command, given, sources, source, target)
            yield from copied_nodes(command, source, command.path(source), goal)
    yield from _uses(command, sources, FileUse.READ, system)
    yield from _onto(command, given, FileUse.LINK_OVER if over else FileUse.WRITE, system)


def mv(command: Command, system: System) -> Iterator[UseFile]:
    given = options(command, "tS", "target-directory suffix")
    sources, _ = _ends(given)
    yield from _uses(command, sources, FileUse.RENAME, system)
    yield from _onto(command, given, FileUse.LINK_OVER, system)


def install(command: Command, system: System) -> Iterator[UseFile]:
    """A target is taken away before a new one is written."""
    given = options(command, "mogtS", "mode owner group target-directory suffix strip-program")
    if given.has("-d", "--directory"):
        for use in _uses(command, given.operands, FileUse.MAKE_DIRECTORY, system):
            yield use._replace(recursive=True)
        return
    sources, _ = _ends(given)
    yield from _uses(command, sources, FileUse.READ, system)
    yield from _onto(command, given, FileUse.LINK_OVER, system)


def ln(command: Command, system: System) -> Iterator[UseFile]:
    """A link needs its name to be free, unless -f takes away what has it."""
    given = options(command, "tS", "target-directory suffix")
    use = FileUse.LINK_OVER if given.has("-f", "--force") else FileUse.LINK
    return _onto(command, given, use, system)


def _ends(given: Options) -> tuple[tuple[Argument, ...], Argument | None]:
    """The sources, and the target."""
    directory = given.value("-t", "--target-directory")
    if directory is not None:
        return given.operands, directory
    return (given.operands[:-1], given.operands[-1]) if len(given.operands) > 1 else (given.operands, None)


def _onto(command: Command, given: Options, use: FileUse, system: System) -> Iterator[UseFile]:
    """What is put in the place of the targets."""
    sources, target = _ends(given)
    if target is None:
        return
    for source in sources:
        path = _goal(command, given, sources, source, target)
        if path is not None:
            yield UseFile(target.place, command, path, use, made=system.made(path))


def _goal(
    command: Command, given: Options, sources: tuple[Argument, ...], source: Argument, target: Argument | None
) -> str | None:
    """Where a source goes: into the target when that is surely a directory, else onto it."""
    path = command.path(target) if target is not None else None
    if path is None or target is None:
        return None
    into = given.has("-t", "--target-directory") or len(sources) > 1 or target.text.endswith("/")
    if not into and path not in _DIRECTORIES:
        return path
    return f"{path.rstrip('/')}/{basename(source.text.rstrip('/'))}" if source.known else None


_Program = Callable[[Command, System], Iterable[Fact]]

PROGRAMS: dict[str, _Program] = {
    **dict.fromkeys(_READERS, reader),
    **dict.fromkeys(("grep", "egrep", "fgrep", "zgrep"), grep),
    **dict.fromkeys(("awk", "gawk", "mawk"), awk),
    "chmod": chmod,
    "cp": cp,
    "dd": dd,
    "find": find,
    "install": install,
    "ln": ln,
    "mkdir": mkdir,
    "mv": mv,
    "readlink": readlink,
    "realpath": readlink,
    "rm": rm,
    "sed": sed,
    "tee": tee,
    "touch": touch,
    "truncate": truncate,
    "unlink": rm,
}
