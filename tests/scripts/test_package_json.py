"""The scripts that npm, yarn and pnpm run: the tables are what npm 11.19, yarn 1.22 and pnpm 9.15 were seen to do."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.linter.command import Argument, Command
from ns_lint.linter.scripts import package_json
from ns_lint.linter.shell.nested import Followed
from ns_lint.linter.source import Document, Place
from ns_lint.linter.system import Content, Family, System

NOWHERE = Place("Dockerfile", 0, 0)

NAMES = """
    preinstall install postinstall prepublish preprepare prepare postprepare pnpm:devPreinstall prebuild build postbuild
    pretest test posttest prestart start poststart prestop stop poststop prerestart restart postrestart preserve serve
    env pack
""".split()

BUILD = "prebuild build postbuild"
TEST = "pretest test posttest"
NPM_INSTALL = "preinstall install postinstall prepublish preprepare prepare postprepare"
YARN_INSTALL = "preinstall install postinstall prepublish prepare"
PNPM_INSTALL = "pnpm:devPreinstall preinstall install postinstall preprepare prepare postprepare"

TABLE = {
    "npm ci": NPM_INSTALL,
    "npm install": NPM_INSTALL,
    "npm i --no-save": NPM_INSTALL,
    "npm ci --omit=dev": NPM_INSTALL,
    "npm install --ignore-scripts": "",
    "npm install-test": f"{NPM_INSTALL} {TEST}",
    "npm install left-pad": "",
    "npm install -g .": "",
    "npm run build": BUILD,
    "npm run-script build": BUILD,
    "npm run --silent build": BUILD,
    "npm --prefix . run build": BUILD,
    "npm run build --prefix .": BUILD,
    "npm --prefix /elsewhere run build": "",
    "npm run build --ignore-scripts": "build",
    "npm run nosuch --if-present": "",
    "npm run build --workspace=a": "",
    "npm run": "",
    "npm test": TEST,
    "npm t": TEST,
    "npm start": "prestart start poststart",
    "npm stop": "prestop stop poststop",
    "npm restart": "prerestart restart postrestart",
    "npm run env": "env",
    "npm build": "",
    "npm update": "",
    "npm rebuild": "preinstall install postinstall",
    "npm prune": "",
    "yarn": YARN_INSTALL,
    "yarn install": YARN_INSTALL,
    "yarn install --frozen-lockfile": YARN_INSTALL,
    "yarn install --production": "preinstall install postinstall",
    "yarn --ignore-scripts": "",
    "yarn run build": BUILD,
    "yarn build": BUILD,
    "yarn -s build": BUILD,
    "yarn --cwd . build": BUILD,
    "yarn test": TEST,
    "yarn serve": "preserve serve",
    "yarn env": "env",
    "yarn add left-pad": "",
    "yarn pack": "",
    "pnpm": "",
    "pnpm install": PNPM_INSTALL,
    "pnpm i --frozen-lockfile": PNPM_INSTALL,
    "pnpm install --prod": PNPM_INSTALL,
    "pnpm install --ignore-scripts": "",
    "pnpm install-test": f"{PNPM_INSTALL} {TEST}",
    "pnpm run build": BUILD,
    "pnpm build": BUILD,
    "pnpm -C . build": BUILD,
    "pnpm -r build": "",
    "pnpm env": "",
    "pnpm run env": "env",
    "pnpm t": TEST,
}


def followed(
    command: str, package: object = None, *, cwd: str = "/app", environment: dict[str, str | None] | None = None
) -> Followed | None:
    system = System(Family.GNU)
    data = json.dumps({"scripts": {name: name for name in NAMES}} if package is None else package)
    system.files.write("/app/package.json", Content.of(Document("package.json", data.encode())))
    argv = tuple(Argument(word, True, NOWHERE) for word in command.split())
    return package_json.follow(Command(argv, NOWHERE, cwd=cwd, env=environment), system)


def scripts(
    command: str, package: object = None, *, cwd: str = "/app", environment: dict[str, str | None] | None = None
) -> list[str]:
    found = followed(command, package, cwd=cwd, environment=environment)
    return [each.script.text for each in found.scripts] if found else []


@pytest.mark.parametrize("command", TABLE)
def test_runs_what_the_tool_runs(command: str) -> None:
    assert scripts(command) == TABLE[command].split()


@pytest.mark.parametrize("command", ["npm ci", "npm rebuild", "npm run build"])
def test_the_table_is_what_the_installed_npm_does(command: str, tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    version = subprocess.run([npm, "--version"], check=True, capture_output=True, text=True).stdout
    if int(version.split(".")[0]) < 7:
        pytest.skip("npm 7 changed what it runs")
    log = tmp_path / "log"
    log.touch()
    package = {"name": "p", "version": "1.0.0", "scripts": {name: f"echo {name} >> {log}; :" for name in NAMES}}
    lock = {"name": "p", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "p", "version": "1.0.0"}}}
    (tmp_path / "package.json").write_text(json.dumps(package))
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    subprocess.run([npm, "--offline", *command.split()[1:]], cwd=tmp_path, check=True, capture_output=True)
    assert log.read_text().split() == TABLE[command].split()


def test_production_leaves_yarns_prepare_out() -> None:
    assert scripts("yarn", environment={"NODE_ENV": "production"}) == ["preinstall", "install", "postinstall"]


def test_a_later_yarn_runs_no_scripts_around() -> None:
    package = {"packageManager": "yarn@4.1.0", "scripts": {"prebuild": "a", "build": "b", "postbuild": "c"}}
    assert scripts("yarn build", package) == ["b"]


def test_arguments_are_handed_on_to_the_script_itself() -> None:
    package = {"scripts": {"prebuild": "a", "build": "b", "postbuild": "c"}}
    assert scripts("npm run build -- --x y", package) == ["a", "b --x y", "c"]
    assert scripts("npm run build x", package) == ["a", "b x", "c"]


def test_the_package_is_the_next_one_upwards() -> None:
    found = followed("npm run build", cwd="/app/src/deep")
    assert found is not None
    assert found.cwd == "/app"
    assert followed("npm run build", cwd="/other") is None


def test_a_script_stands_in_its_string() -> None:
    text = r'{"scripts": {"build": "echo \"a\" && chown 70000 /x"}}'
    system = System(Family.GNU)
    system.files.write("/app/package.json", Content.of(Document("package.json", text.encode())))
    argv = tuple(Argument(word, True, NOWHERE) for word in ("npm", "run", "build"))
    found = package_json.follow(Command(argv, NOWHERE, cwd="/app"), system)
    assert found is not None
    script = found.scripts[0].script
    assert script.text == 'echo "a" && chown 70000 /x'
    at = script.text.index("70000")
    assert script.source.place(at, at + 5) == Place("package.json", text.index("70000"), text.index("70000") + 5)


@pytest.mark.parametrize("package", [[], {"scripts": []}, {"scripts": {"build": 1}}, {"scripts": {"build": None}}, 3])
def test_what_is_no_script_is_not_run(package: object) -> None:
    assert scripts("npm run build", package) == []


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.text(alphabet='{}[]":,\\scriptsbuld \n\0é', max_size=60), st.sampled_from(sorted(TABLE)))
def test_never_raises(text: str, command: str) -> None:
    system = System(Family.GNU)
    system.files.write("/app/package.json", Content.of(Document("package.json", text.encode())))
    argv = tuple(Argument(word, True, NOWHERE) for word in command.split())
    package_json.follow(Command(argv, NOWHERE, cwd="/app"), system)
