"""docker build, buildx, bake and compose: command lines as docker/cli 29, buildx 0.38 and compose 2 take them."""

from __future__ import annotations

from collections.abc import Iterator

from ..command import Argument
from ..invocation import BuilderSetup, Invocation, SetupKind, Tool
from .flags import Flags, names, split
from .where import Where, last, span, target_of

_GLOBAL = Flags(names("config context,c host,H log-level,l tlscacert tlscert tlskey"), names("debug,D tls tlsverify"))
GLOBAL = _GLOBAL._replace(permute=False)

BUILD = Flags(
    names(
        "add-host allow annotation attest build-arg build-context builder cache-from cache-to call cgroup-parent"
        " cpu-period cpu-quota cpu-shares,c cpuset-cpus cpuset-mems file,f iidfile isolation label memory,m"
        " memory-swap metadata-file network no-cache-filter output,o platform policy print=call progress resource"
        " secret security-opt shm-size ssh tag,t target ulimit"
    ),
    names("check compress debug,D force-rm load no-cache provenance pull push quiet,q rm sbom squash"),
)
"""`docker build` and `docker buildx build`; `provenance` and `sbom` are written with a `=`."""

BAKE = Flags(
    names("allow builder call file,f jobs,j list metadata-file policy progress set var"),
    names("check debug,D load no-cache print provenance pull push sbom"),
)
CREATE = Flags(
    names("builder buildkitd-config,config buildkitd-flags driver driver-opt name node platform"),
    names("append bootstrap debug,D leave use"),
)
_BUILDX_GLOBAL = Flags(names("builder"), names("debug,D"), permute=False)

COMPOSE_GLOBAL = Flags(
    names("ansi env-file file,f parallel profile progress project-directory project-name,p"),
    names("all-resources compatibility dry-run verbose"),
    permute=False,
)
COMPOSE_BUILD = Flags(
    names("build-arg builder memory,m progress ssh"),
    names("check compress force-rm no-cache no-rm parallel print provenance pull push quiet,q sbom with-dependencies"),
)
COMPOSE_UP = Flags(
    names("attach exit-code-from no-attach pull scale timeout,t wait-timeout"),
    names(
        "abort-on-container-exit abort-on-container-failure always-recreate-deps attach-dependencies build detach,d"
        " force-recreate menu no-build no-color no-deps no-log-prefix no-recreate no-start quiet-build quiet-pull"
        " remove-orphans renew-anon-volumes,V timestamps wait watch,w yes,y"
    ),
)

_BUILD_WORDS = frozenset({"build", "b"})
_BAKE_WORDS = frozenset({"bake", "f"})


def read(argv: tuple[Argument, ...], where: Where) -> Iterator[Invocation | BuilderSetup]:
    """What a `docker …` command says of builds."""
    options, _, at = split(argv, 1, GLOBAL, where.data)
    del options
    word = argv[at].text if at < len(argv) else ""
    following = argv[at + 1].text if at + 1 < len(argv) else ""
    if word in ("image", "builder") and following == "build":
        at, word = at + 1, "build"
    if word == "build":
        yield _build(Tool.DOCKER, argv, at + 1, where)
    elif word == "buildx":
        yield from read_buildx(argv, at + 1, where)
    elif word == "compose":
        yield from read_compose(argv, at + 1, where)
    elif word == "run" or (word == "container" and following == "run"):
        from .docker_run import read_run

        yield from read_run(argv, at + 1 + (word == "container"), where)


def read_buildx(argv: tuple[Argument, ...], at: int, where: Where) -> Iterator[Invocation | BuilderSetup]:
    """The words behind `buildx`."""
    before, _, at = split(argv, at, _BUILDX_GLOBAL, where.data)
    word = argv[at].text if at < len(argv) else ""
    if word in _BUILD_WORDS:
        found = _build(Tool.BUILDX, argv, at + 1, where)
        yield found._replace(options=before + found.options)
    elif word in _BAKE_WORDS:
        options, operands, _ = split(argv, at + 1, BAKE, where.data)
        yield Invocation(
            span(argv),
            Tool.BAKE,
            before + options,
            None,
            None,
            target_of(options)._replace(target=None),
            where.directory,
            where.form,
            argv,
            operands,
            where.container,
            where.machine,
        )
    elif word == "create":
        options, operands, _ = split(argv, at + 1, CREATE, where.data)
        driver = last(options, "driver")
        name = "docker-container" if driver is None else driver.value
        if not any(option.name == "leave" for option in options):
            yield BuilderSetup(
                span(argv), SetupKind.BUILDX, before + options, name, where.container, where.machine, operands
            )


def read_compose(argv: tuple[Argument, ...], at: int, where: Where) -> Iterator[Invocation]:
    """The words behind `docker compose` or `docker-compose`: `build`, and `up` or `run` with --build."""
    before, _, at = split(argv, at, COMPOSE_GLOBAL, where.data)
    word = argv[at].text if at < len(argv) else ""
    if word == "build":
        options, operands, _ = split(argv, at + 1, COMPOSE_BUILD, where.data)
    elif word in ("up", "create"):
        options, operands, _ = split(argv, at + 1, COMPOSE_UP, where.data)
        if not any(option.name == "build" for option in options):
            return
        options = tuple(option for option in options if option.name == "build")
    else:
        return
    yield Invocation(
        span(argv),
        Tool.COMPOSE,
        before + options,
        None,
        None,
        target_of(options),
        where.directory,
        where.form,
        argv,
        operands,
        where.container,
        where.machine,
        where.classic,
    )


def _build(tool: Tool, argv: tuple[Argument, ...], at: int, where: Where) -> Invocation:
    options, operands, _ = split(argv, at, BUILD, where.data)
    file = last(options, "file")
    return Invocation(
        span(argv),
        tool,
        options,
        (file.text or None) if file else None,
        operands[-1].text if operands else None,
        target_of(options),
        where.directory,
        where.form,
        argv,
        operands,
        where.container,
        where.machine,
        where.classic if tool is Tool.DOCKER else None,
    )
