"""A job in the words of BuildKit's two clients: `buildctl build` and `docker buildx build`."""

from __future__ import annotations

from typing import Protocol

from .job import UNPACKED, Cache, Job, Obstacle

METADATA = "/tmp/metadata.json"
"""Where the client writes what it built."""

Argv = tuple[str, ...]


class Dialect(Protocol):
    """Each method gives the words for one part of a job, none where there is nothing to say."""

    head: Argv
    """The words in front of the flags, the program's name left out."""

    def context(self, job: Job) -> Argv: ...
    def dockerfile(self, job: Job) -> Argv: ...
    def build_arg(self, value: str) -> Argv: ...
    def label(self, value: str) -> Argv: ...
    def secret(self, value: str) -> Argv: ...
    def target(self, job: Job) -> Argv: ...
    def platform(self, job: Job) -> Argv: ...
    def output(self, job: Job) -> Argv: ...
    def cache(self, job: Job) -> Argv: ...
    def tail(self, job: Job) -> Argv:
        """The words behind all the others."""
        ...


class Buildctl:
    head: Argv = ("build", "--frontend=dockerfile.v0")

    def context(self, job: Job) -> Argv:
        source = job.source
        return (f"--opt=context={source.where}",) if source.remote else (f"--local=context={source.where}",)

    def dockerfile(self, job: Job) -> Argv:
        directory, name, url = job.dockerfile
        if url:
            raise Obstacle("buildctl fetches no Dockerfile: download it first")
        words: list[str] = [] if directory is None else [f"--local=dockerfile={directory}"]
        if name != "Dockerfile":
            words.append(f"--opt=filename={name}")
        return tuple(words)

    def build_arg(self, value: str) -> Argv:
        return (f"--opt=build-arg:{value}",)

    def label(self, value: str) -> Argv:
        return (f"--opt=label:{value}",)

    def secret(self, value: str) -> Argv:
        return (f"--secret={value}",)

    def target(self, job: Job) -> Argv:
        return (f"--opt=target={job.target}",) if job.target else ()

    def platform(self, job: Job) -> Argv:
        return (f"--opt=platform={job.platform}",) if job.platform else ()

    def output(self, job: Job) -> Argv:
        names = [f"name={','.join(job.destinations)}"] if job.destinations else []
        words: list[str] = []
        if job.pushes:
            words.append(_output("image", *names, "push=true", *_insecure(job), *job.attributes))
        elif job.digest_files:
            words.append(_output("image", *names, *job.attributes))  # without an output there is no digest
        return (*words, *_files(job, names))

    def cache(self, job: Job) -> Argv:
        return _cache(job, "--import-cache", "--export-cache")

    def tail(self, job: Job) -> Argv:
        epoch = ("--opt=build-arg:SOURCE_DATE_EPOCH=0",) if job.epoch else ()
        hosts = (f"--opt=add-hosts={','.join(job.hosts)}",) if job.hosts else ()
        return (*epoch, *hosts, *_secrets(job), *_metadata(job))


class Buildx:
    head: Argv = ("build", "--provenance=false")
    """kaniko pushes an image, not the index that holds an attestation too."""

    def context(self, job: Job) -> Argv:
        return ()

    def dockerfile(self, job: Job) -> Argv:
        directory, name, _ = job.dockerfile
        if directory is None or directory == ".":
            return () if name == "Dockerfile" else (f"--file={name}",)
        if name == "Dockerfile" and directory == job.source.where:
            return ()
        return (f"--file={directory}/{name}",)

    def build_arg(self, value: str) -> Argv:
        return (f"--build-arg={value}",)

    def label(self, value: str) -> Argv:
        return (f"--label={value}",)

    def secret(self, value: str) -> Argv:
        return (f"--secret={value}",)

    def target(self, job: Job) -> Argv:
        return (f"--target={job.target}",) if job.target else ()

    def platform(self, job: Job) -> Argv:
        return (f"--platform={job.platform}",) if job.platform else ()

    def output(self, job: Job) -> Argv:
        words = [f"--tag={name}" for name in job.destinations]
        attributes = (*_insecure(job), *job.attributes)
        files = _files(job, [])
        if job.pushes:
            plain = not (attributes or files)
            words.append("--push" if plain else _output("image", "push=true", *attributes))
        elif not files:
            words.append(_output("image", *attributes) if job.digest_files else "--output=type=cacheonly")
        return (*words, *files)

    def cache(self, job: Job) -> Argv:
        return _cache(job, "--cache-from", "--cache-to")

    def tail(self, job: Job) -> Argv:
        epoch = ("--build-arg=SOURCE_DATE_EPOCH=0",) if job.epoch else ()
        hosts = (f"--add-host={host}" for host in job.hosts)
        return (*epoch, *hosts, *_secrets(job), *_metadata(job), job.source.where)


BUILDCTL = Buildctl()
BUILDX = Buildx()


def _insecure(job: Job) -> Argv:
    return ("registry.insecure=true",) if job.insecure else ()


def _files(job: Job, names: list[str]) -> list[str]:
    found: list[str] = []
    if job.tar is not None:
        found.append(_output("docker", *names, f"dest={job.tar}"))
    if job.layout is not None:
        found.append(_output("oci", "tar=false", f"dest={job.layout}"))
    return found


def _output(kind: str, *attributes: str) -> str:
    return "--output=" + _csv((f"type={kind}", *attributes))


def _csv(fields: Argv) -> str:
    """Comma-separated fields as Go's encoding/csv reads them: one with a comma or a quote in it stands in quotes."""
    return ",".join('"' + f.replace('"', '""') + '"' if "," in f or '"' in f else f for f in fields)


def _cache(job: Job, read: str, write: str) -> Argv:
    if job.cache is None:
        return ()
    cache: Cache = job.cache
    if cache.directory:
        words = [f"{read}=" + _csv(("type=local", f"src={cache.reference}"))]
        into = ("type=local", f"dest={cache.reference}", "mode=max")
    else:
        words = [f"{read}=" + _csv(("type=registry", f"ref={cache.reference}", *_insecure(job)))]
        into = ("type=registry", f"ref={cache.reference}", "mode=max", *_insecure(job))
    return (*words, f"{write}=" + _csv(into)) if cache.exported else tuple(words)


def _secrets(job: Job) -> Argv:
    return tuple(f"--secret={secret}" for secret in job.secrets)


def _metadata(job: Job) -> Argv:
    return (f"--metadata-file={METADATA}",) if job.digest_files else ()


def before(job: Job) -> list[Argv]:
    """Commands to run before the build."""
    archive = job.source.archive
    if archive is None:
        return []
    # kaniko takes only gzip from standard input, which busybox's tar cannot look into for itself
    flags = "xzf" if archive == "-" or archive.endswith(("gz", "tgz")) else "xf"
    return [("mkdir", "-p", UNPACKED), ("tar", flags, archive, "-C", UNPACKED)]
