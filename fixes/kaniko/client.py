"""The client that takes kaniko's place, and the commands around it."""

from __future__ import annotations

from typing import NamedTuple

from .dialects import BUILDCTL, BUILDX, METADATA, Dialect
from .quoting import Words
from .translate import Translation

IMAGE = "moby/buildkit:v0.34.2"
"""BuildKit for a pod with a user namespace of its own, where it runs as the root of that namespace."""

DOCKER_IMAGE = "docker:28-cli"
"""The Docker client with buildx, for machines that have a Docker daemon."""


class Client(NamedTuple):
    """`program` is the command in a script, `dialect` its flags, `setup` a command to run before the build."""

    program: str
    dialect: Dialect
    image: str
    setup: str = ""


DAEMONLESS = Client("buildctl-daemonless.sh", BUILDCTL, IMAGE)
"""Starts a daemon for one build, as kaniko was its own."""

DOCKER = Client("docker buildx", BUILDX, DOCKER_IMAGE, "docker buildx create --use")
"""With a builder of its own where that is needed: the daemon's keeps no cache in a registry, and writes no files."""

_NEEDS_BUILDER = ("--cache-to=", "--output=type=docker", "--output=type=oci", "--output=type=image", "--platform=")


_DIGEST = r"""digest="$(sed -n 's/.*"containerimage.digest"[^"]*"\([^"]*\)".*/\1/p' {})" """.strip()


def command_before(client: Client, translation: Translation, words: Words) -> str:
    commands = [" ".join(words.write(word) for word in command) for command in translation.before]
    if client.setup and any(word.startswith(_NEEDS_BUILDER) for word in translation.argv):
        commands.append(client.setup)
    return " && ".join(commands)


def command_after(translation: Translation, words: Words) -> str:
    """Write the digest files: kaniko ends those with names in a newline, and the digest alone in none."""
    if not translation.digest_files:
        return ""
    commands = [_DIGEST.format(METADATA)]
    for file in translation.digest_files:
        if file.names:
            lines = " ".join(_with_digest(words.write(name)) for name in file.names)
            commands.append(f"printf '%s\\n' {lines} > {words.write(file.path)}")
        else:
            commands.append(f'printf %s "$digest" > {words.write(file.path)}')
    return " && ".join(commands)


def _with_digest(name: str) -> str:
    return f'{name[:-1]}@$digest"' if name.endswith('"') else f'{name}@"$digest"'
