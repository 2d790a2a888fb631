"""Which shell runs a script: SHELL, the exec form, here-documents, bash; and instructions that run nothing."""

from __future__ import annotations

import pytest

from .probe import FATAL, TOLERATED, Case, check

CASES = (
    Case("heredoc bash", FATAL, "RUN bash <<EOF\n«mknod /srv/n c 1 3»\nEOF"),
    Case("heredoc bash tolerated", TOLERATED, "RUN bash <<EOF\n«mknod /srv/n c 1 3»\necho\nEOF"),
    Case("heredoc bash -e", FATAL, "RUN bash -e <<EOF\n«mknod /srv/n c 1 3»\necho\nEOF"),
    Case("heredoc step", TOLERATED, "RUN <<EOF\n«mknod /srv/n c 1 3»\necho\nEOF"),
    Case("heredoc step set -e", FATAL, "RUN <<EOF\nset -e\n«mknod /srv/n c 1 3»\necho\nEOF"),
    Case("heredoc step shebang", FATAL, "RUN <<EOF\n#!/bin/sh -e\n«mknod /srv/n c 1 3»\necho\nEOF"),
    Case("heredoc step env bash", FATAL, "RUN <<EOF\n#!/usr/bin/env bash\nset -e\n«mknod /srv/n c 1 3»\necho\nEOF"),
    Case("heredoc step python", None, "RUN <<EOF\n#!/usr/bin/python3\nx = 1\n# mknod /srv/n c 1 3\nEOF"),
    Case("heredoc python", None, "RUN python3 <<EOF\n# mknod /srv/n c 1 3\nx=1\nEOF"),
    Case("heredoc cat", None, "RUN cat <<EOF\nmknod /srv/n c 1 3\nEOF"),
    Case("heredoc cat to file", None, "RUN cat <<EOF > /x.sh\nmknod /srv/n c 1 3\nEOF"),
    Case("heredoc cat to file and run", FATAL, "RUN cat <<EOF > /x.sh && sh /x.sh\n«mknod /srv/n c 1 3»\nEOF"),
    Case("heredoc stdin sh -s", FATAL, "RUN sh -s <<EOF\n«mknod /srv/n c 1 3»\nEOF"),
    Case("heredoc stdin sh -s args", FATAL, "RUN sh -s a b <<'EOF'\n«mknod /srv/$1 c 1 3»\nEOF"),
    Case("heredoc var expanded", FATAL, "RUN N=/srv/n; sh <<EOF\n«mknod $N c 1 3»\nEOF"),
    Case("herestring bash", FATAL, 'SHELL ["/bin/bash","-c"]\nRUN bash <<< \'«mknod /srv/n c 1 3»\''),
    Case("echo pipe sh", FATAL, "RUN echo '«mknod /srv/n c 1 3»' | sh"),
    Case("printf pipe sh", FATAL, "RUN printf '%s\\n' '«mknod /srv/n c 1 3»' | sh"),
    Case("group to sh", FATAL, "RUN { echo 'set -e'; echo '«mknod /srv/n c 1 3»'; echo 'echo'; } | sh"),
    Case("dash stdin", FATAL, "RUN echo '«mknod /srv/n c 1 3»' | dash -e"),
    Case("pipeline of three", FATAL, "RUN echo '«mknod /srv/n c 1 3»' | tee /y.sh | sh"),
    Case("SHELL bash -e", FATAL, 'SHELL ["/bin/bash","-ec"]\nRUN «mknod /srv/n c 1 3»; echo'),
    Case(
        "SHELL bash -eo pipefail", FATAL, ('SHELL ["/bin/bash","-eo","pipefail","-c"]\nRUN «mknod /srv/n c 1 3» | cat')
    ),
    Case("SHELL bash -o pipefail", FATAL, ('SHELL ["/bin/bash","-o","pipefail","-c"]\nRUN «mknod /srv/n c 1 3» | cat')),
    Case(
        "SHELL bash pipefail tolerated",
        TOLERATED,
        ('SHELL ["/bin/bash","-o","pipefail","-c"]\nRUN «mknod /srv/n c 1 3»; echo'),
    ),
    Case("SHELL python", None, 'SHELL ["/usr/bin/python3","-c"]\nRUN x = 1 # mknod /srv/n c 1 3'),
    Case("SHELL env bash", FATAL, 'SHELL ["/usr/bin/env","bash","-ec"]\nRUN «mknod /srv/n c 1 3»; echo'),
    Case(
        "conda shell",
        FATAL,
        (
            "COPY --chmod=755 conda /usr/bin/conda\n"
            'SHELL ["conda","run","-n","x","/bin/bash","-ec"]\n'
            "RUN «mknod /srv/n c 1 3»; echo"
        ),
        {"conda": '#!/bin/sh\nshift 3\nexec "$@"\n'},
    ),
    Case("bash set pipefail", FATAL, ('SHELL ["/bin/bash","-c"]\nRUN set -o pipefail; «mknod /srv/n c 1 3» | cat')),
    Case("bash [[", FATAL, 'SHELL ["/bin/bash","-c"]\nRUN [[ a == a ]] && «mknod /srv/n c 1 3»'),
    Case("bash [[ =~", FATAL, 'SHELL ["/bin/bash","-c"]\nRUN [[ abc =~ ^a ]] && «mknod /srv/n c 1 3»'),
    Case("bash (( ))", FATAL, 'SHELL ["/bin/bash","-c"]\nRUN ((1)) && «mknod /srv/n c 1 3»'),
    Case("bash function kw", FATAL, 'SHELL ["/bin/bash","-c"]\nRUN function f { «mknod /srv/n c 1 3»; }; f'),
    Case("bash |&", TOLERATED, 'SHELL ["/bin/bash","-c"]\nRUN «mknod /srv/n c 1 3» |& cat'),
    Case("bash &>", FATAL, 'SHELL ["/bin/bash","-c"]\nRUN «mknod /srv/n c 1 3» &> /dev/null'),
    Case("exec sh -c", FATAL, 'RUN ["sh","-c","«mknod /srv/n c 1 3»"]'),
    Case("exec direct", FATAL, 'RUN [«"mknod","/srv/n","c","1","3"»]'),
    Case("exec no expansion", FATAL, 'ENV X=/srv/n\nRUN ["sh","-c","«mknod $X c 1 3»"]'),
    Case("exec && literal", None, 'RUN ["echo","&&","mknod","/srv/n","c","1","3"]'),
    Case("exec bash -c args", FATAL, 'RUN ["bash","-c","«mknod $0 c 1 3»","/srv/n"]'),
    Case("ONBUILD", None, "ONBUILD RUN mknod /srv/n c 1 3"),
    Case("ONBUILD triggers", FATAL, "FROM debian AS x\nONBUILD RUN «mknod /srv/n c 1 3»\nFROM x\nRUN true"),
    Case(
        "ONBUILD triggers env",
        FATAL,
        ("FROM debian AS x\nONBUILD ENV A=/srv/n\nONBUILD COPY x.sh /x.sh\nFROM x\nRUN sh /x.sh"),
        {"x.sh": "«mknod $A c 1 3»\n"},
    ),
    Case("CMD", None, "CMD mknod /srv/n c 1 3"),
    Case("ENTRYPOINT", None, 'ENTRYPOINT ["mknod /srv/n c 1 3"]'),
    Case("HEALTHCHECK", None, "HEALTHCHECK CMD mknod /srv/n c 1 3"),
    Case("LABEL", None, 'LABEL a="mknod /srv/n c 1 3"'),
    Case("unreached stage", None, "FROM debian AS a\nRUN mknod /srv/n c 1 3\nFROM debian\nRUN true"),
    Case(
        "reached stage",
        FATAL,
        ("FROM debian AS a\nRUN «mknod /srv/n c 1 3»\nFROM debian\nCOPY --from=a /etc/hostname /x"),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_finds_the_command_and_what_becomes_of_the_step(case: Case) -> None:
    check(case)
