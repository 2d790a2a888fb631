"""buildctl and buildctl-daemonless.sh, as BuildKit 0.34 takes their words."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join

from ..command import Argument
from ..invocation import BuilderSetup, Invocation, Option, Tool
from ..pod import Setting
from ..source import Place
from .flags import Flags, names, split
from .where import Where, last, span, target_of

GLOBAL = Flags(
    names("addr log-format timeout tlscacert tlscert tlsdir tlskey tlsservername"), names("debug wait"), True, False
)
BUILD = Flags(
    names(
        "allow debug-json-cache-metrics export-cache=cache-to frontend import-cache=cache-from local metadata-file"
        " oci-layout opt output,o progress ref-file registry-auth-tlscontext secret source-policy-file ssh trace"
    ),
    names("no-cache proxy-network"),
    True,
)
_OPT_NAMES = {
    "add-hosts": "add-host",
    "cgroup-parent": "cgroup-parent",
    "context": "context",
    "filename": "filename",
    "force-network-mode": "network",
    "platform": "platform",
    "shm-size": "shm-size",
    "target": "target",
    "ulimit": "ulimit",
}


def read(argv: tuple[Argument, ...], where: Where) -> Iterator[Invocation | BuilderSetup]:
    """What a buildctl command builds; buildctl-daemonless.sh starts a daemon too, with the words of BUILDKITD_FLAGS."""
    if argv[0].text.endswith("daemonless.sh"):
        yield from _daemon(argv[0], where)
    _, _, at = split(argv, 1, GLOBAL, where.data)
    if at >= len(argv) or argv[at].text not in ("build", "b"):
        return
    options, operands, _ = split(argv, at + 1, BUILD, where.data)
    options = tuple(_named(option, where.data) for option in options)
    context, dockerfile = last(options, "context"), last(options, "dockerfile")
    filename = last(options, "filename")
    directory = dockerfile.text if dockerfile else context.text if context else None
    yield Invocation(
        span(argv),
        Tool.BUILDCTL,
        options,
        join(directory or "", (filename.text if filename else None) or "Dockerfile") if directory else None,
        context.text if context else None,
        target_of(options),
        where.directory,
        where.form,
        argv,
        operands,
        where.container,
        where.machine,
    )


def _daemon(program: Argument, where: Where) -> Iterator[BuilderSetup]:
    from .buildkitd import read as read_daemon

    words = [Argument("buildkitd", True, program.place)]
    place = program.place
    if where.daemon_flags is not None and where.daemon_flags.value is not None:
        place = where.daemon_flags.place
        words.extend(_words(where.daemon_flags, where.data))
    for setup in read_daemon(tuple(words), where):
        options = tuple(_in_variable(option, where.data) for option in setup.options)
        yield setup._replace(place=place, options=options)


def _in_variable(option: Option, data: bytes) -> Option:
    """The first word of the variable goes with the blank behind it."""
    if option.removal is not None:
        return option
    end = option.place.end + (data[option.place.end : option.place.end + 1] == b" ")
    return option._replace(removal=option.place._replace(end=end))


def _words(flags: Setting, data: bytes) -> list[Argument]:
    """The words of a variable, each with its place where the value stands verbatim in the file."""
    place = flags.value_place
    found: list[Argument] = []
    at = place.start
    for word in (flags.value or "").split():
        start = data.find(word.encode("utf-8", "surrogateescape"), at, place.end)
        here = Place(place.path, start, start + len(word.encode("utf-8", "surrogateescape"))) if start >= 0 else place
        at = max(at, here.end if start >= 0 else at)
        found.append(Argument(word, True, here))
    return found


def _named(option: Option, data: bytes) -> Option:
    """`--opt build-arg:A=1` is the option build-arg with the value A=1, `--local context=.` is context with `.`."""
    if option.name not in ("opt", "local") or option.text is None or option.value_place is None:
        return option
    key, equals, _ = option.text.partition("=")
    if not equals:
        return option
    kind, colon, _ = key.partition(":")
    if option.name == "local":
        return _with_value(option, key, len(key) + 1, data)
    if colon and kind in ("build-arg", "label"):
        return _with_value(option, kind, len(kind) + 1, data)
    return _with_value(option, _OPT_NAMES[key], len(key) + 1, data) if key in _OPT_NAMES else option


def _with_value(option: Option, name: str, start: int, data: bytes) -> Option:
    text, place = option.text or "", option.value_place
    if place is not None:
        begin = place.start + (data[place.start : place.start + 1] in (b'"', b"'"))
        end = place.end - (begin > place.start)
        if data.startswith(text[:start].encode("utf-8", "surrogateescape"), begin):
            place = Place(place.path, begin + len(text[:start].encode("utf-8", "surrogateescape")), end)
    value = None if option.value is None else option.value[start:]
    return option._replace(name=name, value=value, value_place=place, text=text[start:])
