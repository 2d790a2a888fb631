"""`verify` goes on past a failing step until every failing step is known; real builds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ns_lint.builders.build import BuildRequest, build
from ns_lint.builders.lab import stand_ins
from ns_lint.builders.local import Daemons
from ns_lint.builders.outcome import Outcome
from ns_lint.linter.context import Context
from ns_lint.linter.engine import Ruleset
from ns_lint.linter.errors import NoBuilder
from ns_lint.linter.invocation import Target
from ns_lint.linter.lint import Question
from ns_lint.linter.profile import ROOTFUL, USERNS, Profile
from ns_lint.linter.rule import Rule
from ns_lint.linter.source import Document
from ns_lint.proof.compare import Word
from ns_lint.proof.failures import Failure
from ns_lint.proof.neutralise import Means
from ns_lint.proof.report import as_json, as_text
from ns_lint.proof.verify import Built, Manner, Proof, Subject, verify
from ns_lint.rules import all_rules

pytestmark = pytest.mark.lab


def rule(code: str) -> Rule:
    return next(each for each in all_rules() if each.code == code)


def proven(
    daemons: Daemons,
    folder: Path,
    text: str,
    profile: Profile = USERNS,
    *,
    rules: tuple[Rule, ...] | None = None,
    all_failures: bool = True,
    rootful: bool = True,
) -> tuple[Proof, Document]:
    path = folder / "Dockerfile"
    path.write_text(text)
    document = Document(str(path), text.encode())
    request = BuildRequest(path, folder, images=stand_ins(["debian", "busybox"]), timeout=60)
    subject = Subject(document, Context(str(folder), dockerfile=str(path)), Target(), request)
    question = Question(profile, None, Ruleset(all_rules() if rules is None else rules))

    def build_in(wanted: Profile, request: BuildRequest) -> Outcome:
        if wanted is ROOTFUL and not rootful:
            raise NoBuilder("no root here")
        return build(daemons.of(wanted), request)

    return verify(subject, question, build_in, Manner(all_failures=all_failures)), document


def words(failures: tuple[Failure, ...]) -> list[tuple[int, Word]]:
    return [(failure.step.line, failure.word) for failure in failures]


def said(built: Built) -> list[Word]:
    return [each.word for each in built.comparison.said]


def test_every_failing_step_is_known(daemons: Daemons, tmp_path: Path) -> None:
    text = (
        "FROM busybox\n"
        "RUN mknod /srv/n \\\n"
        "      c 1 3 && echo one\n"
        "RUN echo fine\n"
        "COPY --chown=70000 Dockerfile /x\n"
        "USER 70001\n"
        "RUN true\n"
        "RUN true\n"
        "USER root\n"
        "RUN <<EOF\n"
        "mknod /srv/m b 1 3\n"
        "EOF\n"
    )
    proof, document = proven(daemons, tmp_path, text)
    built = proof.original
    confirmed = Word.CONFIRMED
    assert words(built.failures) == [(2, confirmed), (5, confirmed), (7, confirmed), (10, confirmed)]
    assert [failure.means for failure in built.failures] == [Means.COMMANDS, Means.FLAG, Means.ORIGIN, Means.COMMANDS]
    assert built.complete
    assert set(said(built)) == {confirmed}
    assert built.comparison.agrees
    printed = json.loads(json.dumps(as_json(proof, document)))
    assert printed["original"]["failed_step"]["line"] == 2
    assert [failure["step"]["line"] for failure in printed["original"]["failures"]] == [2, 5, 7, 10]
    assert "also fails at line 10: confirmed (NS101)" in as_text(proof, document)


def test_only_the_first_when_that_is_asked_for(daemons: Daemons, tmp_path: Path) -> None:
    text = "FROM busybox\nRUN mknod /srv/n c 1 3\nRUN mknod /srv/m c 1 3\n"
    proof, _ = proven(daemons, tmp_path, text, all_failures=False)
    assert proof.original.failures == ()
    assert said(proof.original) == [Word.CONFIRMED, Word.NOT_REACHED]


def test_what_fails_for_want_of_a_step_that_was_taken_out_proves_nothing(daemons: Daemons, tmp_path: Path) -> None:
    text = "FROM busybox\nRUN mknod /srv/n c 1 3\nRUN rm /srv/n\n"
    proof, _ = proven(daemons, tmp_path, text)
    assert words(proof.original.failures) == [(2, Word.CONFIRMED), (3, Word.UNPROVEN)]
    assert proof.original.comparison.agrees


def test_without_root_a_later_failure_is_unproven(daemons: Daemons, tmp_path: Path) -> None:
    text = "FROM busybox\nRUN mknod /srv/n c 1 3\nRUN mknod /srv/m c 1 3\n"
    proof, _ = proven(daemons, tmp_path, text, rootful=False)
    assert words(proof.original.failures) == [(2, Word.CONFIRMED), (3, Word.UNPROVEN)]
    assert said(proof.original) == [Word.CONFIRMED, Word.UNPROVEN]


def test_a_later_failure_that_nobody_predicted_is_a_miss(daemons: Daemons, tmp_path: Path) -> None:
    text = "FROM busybox\nRUN mknod /srv/n c 1 3\nRUN chown 70000 /etc/passwd\n"
    proof, _ = proven(daemons, tmp_path, text, rules=(rule("NS101"),))
    assert words(proof.original.failures) == [(2, Word.CONFIRMED), (3, Word.UNPREDICTED)]
    assert proof.original.comparison.unpredicted
    assert not proof.original.comparison.agrees


def test_a_build_that_fails_anywhere_is_unrelated_and_gone_past(daemons: Daemons, tmp_path: Path) -> None:
    text = "FROM busybox\nRUN false\nRUN mknod /srv/m c 1 3\n"
    proof, _ = proven(daemons, tmp_path, text)
    assert words(proof.original.failures) == [(2, Word.UNRELATED), (3, Word.CONFIRMED)]
    assert said(proof.original) == [Word.CONFIRMED]


def test_stages_that_fail_at_once_are_all_found(daemons: Daemons, tmp_path: Path) -> None:
    stage = "FROM busybox AS {0}\nRUN mknod /srv/{0} c 1 3\n"
    text = stage.format("a") + stage.format("b") + "FROM busybox\nCOPY --from=a /etc /a\nCOPY --from=b /etc /b\n"
    proof, _ = proven(daemons, tmp_path, text)
    assert sorted(words(proof.original.failures)) == [(2, Word.CONFIRMED), (4, Word.CONFIRMED)]
    assert proof.original.complete


def test_a_build_that_passes_has_no_failures(daemons: Daemons, tmp_path: Path) -> None:
    proof, _ = proven(daemons, tmp_path, "FROM busybox\nRUN true\n")
    assert proof.original.failures == ()
    assert proof.original.complete
