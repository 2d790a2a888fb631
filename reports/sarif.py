"""SARIF 2.1.0, for code scanning services and editors: columns are UTF-16 code units, as `columnKind` says."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from ..linter.edit import Edit, Fix
from ..linter.finding import Finding
from ..linter.rule import Rule
from ..linter.source import Place
from .fingerprint import fingerprints
from .report import Report, blamed_elsewhere, page

if TYPE_CHECKING:
    import sarif_om

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(report: Report) -> str:
    import sarif_om

    used = {finding.code for finding in report.findings}
    rules = [rule for rule in report.rules if rule.code in used]
    indexes = {rule.code: index for index, rule in enumerate(rules)}
    driver = sarif_om.ToolComponent(name="ns-lint", version=report.version, rules=[_rule(rule) for rule in rules])
    results = [
        _result(report, finding, fingerprint, indexes.get(finding.code, -1))
        for finding, fingerprint in fingerprints(report)
    ]
    run = sarif_om.Run(
        tool=sarif_om.Tool(driver=driver),
        results=results,
        column_kind="utf16CodeUnits",
        properties={"profile": report.profile},
    )
    return json.dumps(_plain(sarif_om.SarifLog(version="2.1.0", schema_uri=_SCHEMA, runs=[run])), indent=2)


def _plain(value: object) -> object:
    """The JSON value of an object of sarif-om, which knows each property's name; defaults are left out."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in cast("list[object]", value)]
    made: dict[str, object] = {}
    fields = getattr(value, "__attrs_attrs__", None)
    if fields is None:
        return value
    for field in fields:
        item = getattr(value, field.name)
        default = field.default.factory() if hasattr(field.default, "factory") else field.default
        if item is not None and item != default:
            made[field.metadata["schema_property_name"]] = _plain(item)
    return made


def _rule(rule: Rule) -> sarif_om.ReportingDescriptor:
    import sarif_om

    return sarif_om.ReportingDescriptor(
        id=rule.code,
        name=rule.name,
        short_description=sarif_om.MultiformatMessageString(text=rule.summary),
        full_description=sarif_om.MultiformatMessageString(text=f"{rule.summary}. {rule.guidance}"),
        help=sarif_om.MultiformatMessageString(text=rule.guidance or rule.summary, markdown="\n\n".join(_help(rule))),
    )


def _help(rule: Rule) -> Iterator[str]:
    yield page(rule) or rule.summary
    if rule.guidance:
        yield f"**What to do:** {rule.guidance}"
    if rule.references:
        yield "\n".join(f"- <{reference}>" for reference in rule.references)
    yield f"To accept it here, write `# ns-lint: ignore[{rule.name}] why` above the instruction."


def _result(report: Report, finding: Finding, fingerprint: str, rule_index: int) -> sarif_om.Result:
    import sarif_om

    text = f"{finding.message}. {finding.guidance}" if finding.guidance else finding.message
    properties: dict[str, object] = {
        "effect": finding.effect.value,
        "verdicts": {profile: effect.value for profile, effect in finding.verdicts.items()},
    }
    if finding.regression is not None:
        properties["regression"] = finding.regression
    return sarif_om.Result(
        message=sarif_om.Message(text=text),
        rule_id=finding.code,
        rule_index=rule_index,
        level=finding.severity.value,
        locations=[_location(report, finding.place)],
        related_locations=list(_related(report, finding)) or None,
        fixes=[_fix(report, finding.fix)] if finding.fix and finding.fix.edits else None,
        partial_fingerprints={"nsLint/v1": fingerprint},
        properties=properties,
    )


def _related(report: Report, finding: Finding) -> Iterator[sarif_om.Location]:
    step = blamed_elsewhere(report, finding)
    if step:
        yield _location(report, step, "the builder blames this step", 1)
    if finding.origin and finding.origin != finding.place:
        yield _location(report, finding.origin, "mend it here", 2)


def _location(report: Report, place: Place, message: str | None = None, number: int = -1) -> sarif_om.Location:
    import sarif_om

    return sarif_om.Location(
        physical_location=sarif_om.PhysicalLocation(
            artifact_location=_artifact(place.path), region=_region(report, place, snippet=True)
        ),
        message=sarif_om.Message(text=message) if message else None,
        id=number,
    )


def _artifact(path: str) -> sarif_om.ArtifactLocation:
    """A relative path is relative to the repo; bytes that may not stand in a URI are percent-encoded."""
    import sarif_om

    normal = os.path.normpath(path)
    uri = quote(os.fsencode(normal))
    return sarif_om.ArtifactLocation(uri=f"file://{uri}" if os.path.isabs(normal) else uri)


def _region(report: Report, place: Place, *, snippet: bool = False) -> sarif_om.Region:
    import sarif_om

    document = report.documents[place.path]
    text = document.text(place)
    return sarif_om.Region(
        start_line=document.line_of(place.start),
        start_column=document.utf16_column(place.start),
        end_line=document.line_of(place.end),
        end_column=document.utf16_column(place.end),
        snippet=sarif_om.ArtifactContent(text=text) if snippet and text else None,
    )


def _fix(report: Report, fix: Fix) -> sarif_om.Fix:
    import sarif_om

    edits = sorted(fix.edits, key=lambda edit: edit.place)
    changes = [
        sarif_om.ArtifactChange(artifact_location=_artifact(path), replacements=_replacements(report, of_file))
        for path, of_file in groupby(edits, key=lambda edit: edit.place.path)
    ]
    description = f"{fix.title} ({fix.safety.value})"
    return sarif_om.Fix(description=sarif_om.Message(text=description), artifact_changes=changes)


def _replacements(report: Report, edits: Iterable[Edit]) -> list[sarif_om.Replacement]:
    import sarif_om

    return [
        sarif_om.Replacement(
            deleted_region=_region(report, edit.place),
            inserted_content=sarif_om.ArtifactContent(text=edit.text) if edit.text else None,
        )
        for edit in edits
    ]
