"""What a kaniko command asks for, whatever builds it: the context, the Dockerfile, what comes out, the cache."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from posixpath import basename, dirname, isabs, join, normpath
from typing import NamedTuple

from ...linter.tools.kaniko import DEFAULT_CONTEXT
from .flags import Flags, switch
from .quoting import is_opaque

UNPACKED = "/tmp/context"
"""Where an archive that is the context is unpacked to."""

WORKSPACE = "/workspace"
"""The working directory of kaniko's image."""

CACHE_TAG = "buildkit"
"""kaniko keeps a tag for each layer in its cache, BuildKit one for all."""


class Obstacle(Exception):
    """Why a command cannot be translated by a machine."""


class Source(NamedTuple):
    """A context: a directory of the client, or with `remote` an URL that the daemon fetches.

    `archive` is unpacked into the directory first; `-` is standard input.
    """

    where: str
    remote: bool = False
    archive: str | None = None


class DockerfileAt(NamedTuple):
    """`directory` is None for a file that is looked for in a remote context; `url` is one that is fetched."""

    directory: str | None
    name: str
    url: bool = False


class DigestFile(NamedTuple):
    """A file for the digest; with `names`, a line `name@digest` for each of them."""

    path: str
    names: tuple[str, ...] = ()


class Cache(NamedTuple):
    """A cache in a registry, or in a directory. `exported` is false for one that is only read."""

    reference: str
    exported: bool
    directory: bool = False


class Job(NamedTuple):
    """`attributes` are those of BuildKit's image exporter; `insecure` says that it pushes without TLS verified."""

    source: Source
    dockerfile: DockerfileAt
    destinations: tuple[str, ...]
    pushes: bool
    tar: str | None
    layout: str | None
    attributes: tuple[str, ...]
    insecure: bool
    cache: Cache | None
    digest_files: tuple[DigestFile, ...]
    epoch: bool
    target: str | None
    platform: str | None
    secrets: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


class Surroundings(NamedTuple):
    """Where a kaniko command runs.

    `directory` is put in front of relative paths: a pod without a working directory runs kaniko in the one of its
    image, /workspace. `environment` are the variables that are known to be set. `variable` gives what stands for a
    variable's value in the words, None where they are no shell's and it may not be set. `git_secret` is the variable
    that holds the password for a git context, `hosts` are entries of the pod's /etc/hosts (`name=address`), and
    `context` is what is built where no context is given.
    """

    directory: str | None = None
    environment: Mapping[str, str | None] = {}
    variable: Callable[[str], str] | None = None
    git_secret: str | None = None
    hosts: tuple[str, ...] = ()
    context: str = DEFAULT_CONTEXT


def read_job(flags: Flags, around: Surroundings) -> Job:
    """Raises Obstacle."""
    destinations = tuple(flags.values("destination"))
    no_push = flags.last("no-push") if flags.values("no-push") else None
    if no_push is not None and switch(no_push) is None:
        raise Obstacle(f"whether it pushes depends on `{no_push}`")
    pushes = not flags.has("no-push")
    if pushes and not destinations:
        raise Obstacle("it has neither --destination nor --no-push, which kaniko refuses")
    source = _source(flags, around)
    tar, layout = flags.last("tar-path"), flags.last("oci-layout-path")
    insecure = flags.has("insecure") or flags.has("skip-tls-verify") or _names_insecure(flags, destinations)
    target = flags.last("target")
    if target and "," in target:
        raise Obstacle("each target of several takes a build of its own")
    return Job(
        source,
        _dockerfile(flags.last("dockerfile"), source, around),
        destinations,
        pushes,
        _absolute(tar, around) if tar else None,
        # kaniko changes to / before it writes the layout, and forgets to make the path absolute
        join("/", layout) if layout and not is_opaque(layout[0]) else layout,
        tuple(_attributes(flags)),
        insecure,
        _cache(flags, destinations),
        tuple(_digest_files(flags, destinations, around)),
        flags.has("reproducible"),
        target or None,
        flags.last("custom-platform") or None,
        (f"id=GIT_AUTH_TOKEN,env={around.git_secret}",) if source.remote and around.git_secret else (),
        around.hosts,
    )


def _absolute(path: str, around: Surroundings) -> str:
    if around.directory is None or isabs(path) or is_opaque(path[:1]):
        return path
    return normpath(join(around.directory, path))


# -------------------------------------------------------------------------------------------------------------- context


def _source(flags: Flags, around: Surroundings) -> Source:
    context = flags.last("context") or around.context
    scheme, separator, rest = context.partition("://")
    below = flags.last("context-sub-path") if separator else None
    if not separator or scheme == "dir":
        path = (rest if separator else context) or "."
        # kaniko's own example has `dir://workspace`, which names /workspace/workspace, and means /workspace
        path = WORKSPACE if path == "workspace" and around.directory == WORKSPACE else _absolute(path, around)
        path = path.rstrip("/") or "/"
        return Source(join(path, below) if below else path)
    if scheme == "git":
        return Source(_git(rest, flags, around, below), remote=True)
    if scheme == "tar":
        archive = "-" if rest == "stdin" else _absolute(rest, around)
        return Source(join(UNPACKED, below) if below else UNPACKED, archive=archive)
    if scheme in ("http", "https") and ".blob.core.windows.net/" not in rest:
        if below:
            raise Obstacle("BuildKit takes no part of an archive that it fetches: unpack it first")
        return Source(context, remote=True)
    kinds = {"s3": "an S3 bucket", "gs": "a Google Cloud bucket", "https": "an Azure blob", "http": "an Azure blob"}
    kind = kinds.get(scheme, f"`{scheme}://`" if not any(map(is_opaque, scheme)) else "what is not known")
    raise Obstacle(f"BuildKit reads no context from {kind}: fetch and unpack it in a step before, then give its path")


def _git(rest: str, flags: Flags, around: Surroundings, below: str | None) -> str:
    """`host/repo#refs/heads/main#commit` as the URL that BuildKit clones: `https://host/repo.git#commit:directory`."""
    repository, *references = rest.split("#")
    reference = references[-1] if references else ""
    options = [item.partition("=") for value in flags.values("git") for item in value.split(",")]
    reference = reference or next((value for name, _, value in reversed(options) if name == "branch"), "")
    if not repository or is_opaque(repository[-1]):
        raise Obstacle("BuildKit takes only an URL that ends in `.git` for a repository: write it out")
    method = "http" if around.environment.get("GIT_PULL_METHOD") == "http" else "https"
    url = f"{method}://{repository.rstrip('/').removesuffix('.git')}.git"
    fragment = reference + (f":{below}" if below else "")
    return f"{url}#{fragment}" if fragment else url


def _dockerfile(path: str | None, source: Source, around: Surroundings) -> DockerfileAt:
    """Where kaniko finds it: the path as given if it exists, else below the context.

    Which of the two it is for a relative path cannot be seen: `app/Dockerfile` is taken as given where the context is
    `app`, or ends so.
    """
    path = path or "Dockerfile"
    if path.startswith(("http://", "https://")):
        return DockerfileAt(None, path, url=True)
    if source.remote:
        return DockerfileAt(None, path)
    where = source.where
    if isabs(path) or path.startswith("../") or _begins_as(where, path) or (is_opaque(path[0]) and "/" in path):
        return DockerfileAt(dirname(_absolute(path, around)) or ".", basename(path))
    path = path.removeprefix("./")
    return DockerfileAt(join(where, dirname(path)) if dirname(path) else where, basename(path))


def _begins_as(where: str, path: str) -> bool:
    parts = dirname(path.removeprefix("./")).split("/")
    context = where.strip("/").split("/")
    return any(context[-count:] == parts[:count] for count in range(1, len(parts) + 1) if parts != [""])


# --------------------------------------------------------------------------------------------------------------- output


def _attributes(flags: Flags) -> list[str]:
    found: list[str] = []
    compression, level = flags.last("compression"), flags.last("compression-level")
    if compression:
        found.append(f"compression={compression}")
    if level and level != "-1":
        found.append(f"compression-level={level}")
    form = flags.last("image-format")
    if form in ("docker", "oci"):
        found.append(f"oci-mediatypes={'true' if form == 'oci' else 'false'}")
    elif compression == "zstd":
        found.append("oci-mediatypes=true")
    if flags.has("reproducible"):
        found.append("rewrite-timestamp=true")
    found.extend(f"annotation.{value}" for value in flags.values("annotation"))
    return found


def _names_insecure(flags: Flags, destinations: tuple[str, ...]) -> bool:
    hosts = [*flags.values("insecure-registry"), *flags.values("skip-tls-verify-registry")]
    return any(destination.startswith(f"{host}/") for host in hosts for destination in destinations)


def with_value(argument: str, around: Surroundings) -> str:
    """A build argument with its value: kaniko takes that of the variable of the same name, empty if it is not set."""
    if "=" in argument or any(map(is_opaque, argument)):
        return argument
    if around.variable is None:
        raise Obstacle(f"--build-arg {argument} takes its value from the environment: write it out")
    return f"{argument}={around.variable(argument)}"


def repository_of(reference: str) -> str | None:
    """A reference without its tag, None when it cannot be seen whether there is one."""
    head, slash, last = reference.rpartition("/")
    name, colon, _ = last.partition(":")
    if colon or not is_opaque(last[-1:]):
        return head + slash + name
    return None


def _full(reference: str, *, tagged: bool) -> str:
    """The name that kaniko writes to a file: with the registry, and `latest` for a tag that is left out."""
    repository = repository_of(reference)
    if repository is None:
        raise Obstacle(f"whether `{reference}` has a tag cannot be seen")
    tag = reference[len(repository) + 1 :] or "latest"
    first, slash, _ = repository.partition("/")
    if not slash:
        repository = f"index.docker.io/library/{repository}"
    elif not (any(char in ".:" or is_opaque(char) for char in first) or first == "localhost"):
        repository = f"index.docker.io/{repository}"
    return f"{repository}:{tag}" if tagged else repository


def _digest_files(flags: Flags, destinations: tuple[str, ...], around: Surroundings) -> list[DigestFile]:
    found: list[DigestFile] = []
    for name in ("digest-file", "image-name-with-digest-file", "image-name-tag-with-digest-file"):
        path = flags.last(name)
        if not path:
            continue
        if "://" in path:
            raise Obstacle(f"--{name} writes to an URL, which takes a command of its own")
        names = () if name == "digest-file" else tuple(_full(one, tagged="-tag-" in name) for one in destinations)
        found.append(DigestFile(_absolute(path, around), names))
    return found


def _cache(flags: Flags, destinations: tuple[str, ...]) -> Cache | None:
    """The cache is `--cache-repo`, else `cache` below the first destination."""
    if not flags.has("cache"):
        return None
    repository = flags.last("cache-repo")
    exported = not flags.has("no-push-cache")
    if repository is None:
        first = repository_of(destinations[0]) if destinations else None
        return Cache(f"{first}/cache:{CACHE_TAG}", exported) if first is not None else None
    if repository.startswith("oci:"):
        return Cache(repository.removeprefix("oci:"), exported, directory=True)
    tagged = ":" in repository.rpartition("/")[2]
    return Cache(repository if tagged else f"{repository}:{CACHE_TAG}", exported)
