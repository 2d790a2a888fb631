"""Writes docs/rules/ from the rules themselves: `python docs/generate.py`. A test fails when a page is stale."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment

from ns_lint.linter.formats.config import ConfigFile
from ns_lint.linter.invocation import BuilderSetup, Invocation
from ns_lint.linter.pod import BuilderPod
from ns_lint.linter.profile import PROFILES, Row
from ns_lint.linter.rule import Bad, Good, Log, Rule, Warn
from ns_lint.rules import all_rules, page_of

HERE = Path(__file__).parent

PAGE = """\
# {{ rule.code }} {{ rule.name }}

{{ page }}

**What to do.** {{ rule.guidance }}

| {{ about }} | {{ profiles | join(" | ") }} |
|---|{{ "---|" * profiles | length }}
{% for name, cells in table %}
| {{ name }} | {{ cells | join(" | ") }} |
{% endfor %}
{% for title, examples in groups if examples %}

## {{ title }}
{% for example in examples %}
{% if example.why %}

{{ example.why[0] | upper }}{{ example.why[1:] }}:
{% endif %}
{% if example.path != "Dockerfile" %}

`{{ example.path }}`:
{% endif %}

```{{ example.language }}
{{ example.text }}
```
{% for name, text in example.files %}

`{{ name }}`:

```
{{ text }}
```
{% endfor %}
{% if example.fixed %}

`ns-lint --unsafe-fixes` makes of it:

```{{ example.language }}
{{ example.fixed }}
```
{% endif %}
{% endfor %}
{% endfor %}
{% if rule.references %}

## References
{% for reference in rule.references %}
{{ "\\n" if loop.first }}- <{{ reference }}>
{% endfor %}
{% endif %}
"""

INDEX = """\
# Rules

Each is proven by building its examples in every profile. `ns-lint rule CODE` prints its page.

| code | name | what |
|---|---|---|
{% for rule in rules %}
| [{{ rule.code }}]({{ rule.name }}.md) | {{ rule.name }} | {{ rule.summary }} |
{% endfor %}
"""


class Shown:
    """An example as a page shows it: without marks."""

    def __init__(self, example: Bad | Warn | Good) -> None:
        self.why = example.why
        self.path = example.path
        self.language = _language(example.path)
        self.text = _plain(example.text)
        self.files = [(name, _plain(data)) for name, data in example.context.items() if isinstance(data, str)]
        fixed = None if isinstance(example, Good) else example.fixed
        self.fixed = fixed.rstrip("\n") if fixed is not None else None


LANGUAGES = {"bzl": "python", "json": "json", "hcl": "hcl", "py": "python", "sh": "sh", "toml": "toml"}


def _language(path: str) -> str:
    """What a file is highlighted as, by its name."""
    name = path.rsplit("/", 1)[-1]
    if name in ("Dockerfile", "Makefile"):
        return name.lower()
    ending = name.rsplit(".", 1)[-1]
    return "yaml" if ending in ("yaml", "yml") else LANGUAGES.get(ending, "")


def _plain(text: str) -> str:
    return text.replace("«", "").replace("»", "").rstrip("\n")


def _cells(row: Row, *, insecure: bool) -> list[str]:
    return ["fails" if row.refuses(profile, insecure) else "works" for profile in PROFILES]


def pages() -> Iterator[tuple[str, str]]:
    """File names under docs/rules/ and their texts."""
    templates = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False)
    page, index = templates.from_string(PAGE), templates.from_string(INDEX)
    yield "index.md", index.render(rules=all_rules())
    for rule in all_rules():
        yield (
            f"{rule.name}.md",
            page.render(
                rule=rule,
                page=page_of(rule),
                profiles=[profile.name for profile in PROFILES],
                about="config" if _judges_configs(rule) else "step",
                table=_table(rule),
                groups=_groups(rule),
            ),
        )


def _judges_configs(rule: Rule) -> bool:
    """Whether the rule is about build configs, which have no steps."""
    return bool(rule.checks) and rule.checks.keys() <= {Invocation, BuilderSetup, BuilderPod, ConfigFile}


def _table(rule: Rule) -> list[tuple[str, list[str]]]:
    plain = _cells(rule.refused, insecure=False)
    if _judges_configs(rule):
        return [("as written", plain)]
    return [("plain", plain), ("`--security=insecure`", _cells(rule.refused, insecure=True))]


def _groups(rule: Rule) -> list[tuple[str, list[Shown]]]:
    titles = {Bad: "Fails", Warn: "Warned about", Good: "Fine"}
    return [
        (title, [Shown(e) for e in rule.examples if isinstance(e, kind) and not isinstance(e, Log)])
        for kind, title in titles.items()
    ]


def write() -> None:
    """Write every page, and delete those of rules that are gone."""
    folder = HERE / "rules"
    folder.mkdir(exist_ok=True)
    wanted = dict(pages())
    for old in folder.glob("*.md"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
