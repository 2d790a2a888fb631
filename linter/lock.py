"""What base images hold, as `ns-lint images --update` found it: a lock file that is committed and used offline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from .errors import UnreadableInput
from .system import Family

_VERSION = 1


class BaseImage(NamedTuple):
    """An image's config and files, as far as lint asks for them.

    `passwd` and `group` are those files' texts, None when they could not be read, and so is `family`. `highest_id` is
    the largest owner of a file in its layers. `onbuild` is told and not followed.
    """

    digest: str
    user: str = ""
    workdir: str = ""
    shell: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    onbuild: tuple[str, ...] = ()
    family: Family | None = None
    passwd: str | None = None
    group: str | None = None
    highest_id: int | None = None


def canonical(image: str) -> str:
    """An image's whole name: `debian` is docker.io/library/debian:latest."""
    name, at, digest = image.partition("@")
    first, slash, rest = name.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        first, rest = "docker.io", name
    if first in ("docker.io", "index.docker.io"):
        first, rest = "docker.io", rest if "/" in rest else f"library/{rest}"
    tag = "" if at or ":" in rest else ":latest"
    return f"{first}/{rest}{tag}{at}{digest}"


def read(file: str) -> dict[str, BaseImage]:
    """The images of a lock file by their whole names; none when there is no file. Raises UnreadableInput."""
    try:
        with open(file, "rb") as opened:
            loaded: object = json.load(opened)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else f"not JSON: {error}"
        raise UnreadableInput(f"{file}: {reason}") from error
    table = cast("dict[str, Any]", loaded) if isinstance(loaded, dict) else {}
    version, images = table.get("version"), table.get("images")
    if isinstance(version, int) and version > _VERSION:
        raise UnreadableInput(f"{file}: written by a newer ns-lint: update ns-lint")
    if version != _VERSION or not isinstance(images, dict):
        raise UnreadableInput(f"{file}: not a lock file of ns-lint: `ns-lint images --update` writes it")
    try:
        return {name: _image(**entry) for name, entry in cast("dict[str, Any]", images).items()}
    except (TypeError, ValueError) as error:
        raise UnreadableInput(f"{file}: damaged: `ns-lint images --update` writes it anew") from error


def _image(
    *,
    digest: object,
    user: object,
    workdir: object,
    shell: object,
    env: object,
    onbuild: object,
    family: object,
    passwd: object,
    group: object,
    highest_id: object,
) -> BaseImage:
    """An entry of the file. Raises ValueError and TypeError where it is not one."""
    if highest_id is not None and not isinstance(highest_id, int):
        raise TypeError(highest_id)
    pairs = cast("dict[object, object]", env).items() if isinstance(env, dict) else [(env, None)]
    return BaseImage(
        _text(digest),
        _text(user),
        _text(workdir),
        _texts(shell),
        {_text(name): _text(value) for name, value in pairs},
        _texts(onbuild),
        None if family is None else Family(family),
        None if passwd is None else _text(passwd),
        None if group is None else _text(group),
        highest_id,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(value)
    return tuple(_text(item) for item in cast("list[object]", value))


def write(file: str, images: Mapping[str, BaseImage]) -> None:
    """Write the lock file, in an order that does not hang on how it came about. Raises CannotWrite."""
    from .atomic import replace

    entries = {
        name: {**image._asdict(), "family": image.family.value if image.family else None}
        for name, image in sorted(images.items())
    }
    text = json.dumps({"version": _VERSION, "images": entries}, indent=2) + "\n"
    replace(file, text.encode("ascii"))
