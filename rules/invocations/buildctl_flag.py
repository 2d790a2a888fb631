"""buildctl has none of docker build's flags.

A target, a build argument, a platform and a label are options of the *frontend* to buildctl (`--opt target=prod`,
`--opt build-arg:V=1`), a tag is a field of the output. With docker's names it stops before it has talked to any
daemon: `flag provided but not defined: -build-arg`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.command import Argument
from ...linter.edit import Edit, Fix, Safety
from ...linter.invocation import Invocation, Option, Tool
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule
from ...linter.source import Place

FRONTEND = {"build-arg": "build-arg:", "label": "label:", "platform": "platform=", "target": "target="}
"""docker's flag → what stands in front of its value in `--opt`."""

OF_DOCKER = frozenset(
    "add-host annotation attest build-arg build-context cache-from cache-to cgroup-parent f file label load network"
    " no-cache-filter platform provenance pull push q quiet sbom shm-size t tag target ulimit".split()
)

rule = Rule(
    code="NS766",
    name="buildctl-flag",
    summary="buildctl has none of docker build's flags",
    refused=EVERYWHERE,
    guidance="Write `--opt NAME=VALUE`, `--opt build-arg:NAME=VALUE`, `--output type=image,name=TAG,push=true`.",
    symptoms=(r"flag provided but not defined: -\S+",),
    examples=(
        Bad(
            "buildctl build --frontend dockerfile.v0 --local context=. «--build-arg» V=1\n",
            fixed="buildctl build --frontend dockerfile.v0 --local context=. --opt build-arg:V=1\n",
            path="build.sh",
        ),
        Bad(
            "b:\n  script:\n    - buildctl build --local context=. «--target=prod» --progress plain\n",
            fixed="b:\n  script:\n    - buildctl build --local context=. --opt=target=prod --progress plain\n",
            path=".gitlab-ci.yml",
        ),
        Bad(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            '      command: [buildctl]\n      args: [build, «--build-arg», "V=a b", --local, context=.]\n',
            fixed="apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: moby/buildkit:v0.32.2\n"
            '      command: [buildctl]\n      args: [build, --opt, "build-arg:V=a b", --local, context=.]\n',
            path="pod.yaml",
        ),
        Bad("buildctl build --local context=. «-t» app:1\n", path="build.sh"),
        Bad("buildctl-daemonless.sh build «-f» app/Dockerfile --local context=.\n", path="build.sh"),
        Good(
            "buildctl build --opt target=prod --opt build-arg:V=1 -o type=image,name=app --no-cache\n",
            why="these are its own",
            path="build.sh",
        ),
        Good("buildctl -addr tcp://b:1234 build -local context=.\n", why="one dash does too", path="build.sh"),
        Good("buildctl debug workers -f '{{.ID}}'\n", why="this builds nothing", path="build.sh"),
    ),
    references=("https://github.com/moby/buildkit/blob/master/docs/reference/buildctl.md",),
)


@rule.check(Invocation)
def buildctl_flag(invocation: Invocation) -> Iterator[Refusal]:
    if invocation.tool is not Tool.BUILDCTL:
        return
    for option in invocation.options:
        if option.written in OF_DOCKER:
            yield rule.refuses(
                invocation._replace(place=option.place),
                f"buildctl has no flag {option.written}",
                fix=_renamed(option, invocation.argv),
            )


def _renamed(option: Option, argv: tuple[Argument, ...]) -> Fix | None:
    """`--target prod` becomes `--opt target=prod`, and `--target=prod` `--opt=target=prod`."""
    prefix = FRONTEND.get(option.written)
    if prefix is None:
        return None
    title = f"write `--opt {prefix}…`"
    if option.value_place is not None:
        flag = Place(option.place.path, option.place.start, option.value_place.start)
        return Fix(title, Safety.UNSAFE, (Edit(flag, f"--opt={prefix}"),)) if option.text else None
    value = next((word for word in argv if word.place.start >= option.place.end), None)
    if value is None or value.text.startswith("-"):
        return None
    at = value.place.start + _quote_length(value)
    inside = Place(option.place.path, at, at)
    return Fix(title, Safety.UNSAFE, (Edit(option.place, "--opt"), Edit(inside, prefix)))


def _quote_length(word: Argument) -> int:
    """1 where the word stands in quotes: a place is longer than its text then."""
    return 1 if word.place.end - word.place.start == len(word.text.encode("utf-8", "surrogateescape")) + 2 else 0
