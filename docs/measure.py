"""Measures the compatibility table: builds every operation in every profile and writes compatibility.json.

`make measure` runs it. What the log of a failed build does not explain, by its rule's symptoms, is told on stderr.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from operations import RESULTS, Form, Results, forms, groups

from ns_lint.builders import isolation, lab
from ns_lint.builders.build import BuildRequest, build_many
from ns_lint.builders.local import Daemons, may_harm_machine
from ns_lint.builders.outcome import Outcome
from ns_lint.linter.profile import PROFILES, ROOTFUL, Profile
from ns_lint.proof.compare import failure_log, matching_lines
from ns_lint.rules import find_rule


def main() -> int:
    if not may_harm_machine():
        print("insecure steps act on this machine: set NS_LINT_DISPOSABLE=1 where it may be harmed", file=sys.stderr)
        return 1
    every = [form for _, operations in groups() for operation in operations for form in forms(operation)]
    built: dict[str, dict[str, bool]] = {form.text: {} for form in every}
    with Daemons() as daemons:
        for profile in PROFILES:
            chosen = [form for form in every if not _harms(form, profile)]
            requests = [_request(form) for form in chosen]
            outcomes = (outcome for _, outcome in build_many(daemons.of(profile), requests))
            for form, outcome in zip(chosen, outcomes, strict=True):
                built[form.text][profile.name] = outcome.built
                for line in _unexplained(form, outcome):
                    print(f"{profile.name}: {form.text}    {line}", file=sys.stderr)
            daemons.end(profile)
    results = Results(date.today().isoformat(), _versions(), built)
    RESULTS.write_text(json.dumps(results._asdict(), indent=1) + "\n", encoding="utf-8")
    return 0


def _harms(form: Form, profile: Profile) -> bool:
    return form.operation.harmful and form.insecure and profile is ROOTFUL


def _request(form: Form) -> BuildRequest:
    return BuildRequest(
        Path("Dockerfile"),
        dockerfile_text=form.text.encode(),
        files=form.files,
        allow=("security.insecure",) if form.insecure else (),
        images=lab.stand_ins([form.base]),
        timeout=60,
    )


def _unexplained(form: Form, outcome: Outcome) -> Iterable[str]:
    """The last line of a failed step's log, if neither a symptom of the rule nor anything else is known to say why."""
    if outcome.built or (form.operation.rule is None and form.operation.why):
        return []
    log = failure_log(outcome)
    symptoms = find_rule(form.operation.rule).symptoms if form.operation.rule else ()
    return [] if matching_lines(log, symptoms) else log.strip().splitlines()[-1:]


def _versions() -> dict[str, str]:
    """BuildKit's, as Go built it in, Linux's and runc's."""
    buildkit = _said("go", "version", "-m", str(lab.tool("buildkitd"))).partition("github.com/moby/buildkit\t")[2]
    runc = _said(isolation.find("runc") or "runc", "--version").removeprefix("runc version ")
    return {
        "BuildKit": buildkit.split()[0].removeprefix("v"),
        "Linux": platform.release().partition("-")[0],
        "runc": runc.split()[0],
    }


def _said(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
