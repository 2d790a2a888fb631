"""No script, however strange, makes reading it raise or take long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.linter.build import read_build
from ns_lint.linter.context import Context
from ns_lint.linter.dockerfile import parse
from ns_lint.linter.invocation import Target
from ns_lint.linter.judge import judge
from ns_lint.linter.source import Document

WORDS = """
    if then elif else fi for while until do done case esac in { } ( ) ; & && || | ! [ ] [[ ]] = -eq -lt < > >>
    2>&1 &> << <<< EOF a b $X ${X} ${X:-d} ${X:=d} ${X#*/} ${X%%/*} ${#X} ${a[@]} ${a[0]} $@ $* $# $1 $? $! $0 $$
    $(echo) $((X+1)) `echo` 'q' "$X" "$@" \\ # * ? ~ ~/ X=1 X=$X$X a=(1 2) a+=(3) f() f function export local set
    -e +e -- -o pipefail shift cd - /x .. pushd popd unset read getopts eval . source exec trap wait return exit
    break continue sh -c bash -s /s.sh env -i sudo -u xargs -I{} find -exec {} + su root chroot timeout fakeroot
    cat echo -n -e printf %s %d 99999999999999999999 tee cp -r mv ln -s rm sed -i s/\\r$// seq test true false :
    make npm run cat chown 70000:70000 mknod c 1 3 kill %1
""".split()

SCRIPTS = st.lists(st.sampled_from([*WORDS, "\n", "\n", "<<EOF\n", "\nEOF\n", "\0", "\xff", "\r\n", "\t"]), max_size=60)


REFUSED = 8
"""How many commands of a step are said to be refused."""


def read(script: str, name: str = "s.sh") -> float:
    """Read a build that runs the script, judge its steps, and say how many seconds that took."""
    began = time.process_time()
    text = f"FROM debian\nCOPY . /\nRUN bash /{name} a b\nRUN make -C / || npm run x\n"
    files = {name: script.encode("utf-8", "replace")}
    build = read_build(parse(Document("Dockerfile", text.encode())), Context(None, files), Target())
    for step in build.steps:
        every = len(step.commands) // REFUSED + 1
        judge(step.flow, frozenset(range(0, len(step.commands), every)))
    return time.process_time() - began


@settings(derandomize=True, deadline=None, max_examples=400)
@given(SCRIPTS.map(" ".join))
def test_never_raises(script: str) -> None:
    read(script)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.text(max_size=60))
def test_never_raises_on_a_step_of_any_text(text: str) -> None:
    data = f"FROM debian\nRUN {text}\n".encode("utf-8", "replace")
    dockerfile = parse(Document("Dockerfile", data))
    if not dockerfile.problems:
        read_build(dockerfile, Context(None), Target())


HOSTILE = {
    "a fork bomb": ":(){ :|:& };:",
    "two calls each": "f() { f; f; }\nf",
    "a doubling variable": "X=ab\n" + "X=$X$X\n" * 80 + "echo $X $X\n" * 50,
    "a doubling file": "echo aaaaaaaa > /f\n" + "cat /f /f > /g; cat /g /g > /f\n" * 60,
    "a script that runs itself": "bash /s.sh; bash /s.sh\n",
    "nested loops": "for a in 1 2 3 4 5 6 7 8; do " * 8 + "chown 70000 /x; " + "done; " * 8,
    "a long chain": " && ".join(f"echo {n}" for n in range(5000)),
    "a long mixed chain": " ".join(f"a{n} {'&&' if n % 2 else '||'}" for n in range(3000)) + " b",
    "deep parentheses": "(" * 500 + "echo" + ")" * 500,
    "deep substitutions": "echo " + "$(echo " * 200 + ")" * 200,
    "deep quoted scripts": "eval eval eval " * 30 + "echo",
    "copies of copies": "mkdir /a; echo x > /a/b\n" + "cp -r /a /b; cp -r /b /a\n" * 100 + "bash /a/b\n",
    "a counting loop": "i=0; while [ $i -lt 1000000 ]; do i=$((i+1)); done",
    "a huge sequence": "for i in $(seq 1 100000000); do chown 70000 /x; done",
    "many questions": "[ -f /a ] && echo a || echo b\n" * 300 + "chown 70000 /x\n",
    "many words": "X='" + "a " * 20000 + "'; for i in $X; do echo $X; done",
    "many prefixes": "X=" + "/a" * 3000 + "\n" + "echo ${X##*/} ${X%/*} ${X#*b}\n" * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_script_ends_soon(name: str) -> None:
    assert read(HOSTILE[name]) < 8
