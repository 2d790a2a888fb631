"""The kaniko executor's flags, and what becomes of each under BuildKit: one row per flag.

The flags and what they do are those of v1.24 (cmd/executor/cmd/root.go, pkg/executor/push.go) and of its forks. A value
may hold characters of `quoting.Words`, each of which stands for something that is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from ...linter.command import Argument
from ...linter.source import Place
from ...linter.tools.flags import split
from ...linter.tools.kaniko import EXECUTOR


class Fate(Enum):
    """TRANSLATED: BuildKit has it. DROPPED: nothing is lost without it. GUIDANCE: somebody has to do something."""

    TRANSLATED = "translated"
    DROPPED = "dropped"
    GUIDANCE = "guidance"


class Part(Enum):
    """What of a build a flag says. Of all the flags that say the same part, the first is where its words go."""

    CONTEXT = "context"
    DOCKERFILE = "dockerfile"
    BUILD_ARG = "build-arg"
    LABEL = "label"
    SECRET = "secret"
    TARGET = "target"
    PLATFORM = "platform"
    OUTPUT = "output"
    CACHE = "cache"
    METADATA = "metadata"
    EPOCH = "epoch"
    PROGRESS = "progress"


class Row(NamedTuple):
    """`says` is why a flag is dropped, what to do instead, or what is different; `default` is a switch's."""

    fate: Fate
    part: Part | None = None
    says: str = ""
    default: bool = False


def _to(part: Part, says: str = "") -> Row:
    return Row(Fate.TRANSLATED, part, says)


def _drop(says: str, *, default: bool = False) -> Row:
    return Row(Fate.DROPPED, None, says, default)


def _guide(says: str, *, default: bool = False) -> Row:
    return Row(Fate.GUIDANCE, None, says, default)


_SANDBOX = "every step has a root file system of its own"
_DIFFERS = "BuildKit takes each layer as a difference of file systems"
_RETRIES = "BuildKit retries by itself"
_LOCAL_CACHE = "keep /var/lib/buildkit on a volume, or use a mirror"

ROWS: Mapping[str, Row] = {
    # what is built
    "dockerfile": _to(Part.DOCKERFILE),
    "context": _to(Part.CONTEXT),
    "context-sub-path": _to(Part.CONTEXT),
    "git": _to(Part.CONTEXT),
    "bucket": _guide("BuildKit reads no bucket: fetch the archive first, and give the directory"),
    "build-arg": _to(Part.BUILD_ARG),
    "target": _to(Part.TARGET),
    "custom-platform": _to(Part.PLATFORM, "RUN is emulated for another architecture; kaniko ran it natively"),
    "label": _to(Part.LABEL),
    "annotation": _to(Part.OUTPUT),
    "secret": _to(Part.SECRET),
    "ignore-path": _guide("what a step leaves there is part of the image: remove it in that step, or mount a tmpfs"),
    "ignore-var-run": _drop("what a step leaves in /var/run is part of the image", default=True),
    "skip-unused-stages": _drop("BuildKit skips stages that the target does not need, always"),
    "kaniko-dir": _drop("there is no /kaniko"),
    # what comes out
    "destination": _to(Part.OUTPUT),
    "no-push": _to(Part.OUTPUT),
    "tar-path": _to(Part.OUTPUT),
    "oci-layout-path": _to(Part.OUTPUT),
    "digest-file": _to(Part.METADATA),
    "image-name-with-digest-file": _to(Part.METADATA),
    "image-name-tag-with-digest-file": _to(Part.METADATA),
    "compression": _to(Part.OUTPUT),
    "compression-level": _to(Part.OUTPUT),
    "image-format": _to(Part.OUTPUT),
    "reproducible": _to(Part.EPOCH, "the digest is another one than kaniko's"),
    "single-snapshot": _guide("for one layer, copy the result: `FROM scratch`, `COPY --from=build / /`"),
    "snapshot-mode": _drop(_DIFFERS),
    "use-new-run": _drop(_DIFFERS),
    "force-build-metadata": _drop("BuildKit writes no layers for metadata"),
    "materialize": _drop(_SANDBOX),
    "preserve-context": _drop(_SANDBOX),
    "pre-cleanup": _drop(_SANDBOX),
    "cleanup": _drop(_SANDBOX),
    "dryrun": _guide("to check without building, use `docker buildx build --check`"),
    # cache
    "cache": _to(Part.CACHE),
    "cache-repo": _to(Part.CACHE),
    "no-push-cache": _to(Part.CACHE),
    "cache-ttl": _drop("the registry decides how long a cache is kept"),
    "cache-copy-layers": _drop("BuildKit caches every layer"),
    "cache-run-layers": _drop("BuildKit caches every layer", default=True),
    "compressed-caching": _drop("BuildKit does not hold layers in memory", default=True),
    "cache-dir": _drop(_LOCAL_CACHE),
    # registries
    "insecure": _to(Part.OUTPUT, "prefer the registry's CA in buildkitd.toml"),
    "skip-tls-verify": _to(Part.OUTPUT, "prefer the registry's CA in buildkitd.toml"),
    "insecure-pull": _guide("buildkitd.toml, for each registry that bases come from: `http = true`"),
    "skip-tls-verify-pull": _guide("buildkitd.toml, for each registry that bases come from: `insecure = true`"),
    "insecure-registry": _guide("buildkitd.toml: `{toml}`"),
    "skip-tls-verify-registry": _guide("buildkitd.toml: `{toml}`"),
    "registry-certificate": _guide("buildkitd.toml: `{toml}`"),
    "registry-client-cert": _guide("buildkitd.toml: `{toml}`"),
    "registry-map": _guide("buildkitd.toml: `{toml}`"),
    "registry-mirror": _guide("buildkitd.toml: `{toml}`"),
    "skip-default-registry-fallback": _guide("BuildKit falls back to the registry itself: close it by network policy"),
    "credential-helpers": _guide("the image has no helpers: write the credentials to config.json, or add the helper"),
    "azure-container-registry-config": _guide("write the credentials to config.json"),
    "push-retry": _drop(_RETRIES),
    "image-download-retry": _drop(_RETRIES),
    "image-fs-extract-retry": _drop(_RETRIES),
    "push-ignore-immutable-tag-errors": _guide("BuildKit fails when a tag is immutable: push a new one"),
    "skip-push-permission-check": _drop("BuildKit asks for permission only when it pushes"),
    # the rest
    "verbosity": _to(Part.PROGRESS),
    "log-format": _drop("buildctl writes plain text where there is no terminal"),
    "log-timestamp": _drop("buildctl writes how long each step takes"),
    "force": _drop("BuildKit needs no container"),
}


class Given(NamedTuple):
    """A flag as it was given: `first` and `last` are the numbers of its words, `value` None where it has none."""

    name: str
    value: str | None
    first: int
    last: int


class Flags(NamedTuple):
    """A command line of kaniko, split. `others` are the numbers of words that are no part of a flag."""

    given: tuple[Given, ...]
    others: tuple[int, ...]

    def values(self, name: str) -> list[str]:
        return [flag.value for flag in self.given if flag.name == name and flag.value is not None]

    def last(self, name: str) -> str | None:
        """The value that counts of a flag that holds one."""
        return next(reversed(self.values(name)), None)

    def has(self, name: str) -> bool:
        """Whether a switch is on. One whose value is not known is on."""
        found = [flag for flag in self.given if flag.name == name]
        return switch(found[-1].value) is not False if found else ROWS[name].default


_TRUE = frozenset(("1", "t", "T", "true", "TRUE", "True"))
_FALSE = frozenset(("0", "f", "F", "false", "FALSE", "False"))


def switch(value: str | None) -> bool | None:
    """What a switch's value means to Go's strconv.ParseBool; None when it is not known, or refused."""
    if value is None or value in _TRUE:
        return True
    return False if value in _FALSE else None


def read_flags(argv: Sequence[str]) -> Flags:
    """Split the words behind the program's name as pflag does: a switch takes a value only behind `=`."""
    words = tuple(Argument(text, True, Place("", number, number + 1)) for number, text in enumerate(argv))
    options, operands, _ = split(words, 0, EXECUTOR, b"")
    given = [Given(one.name, one.text, one.place.start, one.place.end - 1) for one in options]
    return Flags(tuple(given), tuple(operand.place.start for operand in operands))


class Note(NamedTuple):
    """What becomes of one flag, for a person to read."""

    flag: str
    fate: Fate
    text: str


def notes(flags: Flags) -> Iterator[Note]:
    """A note for each flag that was given, each flag once, in the order of the command line."""
    seen: set[str] = set()
    for flag in flags.given:
        if flag.name in seen or (row := ROWS.get(flag.name)) is None:
            continue
        seen.add(flag.name)
        if flag.name in EXECUTOR.switches and flags.has(flag.name) == row.default:
            yield Note(flag.name, Fate.DROPPED, "it is so anyway")
        else:
            yield Note(flag.name, row.fate, row.says.replace("{toml}", "; ".join(toml(flag.name, flags))))


def toml(name: str, flags: Flags) -> Iterator[str]:
    """Lines of buildkitd.toml, with dotted keys, that say what a flag about registries says."""
    values = flags.values(name)
    match name:
        case "insecure-registry":
            yield from (f'registry."{host}".http = true' for host in values)
        case "skip-tls-verify-registry":
            yield from (f'registry."{host}".insecure = true' for host in values)
        case "registry-certificate":
            yield from (f'registry."{host}".ca = ["{path}"]' for host, path in _pairs(values))
        case "registry-client-cert":
            for host, paths in _pairs(values):
                certificate, _, key = paths.partition(",")
                yield f'registry."{host}".keypair = [{{ cert = "{certificate}", key = "{key}" }}]'
        case "registry-map":
            mapped: dict[str, list[str]] = {}
            for host, mirror in _pairs(pair for value in values for pair in value.split(";")):
                mapped.setdefault(host, []).append(mirror)
            yield from (f'registry."{host}".mirrors = [{_list(mirrors)}]' for host, mirrors in mapped.items())
        case "registry-mirror":
            yield f'registry."docker.io".mirrors = [{_list(values)}]'
        case _:
            pass


def _pairs(values: Iterable[str]) -> Iterator[tuple[str, str]]:
    for value in values:
        name, equals, rest = value.partition("=")
        if equals:
            yield name.strip(), rest.strip()


def _list(values: Iterable[str]) -> str:
    return ", ".join(f'"{value}"' for value in values)
