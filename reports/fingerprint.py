"""A finding's identity for services that follow it from one commit to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256

from ..linter.baseline import Key, key
from ..linter.finding import Finding
from .report import Report


def fingerprints(report: Report) -> Iterator[tuple[Finding, str]]:
    """Each finding with a hash of its rule, file and text, never of its line; equal ones are numbered in order."""
    seen: Counter[Key] = Counter()
    for finding in report.findings:
        one = key(finding, report.documents)
        seen[one] += 1
        parts = (*one, str(seen[one]))
        yield finding, sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
