"""What `ns-lint init` puts into a repo. ci/gitlab.yml is the same job, to be included; a test compares them."""

from __future__ import annotations

from .version import VERSION

REPOSITORY = "https://github.com/ns-lint/ns-lint"
ACTION = "ns-lint/ns-lint"

PRE_COMMIT = f"""\
repo: {REPOSITORY}
rev: v{VERSION}
hooks:
  - id: ns-lint
"""
"""An entry of the `repos:` of a .pre-commit-config.yaml."""

GITHUB = f"""\
name: ns-lint
on: [push, pull_request]
permissions:
  contents: read
jobs:
  ns-lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: {ACTION}@v{VERSION}
"""

GITLAB = f"""\
ns-lint:
  image: python:3.13-slim
  variables:
    NS_LINT_PACKAGE: ns-lint=={VERSION}
    NS_LINT_PATHS: "."
  script:
    - pip install --quiet "$NS_LINT_PACKAGE"
    - ns-lint --format gitlab --output gl-code-quality-report.json --fail-on never $NS_LINT_PATHS
    - ns-lint --format html --output ns-lint.html --fail-on never $NS_LINT_PATHS
    - ns-lint $NS_LINT_PATHS
  artifacts:
    when: always
    expose_as: ns-lint
    paths: [ns-lint.html]
    reports:
      codequality: gl-code-quality-report.json
"""


def settings(coming_from: str | None, baseline: str | None) -> str:
    """A .ns-lint.toml; what is not set shows, commented out, how to set it."""
    came = f'from = "{coming_from}"' if coming_from else '# from = "kaniko"'
    accepted = f'baseline = "{baseline}"' if baseline else '# baseline = ".ns-lint-baseline.json"'
    return f"""\
# Settings of ns-lint: {REPOSITORY}

# The builder to lint for: userns, rootless, rootless-no-process-sandbox or rootful.
profile = "userns"

# The builder you come from: kaniko, privileged or rootful. Findings then say whether they are new.
{came}

# Findings that are accepted. `ns-lint --update-baseline .` writes them anew.
{accepted}

# Files and folders not to lint.
# exclude = ["vendor", "**/testdata"]
"""
