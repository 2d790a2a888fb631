"""What a repo tells ns-lint: `[tool.ns-lint]` in pyproject.toml, or a `.ns-lint.toml` with the same keys at its top.

The tables below are the one description of the keys: reading, error messages and the JSON schema follow them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple, cast

from .errors import BadSettings, UnreadableInput
from .profile import PROFILE_NAMES

OWN_FILE = ".ns-lint.toml"
SHARED_FILE = "pyproject.toml"

ORIGINS = ("rootful", "privileged", "kaniko")
"""What a build can come from, for `from`."""

FAIL_ON = ("error", "warning", "note")


class BuildSettings(NamedTuple):
    """One build of the repo. Paths are as written: relative to the folder of the settings."""

    dockerfile: str
    context: str | None = None
    target: str | None = None
    args: Mapping[str, str] = {}
    platform: str | None = None


class PathSettings(NamedTuple):
    """What is different for the files that match `pattern`."""

    pattern: str
    ignore: tuple[str, ...] = ()


class Settings(NamedTuple):
    """`folder` holds the settings file, and patterns and paths are relative to it; both are None without a file.

    None and empty tuples mean that nothing was said. Names of rules are not checked here: only `cli` knows the rules.
    """

    file: str | None = None
    folder: str | None = None
    profile: str | None = None
    origin: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str | None = None
    baseline: str | None = None
    notes: bool = False
    exclude: tuple[str, ...] = ()
    ids: int | None = None
    require_reasons: bool = False
    paths: tuple[PathSettings, ...] = ()
    builds: tuple[BuildSettings, ...] = ()


class Kind(Enum):
    """The value of each is what a message calls it."""

    TEXT = "a string"
    TEXTS = "a list of strings"
    FLAG = "true or false"
    COUNT = "a whole number above 0"
    TEXT_BY_NAME = "a table of strings"
    TABLES = "a list of tables"


class Key(NamedTuple):
    """`field` is its name in the NamedTuple; `keys` are those of the tables in a list."""

    name: str
    kind: Kind
    help: str
    choices: tuple[str, ...] = ()
    required: bool = False
    keys: tuple[Key, ...] = ()

    @property
    def field(self) -> str:
        return "origin" if self.name == "from" else self.name.replace("-", "_")


_RULES = "codes or names of rules, such as NS101 or device-node"

BUILD_KEYS = (
    Key("dockerfile", Kind.TEXT, "the Dockerfile", required=True),
    Key("context", Kind.TEXT, "the build context, by default the Dockerfile's folder"),
    Key("target", Kind.TEXT, "the stage to build, by default the last one"),
    Key("args", Kind.TEXT_BY_NAME, "build arguments"),
    Key("platform", Kind.TEXT, "the platform to build for, such as linux/arm64"),
)
PATH_KEYS = (
    Key("pattern", Kind.TEXT, "which files this is about, such as tests/** or *.dev", required=True),
    Key("ignore", Kind.TEXTS, f"rules that say nothing about these files: {_RULES}", required=True),
)
KEYS = (
    Key("profile", Kind.TEXT, "the builder to lint for", choices=PROFILE_NAMES),
    Key("from", Kind.TEXT, "the builder you come from: findings say whether they are new", choices=ORIGINS),
    Key("select", Kind.TEXTS, f"the only rules to run: {_RULES}"),
    Key("ignore", Kind.TEXTS, f"rules not to run: {_RULES}"),
    Key("fail-on", Kind.TEXT, "the least severity that makes the exit code 1", choices=FAIL_ON),
    Key("baseline", Kind.TEXT, "a file of findings that are accepted, which ns-lint --update-baseline writes"),
    Key("notes", Kind.FLAG, "report what cannot be seen, too"),
    Key("exclude", Kind.TEXTS, "files and folders not to lint, such as vendor or **/testdata/*.dockerfile"),
    Key("ids", Kind.COUNT, "how many user and group ids, counted from 0, the builder's user namespace maps"),
    Key("require-reasons", Kind.FLAG, "every ignore comment must say why"),
    Key("paths", Kind.TABLES, "settings for some files only", keys=PATH_KEYS),
    Key("builds", Kind.TABLES, "what is built, where it cannot be read from the repo", keys=BUILD_KEYS),
)


# ------------------------------------------------------------------------------------------------------------- reading


def settings_for(path: str) -> Settings:
    """The settings that hold for a file or folder: the nearest ones upwards, no further than the repo's top.

    Raises BadSettings and UnreadableInput.
    """
    start = os.path.abspath(path)
    folder = start if os.path.isdir(start) else os.path.dirname(start)
    while True:
        for name in (OWN_FILE, SHARED_FILE):
            settings = read(os.path.join(folder, name))
            if settings:
                return settings
        if os.path.exists(os.path.join(folder, ".git")) or os.path.dirname(folder) == folder:
            return Settings()
        folder = os.path.dirname(folder)


def read(file: str) -> Settings | None:
    """The settings in one file, None when it is not there or says nothing to ns-lint."""
    try:
        with open(file, "rb") as opened:
            data = opened.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise UnreadableInput(f"{file}: {error.strerror}") from error
    shared = os.path.basename(file) == SHARED_FILE
    if shared and b"ns-lint" not in data:
        return None
    table = _toml(file, data)
    if shared:
        tools = table.get("tool", {})
        if not isinstance(tools, dict) or "ns-lint" not in tools:
            return None
        table = cast("object", tools["ns-lint"])
    where = f"{file}: [tool.ns-lint]" if shared else f"{file}:"
    values = _Reader(where).table(table, KEYS, "")
    return Settings(file=file, folder=os.path.dirname(file))._replace(**_typed(values))


def _toml(file: str, data: bytes) -> dict[str, object]:
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except ValueError as error:
        raise BadSettings(f"{file}: not TOML: {error}") from error


def _typed(values: dict[str, object]) -> dict[str, object]:
    makers = {"paths": PathSettings, "builds": BuildSettings}
    for name, make in makers.items():
        tables = cast("Iterable[dict[str, Any]]", values.get(name, ()))
        values[name] = tuple(make(**table) for table in tables)
    return values


class _Reader(NamedTuple):
    """Checks values against keys; `where` begins every message."""

    where: str

    def table(self, table: object, keys: tuple[Key, ...], prefix: str) -> dict[str, object]:
        if not isinstance(table, dict):
            raise BadSettings(f"{self.where} {prefix.rstrip('.') or 'ns-lint'} must be a table")
        known = {key.name: key for key in keys}
        values: dict[str, object] = {}
        for name, value in cast("dict[str, object]", table).items():
            if name not in known:
                raise BadSettings(f"{self.where} {prefix}{name}: unknown key{_choose(name, known)}")
            values[known[name].field] = self.value(value, known[name], prefix + name)
        for key in keys:
            if key.required and key.field not in values:
                raise BadSettings(f"{self.where} {prefix}{key.name} is missing: {key.help}")
        return values

    def value(self, value: object, key: Key, path: str) -> object:
        if not _is(value, key.kind):
            raise BadSettings(f"{self.where} {path} must be {key.kind.value}, not {value!r}")
        if key.choices and value not in key.choices:
            raise BadSettings(f"{self.where} {path} cannot be {value!r}{_choose(str(value), key.choices)}")
        if key.kind is Kind.TEXTS:
            return tuple(cast("list[str]", value))
        if key.kind is Kind.TABLES:
            tables = cast("list[object]", value)
            return tuple(self.table(table, key.keys, f"{path}[{index}].") for index, table in enumerate(tables))
        return value


def _is(value: object, kind: Kind) -> bool:
    match kind:
        case Kind.TEXT:
            return isinstance(value, str)
        case Kind.FLAG:
            return isinstance(value, bool)
        case Kind.COUNT:
            return isinstance(value, int) and not isinstance(value, bool) and value > 0
        case Kind.TEXTS:
            return isinstance(value, list) and all(isinstance(item, str) for item in cast("list[object]", value))
        case Kind.TEXT_BY_NAME:
            return isinstance(value, dict) and all(
                isinstance(item, str) for item in cast("dict[str, object]", value).values()
            )
        case Kind.TABLES:
            return isinstance(value, list)


def _choose(written: str, allowed: Iterable[str]) -> str:
    """What to write instead: the nearest one, and all of them."""
    from difflib import get_close_matches

    allowed = list(allowed)
    near = get_close_matches(written.lower().replace("_", "-"), allowed, n=1)
    meant = f"; did you mean {near[0]}?" if near else "."
    return f"{meant} Allowed: {', '.join(allowed)}"


# ------------------------------------------------------------------------------------------------------------ patterns


def is_excluded(settings: Settings, path: str) -> bool:
    return any(_matches(pattern, name) for name in _names(settings, path) for pattern in settings.exclude)


def ignored_in(settings: Settings, path: str) -> frozenset[str]:
    """The codes and names of rules that the settings silence for this file, those for every file included."""
    here = [one.ignore for one in settings.paths for name in _names(settings, path) if _matches(one.pattern, name)]
    return frozenset(settings.ignore).union(*here)


def _names(settings: Settings, path: str) -> Iterator[str]:
    """The path as patterns see it: relative to the settings' folder, and none for what lies outside."""
    if settings.folder is None:
        return
    name = os.path.relpath(path, settings.folder)
    if name != os.pardir and not name.startswith(os.pardir + os.sep):
        yield name.replace(os.sep, "/")


def _matches(pattern: str, name: str) -> bool:
    """As in .gitignore: a pattern without a slash matches at any depth, and a folder stands for all that is in it."""
    anchored = pattern.strip("/")
    if "/" not in pattern.rstrip("/"):
        anchored = f"**/{anchored}"
    return re.fullmatch(_regex(anchored) + "(?:/.*)?", name) is not None


def _regex(pattern: str) -> str:
    tokens = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(tokens.get(token) or re.escape(token) for token in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", pattern))


# -------------------------------------------------------------------------------------------------------------- schema


def schema() -> dict[str, object]:
    """A JSON schema of `[tool.ns-lint]`, for editors; docs/settings.schema.json is its text."""
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "ns-lint", **_object(KEYS)}


def schema_text() -> str:
    import json

    return json.dumps(schema(), indent=2) + "\n"


def _object(keys: tuple[Key, ...]) -> dict[str, object]:
    made: dict[str, object] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {key.name: {"description": key.help, **_property(key)} for key in keys},
    }
    required = [key.name for key in keys if key.required]
    return {**made, "required": required} if required else made


def _property(key: Key) -> dict[str, object]:
    match key.kind:
        case Kind.TEXT:
            return {"type": "string", **({"enum": list(key.choices)} if key.choices else {})}
        case Kind.FLAG:
            return {"type": "boolean"}
        case Kind.COUNT:
            return {"type": "integer", "minimum": 1}
        case Kind.TEXTS:
            return {"type": "array", "items": {"type": "string"}}
        case Kind.TEXT_BY_NAME:
            return {"type": "object", "additionalProperties": {"type": "string"}}
        case Kind.TABLES:
            return {"type": "array", "items": _object(key.keys)}


if __name__ == "__main__":
    print(schema_text(), end="")
