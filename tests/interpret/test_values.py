"""What commands become: variables, arguments, substitutions, loops over words."""

from __future__ import annotations

import pytest

from .probe import CONDITIONAL, FATAL, TOLERATED, Case, check

CASES = (
    Case("var &&", FATAL, "RUN X=/srv/n && «mknod $X c 1 3»"),
    Case("var ,", FATAL, 'RUN X=/srv/n; «mknod "$X" c 1 3»'),
    Case("var braces", FATAL, "RUN X=/srv; «mknod ${X}/n c 1 3»"),
    Case("var default", FATAL, "RUN «mknod ${NOPE:-/srv/n} c 1 3»"),
    Case("var cmd", FATAL, "RUN CMD=mknod; «$CMD /srv/n c 1 3»"),
    Case("whole cmd var", FATAL, "RUN CMD='mknod /srv/n c 1 3'; «$CMD»"),
    Case("quoted cmd var", None, "RUN CMD='mknod /srv/n c 1 3'; \"$CMD\" || true"),
    Case("var suffix", FATAL, "RUN X=/srv/n.tar; «mknod ${X%.tar} c 1 3»"),
    Case("sub shell var lost", TOLERATED, 'RUN (X=/srv/n); [ -n "$X" ] && «mknod /srv/n c 1 3» || true'),
    Case("subshell cd", FATAL, "RUN (cd /srv); «mknod n c 1 3»"),
    Case("colon default", FATAL, "RUN : ${X:=/srv/n}; «mknod $X c 1 3»"),
    Case("tilde", FATAL, "RUN «mknod ~/n c 1 3»"),
    Case("cd rel", FATAL, "RUN cd /srv && «mknod n c 1 3»"),
    Case("assign prefix", FATAL, "RUN A=b «mknod /srv/n c 1 3»"),
    Case("export A=b cmd", None, "RUN export A=b mknod"),
    Case("subst path", FATAL, "RUN «mknod $(echo /srv/n) c 1 3»"),
    Case("set -- args", FATAL, 'RUN set -- /srv/n; «mknod "$1" c 1 3»'),
    Case("set -- args $@", FATAL, 'RUN set -- mknod /srv/n c 1 3; «"$@"»'),
    Case("for list", FATAL, "RUN for i in a b; do «mknod /srv/$i c 1 3»; done"),
    Case("for $@", FATAL, 'RUN set -- a b; for i in "$@"; do «mknod /srv/$i c 1 3»; done'),
    Case("for glob", FATAL, "RUN for i in /etc/hosts*; do «mknod /srv/n c 1 3»; done"),
    Case("for seq", FATAL, "RUN for i in $(seq 0 2); do «mknod /srv/loop$i b 7 $i»; done"),
    Case("while counter", FATAL, "RUN i=0; while [ $i -lt 2 ]; do «mknod /srv/l$i b 7 $i» || exit 1; i=$((i+1)); done"),
    Case("function args", FATAL, "RUN f() { «mknod $1 c 1 3»; }; f /srv/n"),
    Case("bash -c $X", FATAL, "RUN X='mknod /srv/n c 1 3' && bash -c \"«$X»\""),
    Case("sh -c $0 args", FATAL, "RUN sh -c '«mknod /srv/$1 c 1 3»' sh n"),
    Case('sh -c "$@"', FATAL, "RUN sh -c '«\"$@\"»' sh mknod /srv/n c 1 3"),
    Case(
        "flag by test",
        CONDITIONAL,
        'RUN [ -f /etc/alpine-release ] && A=1; if [ "$A" = 1 ]; then «mknod /srv/n c 1 3»; fi',
    ),
    Case(
        "flag by test true",
        CONDITIONAL,
        'RUN [ -f /etc/debian_version ] && A=1; if [ "$A" = 1 ]; then «mknod /srv/n c 1 3»; fi',
    ),
    Case("script args", FATAL, "COPY x.sh /\nRUN sh /x.sh /srv/n", {"x.sh": "«mknod $1 c 1 3»\n"}),
    Case("script args shift", FATAL, "COPY x.sh /\nRUN sh /x.sh a /srv/n", {"x.sh": "shift\n«mknod $1 c 1 3»\n"}),
    Case("script no args", None, "COPY x.sh /\nRUN sh /x.sh", {"x.sh": "if [ $# -gt 0 ]; then mknod $1 c 1 3; fi\n"}),
    Case(
        "script case $1",
        None,
        "COPY x.sh /\nRUN sh /x.sh build",
        {"x.sh": 'case "$1" in\nrun) mknod /srv/n c 1 3;;\nbuild) echo;;\nesac\n'},
    ),
    Case(
        "script case $1 default",
        FATAL,
        "COPY x.sh /\nRUN sh /x.sh",
        {"x.sh": 'case "${1:-build}" in\nrun) echo;;\nbuild) «mknod /srv/n c 1 3»;;\nesac\n'},
    ),
    Case(
        'script with main "$@"',
        FATAL,
        "COPY x.sh /\nRUN bash /x.sh node",
        {"x.sh": ('main() {\n  case "$1" in\n    node) «mknod /srv/n c 1 3» ;;\n  esac\n}\nmain "$@"\n')},
    ),
    Case("script exports", FATAL, "COPY x.sh /\nRUN export P=/srv/n; sh /x.sh", {"x.sh": "«mknod $P c 1 3»\n"}),
    Case(
        "script unexported",
        CONDITIONAL,
        "COPY x.sh /\nRUN P=1; sh /x.sh",
        {"x.sh": 'if [ -n "$P" ]; then «mknod /srv/n c 1 3»; fi\n'},
    ),
    Case("script prefix var", FATAL, "COPY x.sh /\nRUN P=/srv/n sh /x.sh", {"x.sh": "«mknod $P c 1 3»\n"}),
    Case("env script", FATAL, "COPY x.sh /\nRUN env P=/srv/n sh /x.sh", {"x.sh": "«mknod $P c 1 3»\n"}),
    Case(
        "args loop",
        FATAL,
        "COPY x.sh /\nRUN bash /x.sh --node /srv/n --other",
        {
            "x.sh": (
                "while [ $# -gt 0 ]; do\n"
                ' case "$1" in\n'
                " --node) NODE=$2; shift;;\n"
                " --other) ;;\n"
                " esac\n"
                " shift\n"
                "done\n"
                "«mknod $NODE c 1 3»\n"
            )
        },
    ),
    Case(
        "args loop not given",
        None,
        "COPY x.sh /\nRUN bash /x.sh --other",
        {
            "x.sh": (
                "NODE=\n"
                "while [ $# -gt 0 ]; do\n"
                ' case "$1" in\n'
                " --node) NODE=$2; shift;;\n"
                " --other) ;;\n"
                " esac\n"
                " shift\n"
                "done\n"
                'if [ -n "$NODE" ]; then mknod $NODE c 1 3; fi\n'
            )
        },
    ),
    Case(
        "local scope",
        None,
        "COPY x.sh /\nRUN bash /x.sh",
        {"x.sh": ("f() { local MODE=node; }\nMODE=none\nf\nif [ $MODE = node ]; then mknod /srv/n c 1 3; fi\n")},
    ),
    Case(
        "global set in function",
        FATAL,
        "COPY x.sh /\nRUN bash /x.sh",
        {"x.sh": ("f() { MODE=node; }\nMODE=none\nf\nif [ $MODE = node ]; then «mknod /srv/n c 1 3»; fi\n")},
    ),
    Case(
        "env file",
        FATAL,
        "COPY . /app\nWORKDIR /app\nRUN set -a; . ./env; set +a; sh x.sh",
        {"env": "NODE=/srv/n\n", "x.sh": 'if [ -n "$NODE" ]; then «mknod $NODE c 1 3»; fi\n'},
    ),
    Case(
        "array", FATAL, "COPY x.sh /\nRUN bash /x.sh", {"x.sh": 'ARGS=(c 1)\nARGS+=(3)\n«mknod /srv/n "${ARGS[@]}"»\n'}
    ),
    Case(
        "array loop",
        FATAL,
        "COPY x.sh /\nRUN bash /x.sh",
        {"x.sh": 'N=(a b)\nfor n in "${N[@]}"; do\n «mknod /srv/$n c 1 3» || exit 1\ndone\n'},
    ),
    Case("bash array", FATAL, 'SHELL ["/bin/bash","-c"]\nRUN a=(/srv/n); «mknod "${a[0]}" c 1 3»'),
    Case("bash array all", TOLERATED, ('SHELL ["/bin/bash","-c"]\nRUN a=(mknod /srv/n c 1 3); «"${a[@]}"» || true')),
    Case(
        "bash brace expansion", FATAL, ('SHELL ["/bin/bash","-c"]\nRUN for i in {a,b}; do «mknod /srv/$i c 1 3»; done')
    ),
    Case("bash brace seq", FATAL, ('SHELL ["/bin/bash","-c"]\nRUN for i in {1..3}; do «mknod /srv/$i c 1 3»; done')),
    Case(
        "bash for arith",
        CONDITIONAL,
        ('SHELL ["/bin/bash","-c"]\nRUN for ((i=0;i<2;i++)); do «mknod /srv/$i c 1 3»; done'),
    ),
    Case("bash local", FATAL, ('SHELL ["/bin/bash","-c"]\nRUN f() { local x=/srv/n; «mknod $x c 1 3»; }; f')),
    Case(
        "getopts",
        CONDITIONAL,
        "COPY x.sh /\nRUN sh /x.sh -n",
        {
            "x.sh": (
                "while getopts n o; do case $o in n) NODE=1;; esac; done\n"
                'if [ "$NODE" = 1 ]; then «mknod /srv/n c 1 3»; fi\n'
            )
        },
    ),
    Case("comment", None, "RUN echo # mknod /srv/n c 1 3"),
    Case("quoted", None, 'RUN echo "mknod /srv/n c 1 3"'),
    Case("echo unquoted", None, "RUN echo mknod /srv/n c 1 3"),
    Case("comment hash in word", FATAL, "RUN echo a#b && «mknod /srv/n c 1 3»"),
    Case("line continuation", FATAL, "RUN \\\n  «mknod \\\n  /srv/n c 1 3»"),
    Case("comment in continuation", FATAL, "RUN echo && \\\n# comment\n  «mknod /srv/n c 1 3»"),
    Case(
        "DEBIAN style", FATAL, "RUN apt-get --version >/dev/null && «mknod /srv/n c 1 3» && rm -rf /var/lib/apt/lists/*"
    ),
    Case("ENV path", FATAL, "ENV P=/srv/n\nRUN «mknod $P c 1 3»"),
    Case("ARG path", FATAL, "ARG P=/srv/n\nRUN «mknod $P c 1 3»"),
    Case("ARG cmd", FATAL, "ARG CMDX='mknod /srv/n c 1 3'\nRUN «$CMDX»"),
    Case("ARG flag", None, 'ARG WITH=0\nRUN if [ "$WITH" = 1 ]; then mknod /srv/n c 1 3; fi'),
    Case("ARG flag on", FATAL, 'ARG WITH=1\nRUN if [ "$WITH" = 1 ]; then «mknod /srv/n c 1 3»; fi'),
    Case("ARG flag unset", CONDITIONAL, 'ARG WITH\nRUN if [ -n "$WITH" ]; then «mknod /srv/n c 1 3»; fi'),
    Case("WORKDIR", FATAL, "WORKDIR /srv\nRUN «mknod n c 1 3»"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_finds_the_command_and_what_becomes_of_the_step(case: Case) -> None:
    check(case)
