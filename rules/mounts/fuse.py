"""A step has no /dev/fuse.

A FUSE program opens /dev/fuse and mounts, and a plain step may do neither, in any profile. An insecure step of a
builder that runs as real root has the device; in a user namespace it is missing there too. AppImages are FUSE programs
that mount themselves: `--appimage-extract-and-run`, or APPIMAGE_EXTRACT_AND_RUN=1 in the environment, makes them unpack
instead. Newer AppImages fall back to that by themselves, so this is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import insert_after
from ...linter.edit import Fix, Safety
from ...linter.facts import Mount
from ...linter.profile import WITHOUT_HOST_ROOT
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

_UNPACK = "--appimage-extract-and-run"

_NEW_APPIMAGE = "#!/bin/sh\nexec /bin/true\n"

rule = Rule(
    code="NS404",
    name="fuse",
    summary="a step has no /dev/fuse to serve a file system with",
    refused=WITHOUT_HOST_ROOT,
    guidance="Unpack or copy the files instead of mounting them; an AppImage takes --appimage-extract-and-run.",
    symptoms=(
        r"fuse: (device not found|failed to open|mount failed)",
        r"fusermount3?: ",
        r"Cannot mount AppImage",
        r"mount: .*[Pp]ermission denied",
    ),
    examples=(
        Bad("FROM debian\nRUN «mount -t fuse.sshfs host:/data /mnt» && ls /mnt\n"),
        Bad("FROM busybox\nRUN set -e; «mount -t fuse.squashfuse /a.sqsh /srv»; ls\n"),
        Warn("FROM debian\nRUN «mount -t fuse.bindfs /etc /mnt» || cp -r /etc /mnt\n"),
        Warn(
            "FROM debian\nCOPY --chmod=755 tool.AppImage /opt/\nRUN «/opt/tool.AppImage --version»\n",
            fixed="FROM debian\nCOPY --chmod=755 tool.AppImage /opt/\n"
            "RUN /opt/tool.AppImage --appimage-extract-and-run --version\n",
            context={"tool.AppImage": _NEW_APPIMAGE},
        ),
        Good(
            "FROM debian\nCOPY --chmod=755 tool.AppImage /opt/\nRUN /opt/tool.AppImage --appimage-extract\n"
            "ENV APPIMAGE_EXTRACT_AND_RUN=1\nRUN /opt/tool.AppImage --version\n",
            why="it unpacks itself",
            context={"tool.AppImage": _NEW_APPIMAGE},
        ),
        Good("FROM debian\nRUN echo user_allow_other >> /etc/fuse.conf\n", why="a setting for later"),
    ),
    references=("https://docs.kernel.org/filesystems/fuse.html",),
)


@rule.check(Mount)
def fuse(mount: Mount) -> Iterator[Refusal]:
    if mount.kind != "fuse":
        return
    name = mount.command.name
    yield rule.refuses(mount, f"`{name}` needs /dev/fuse", fix=_fix(mount), certain=mount.certain)


def _fix(mount: Mount) -> Fix | None:
    """Where it may do without a mount: AppImages."""
    if mount.certain:
        return None
    return insert_after(mount.command.argv[0], _UNPACK, f"pass {_UNPACK}", Safety.SAFE)
