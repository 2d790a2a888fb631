"""An entry for ns-lint in a .pre-commit-config.yaml, put in where it belongs and nowhere else."""

from __future__ import annotations

from ..linter.formats.yaml_places import Mapping, Sequence, new_item, read_yaml
from ..linter.source import Document

NAME = ".pre-commit-config.yaml"


def has_hook(data: bytes) -> bool:
    return b"id: ns-lint" in data


def with_entry(data: bytes, entry: str) -> bytes | None:
    """The file with `entry` behind the last of its `repos:`, every other byte as it was; None where that cannot be."""
    document = Document(NAME, data)
    roots = read_yaml(document).roots
    repos = roots[0].get("repos") if len(roots) == 1 and isinstance(roots[0], Mapping) else None
    if not isinstance(repos, Sequence) or repos.flow or not repos.items:
        return None
    insertion = new_item(document, repos)
    if insertion is None:
        return None
    line_end = "\r\n" if b"\r\n" in data else "\n"
    text = insertion.around(entry.rstrip("\n")).replace("\n", line_end).encode()
    at = insertion.place.start
    changed = data[:at] + text + (data[at:] or line_end.encode())
    return changed if _only_adds(data, changed, entry) else None


def _only_adds(before: bytes, after: bytes, entry: str) -> bool:
    """Whether YAML reads the result as what there was, and the entry."""
    import yaml

    try:
        old, new = yaml.safe_load(before), yaml.safe_load(after)
        old["repos"].append(yaml.safe_load(entry))
    except (yaml.YAMLError, TypeError, KeyError, AttributeError):
        return False
    return old == new
