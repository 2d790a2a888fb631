"""Which recipe lines make runs: held against GNU make itself, whose shell is made to log what it is given."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.linter.command import Argument, Command
from ns_lint.linter.scripts import make
from ns_lint.linter.shell.nested import Followed
from ns_lint.linter.source import Document, Place
from ns_lint.linter.system import Content, Family, System

NOWHERE = Place("Dockerfile", 0, 0)


class Case(NamedTuple):
    name: str
    makefile: str
    arguments: str = ""
    files: Mapping[str, str] = {}


CASES = (
    Case("simple", "all:\n\techo a\n\t@echo b\n\t-echo c\n\t+echo d\n\t @- echo e\n"),
    Case("prereqs", "all: x y\n\techo all\ny: x\n\techo y\nx:\n\techo x\n"),
    Case("goal", "a:\n\techo a\nb:\n\techo b\n", "b"),
    Case("two goals", "a:\n\techo a\nb:\n\techo b\n", "b a"),
    Case("vars", "X = 1\nY := $(X)2\nX = 3\nall:\n\techo $(X) $(Y) $$HOME ${X}\n"),
    Case("override", "X = 1\nall:\n\techo $(X)\n", "X=9"),
    Case("override kw", "override X = 1\nall:\n\techo $(X)\n", "X=9"),
    Case("cond", "X = 1\nifeq ($(X),1)\nY = yes\nelse\nY = no\nendif\nall:\n\techo $(Y)\n"),
    Case(
        "cond else if",
        "X = 2\nifeq ($(X),1)\nY = one\nelse ifeq ($(X),2)\nY = two\nelse\nY = no\nendif\nall:\n\techo $(Y)\n",
    ),
    Case("ifdef", "ifdef NOPE\nY=a\nelse\nY=b\nendif\nall:\n\techo $(Y)\nifndef NOPE\n\techo c\nendif\n"),
    Case("ifeq quotes", "ifeq \"a\" \"a\"\nY=a\nendif\nifneq 'a' 'b'\nZ=b\nendif\nall:\n\techo $(Y)$(Z)\n"),
    Case("nested cond", "ifdef A\nifdef B\nX=1\nelse\nX=2\nendif\nelse\nX=3\nendif\nall:\n\techo $(X)\n"),
    Case("cont", "all:\n\techo a && \\\n\techo b \\\n\t  c\n\techo d\n"),
    Case("auto", "a.o: b.c c.h\n\techo $@ $< $^ $(@D) $(@F)\nb.c c.h:\n\techo mk $@\n"),
    Case("define", "define two\necho 1 $(1)\n@echo 2\nendef\nall:\n\t$(call two,x)\n\t$(two)\n"),
    Case("phony exists", ".PHONY: build\nbuild:\n\techo b\n", files={"build": "x"}),
    Case("exists", "build:\n\techo b\nall:\n\techo c\n", "build", files={"build": "x"}),
    Case(
        "exists with phony need", "build: dep\n\techo b\n.PHONY: dep\ndep:\n\techo d\n", "build", files={"build": "x"}
    ),
    Case("default goal", ".DEFAULT_GOAL := b\na:\n\techo a\nb:\n\techo b\n"),
    Case("dot first", ".foo:\n\techo foo\nb:\n\techo b\n"),
    Case("pattern", "all: x.o y.o\n%.o: %.c\n\techo cc $< -o $@ $*\n", files={"x.c": "", "y.c": ""}),
    Case("static pattern", "O = a.o b.o\nall: $(O)\n$(O): %.o: %.c\n\techo cc $< $@\n", files={"a.c": "", "b.c": ""}),
    Case("double colon", "all: x\nx::\n\techo 1\nx::\n\techo 2\n"),
    Case("inline recipe", "all: ; echo a\n\techo b\n"),
    Case("prereq no recipe", "all: a b\na b:\n\techo $@\n"),
    Case("later prereqs", "all:\n\techo all\nall: x\nx:\n\techo x\n"),
    Case("include", "include sub.mk\nall: s\n\techo all $(V)\n", files={"sub.mk": "V=1\ns:\n\techo s\n"}),
    Case("minus include", "-include nope.mk\nall:\n\techo a\n"),
    Case("include default goal", "include sub.mk\nall:\n\techo all\n", files={"sub.mk": "s:\n\techo s\n"}),
    Case("target vars", "all: X = 1\nall: b\n\techo $(X)\nb:\n\techo b $(X)\n"),
    Case(
        "substitution",
        "S = a.c b.c\nO = $(S:.c=.o)\nP = $(patsubst %.c,%.x,$(S))\nall:\n\techo $(O) $(P) $(subst a,z,$(S))\n",
    ),
    Case("counting", "S = a.c b.c\nall:\n\techo $(words $(S)) $(firstword $(S)) $(word 2,$(S)) $(strip  a   b )\n"),
    Case("affixes", "S = a.c b.c\nall:\n\techo $(addprefix p/,$(S)) $(addsuffix .q,$(S)) $(basename a.c b)\n"),
    Case("choices", "S = a.c b.c\nall:\n\techo $(filter a%,$(S)) $(filter-out a%,$(S)) $(sort c a b a)\n"),
    Case("paths", "all:\n\techo $(notdir x/y z/w) $(dir x/y w) $(suffix a.c b)\n"),
    Case("foreach", "L = a b\nall:\n\techo $(foreach i,$(L),<$(i)>)\n"),
    Case("if", "all:\n\techo $(if $(X),y,n) $(if a,y,n)\n"),
    Case("wildcard", "all:\n\techo $(sort $(wildcard *.c))\n", files={"x.c": "", "y.c": ""}),
    Case("tab comment", "all:\n\t# shell comment\n\techo a\n"),
    Case("plus eq", "X = a\nX += b\nY := c\nY += d\nall:\n\techo $(X) $(Y)\n"),
    Case("cond assign", "X = a\nX ?= b\nY ?= c\nall:\n\techo $(X) $(Y)\n"),
    Case("multi line var", "X = a \\\n   b \\\n   c\nall:\n\techo $(X)\n"),
    Case("order only", "all: | d\n\techo all $^\nd:\n\techo d\n"),
    Case("-C", "all:\n\techo a\n", "-C sub", files={"sub/Makefile": "x:\n\techo sub\n"}),
    Case("-f", "all:\n\techo a\n", "-f other.mk", files={"other.mk": "x:\n\techo other\n"}),
    Case("-k", "all: a b\na:\n\techo a\nb:\n\techo b\n", "-k -j1"),
    Case("-j 4", "all:\n\techo a\n", "-j 4 all"),
    Case("-n", "all:\n\techo a\n", "-s"),
    Case("B", "f:\n\techo f\n", "-B f", files={"f": ""}),
    Case("target specific plus", "X = a\nall: X += b\nall:\n\techo $(X)\n"),
    Case("call builtin map", "rev = $(2) $(1)\nall:\n\techo $(call rev,a,b)\n"),
    Case("dollar in shell", "all:\n\tfor i in 1 2; do echo $$i; done\n"),
    Case("empty recipe", "all: ;\n"),
    Case("recipe after blank", "all:\n\n\techo a\n\n\techo b\n"),
    Case("recipe after assignment", "all:\n\techo a\nX = 1\nb:\n\techo b $(X)\n"),
    Case("spaces before vars", "  X = 1\nall:\n\techo $(X)\n"),
    Case("colon eq target", "a\\:b:\n\techo x\n"),
    Case("define with eq", "define X =\necho a\necho b\nendef\nall:\n\t$(X)\n"),
    Case("define :=", "Y = 1\ndefine X :=\necho $(Y)\nendef\nY = 2\nall:\n\t$(X)\n"),
    Case("export", "export X = 1\nall:\n\techo $(X)\n"),
    Case(
        "phony several",
        ".PHONY: a b\n.PHONY: c\nc: a b\n\techo c\na:\n\techo a\nb:\n\techo b\n",
        "c",
        files={"a": "", "b": "", "c": ""},
    ),
    Case("silent target", ".SILENT:\nall:\n\techo a\n"),
    Case("prefix via var", "Q = @\nall:\n\t$(Q)echo a\n"),
    Case("multi targets auto", "a b: c\n\techo $@ $<\nc:\n\techo c\n", "a b"),
    Case("crlf", "all:\r\n\techo a\r\nb:\r\n\techo b\r\n", "all b"),
    Case("grouped", "a b &: c\n\techo g\nc:\n\techo c\n", "a"),
    Case("undefine", "X = 1\nundefine X\nall:\n\techo [$(X)]\n"),
    Case("nested var name", "A_x = 1\nN = x\nall:\n\techo $(A_$(N))\n"),
    Case("subst ref pattern", "S = a.c b.c\nall:\n\techo $(S:%.c=o/%.o)\n"),
    Case("abspath", "all:\n\techo $(notdir $(abspath ./x/../y))\n"),
    Case("secondary no rule file", "all: f\n\techo all\n", files={"f": ""}),
    Case("info", "$(info hello)\nall:\n\techo a\n"),
    Case("recipe eq", "all:\n\tX=1 echo $$X\n"),
    Case("var with colon value", "U = http://x/y\nall:\n\techo $(U)\n"),
    Case("rule override warn", "a:\n\techo 1\na:\n\techo 2\n"),
    Case("makefile targets space", "all : x\n\techo all\nx :\n\techo x\n"),
    Case("paren in shell", 'all:\n\techo $$(echo a) "$$(pwd)"\n'),
    Case("hash in recipe", 'all:\n\techo "#a" # b\n'),
    Case("value in prereq", "D = x y\nall: $(D)\n$(D):\n\techo $@\n"),
    Case("dup prereq", "all: x x y\n\techo $^ $+\nx y:\n\techo $@\n"),
    Case("makecmdgoals", "all b:\n\techo $(MAKECMDGOALS)\n", "b"),
    Case("eval", "$(eval X = 5)\nall:\n\techo a\n"),
    Case("tab outside", "X = 1\n\nall:\n\techo a\n"),
    Case("include multi", "include a.mk b.mk\nall: a b\n", files={"a.mk": "a:\n\techo a\n", "b.mk": "b:\n\techo b\n"}),
    Case("vpath", "vpath %.c src\nall:\n\techo a\n"),
    Case("or and", "all:\n\techo $(or ,a) $(and a,b)\n"),
)

LOGGER = """#!/bin/sh
[ "$1" = -c ] && shift
printf '%s\\036' "$*" >> "$LOG"
"""


def followed(makefile: str, arguments: str = "", files: Mapping[str, str] = {}, **env: str) -> Followed | None:
    system = System(Family.GNU)
    for name, text in {"Makefile": makefile, **files}.items():
        system.files.write(f"/work/{name}", Content.of(Document(name, text.encode())))
    argv = tuple(Argument(word, True, NOWHERE) for word in ["make", *arguments.split()])
    return make.follow(Command(argv, NOWHERE, cwd="/work", env=env), system)


def lines(makefile: str, arguments: str = "", files: Mapping[str, str] = {}, **env: str) -> list[str]:
    found = followed(makefile, arguments, files, **env)
    return [each.script.text for each in found.scripts] if found else []


@pytest.fixture
def logger(tmp_path: Path) -> Path:
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    shell = tmp_path / "logger"
    shell.write_text(LOGGER)
    shell.chmod(0o755)
    return shell


def really_run(case: Case, logger: Path) -> list[str]:
    folder = logger.parent / "work"
    for name, text in {"Makefile": case.makefile, **case.files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    log = logger.parent / "log"
    log.touch()
    words = ["make", *case.arguments.split(), f"SHELL={logger}"]
    environment = {"PATH": "/usr/bin:/bin", "LOG": str(log)}
    subprocess.run(words, cwd=folder, env=environment, check=True, capture_output=True)
    return log.read_text().split("\x1e")[:-1]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_runs_the_lines_that_make_runs(case: Case, logger: Path) -> None:
    assert lines(case.makefile, case.arguments, case.files) == really_run(case, logger)


def test_a_dash_lets_a_line_fail_and_a_plus_and_an_at_do_not() -> None:
    found = followed("all:\n\t-false\n\t@-false\n\t+true\n\t@true\n")
    assert found is not None
    assert [each.ignored for each in found.scripts] == [True, True, False, False]


def test_ignores_failures_as_told() -> None:
    for makefile, arguments in (
        ("all:\n\tfalse\n", "-i"),
        (".IGNORE:\nall:\n\tfalse\n", ""),
        (".IGNORE: all\nall:\n\tfalse\n", ""),
    ):
        found = followed(makefile, arguments)
        assert found is not None
        assert all(each.ignored for each in found.scripts)


@pytest.mark.parametrize("option", ["-n", "--dry-run", "-q", "-t", "--version", "-p", "-sn"])
def test_follows_nothing_where_make_runs_nothing(option: str) -> None:
    assert followed("all:\n\tfalse\n", option) is None


def test_keep_going_does_not_stop() -> None:
    makefile = "all: a b\na:\n\tfalse\nb:\n\ttrue\n"
    assert [found.stops for found in (followed(makefile, "-k"), followed(makefile)) if found] == [False, True]


def test_one_shell_gets_all_lines_and_no_prefixes() -> None:
    assert lines(".ONESHELL:\nall:\n\tcd x\n\t@pwd\n") == ["cd x\npwd"]


def test_takes_the_options_of_the_shell() -> None:
    for setting in (".SHELLFLAGS := -eu -o pipefail -c", "SHELL := bash -eo pipefail"):
        found = followed(f"SHELL := /bin/bash\n{setting}\nall:\n\tfalse | cat\n")
        assert found is not None
        assert [(each.errexit, each.pipefail) for each in found.scripts] == [(True, True)]


def test_a_recipe_for_another_interpreter_is_no_script() -> None:
    assert lines("SHELL := /usr/bin/python3\nall:\n\tprint(1)\n") == []


def test_what_is_newer_is_not_known() -> None:
    found = followed("a: b\n\ttouch a\n", "a", {"a": "", "b": ""})
    assert found is not None
    assert [each.unsure for each in found.scripts] == [True]


def test_what_make_does_not_know_is_unknown_to_the_shell() -> None:
    assert lines("all:\n\techo $(shell date) x\n") == ["echo $_ x"]
    assert lines("ifeq ($(shell date),1)\nX = 1\nelse\nX = 2\nendif\nall:\n\techo [$(X)]\n") == ["echo []"]


def test_knows_what_a_few_commands_print() -> None:
    assert lines("ifeq ($(shell uname -s),Linux)\nX = $(shell pwd)\nendif\nall:\n\techo $(X)\n") == ["echo /work"]


def test_environment_is_below_the_makefile_and_the_command_line_above() -> None:
    makefile = "X = file\nall:\n\techo $(X) $(Y)\n"
    assert lines(makefile, X="outside", Y="outside") == ["echo file outside"]
    assert lines(makefile, "X=given", X="outside") == ["echo given "]


def test_hands_variables_and_flags_on() -> None:
    found = followed("export A = 1\nB = 2\nall:\n\ttrue\n", "-k C=3")
    assert found is not None
    assert dict(found.variables) == {"A": "1", "C": "3", "MAKEFLAGS": "k -- C=3"}
    assert lines("all:\n\techo $(C)\n", MAKEFLAGS="k -- C=3") == ["echo 3"]


def test_goes_where_it_is_told() -> None:
    found = followed("all:\n\ttrue\n", "-C sub --directory=deep -f x.mk", {"sub/deep/x.mk": "all:\n\techo x\n"})
    assert found is not None
    assert found.cwd == "/work/sub/deep"
    assert followed("all:\n\ttrue\n", "-C elsewhere") is None


def test_a_line_stands_where_it_is_written() -> None:
    makefile = "CMD = chown 1\nall:\n\t@$(CMD) /x \\\n\t  /y\n"
    found = followed(makefile)
    assert found is not None
    script = found.scripts[0].script
    assert script.text == "chown 1 /x \\\n  /y"
    assert script.source.place(0, 7) == Place("Makefile", makefile.index("$(CMD)"), makefile.index(" /x"))
    at = script.text.index("/y")
    assert script.source.place(at, at + 2) == Place("Makefile", makefile.index("/y"), makefile.index("/y") + 2)


PIECES = [
    *"""all x : :: = := += ?= != $(X) $( ) ${Y} % | ; # $@ $$ - @ &: .PHONY .ONESHELL else endif export""".split(),
    "\t",
    "\n",
    "\n\t",
    " ",
    "\\\n",
    "\r\n",
    "\0",
    "$(call X,",
    "$(foreach i,a b,",
    "$(shell pwd)",
    "define X",
    "endef",
    "ifeq (a,b)",
    "ifdef X",
    "include Makefile",
]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_never_raises(makefile: str) -> None:
    found = followed(makefile)
    assert found is None or all(each.script.text for each in found.scripts)


def test_a_hostile_makefile_ends() -> None:
    doubling = "".join(f"X{n} = $(X{n - 1})$(X{n - 1})\n" for n in range(1, 60))
    rules = "".join(f"t{n}: t{n + 1} t{n + 2}\n\techo $(X59)\n" for n in range(300))
    assert len(lines(f"X0 = x\n{doubling}{rules}")) > 90
