"""The HTML report as text: what is on the page, and that nothing from a file gets out of its place."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.fixes.apply import Change
from ns_lint.linter.edit import Edit, Fix, Safety
from ns_lint.linter.finding import Effect, Finding, Severity
from ns_lint.linter.profile import IN_USER_NAMESPACES
from ns_lint.linter.rule import Rule
from ns_lint.linter.source import Document, Place
from ns_lint.reports import html
from ns_lint.reports.report import Report

TEXT = b"FROM debian\nRUN mknod /dev/loop7 b 7 7 && echo ok\n"
RULE = Rule(
    "NS101", "device-node", "no `mknod`", refused=IN_USER_NAMESPACES, guidance="leave it out", examples=(),
    references=("https://example.org/a", "javascript:alert(1)"),
)  # fmt: skip
FINDING = Finding(
    code="NS101",
    name="device-node",
    severity=Severity.ERROR,
    effect=Effect.FATAL,
    message="/dev/loop7 is a device node",
    guidance="leave it out",
    place=Place("app/Dockerfile", 16, 38),
    step=Place("app/Dockerfile", 12, 49),
    origin=None,
    verdicts={"rootful": Effect.WORKS, "userns": Effect.FATAL},
    regression=None,
    fix=Fix("delete `mknod`", Safety.SAFE, (Edit(Place("app/Dockerfile", 16, 42), ""),)),
)


class Page(HTMLParser):
    """Elements with their attributes, and the text outside of style and script."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.raw = ""
        self.feed(source)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.raw = tag if tag in ("style", "script") else ""

    def handle_endtag(self, tag: str) -> None:
        self.raw = ""

    def handle_data(self, data: str) -> None:
        if not self.raw:
            self.words.append(data)

    def count(self, tag: str, **attributes: str) -> int:
        return sum(name == tag and attributes.items() <= found.items() for name, found in self.elements)


def report(*findings: Finding, text: bytes = TEXT, paths: tuple[str, ...] = ("app/Dockerfile",)) -> Report:
    names = {path for finding in findings for path in (finding.place.path, finding.step.path if finding.step else "")}
    documents = {name: Document(name, text) for name in names}
    return Report("1.0", "userns", findings, documents, (RULE,), len(paths), paths=paths)


def test_readiness_counts_the_files_that_were_linted_clean_ones_included() -> None:
    page = Page(html.render(report(FINDING, paths=("app/Dockerfile", "clean/Dockerfile"))))
    assert "1 of 2 files are ready for userns" in page.text
    assert "clean/Dockerfile ready none none none none" in page.text
    assert "app/Dockerfile fails none 1 fails none none" in page.text


@pytest.mark.parametrize(
    ("effect", "severity", "ready"),
    [
        (Effect.FATAL, Severity.ERROR, "fails"),
        (Effect.CONDITIONAL, Severity.WARNING, "may fail"),
        (Effect.TOLERATED, Severity.WARNING, "ready"),
        (Effect.DIFFERS, Severity.WARNING, "differs"),
        (Effect.FATAL, Severity.NOTE, "ready"),
    ],
)
def test_a_file_is_as_ready_as_its_worst_finding(effect: Effect, severity: Severity, ready: str) -> None:
    page = Page(html.render(report(FINDING._replace(effect=effect, severity=severity))))
    assert f"app/Dockerfile {ready} " in page.text


def test_a_finding_says_where_why_what_to_do_and_shows_its_fix() -> None:
    source = html.render(report(FINDING))
    page = Page(source)
    assert "<mark>mknod /dev/loop7 b 7 7</mark> &amp;&amp; echo ok" in source
    assert "no mknod 1 finding in 1 file, 1 fixable" in page.text
    assert "What to do leave it out" in page.text
    assert "rootful works userns fails" in page.text
    assert "delete mknod safe" in page.text
    assert "-RUN mknod /dev/loop7 b 7 7 && echo ok +RUN echo ok" in page.text


def test_a_finding_in_a_script_stands_with_the_dockerfile_that_runs_it() -> None:
    page = Page(html.render(report(FINDING._replace(place=Place("i.sh", 16, 38), fix=None))))
    assert page.count("details", **{"data-file": "app/Dockerfile"}) == 1
    assert "i.sh :2:5" in page.text
    assert "Step app/Dockerfile:2, which the builder will blame" in page.text


def test_without_findings_it_says_so() -> None:
    page = Page(html.render(report()))
    assert "1 of 1 file is ready for userns" in page.text
    assert "Nothing to report." in page.text


def test_only_the_pages_own_script_and_style_may_run() -> None:
    source = html.render(report(FINDING))
    policy = re.search(r'content="(default-src[^"]*)"', source)
    assert policy
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        bodies = re.findall(f"<{tag}>(.*?)</{tag}>", source, re.DOTALL)
        assert len(bodies) == 1
        assert f"{directive} 'sha256-{b64encode(sha256(bodies[0].encode()).digest()).decode()}'" in policy[1].replace(
            "&#39;", "'"
        )
    assert "default-src 'none'" in policy[1].replace("&#39;", "'")


def test_a_reference_is_a_link_only_when_it_is_one() -> None:
    source = html.render(report(FINDING))
    assert 'href="https://example.org/a"' in source
    assert 'href="javascript' not in source


HOSTILE = st.lists(
    st.sampled_from(
        [*"<>&\"'/`\\{}%\n\r\x00\x1b\u202e\ud800a ", "</script>", "</style>", "<!--", "<img src=x onerror=alert(1)>"]
    ),
    max_size=30,
).map("".join)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(HOSTILE, HOSTILE, st.data())
def test_no_text_becomes_markup(path: str, text: str, data: st.DataObject) -> None:
    path = path or "f"
    raw = text.encode("utf-8", "surrogatepass")
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))
    place = Place(path, start, end)
    finding = FINDING._replace(
        message=text, guidance=text, place=place, step=place, origin=Place(path, 0, 0),
        fix=Fix(text, Safety.UNSAFE, (Edit(place, text.replace("\ud800", "")),)),
    )  # fmt: skip
    plain = finding._replace(
        message="a", guidance="a", place=Place("f", 0, 1), step=Place("f", 0, 1), origin=Place("f", 2, 2),
        fix=Fix("a", Safety.UNSAFE, (Edit(Place("f", 0, 1), "b"),)),
    )  # fmt: skip
    source = html.render(report(finding, text=raw, paths=(path,)))
    source.encode()
    assert not set(source) & {"\x00", "\x1b", "\u202e"}

    def fixed_part(page: Page) -> list[str]:
        counted = {"code", "mark", "span", "h4", "pre", "dt", "dd", "bdi"}
        return [tag for tag, _ in page.elements if tag not in counted]

    assert fixed_part(Page(source)) == fixed_part(Page(html.render(report(plain, text=b"a b\n", paths=("f",)))))


def test_long_lines_and_long_diffs_are_cut() -> None:
    text = b"RUN " + b"x " * 3000 + b"mknod " + b"y " * 3000 + b"\n" + b"RUN a\n" * 600
    at = text.index(b"mknod")
    everything = Fix("f", Safety.SAFE, (Edit(Place("app/Dockerfile", 0, len(text)), "RUN b\n" * 601),))
    source = html.render(report(FINDING._replace(place=Place("app/Dockerfile", at, at + 5), fix=everything), text=text))
    assert "<mark>mknod</mark>" in source
    assert max(len(line) for line in source.split("<body>")[1].split("<script>")[0].splitlines()) < 1200
    assert re.search(r"… and \d+ lines more", source)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(["a\n", "b\n", "\n", "c"]), max_size=40).map("".join), st.data())
def test_the_diff_is_the_one_of_the_command_line(text: str, data: st.DataObject) -> None:
    raw = text.encode()
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))
    put = data.draw(st.sampled_from(["", "x", "x\n", "a\n"]))
    new = raw[:start] + put.encode() + raw[end:]
    fix = Fix("x", Safety.SAFE, (Edit(Place("f", start, end), put),))
    near = html._near(Document("f", raw), Change(raw, new), fix)  # pyright: ignore[reportPrivateUsage]
    assert diff_applied(raw, "".join(f"{line}\n" for line in near)) == new


def diff_applied(old: bytes, shown: str) -> bytes:
    """What patch(1) makes of it, offsets of hunks checked."""
    lines, made, at = old.decode().splitlines(keepends=True), list[str](), 0
    shown_lines = shown.split("\n")
    for number, line in enumerate(shown_lines[:-1]):
        hunk = re.match(r"@@ -(\d+)(,0)?", line)
        kept = line[1:] + ("" if shown_lines[number + 1].startswith("\\") else "\n")
        if line.startswith(("--- f", "+++ f", "--- a/", "+++ b/", "\\")):
            continue
        if hunk:
            begin = int(hunk[1]) - (0 if hunk[2] else 1)
            made += lines[at:begin]
            at = begin
        elif line.startswith("+"):
            made.append(kept)
        else:
            assert lines[at] == kept
            at += 1
            made += [kept] if line.startswith(" ") else []
    return "".join([*made, *lines[at:]]).encode()
