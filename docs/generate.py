"""Writes docs/rules/ from the rules themselves, and compatibility.md from what was measured: `python docs/generate.py`.

A test fails when a page is stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment
from operations import FAMILIES, Operation, forms, groups, read_results

from ns_lint.linter.formats.config import ConfigFile
from ns_lint.linter.invocation import BuilderSetup, Invocation
from ns_lint.linter.pod import BuilderPod
from ns_lint.linter.profile import NO_SANDBOX, PROFILES
from ns_lint.linter.profile import Row as RuleRow
from ns_lint.linter.rule import Bad, Good, Log, Rule, Warn
from ns_lint.rules import all_rules, find_rule, page_of

HERE = Path(__file__).parent

TEMPLATES = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False)

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

COMPATIBILITY = """\
# What works in which BuildKit

Every cell is a build of one step, on {{ measured }}, with {{ versions }}. `make measure`
builds them all again; a test holds what was measured against what ns-lint says.

`rootful` is BuildKit as real root. `userns` is the same in a pod with `hostUsers: false` and `privileged: true`.
`rootless` is `moby/buildkit:rootless`, and `no-sandbox` that with `--oci-worker-no-process-sandbox`. + is a step under
`RUN --security=insecure`. Failures link to the rule that tells of them. "—" was not measured: there is no RUN to be
insecure, or the step would act on the machine that measures.
{% for title, rows in groups %}

## {{ title }}

| operation | tools | {{ columns | join(" | ") }} |
|---|---|{{ "---|" * columns | length }}
{% for row in rows %}
| {{ row.title }}{{ row.remark }}<br>{{ row.step }} | {{ row.tools }} | {{ row.cells | join(" | ") }} |
{% endfor %}
{% endfor %}

{% for rule in rules %}
[{{ rule.code }}]: rules/{{ rule.name }}.md
{% endfor %}
"""


class Row(NamedTuple):
    """An operation with the tools that it fares alike with; cells are as in the table's head."""

    title: str
    remark: str
    step: str
    tools: str
    cells: list[str]


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


def _cells(row: RuleRow, *, insecure: bool) -> list[str]:
    return ["fails" if row.refuses(profile, insecure) else "works" for profile in PROFILES]


def compatibility() -> str:
    """The text of compatibility.md."""
    results = read_results()
    tables = [
        (title, [row for each in operations for row in _rows(each, results.built)]) for title, operations in groups()
    ]
    named = {each.rule for _, operations in groups() for each in operations}
    columns = ["no-sandbox" if profile is NO_SANDBOX else profile.name for profile in PROFILES]
    return TEMPLATES.from_string(COMPATIBILITY).render(
        measured=results.measured,
        versions=", ".join(" ".join(each) for each in results.versions.items()),
        groups=tables,
        columns=[text for name in columns for text in (name, name + " +")],
        rules=[rule for rule in all_rules() if rule.name in named],
    )


def _rows(operation: Operation, built: dict[str, dict[str, bool]]) -> Iterator[Row]:
    """One row where both families have the same step and fare alike, else one for each."""
    found: list[Row] = []
    remark = f" ({operation.why})" if operation.why else ""
    for base, step in operation.steps.items():
        mine = {form.insecure: built[form.text] for form in forms(operation) if form.base == base}
        cells = [_cell(operation, mine.get(insecure, {}).get(p.name)) for p in PROFILES for insecure in (False, True)]
        found.append(Row(operation.title, remark, _as_code(step), FAMILIES[base], cells))
    if len(found) == 2 and found[0].step == found[1].step and found[0].cells == found[1].cells:
        found = [found[0]._replace(tools=", ".join(FAMILIES.values()))]
    yield from found


def _cell(operation: Operation, works: bool | None) -> str:
    if works is None:
        return "—"
    if works:
        return "works"
    return "fails" if operation.rule is None else f"[fails][{find_rule(operation.rule).code}]"


def _as_code(step: str) -> str:
    return "<br>".join(f"`{line}`" for line in step.replace("|", "\\|").split("\n"))


def pages() -> Iterator[tuple[str, str]]:
    """File names under docs/rules/ and their texts."""
    page, index = TEMPLATES.from_string(PAGE), TEMPLATES.from_string(INDEX)
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
    (HERE / "compatibility.md").write_text(compatibility(), encoding="utf-8")


if __name__ == "__main__":
    write()
