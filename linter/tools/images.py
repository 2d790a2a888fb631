"""What an image's name says that it builds with."""

from __future__ import annotations

import re

from ..pod import ImageKind

_KANIKO = re.compile(
    r"(?:^|/)kaniko-project/(?:executor|warmer)(?:[:@]|$)"
    r"|(?:^|/)osscontainertools/kaniko(?:[:@]|$)|(?:^|/)martizih/kaniko(?:[:@]|$)"
    r"|(?:^|/)(?:chainguard(?:-private)?|cgr\.dev/[^:@]*)/kaniko(?:[:@]|$)|(?:^|/)bitnami(?:legacy)?/kaniko(?:[:@]|$)"
    r"|(?:^|/)kaniko(?:/(?:executor|warmer))?(?:[:@]|$)"
)
_BUILDKIT = re.compile(r"(?:^|/)moby/buildkit(?:[:@]|$)|(?:^|/)buildkit(?:[:@]|$)")
_DOCKER = re.compile(r"(?:^|/)(?:library/)?docker(?:[:@]|$)")
_BUILDAH = re.compile(r"(?:^|/)(?:buildah/(?:stable|testing|upstream)|containers/buildah|buildah)(?:[:@]|$)")
_ROOTLESS = re.compile(r"[:-]rootless(?:[-@]|$)|-rootless\b")

ENTRYPOINTS = {
    ImageKind.BUILDKIT: ("buildkitd",),
    ImageKind.BUILDKIT_ROOTLESS: ("rootlesskit", "buildkitd"),
    ImageKind.DIND: ("dockerd-entrypoint.sh",),
    ImageKind.DIND_ROOTLESS: ("dockerd-entrypoint.sh",),
}
"""What an image runs when no command is given, as its Dockerfile says."""


def image_kind(image: str | None) -> ImageKind | None:
    """What an image builds with, None for one that does not, or whose name is a template.

    The docker image is a daemon only with a `dind` tag: without one it is the command line.
    """
    if not image:
        return None
    if _KANIKO.search(image):
        return ImageKind.KANIKO
    if _BUILDKIT.search(image):
        return ImageKind.BUILDKIT_ROOTLESS if _ROOTLESS.search(image) else ImageKind.BUILDKIT
    if _DOCKER.search(image) and re.search(r":(?:[\w.-]*-)?dind(?:[-@]|$)", image):
        return ImageKind.DIND_ROOTLESS if _ROOTLESS.search(image) else ImageKind.DIND
    return ImageKind.BUILDAH if _BUILDAH.search(image) else None


def entrypoint(image: str | None) -> tuple[str, ...]:
    """The program that an image of a known kind runs by itself; nothing when it is not known."""
    kind = image_kind(image)
    if kind is ImageKind.KANIKO:
        return ("/kaniko/warmer" if image and "/warmer" in image else "/kaniko/executor",)
    return ENTRYPOINTS.get(kind, ()) if kind else ()
