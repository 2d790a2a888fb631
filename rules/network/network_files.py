"""/etc/hosts and /etc/resolv.conf are the builder's while a step runs.

BuildKit mounts both read-only into every step, in every profile, insecure steps and every network mode included. They
cannot be written, removed, renamed, linked over or given a mode, and `sed -i` cannot rename its copy over them. What
the image has at these paths is what its layers say, and a runtime mounts its own files over it. Kaniko lets a step
write them. /etc/hostname is a file of the image and can be written everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.devices import matching
from ...linter.edit import Safety
from ...linter.facts import ChangeOwner, FileUse, SetAttribute, UseFile
from ...linter.profile import EVERYWHERE
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

FILES = ("/etc/hosts", "/etc/resolv.conf")
HARMLESS = (FileUse.READ, FileUse.TEST, FileUse.MAKE_DIRECTORY)

rule = Rule(
    code="NS701",
    name="network-files",
    summary="/etc/hosts and /etc/resolv.conf cannot be changed in a step",
    refused=EVERYWHERE,
    guidance="For the build: --add-host, or the builder's DNS settings; for the image: docker run, or the pod's spec.",
    symptoms=(
        r"/etc/(hosts|resolv\.conf)\b.*(Read-only file system|Device or resource busy|File exists)",
        r"(sed: cannot rename|sed: can't move|mv: can't rename) .*Device or resource busy",
        r"chattr: Read-only file system while setting flags on /etc/(hosts|resolv\.conf)",
    ),
    examples=(
        Bad(
            "FROM debian\nRUN echo '10.0.0.1 db' «>> /etc/hosts» && touch /ok\n",
            fixed="FROM debian\nRUN touch /ok\n",
        ),
        Bad("FROM busybox\nRUN echo '10.0.0.1 db' | tee -a «/etc/hosts»\n", fixed="FROM busybox\n\n"),
        Bad("FROM debian\nRUN sed -i 's/a/b/' «/etc/hosts»\n", fixed="FROM debian\n\n"),
        Bad("FROM busybox\nRUN rm -f «/etc/resolv.conf»\n", fixed="FROM busybox\n\n"),
        Bad("FROM debian\nRUN ln -sf /run/resolv.conf «/etc/resolv.conf»\n", fixed="FROM debian\n\n"),
        Bad(
            "FROM debian\nRUN sed s/a/b/ /etc/hosts > /tmp/hosts && cp /tmp/hosts «/etc/»\n",
            fixed="FROM debian\nRUN sed s/a/b/ /etc/hosts > /tmp/hosts\n",
        ),
        Bad("FROM busybox\nRUN echo x > /h && mv /h «/etc/hosts»\n", fixed="FROM busybox\nRUN echo x > /h\n"),
        Bad("FROM debian\nRUN --security=insecure chmod 644 «/etc/hosts»\n", fixed="FROM debian\n\n"),
        Bad("FROM debian\nRUN chattr -i «/etc/resolv.conf»\n", fixed="FROM debian\n\n"),
        Warn("FROM debian\nRUN echo 'nameserver 1.1.1.1' «> /etc/resolv.conf» || true\n", fixed="FROM debian\n\n"),
        Good("FROM debian\nRUN echo build > /etc/hostname && sed -i s/b/B/ /etc/hostname\n", why="a file of the image"),
        Good("FROM busybox\nRUN cat /etc/hosts && cp /etc/resolv.conf /tmp/ && test -f /etc/hosts\n", why="it reads"),
        Good("FROM debian\nRUN echo 'hosts: files dns' > /etc/nsswitch.conf\n", why="another file"),
        Good("FROM debian\nRUN mkdir -p /r/etc && echo x > /r/etc/hosts\n", why="another root's file"),
        Good("FROM debian\nRUN echo 'echo x >> /etc/hosts' > /start.sh\n", why="it is only written"),
    ),
    references=(
        "https://docs.docker.com/reference/cli/docker/buildx/build/#add-host",
        "https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/",
    ),
)


@rule.check(UseFile)
def network_files(use: UseFile) -> Iterator[Refusal]:
    if use.use not in HARMLESS:
        yield from _refusals(use, use.path)


@rule.check(ChangeOwner)
def network_owner(change: ChangeOwner) -> Iterator[Refusal]:
    fact = change._replace(place=change.path_place or change.place)
    yield from _refusals(fact, change.path, certain=change.certain)


@rule.check(SetAttribute)
def network_attribute(attribute: SetAttribute) -> Iterator[Refusal]:
    yield from _refusals(attribute, attribute.path)


def _refusals(
    fact: UseFile | ChangeOwner | SetAttribute, path: str | None, *, certain: bool = True
) -> Iterator[Refusal]:
    for file in matching(path or "", FILES)[:1]:
        fix = delete_command(fact.command, safety=Safety.UNSAFE)
        yield rule.refuses(fact, f"{file} is mounted read-only by the builder", fix=fix, certain=certain)
