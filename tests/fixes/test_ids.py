"""An id gets another number wherever it is meant, and nothing else changes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.fixes.apply import plan
from ns_lint.fixes.ids import remap
from ns_lint.fixes.mend import mend
from ns_lint.linter.build import read_build
from ns_lint.linter.context import Context
from ns_lint.linter.dockerfile import parse
from ns_lint.linter.engine import Ruleset
from ns_lint.linter.invocation import Target
from ns_lint.linter.lint import Question
from ns_lint.linter.profile import USERNS
from ns_lint.linter.source import Document
from ns_lint.rules import all_rules

PROFILE = settings(derandomize=True, deadline=None, max_examples=80)


def remapped(text: str, number: int, context: Mapping[str, bytes] | None = None) -> dict[str, str]:
    """The files after one fix; empty when there is none."""
    files = {**(context or {}), "Dockerfile": text.encode()}
    build = read_build(parse(Document("Dockerfile", text.encode())), Context(None, context or {}), Target())
    fix = remap(number)(build)
    if fix is None:
        return {}
    changes = plan([fix], lambda path: files[path], allow_unsafe=True).changes
    return {path: change.new.decode() for path, change in changes.items()}


WRITTEN = [
    ("ARG ID=70000\nRUN chown $ID /a", "ARG ID=10001\nRUN chown $ID /a"),
    ("ENV A=70000:70000 B=x\nRUN chown $A /a", "ENV A=10001:10001 B=x\nRUN chown $A /a"),
    ("RUN ID=70000; chown $ID /a", "RUN ID=10001; chown $ID /a"),
    (
        "RUN ID=70000 && export ID2=70000 && chown ${ID2:-70000} /a",
        "RUN ID=10001 && export ID2=10001 && chown ${ID2:-10001} /a",
    ),
    ("RUN useradd -u70000 -g 0 a && chown a.70000 /a", "RUN useradd -u10001 -g 0 a && chown a.10001 /a"),
    ('RUN ["chown", "70000", "/a"]', 'RUN ["chown", "10001", "/a"]'),
    ("RUN sh -c 'chown 70000 /a'", "RUN sh -c 'chown 10001 /a'"),
    ("RUN <<EOF\nchown 70000 /a\nEOF", "RUN <<EOF\nchown 10001 /a\nEOF"),
    ("RUN [ $(id -u) = 70000 ] || chown 70000 /a", "RUN [ $(id -u) = 10001 ] || chown 10001 /a"),
    ("RUN for i in 70000 1; do chown $i /a; done", "RUN for i in 10001 1; do chown $i /a; done"),
    ("COPY --chown=70000:0 a b 70000/\nUSER 70000", "COPY --chown=10001:0 a b 70000/\nUSER 10001"),
    (
        "RUN --mount=type=cache,target=/c,uid=70000 chown 70000 /a",
        "RUN --mount=type=cache,target=/c,uid=10001 chown 10001 /a",
    ),
    (
        "RUN echo a:x:70000:70000::/:/bin/sh >> /etc/passwd && chown a /a",
        "RUN echo a:x:10001:10001::/:/bin/sh >> /etc/passwd && chown a /a",
    ),
    ("RUN chown 70000 /a && ulimit -n 70000 && sleep 70000", "RUN chown 10001 /a && ulimit -n 70000 && sleep 70000"),
    (
        "# 70000\nLABEL a=70000\nRUN chown 70000 /a\nCMD sleep 70000",
        "# 70000\nLABEL a=70000\nRUN chown 10001 /a\nCMD sleep 70000",
    ),
    ("RUN chown 70000 /70000x /a700001 /70000/x /70000", "RUN chown 10001 /70000x /a700001 /70000/x /70000"),
    ("RUN chown 70000 /a # 10001", "RUN chown 10002 /a # 10001"),
    ("ONBUILD RUN chown 70000 /a\nRUN chown 70000 /a", "ONBUILD RUN chown 10001 /a\nRUN chown 10001 /a"),
]


@pytest.mark.parametrize(("before", "after"), WRITTEN)
def test_a_number_is_changed_where_it_is_the_id(before: str, after: str) -> None:
    assert remapped(f"FROM debian\n{before}\n", 70000) == {"Dockerfile": f"FROM debian\n{after}\n"}


def test_scripts_that_are_run_change_with_the_dockerfile() -> None:
    context = {"a.sh": b"chown 70000 /a\nsleep 70000\n", "b.sh": b"chown 70000 /a\n"}
    after = remapped("FROM debian\nCOPY . /\nRUN sh a.sh && chown 70000 /b\n", 70000, context)
    assert after == {
        "Dockerfile": "FROM debian\nCOPY . /\nRUN sh a.sh && chown 10001 /b\n",
        "a.sh": "chown 10001 /a\nsleep 70000\n",
    }


def test_a_script_written_by_copy_changes_too() -> None:
    text = "FROM debian\nCOPY <<EOF /a.sh\nchown {} /a\nEOF\nRUN sh /a.sh\n"
    assert remapped(text.format(70000), 70000) == {"Dockerfile": text.format(10001)}


@pytest.mark.parametrize("text", ["RUN chown $((70000 - 1)) /a", "RUN chown $ID /a", "RUN chown 65535 /a"])
def test_there_is_no_fix_where_the_number_is_not_written_down(text: str) -> None:
    assert remapped(f"FROM debian\n{text}\n", 69999) == {}


identities = st.lists(
    st.sampled_from(
        [
            "RUN chown {0}:{1} /srv",
            "RUN useradd -u {0} app && chown app /srv",
            "USER {0}:{1}\nRUN id\nUSER root",
            "COPY --chown={1} file /file",
            "ARG A={0}\nRUN chown $A /srv",
            "RUN groupadd -g {1} team && useradd -m -g team x",
            "RUN --mount=type=cache,target=/c,uid={0} id",
            "RUN setpriv --reuid {0} --clear-groups id && echo {1}",
        ]
    ),
    min_size=1,
    max_size=5,
    unique=True,
)


@PROFILE
@given(identities, st.permutations([65536, 70000, 100000, 1000660000]))
def test_mending_leaves_no_finding_and_keeps_ids_apart(steps: list[str], numbers: list[int]) -> None:
    first, second = numbers[:2]
    text = "FROM debian\n" + "\n".join(steps).format(first, second) + "\n"
    rules = [rule for rule in all_rules() if rule.code.startswith("NS20")]
    question = Question(USERNS, None, Ruleset(rules))
    mended = mend(
        Document("Dockerfile", text.encode()), Context(None, {"file": b""}), Target(), question, allow_unsafe=True
    )
    assert mended.linted.findings == ()
    if mended.changes:
        new = mended.changes["Dockerfile"].new.decode()
        low, high = sorted((first, second))
        kept = [
            new.replace("10001", str(a)).replace("10002", str(b))
            for a, b in ((low, high), (first, second), (second, first))
        ]
        assert any(_without_echo(each) == _without_echo(text) for each in kept)


def _without_echo(text: str) -> str:
    """What echo prints is not about ids, and stays."""
    return "\n".join(line.partition(" && echo")[0] for line in text.splitlines())
