"""Scripts that are copied, mounted, written, moved and changed before they are run."""

from __future__ import annotations

import pytest

from .probe import FATAL, TOLERATED, Case, check

CASES = (
    Case("printf to file unrun", None, "RUN printf 'mknod /srv/n c 1 3\\n' > /x.sh"),
    Case("printf to file run", FATAL, "RUN printf '«mknod /srv/n c 1 3»\\n' > /x.sh && sh /x.sh"),
    Case("echo to file run", FATAL, "RUN echo '«mknod /srv/n c 1 3»' > /x.sh; chmod +x /x.sh; /x.sh"),
    Case(
        "echo append run",
        FATAL,
        "RUN echo 'set -e' > /x.sh; echo '«mknod /srv/n c 1 3»' >> /x.sh; echo 'echo' >> /x.sh; sh /x.sh",
    ),
    Case("tee run", FATAL, "RUN echo '«mknod /srv/n c 1 3»' | tee /x.sh && sh /x.sh"),
    Case("source written", FATAL, "RUN echo '«mknod /srv/n c 1 3»' > /x.sh; . /x.sh"),
    Case("script overwritten", None, "RUN echo 'mknod /srv/n c 1 3' > /x.sh; echo 'echo' > /x.sh; sh /x.sh"),
    Case("COPY sh", FATAL, "COPY x.sh /x.sh\nRUN sh /x.sh", {"x.sh": "«mknod /srv/n c 1 3»\n"}),
    Case("COPY tolerated", TOLERATED, "COPY x.sh /x.sh\nRUN sh /x.sh", {"x.sh": "«mknod /srv/n c 1 3»\necho\n"}),
    Case(
        "COPY shebang -e",
        FATAL,
        "COPY x.sh /x.sh\nRUN chmod +x /x.sh && /x.sh",
        {"x.sh": "#!/bin/sh -e\n«mknod /srv/n c 1 3»\necho\n"},
    ),
    Case(
        "COPY shebang -e by sh",
        TOLERATED,
        "COPY x.sh /x.sh\nRUN sh /x.sh",
        {"x.sh": "#!/bin/sh -e\n«mknod /srv/n c 1 3»\necho\n"},
    ),
    Case("COPY chmod", FATAL, "COPY --chmod=755 x.sh /x.sh\nRUN /x.sh", {"x.sh": "#!/bin/sh\n«mknod /srv/n c 1 3»\n"}),
    Case(
        "COPY exec form",
        FATAL,
        'COPY --chmod=755 x.sh /x.sh\nRUN ["/x.sh"]',
        {"x.sh": "#!/bin/bash\n«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "COPY exec form path",
        FATAL,
        'COPY --chmod=755 x.sh /usr/local/bin/x\nRUN ["x"]',
        {"x.sh": "#!/bin/bash\n«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "COPY on PATH",
        FATAL,
        "COPY --chmod=755 x.sh /usr/local/bin/\nRUN x.sh",
        {"x.sh": "#!/bin/bash\n«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "COPY on ENV PATH",
        FATAL,
        "ENV PATH=/opt/bin:$PATH\nCOPY --chmod=755 x.sh /opt/bin/\nRUN x.sh",
        {"x.sh": "#!/bin/bash\n«mknod /srv/n c 1 3»\n"},
    ),
    Case("COPY dir", FATAL, "COPY scripts /scripts\nRUN sh /scripts/x.sh", {"scripts/x.sh": "«mknod /srv/n c 1 3»\n"}),
    Case(
        "COPY dir slash",
        FATAL,
        "COPY scripts/ /opt/scripts/\nRUN cd /opt/scripts && sh ./x.sh",
        {"scripts/x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case("COPY .", FATAL, "WORKDIR /app\nCOPY . .\nRUN sh scripts/x.sh", {"scripts/x.sh": "«mknod /srv/n c 1 3»\n"}),
    Case("COPY . abs", FATAL, "COPY . /app/\nRUN sh /app/scripts/x.sh", {"scripts/x.sh": "«mknod /srv/n c 1 3»\n"}),
    Case("COPY glob", FATAL, "COPY *.sh /s/\nRUN sh /s/x.sh", {"x.sh": "«mknod /srv/n c 1 3»\n"}),
    Case("COPY glob dirs", FATAL, "COPY */*.sh /s/\nRUN sh /s/x.sh", {"d/x.sh": "«mknod /srv/n c 1 3»\n"}),
    Case(
        "COPY several",
        FATAL,
        "COPY a.sh x.sh /s/\nRUN sh /s/x.sh",
        {"a.sh": "echo\n", "x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case("COPY rename", FATAL, "COPY x.sh /y.sh\nRUN sh /y.sh", {"x.sh": "«mknod /srv/n c 1 3»\n"}),
    Case("COPY JSON", FATAL, 'COPY ["x.sh", "/x.sh"]\nRUN sh /x.sh', {"x.sh": "«mknod /srv/n c 1 3»\n"}),
    Case(
        "COPY file to existing dir",
        FATAL,
        "COPY x.sh /usr/local/bin\nRUN sh /usr/local/bin/x.sh",
        {"x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "COPY file to made dir", FATAL, "RUN mkdir /s\nCOPY x.sh /s\nRUN sh /s/x.sh", {"x.sh": "«mknod /srv/n c 1 3»\n"}
    ),
    Case("COPY file to WORKDIR", FATAL, "WORKDIR /s\nCOPY x.sh .\nRUN sh x.sh", {"x.sh": "«mknod /srv/n c 1 3»\n"}),
    Case(
        "COPY file to WORKDIR ./", FATAL, "WORKDIR /s\nCOPY x.sh ./\nRUN sh ./x.sh", {"x.sh": "«mknod /srv/n c 1 3»\n"}
    ),
    Case(
        "COPY file to dir of other",
        FATAL,
        "COPY a.sh /s/\nCOPY x.sh /s\nRUN sh /s/x.sh",
        {"a.sh": "echo\n", "x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case("ADD", FATAL, "ADD x.sh /x.sh\nRUN sh /x.sh", {"x.sh": "«mknod /srv/n c 1 3»\n"}),
    Case("COPY heredoc", FATAL, "COPY <<EOF /x.sh\n«mknod /srv/n c 1 3»\nEOF\nRUN sh /x.sh"),
    Case("COPY heredoc dir", FATAL, "COPY <<x.sh /s/\n«mknod /srv/n c 1 3»\nx.sh\nRUN sh /s/x.sh"),
    Case("COPY heredoc var", FATAL, "ENV P=/srv/n\nCOPY <<EOF /x.sh\n«mknod $P c 1 3»\nEOF\nRUN sh /x.sh"),
    Case(
        "COPY --from stage",
        FATAL,
        ("FROM debian AS a\nCOPY x.sh /x.sh\nFROM debian\nCOPY --from=a /x.sh /y.sh\nRUN sh /y.sh"),
        {"x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "COPY --from stage dir",
        FATAL,
        ("FROM debian AS a\nCOPY . /src\nFROM debian\nCOPY --from=a /src /app\nRUN sh /app/x.sh"),
        {"x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "COPY --from index",
        FATAL,
        "COPY x.sh /x.sh\nFROM debian\nCOPY --from=0 /x.sh /\nRUN sh /x.sh",
        {"x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "COPY --from scratch stage",
        FATAL,
        ("FROM scratch AS a\nCOPY x.sh /x.sh\nFROM debian\nCOPY --from=a / /\nRUN sh /x.sh"),
        {"x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "FROM stage",
        FATAL,
        "FROM debian AS a\nCOPY x.sh /x.sh\nFROM a\nRUN sh /x.sh",
        {"x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case("bind mount", FATAL, "RUN --mount=type=bind,target=/x sh /x/x.sh", {"x.sh": "«mknod /srv/n c 1 3»\n"}),
    Case(
        "bind mount source",
        FATAL,
        "RUN --mount=type=bind,source=x.sh,target=/t.sh sh /t.sh",
        {"x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "bind mount default type",
        FATAL,
        "RUN --mount=source=d,target=/x sh /x/x.sh",
        {"d/x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "bind mount from stage",
        FATAL,
        ("FROM debian AS a\nCOPY x.sh /s/x.sh\nFROM debian\nRUN --mount=from=a,source=/s,target=/x sh /x/x.sh"),
        {"x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "bind mount gone",
        None,
        "RUN --mount=target=/x true\nRUN test ! -e /x/x.sh || sh /x/x.sh",
        {"x.sh": "mknod /srv/n c 1 3\n"},
    ),
    Case(
        "dockerignore",
        None,
        "COPY . /app\nRUN if [ -e /app/x.sh ]; then sh /app/x.sh; fi",
        {"x.sh": "mknod /srv/n c 1 3\n", ".dockerignore": "*.sh\n"},
    ),
    Case(
        "dockerignore except",
        FATAL,
        "COPY . /app\nRUN sh /app/x.sh",
        {"x.sh": "«mknod /srv/n c 1 3»\n", ".dockerignore": "*\n!x.sh\n"},
    ),
    Case(
        "copied unrun",
        None,
        "COPY x.sh /x.sh\nRUN cat /x.sh && chmod +x /x.sh && bash -n /x.sh",
        {"x.sh": "mknod /srv/n c 1 3\n"},
    ),
    Case("entrypoint script unrun", None, 'COPY x.sh /x.sh\nENTRYPOINT ["/x.sh"]', {"x.sh": "mknod /srv/n c 1 3\n"}),
    Case("python script", None, "COPY x.py /x.py\nRUN python3 /x.py", {"x.py": "#mknod /srv/n c 1 3\n"}),
    Case("python shebang", None, "COPY --chmod=755 x /x\nRUN /x", {"x": "#!/usr/bin/env python3\nx=1\n"}),
    Case("CRLF script", FATAL, "COPY x.sh /x.sh\nRUN sh /x.sh", {"x.sh": "true\r\n«mknod /srv/n c 1 3»\r\n"}),
    Case(
        "CRLF set -e", FATAL, "COPY x.sh /x.sh\nRUN bash /x.sh", {"x.sh": "set -e\r\n«mknod /srv/n c 1 3»\r\necho\r\n"}
    ),
    Case(
        "sources other",
        FATAL,
        "COPY . /app\nWORKDIR /app\nRUN bash x.sh",
        {"x.sh": ". ./lib.sh\nmake_node\n", "lib.sh": "make_node() {\n  «mknod /srv/n c 1 3»\n}\n"},
    ),
    Case(
        "sources dirname",
        FATAL,
        "COPY . /app\nRUN bash /app/x.sh",
        {"x.sh": '. "$(dirname "$0")/lib.sh"\nmake_node\n', "lib.sh": "make_node() {\n  «mknod /srv/n c 1 3»\n}\n"},
    ),
    Case(
        "sources BASH_SOURCE",
        FATAL,
        "COPY . /app\nRUN bash /app/x.sh",
        {
            "x.sh": ('source "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/lib.sh"\nmake_node\n'),
            "lib.sh": "make_node() {\n  «mknod /srv/n c 1 3»\n}\n",
        },
    ),
    Case(
        "calls other by dirname",
        FATAL,
        "COPY . /app\nRUN bash /app/x.sh",
        {"x.sh": "set -e\nHERE=$(dirname $0)\ncd $HERE\nsh ./y.sh\necho\n", "y.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "mv script",
        FATAL,
        "COPY x.sh /tmp/x.sh\nRUN mv /tmp/x.sh /y.sh && sh /y.sh",
        {"x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "cp script",
        FATAL,
        ("COPY x.sh /tmp/x.sh\nRUN cp /tmp/x.sh /usr/local/bin/y && chmod 755 /usr/local/bin/y && y"),
        {"x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "ln script",
        FATAL,
        ("COPY --chmod=755 x.sh /opt/x.sh\nRUN ln -s /opt/x.sh /usr/local/bin/y && y"),
        {"x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "install script",
        FATAL,
        ("COPY x.sh /opt/x.sh\nRUN install -m 755 /opt/x.sh /usr/local/bin/ && x.sh"),
        {"x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "sed -i script",
        None,
        "COPY x.sh /\nRUN sed -i 's/mknod.*/true/' /x.sh && sh /x.sh",
        {"x.sh": "mknod /srv/n c 1 3\n"},
    ),
    Case("rm script", None, "COPY x.sh /\nRUN rm /x.sh; sh /x.sh || true", {"x.sh": "mknod /srv/n c 1 3\n"}),
    Case(
        "for script in dir",
        FATAL,
        "COPY d /d\nRUN for f in /d/*.sh; do sh $f || exit 1; done",
        {"d/x.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case("cat | bash", FATAL, "COPY x.sh /\nRUN cat /x.sh | bash", {"x.sh": "«mknod /srv/n c 1 3»\n"}),
    Case("bash < file", FATAL, "COPY x.sh /\nRUN bash < /x.sh", {"x.sh": "«mknod /srv/n c 1 3»\n"}),
    Case("group to file", FATAL, "RUN { echo '#!/bin/sh'; echo '«mknod /srv/n c 1 3»'; } > /x.sh && sh /x.sh"),
    Case(
        "sed crlf",
        FATAL,
        "COPY x.sh /\nRUN sed -i 's/\\r$//' /x.sh && sh /x.sh",
        {"x.sh": "set -e\r\n«mknod /srv/n c 1 3»\r\necho\r\n"},
    ),
    Case(
        "pushd",
        FATAL,
        "COPY . /app\nRUN bash /app/x.sh",
        {"x.sh": "pushd /srv\npopd\npushd /app/lib >/dev/null\nsh ./y.sh\n", "lib/y.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "readlink",
        FATAL,
        "COPY . /app\nRUN bash /app/x.sh",
        {"x.sh": 'DIR=$(dirname "$(readlink -f "$0")")\nsh "$DIR/y.sh"\n', "y.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case(
        "param expansion dir",
        FATAL,
        "COPY . /app\nRUN bash /app/x.sh",
        {"x.sh": 'sh "${0%/*}/y.sh"\n', "y.sh": "«mknod /srv/n c 1 3»\n"},
    ),
    Case("sh -x file", FATAL, "RUN echo '«mknod /srv/n c 1 3»' > /x; sh -x /x"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_finds_the_command_and_what_becomes_of_the_step(case: Case) -> None:
    check(case)
