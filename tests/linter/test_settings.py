import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ns_lint.linter.errors import BadSettings, UnreadableInput
from ns_lint.linter.settings import (
    BuildSettings,
    PathSettings,
    Settings,
    ignored_in,
    is_excluded,
    read,
    schema,
    schema_text,
    settings_for,
)

EVERY_KEY = """
profile = "rootless"
from = "kaniko"
select = ["NS101", "high-id"]
ignore = ["NS102"]
fail-on = "warning"
notes = true
exclude = ["vendor"]
ids = 65536
require-reasons = true

[[paths]]
pattern = "tests/**"
ignore = ["device-node"]

[[builds]]
dockerfile = "app/Dockerfile"
context = "."
target = "prod"
args = { VERSION = "3" }
platform = "linux/arm64"

[[builds]]
dockerfile = "Dockerfile"
"""


def write(folder: Path, name: str, text: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_every_key(tmp_path: Path) -> None:
    file = write(tmp_path, ".ns-lint.toml", EVERY_KEY)
    assert read(file) == Settings(
        file=file,
        folder=str(tmp_path),
        profile="rootless",
        origin="kaniko",
        select=("NS101", "high-id"),
        ignore=("NS102",),
        fail_on="warning",
        notes=True,
        exclude=("vendor",),
        ids=65536,
        require_reasons=True,
        paths=(PathSettings("tests/**", ("device-node",)),),
        builds=(
            BuildSettings("app/Dockerfile", ".", "prod", {"VERSION": "3"}, "linux/arm64"),
            BuildSettings("Dockerfile"),
        ),
    )


def test_pyproject_holds_the_same_keys_in_a_table_of_its_own(tmp_path: Path) -> None:
    tables = EVERY_KEY.replace("[[", "[[tool.ns-lint.")
    file = write(tmp_path, "pyproject.toml", f"[project]\nname = 'x'\n[tool.ns-lint]\n{tables}")
    own = write(tmp_path, ".ns-lint.toml", EVERY_KEY)
    assert read(file) == (read(own) or Settings())._replace(file=file)


@pytest.mark.parametrize("text", ["", "[tool.ruff]\n", "# ns-lint\n[tool]\n", "tool = 'ns-lint'\n"])
def test_a_pyproject_that_says_nothing_to_us(tmp_path: Path, text: str) -> None:
    assert read(write(tmp_path, "pyproject.toml", text)) is None


def test_a_broken_pyproject_of_others_is_not_our_business(tmp_path: Path) -> None:
    assert read(write(tmp_path, "pyproject.toml", "[[[")) is None


def test_the_nearest_settings_hold_and_the_search_ends_at_the_repos_top(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    write(tmp_path, ".ns-lint.toml", 'profile = "rootful"')
    (repo / ".git").mkdir(parents=True)
    (repo / "a" / "b").mkdir(parents=True)
    assert settings_for(str(repo / "a" / "Dockerfile")) == Settings()
    top = write(repo, "pyproject.toml", '[tool.ns-lint]\nprofile = "rootless"')
    near = write(repo / "a", ".ns-lint.toml", "notes = true")
    write(repo / "a" / "b", "pyproject.toml", "[project]\n")
    assert settings_for(str(repo / "Dockerfile")).file == top
    assert settings_for(str(repo)).file == top
    assert settings_for(str(repo / "a" / "b" / "Dockerfile")).file == near
    own = write(repo, ".ns-lint.toml", "")
    assert settings_for(str(repo)) == Settings(file=own, folder=str(repo))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('profil = "userns"', "profil: unknown key; did you mean profile? Allowed: profile, from, select,"),
        ("fail_on = 'error'", "fail_on: unknown key; did you mean fail-on?"),
        ("xyzzy = 1", "xyzzy: unknown key. Allowed: profile"),
        (
            'profile = "rootles"',
            "profile cannot be 'rootles'; did you mean rootless? Allowed: rootful, userns, rootless,",
        ),
        ('from = "docker"', "from cannot be 'docker'. Allowed: rootful, privileged, kaniko"),
        ("fail-on = 'none'", "fail-on cannot be 'none'"),
        ("profile = 1", "profile must be a string, not 1"),
        ("notes = 'yes'", "notes must be true or false, not 'yes'"),
        ("select = 'NS101'", "select must be a list of strings, not 'NS101'"),
        ("select = [1]", "select must be a list of strings, not [1]"),
        ("ids = 0", "ids must be a whole number above 0, not 0"),
        ("ids = true", "ids must be a whole number above 0, not True"),
        ("paths = 1", "paths must be a list of tables, not 1"),
        ("paths = [1]", "paths[0] must be a table"),
        ("[[paths]]\npattern = 'x'", "paths[0].ignore is missing: rules that say nothing about these files"),
        ("[[builds]]\ndockerfile = 'x'\n[[builds]]\ntarget = 'x'", "builds[1].dockerfile is missing: the Dockerfile"),
        ("[[builds]]\ndockerfile = 'x'\ntargets = 'x'", "builds[0].targets: unknown key; did you mean target?"),
        ("[[builds]]\ndockerfile = 'x'\nargs = { A = 1 }", "builds[0].args must be a table of strings, not {'A': 1}"),
        ("profile = ", "not TOML: Invalid value (at end of document)"),
    ],
)
def test_a_mistake_names_the_file_the_key_and_what_is_allowed(tmp_path: Path, text: str, message: str) -> None:
    file = write(tmp_path, ".ns-lint.toml", text)
    with pytest.raises(BadSettings) as error:
        read(file)
    assert str(error.value).startswith(f"{file}: {message}")


def test_a_mistake_in_pyproject_names_the_table(tmp_path: Path) -> None:
    file = write(tmp_path, "pyproject.toml", "[tool.ns-lint]\nnote = true")
    with pytest.raises(BadSettings) as error:
        read(file)
    assert str(error.value).startswith(f"{file}: [tool.ns-lint] note: unknown key; did you mean notes?")
    with pytest.raises(BadSettings, match="ns-lint must be a table"):
        read(write(tmp_path, "pyproject.toml", "[tool]\nns-lint = 1"))


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    (tmp_path / ".ns-lint.toml").write_bytes(b"profile = '\xff'")
    with pytest.raises(BadSettings, match="not TOML"):
        read(str(tmp_path / ".ns-lint.toml"))
    (tmp_path / ".ns-lint.toml").write_bytes(b"\xef\xbb\xbfnotes = true\r\n")
    assert (read(str(tmp_path / ".ns-lint.toml")) or Settings()).notes


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / ".ns-lint.toml").symlink_to(".ns-lint.toml")
    with pytest.raises(UnreadableInput, match="symbolic links"):
        settings_for(str(tmp_path))


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("vendor", ["vendor", "vendor/a/Dockerfile", "a/vendor/x"], ["vendors", "a.vendor"]),
        ("vendor/", ["vendor/x", "a/vendor/x"], ["vendors/x"]),
        ("/vendor", ["vendor/x"], ["a/vendor/x"]),
        ("a/b", ["a/b", "a/b/c"], ["x/a/b", "a/bc"]),
        ("*.dev", ["Dockerfile.dev", "a/x.dev"], ["x.dev2", "dev"]),
        ("tests/**", ["tests/a", "tests/a/b"], ["a/tests/b", "test/a"]),
        ("**/tests/*", ["tests/a", "x/y/tests/a", "tests/a/b"], ["tests", "xtests/a"]),
        ("a/*/b", ["a/x/b"], ["a/b", "a/x/y/b"]),
        ("a?c", ["abc"], ["ac", "a/c"]),
        ("a.[b]", ["a.[b]"], ["a.b", "ax[b]"]),
    ],
)
def test_patterns(tmp_path: Path, pattern: str, matching: list[str], others: list[str]) -> None:
    settings = Settings(folder=str(tmp_path), exclude=(pattern,))
    assert [name for name in matching + others if is_excluded(settings, str(tmp_path / name))] == matching


def test_patterns_are_relative_to_the_settings_and_know_nothing_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(folder=str(tmp_path / "repo"), exclude=("**",))
    (tmp_path / "repo" / "a").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repo" / "a")
    assert is_excluded(settings, "Dockerfile")
    assert is_excluded(settings, "../x")
    assert not is_excluded(settings, "../../x")
    assert not is_excluded(Settings(exclude=()), "x")


def test_rules_are_ignored_everywhere_or_in_some_files() -> None:
    settings = Settings(
        folder="/r", ignore=("NS1",), paths=(PathSettings("t", ("NS2",)), PathSettings("*.x", ("NS3",)))
    )
    assert ignored_in(settings, "/r/Dockerfile") == {"NS1"}
    assert ignored_in(settings, "/r/t/a.x") == {"NS1", "NS2", "NS3"}
    assert ignored_in(Settings(ignore=("NS1",)), "x") == {"NS1"}


def test_the_schema_on_disk_is_current() -> None:
    """To renew it: python -m ns_lint.linter.settings > docs/settings.schema.json."""
    text = (Path(__file__).parents[2] / "docs" / "settings.schema.json").read_text(encoding="utf-8")
    assert text == schema_text()


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        (EVERY_KEY, True),
        ("", True),
        ('profile = "x"', False),
        ("ids = 0", False),
        ("x = 1", False),
        ("[[builds]]\n", False),
        ("[[builds]]\ndockerfile = 'a'\nargs = { A = 1 }", False),
    ],
)
def test_the_schema_and_the_reader_agree(tmp_path: Path, text: str, valid: bool) -> None:
    checker: Any = jsonschema.Draft7Validator(json.loads(json.dumps(schema())))
    assert checker.is_valid(tomllib.loads(text)) is valid
    file = write(tmp_path, ".ns-lint.toml", text)
    if valid:
        assert read(file) is not None
    else:
        with pytest.raises(BadSettings):
            read(file)
