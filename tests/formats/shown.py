"""What a config was read as, in lines that a test can hold."""

from __future__ import annotations

import textwrap

from ns_lint.linter.formats import read_config
from ns_lint.linter.formats.config import ConfigFile
from ns_lint.linter.invocation import BuilderSetup, Invocation, Option
from ns_lint.linter.pod import BuilderPod
from ns_lint.linter.source import Document


def read(path: str, text: str | bytes) -> ConfigFile:
    """A config of that path; the text may be indented as a whole."""
    data = textwrap.dedent(text).encode() if isinstance(text, str) else text
    found = read_config(Document(path, data))
    assert found is not None, f"{path} is in no format that is known"
    return found


def builds(path: str, text: str) -> list[str]:
    return [invocation(one) for one in read(path, text).invocations]


def setups(path: str, text: str) -> list[str]:
    return [setup(one) for one in read(path, text).setups]


def pods(path: str, text: str) -> list[str]:
    return [pod(one) for one in read(path, text).pods]


def invocation(one: Invocation) -> str:
    """`TOOL DIRECTORY: DOCKERFILE < CONTEXT [options]`; what is not known is `?`."""
    where = "?" if one.directory is None else one.directory or "."
    classic = " classic" if one.classic is not None else ""
    head = f"{one.tool.name} {where}: {one.dockerfile or '-'} < {one.context or '-'}{classic}"
    return " ".join([head, *(option(each) for each in one.options)])


def setup(one: BuilderSetup) -> str:
    driver = f" {one.driver}" if one.driver is not None else ""
    return " ".join([one.kind.name + driver, *(option(each) for each in one.options)])


def option(one: Option) -> str:
    """`name=value`, or `name?text` where the value is not known."""
    if one.text is None:
        return one.name
    return f"{one.name}={one.value}" if one.value is not None else f"{one.name}?{one.text}"


def pod(one: BuilderPod) -> str:
    own = {True: "userns", False: "host", None: "unknown"}[one.in_user_namespace]
    images = [f"{'*' if each in one.daemons else ''}{each.image}" for each in one.builders]
    return f"{one.kind} {own}: {', '.join(images)}"
