"""A home directory cannot be given to a user whose id has no mapping.

Tools for accounts accept any id, and stumble where they hand over a home. Debian's adduser removes the user again and
fails; usermod fails when it changes the id of a user who owns a home, even an empty one. useradd -m, newusers and
busybox's adduser only warn, or do not even that, and exit 0: the home stays root's, half filled, and whoever runs as
the user cannot write there.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.ids import remap
from ...linter.accounts import unmapped_id
from ...linter.facts import GiveHome
from ...linter.profile import IN_USER_NAMESPACES, BeyondMap
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS206",
    name="unmapped-home",
    summary="a home directory cannot be given to a user whose id has no mapping",
    refused=IN_USER_NAMESPACES,
    guidance="Use an id below 65536; or make the user without a home (useradd -M, adduser --no-create-home).",
    symptoms=(
        r"usermod: Failed to change ownership of the home directory",
        r"Stopped: chown .*: Invalid argument",
    ),
    examples=(
        Bad(
            "FROM debian\nRUN adduser --disabled-password --gecos '' --uid «70000» app\n",
            fixed="FROM debian\nRUN adduser --disabled-password --gecos '' --uid 10001 app\n",
        ),
        Bad(
            "FROM debian\nRUN addgroup --gid 70000 t\nRUN adduser --disabled-login --gecos x --ingroup «t» app\n",
            fixed="FROM debian\nRUN addgroup --gid 10001 t\nRUN adduser --disabled-login --gecos x --ingroup t app\n",
        ),
        Bad(
            "FROM debian\nRUN useradd -m app\nRUN usermod -u «70000» app\n",
            fixed="FROM debian\nRUN useradd -m app\nRUN usermod -u 10001 app\n",
        ),
        Bad(
            "FROM debian\nRUN groupadd -g 65536 team && useradd -m app && usermod -g «team» app\n",
            fixed="FROM debian\nRUN groupadd -g 10001 team && useradd -m app && usermod -g team app\n",
        ),
        Warn(
            "FROM debian\nRUN useradd --create-home --uid «70000» app\n",
            fixed="FROM debian\nRUN useradd --create-home --uid 10001 app\n",
            why="it exits 0 and leaves the home to root",
        ),
        Warn(
            "FROM debian\nRUN usermod -u «70000» www-data\n",
            fixed="FROM debian\nRUN usermod -u 10001 www-data\n",
            why="whether the home is there, and whose, is the base image's matter",
        ),
        Warn(
            "FROM debian\nRUN echo app:x:70000:0::/home/app:/bin/sh | «newusers»\n",
            fixed="FROM debian\nRUN echo app:x:10001:0::/home/app:/bin/sh | newusers\n",
        ),
        Good("FROM debian\nRUN useradd -u 70000 app && usermod -u 70001 app\n", why="there is no home"),
        Good(
            "FROM debian\nRUN adduser --disabled-password --gecos '' --no-create-home --uid 70000 app\n",
            why="there is no home",
        ),
        Good("FROM debian\nRUN adduser --system --group --uid 70000 app\n", why="its home is /nonexistent"),
        Good("FROM debian\nRUN useradd -m app && groupmod -g 70000 app\n", why="groupmod looks for no files"),
        Good("FROM debian\nRUN useradd -m -u 60000 app && usermod -u 1234 app\n", why="these are mapped"),
        Good("FROM debian\nRUN groupadd -g 70000 team && useradd -m -G team app\n", why="the home is not the team's"),
    ),
    references=(
        "https://man7.org/linux/man-pages/man8/usermod.8.html",
        "https://manpages.debian.org/bookworm/adduser/adduser.8.en.html",
    ),
)


@rule.check(GiveHome)
def unmapped_home(home: GiveHome) -> Iterator[Refusal]:
    found = unmapped_id(home.uid, home.gid)
    if found is None:
        return
    outcome = "cannot be given its home" if home.aborts else "is not given its home, which stays root's"
    yield rule.refuses(
        home,
        f"{found.words} has no mapping, so {home.user} {outcome}",
        refused=BeyondMap(found.number),
        fix=remap(found.number),
        certain=home.certain,
        differs=not home.aborts,
        origin=home.origin,
    )
