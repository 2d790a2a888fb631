"""buildctl takes the Dockerfile's directory, and its name apart.

`--local dockerfile=` names a directory that is sent to the daemon; with the path of the file itself buildctl stops:
`invalid local: stat app/Dockerfile: not a directory`. Another name than `Dockerfile` goes into `--opt filename=`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename, dirname

from ...linter.edit import Edit, Fix, Safety
from ...linter.invocation import Form, Invocation, Option, Tool
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule
from ...linter.source import Place

_FILE = re.compile(r"(?i:dockerfile|containerfile)(?:\.[\w.-]+)?|[\w.-]+\.(?i:dockerfile)")

rule = Rule(
    code="NS767",
    name="buildctl-dockerfile",
    summary="buildctl takes the Dockerfile's directory, not its path",
    refused=EVERYWHERE,
    guidance="Write `--local dockerfile=DIRECTORY --opt filename=NAME`.",
    symptoms=(r"invalid local: stat .*: not a directory",),
    examples=(
        Bad(
            "buildctl build --local context=. «--local dockerfile=app/Dockerfile.prod»\n",
            fixed="buildctl build --local context=. --local dockerfile=app --opt filename=Dockerfile.prod\n",
            path="build.sh",
        ),
        Bad(
            "buildctl build --local context=. «--local=dockerfile=Dockerfile» --progress plain\n",
            fixed="buildctl build --local context=. --local=dockerfile=. --progress plain\n",
            path="build.sh",
        ),
        Good("buildctl build --local context=. --local dockerfile=app\n", why="a directory", path="build.sh"),
        Good("buildctl build --local context=. --local dockerfile=./docker/\n", why="a directory", path="build.sh"),
        Good("docker build -f app/Dockerfile.prod .\n", why="docker takes the path", path="build.sh"),
        Good("buildctl build --local dockerfile=$DIR\n", why="nobody knows what it is", path="build.sh"),
    ),
    references=("https://github.com/moby/buildkit#building-a-dockerfile-with-buildctl",),
)


@rule.check(Invocation)
def buildctl_dockerfile(invocation: Invocation) -> Iterator[Refusal]:
    if invocation.tool is not Tool.BUILDCTL:
        return
    for option in invocation.values("dockerfile"):
        if option.value and _FILE.fullmatch(basename(option.value)):
            fix = _split(option, invocation) if invocation.form is Form.SHELL else None
            yield rule.refuses(invocation._replace(place=option.place), f"{option.value} is no directory", fix=fix)


def _split(option: Option, invocation: Invocation) -> Fix | None:
    path, value = option.value, option.value_place
    if (
        not path
        or value is None
        or invocation.values("filename")
        or value.end - value.start != len(path.encode("utf-8", "surrogateescape"))
    ):
        return None
    name = basename(path)
    edits = [Edit(value, dirname(path) or ".")]
    if name != "Dockerfile":
        edits.append(Edit(Place(value.path, option.place.end, option.place.end), f" --opt filename={name}"))
    return Fix("name the directory and the file apart", Safety.UNSAFE, tuple(edits))
