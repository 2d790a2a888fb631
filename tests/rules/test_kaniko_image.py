"""Dockerfiles that are made of kaniko's images, which the lab does not have."""

from __future__ import annotations

import pytest

from ns_lint.linter.context import Context
from ns_lint.linter.engine import COMING_FROM, Ruleset
from ns_lint.linter.formats import read_config
from ns_lint.linter.invocation import Target
from ns_lint.linter.lint import Question, lint_file
from ns_lint.linter.profile import USERNS
from ns_lint.linter.rule import Warn
from ns_lint.linter.source import Document
from ns_lint.linter.targets import targets_of
from ns_lint.rules.kaniko.kaniko_image import rule

from ..marked import unmark

TEXTS = [
    "«FROM gcr.io/kaniko-project/executor:debug»\nCOPY run.sh /\n",
    "FROM alpine\n«COPY --from=gcr.io/kaniko-project/executor:v1.24.0 /kaniko /kaniko»\n",
    "ARG V=debug\n«FROM ghcr.io/osscontainertools/kaniko:$V AS tool»\nFROM alpine\nCOPY --from=tool /kaniko /kaniko\n",
    "FROM alpine\n«RUN --mount=from=gcr.io/kaniko-project/executor,target=/k /k/kaniko/executor version»\n",
    "FROM alpine AS kaniko\nFROM alpine\nCOPY --from=kaniko /x /x\n",
]


@pytest.mark.parametrize("text", TEXTS)
def test_finds(text: str) -> None:
    marked = unmark(Warn(text))
    question = Question(USERNS, COMING_FROM["kaniko"], Ruleset([rule]))
    linted = lint_file(marked.document, Context(None), Target(), question)
    assert {finding.place for finding in linted.findings} == marked.places


def test_is_silent_where_nobody_comes_from_kaniko() -> None:
    document = unmark(Warn(TEXTS[0])).document
    assert lint_file(document, Context(None), Target(), Question(USERNS, None, Ruleset([rule]))).findings == ()
    told = Target(comes_from="kaniko")
    assert lint_file(document, Context(None), told, Question(USERNS, None, Ruleset([rule]))).findings


def test_a_job_in_the_repo_says_where_a_dockerfile_comes_from() -> None:
    text = b"b:\n  image: gcr.io/kaniko-project/executor:debug\n  script: [/kaniko/executor -c app -d r/a]\n"
    config = read_config(Document(".gitlab-ci.yml", text))
    assert config is not None
    ((target, _),) = targets_of([config], ["app/Dockerfile"])["app/Dockerfile"]
    assert target.comes_from == "kaniko"
