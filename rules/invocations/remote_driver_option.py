"""The remote driver does not configure the daemon that it connects to.

It was started elsewhere, so buildx refuses what would have to be said at its start: `setting buildkit flags is not
supported for remote driver`, `setting config file is not supported for remote driver`, `invalid driver option image
for remote driver`. Only `servername`, `cacert`, `cert`, `key` and `default-load` are options here, and the files must
be absolute paths. setup-buildx-action keeps the flags and the config from buildx when the driver is remote: there they
are dropped without a word.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.configs import leave_out
from ...linter.edit import Safety
from ...linter.invocation import BuilderSetup, Form, Option, SetupKind
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

KNOWN = frozenset({"servername", "cacert", "cert", "key", "default-load"})
FILES = frozenset({"cacert", "cert", "key"})

rule = Rule(
    code="NS781",
    name="remote-driver-option",
    summary="the remote driver does not configure the daemon it connects to",
    refused=EVERYWHERE,
    guidance="Put it into the daemon's own command line or buildkitd.toml, and leave it out here.",
    symptoms=(
        r"setting (buildkit flags|config file) is not supported for remote driver",
        r"invalid driver option \S+ for remote driver",
        r"non-absolute path '.*' provided for (cacert|cert|key)",
    ),
    examples=(
        Bad(
            "docker buildx create --driver remote «--buildkitd-flags '--debug'» tcp://b:1234\n",
            fixed="docker buildx create --driver remote tcp://b:1234\n",
            path="setup.sh",
        ),
        Bad(
            "docker buildx create --driver remote «--config buildkitd.toml» tcp://b:1234\n",
            fixed="docker buildx create --driver remote tcp://b:1234\n",
            path="setup.sh",
        ),
        Bad(
            "docker buildx create --driver remote «--driver-opt network=host» tcp://b:1234\n",
            fixed="docker buildx create --driver remote tcp://b:1234\n",
            path="setup.sh",
        ),
        Bad(
            "docker buildx create --driver remote «--driver-opt cacert=certs/ca.pem» tcp://b:1234\n",
            path="setup.sh",
        ),
        Bad(
            "jobs:\n  a:\n    steps:\n      - uses: docker/setup-buildx-action@v3\n        with:\n"
            "          driver: remote\n          endpoint: tcp://b:1234\n          driver-opts: |\n"
            "            cacert=/certs/ca.pem\n            «image=moby/buildkit:v0.32.2»\n",
            fixed="jobs:\n  a:\n    steps:\n      - uses: docker/setup-buildx-action@v3\n        with:\n"
            "          driver: remote\n          endpoint: tcp://b:1234\n          driver-opts: |\n"
            "            cacert=/certs/ca.pem\n",
            path=".github/workflows/image.yml",
        ),
        Warn(
            "jobs:\n  a:\n    steps:\n      - uses: docker/setup-buildx-action@v3\n        with:\n"
            "          driver: remote\n          «buildkitd-flags: --debug»\n          endpoint: tcp://b:1234\n",
            fixed="jobs:\n  a:\n    steps:\n      - uses: docker/setup-buildx-action@v3\n        with:\n"
            "          driver: remote\n          endpoint: tcp://b:1234\n",
            path=".github/workflows/image.yml",
            why="the action drops it",
        ),
        Good(
            "docker buildx create --driver remote --driver-opt cacert=/certs/ca.pem,servername=b tcp://b:1234\n",
            why="these are its own",
            path="setup.sh",
        ),
        Good(
            "docker buildx create --driver kubernetes --driver-opt namespace=ci --buildkitd-flags '--debug'\n",
            why="that driver starts a daemon",
            path="setup.sh",
        ),
        Good(
            "docker buildx create --driver remote --driver-opt cacert=$PWD/ca.pem tcp://b:1234\n",
            why="that path is absolute",
            path="setup.sh",
        ),
    ),
    references=("https://docs.docker.com/build/builders/drivers/remote/",),
)


@rule.check(BuilderSetup)
def remote_driver_option(setup: BuilderSetup) -> Iterator[Refusal]:
    if setup.kind is not SetupKind.BUILDX or setup.driver != "remote":
        return
    by_action = setup.form is Form.KEYS
    for option in setup.values("buildkitd-flags", "buildkitd-config"):
        if option.text:
            what = "the action drops this" if by_action else "buildx refuses this"
            yield _refusal(setup, option, f"{what} with the remote driver", differs=by_action)
    for option in setup.values("driver-opt"):
        for name, value in _pairs(option):
            if name not in KNOWN and "$" not in name:
                yield _refusal(setup, option, f"the remote driver has no option {name}")
            elif name in FILES and value and value[0] not in "/$~" and _stands_as_it_is(option):
                fact = setup._replace(place=option.place)
                yield rule.refuses(fact, f"{name} must be an absolute path", guidance="Write the whole path.")


def _refusal(setup: BuilderSetup, option: Option, message: str, *, differs: bool = False) -> Refusal:
    alone = option.name != "driver-opt" or "," not in (option.text or "")
    fix = leave_out(option, f"delete `{option.written}`", Safety.UNSAFE) if alone else None
    return rule.refuses(setup._replace(place=option.place), message, fix=fix, differs=differs)


def _stands_as_it_is(option: Option) -> bool:
    """Whether the value is in the file itself: `$PWD/ca.pem` is absolute, though it is known only from the top."""
    place = option.value_place
    return (
        option.value is not None
        and place is not None
        and len(option.value.encode("utf-8", "surrogateescape")) == place.end - place.start
    )


def _pairs(option: Option) -> Iterator[tuple[str, str]]:
    for part in (option.text or "").split(","):
        name, equals, value = part.strip().strip("\"'").partition("=")
        if equals:
            yield name, value
