"""Which step failed, what it printed and where it stands, from every builder's log."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ns_lint.linter.errors import UnreadableInput
from ns_lint.proof.explain.causes import explain
from ns_lint.proof.explain.clean import clean
from ns_lint.proof.explain.log import BuildLog, Failure
from ns_lint.proof.explain.read import read_log
from ns_lint.rules import all_rules

MKNOD = "mknod: /srv/n: Operation not permitted"

PLAIN = f"""\
#0 building with "remote" instance using remote driver

#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 93B done
#1 DONE 0.0s

#5 [1/3] FROM docker.io/library/debian:12@sha256:0a
#5 resolve docker.io/library/debian:12@sha256:0a 0.0s done
#5 CACHED

#6 [2/3] RUN echo hello
#6 0.101 hello
#6 DONE 0.2s

#7 [3/3] RUN mknod /srv/n c 1 3
#7 0.123 + mknod /srv/n c 1 3
#7 0.125 {MKNOD}
#7 ERROR: process "/bin/sh -c mknod /srv/n c 1 3" did not complete successfully: exit code: 1
------
 > [3/3] RUN mknod /srv/n c 1 3:
0.123 + mknod /srv/n c 1 3
0.125 {MKNOD}
------
docker/Dockerfile:7
--------------------
   5 |     FROM debian:12
   6 |     RUN echo hello
   7 | >>> RUN mknod \\
   8 | >>>     /srv/n c 1 3
   9 |     CMD ["sh"]
--------------------
ERROR: failed to solve: process "/bin/sh -c mknod /srv/n c 1 3" did not complete successfully: exit code: 1
"""

SCREEN = f"""\
[+] Building 1.2s (7/7) FINISHED
 => [internal] load build definition from Dockerfile                                  0.0s
 => CACHED [api 1/2] FROM docker.io/library/debian                                    0.0s
 => ERROR [api 2/2] RUN mknod /srv/n c 1 3                                            0.3s
------
 > [api 2/2] RUN mknod /srv/n c 1 3:
#5 0.251 {MKNOD}
------
executor failed running [/bin/sh -c mknod /srv/n c 1 3]: exit code: 1
failed to solve: rpc error: code = Unknown desc = executor failed running [/bin/sh -c mknod /srv/n c 1 3]: exit code: 1
"""

CLASSIC = f"""\
Sending build context to Docker daemon  2.048kB
Step 1/3 : FROM debian:12
 ---> 1a2b3c4d5e6f
Step 2/3 : RUN mknod /srv/n c 1 3
 ---> Running in 0f0f0f0f0f0f
{MKNOD}
The command '/bin/sh -c mknod /srv/n c 1 3' returned a non-zero code: 1
"""

KANIKO = f"""\
\x1b[36mINFO\x1b[0m[0000] Retrieving image manifest debian:12
\x1b[36mINFO\x1b[0m[0001] Built cross stage deps: map[]
\x1b[36mINFO\x1b[0m[0001] Unpacking rootfs as cmd RUN mknod /srv/n c 1 3 requires it.
\x1b[36mINFO\x1b[0m[0004] RUN mknod /srv/n c 1 3
\x1b[36mINFO\x1b[0m[0004] Taking snapshot of full filesystem...
\x1b[36mINFO\x1b[0m[0006] cmd: /bin/sh
\x1b[36mINFO\x1b[0m[0006] args: [-c mknod /srv/n c 1 3]
{MKNOD}
error building image: error building stage: failed to execute command: waiting for process to exit: exit status 1
"""

KANIKO_TEXT = f"""\
time="2025-05-17T07:51:12Z" level=info msg="Retrieving image manifest debian:12"
time="2025-05-17T07:51:20Z" level=info msg="RUN mknod /srv/n c 1 3"
time="2025-05-17T07:51:20Z" level=info msg="args: [-c mknod /srv/n c 1 3]"
{MKNOD}
error building image: error building stage: failed to execute command: waiting for process to exit: exit status 1
"""

KANIKO_JSON = f"""\
{{"level":"info","msg":"Retrieving image manifest debian:12","time":"2025-05-17T07:51:12Z"}}
{{"level":"info","msg":"RUN mknod /srv/n c 1 3","time":"2025-05-17T07:51:20Z"}}
{MKNOD}
error building image: error building stage: failed to execute command: waiting for process to exit: exit status 1
"""

BUILDAH = f"""\
STEP 1/2: FROM debian:12
STEP 2/2: RUN mknod /srv/n c 1 3
{MKNOD}
Error: building at STEP "RUN mknod /srv/n c 1 3": while running runtime: exit status 1
"""


def rawjson() -> str:
    def event(**parts: object) -> str:
        return json.dumps(parts)

    step = {"digest": "sha256:02", "name": "[3/3] RUN mknod /srv/n c 1 3", "started": "2025-01-01T00:00:01Z"}
    error = 'process "/bin/sh -c mknod /srv/n c 1 3" did not complete successfully: exit code: 1'
    printed = base64.b64encode(f"\x1b[31m{MKNOD}\x1b[0m\n".encode()).decode()
    head, _, tail = PLAIN.partition("docker/Dockerfile:7\n")
    assert head
    return "\n".join(
        [
            event(vertexes=[{"digest": "sha256:01", "name": "[1/3] FROM debian", "started": "2025-01-01T00:00:00Z"}]),
            event(vertexes=[step]),
            event(logs=[{"vertex": "sha256:02", "stream": 2, "data": printed, "timestamp": "2025-01-01T00:00:01Z"}]),
            event(vertexes=[{**step, "completed": "2025-01-01T00:00:02Z", "error": error}]),
            f"docker/Dockerfile:7\n{tail}",
        ]
    )


def github(log: str) -> str:
    """A log as GitHub Actions stores it."""
    marked = ["##[group]Run docker/build-push-action@v6", "with:", "##[endgroup]", *log.splitlines()]
    marked.append("##[error]buildx failed with: ERROR: failed to build")
    return "\ufeff" + "".join(f"2025-03-01T10:00:{i % 60:02}.1234567Z {line}\r\n" for i, line in enumerate(marked))


def gh(log: str) -> str:
    """The same, as `gh run view --log` prints it."""
    return "".join(f"build\tBuild and push\t{line}\n" for line in github(log).replace("\r", "").splitlines())


def gitlab(log: str) -> str:
    """A log as GitLab stores it."""
    opened = (
        "section_start:1717000000:step_script[collapsed=true]\r\x1b[0K\x1b[0K\x1b[36;1mExecuting step_script\x1b[0;m"
    )
    closed = "section_end:1717000009:step_script\r\x1b[0K\x1b[31;1mERROR: Job failed: exit code 1\x1b[0;m"
    return "\n".join((opened, "\x1b[32;1m$ buildctl build …\x1b[0;m", log, closed, ""))


def gitlab_with_times(log: str) -> str:
    return "".join(f"2025-03-01T10:00:00.123456Z 01O {line}\n" for line in log.splitlines())


def tekton(log: str) -> str:
    return "".join(f"[build-push-image : build] {line}\n" for line in log.splitlines())


def jenkins(log: str) -> str:
    return "".join(f"[2025-03-01T10:00:00.123Z] {line}\n" for line in log.splitlines())


def as_it_is(log: str) -> str:
    return log


BUILDERS = {
    "buildkit plain": PLAIN,
    "buildkit rawjson": rawjson(),
    "buildkit": SCREEN,
    "docker classic": CLASSIC,
    "kaniko": KANIKO,
    "buildah": BUILDAH,
}


def only_failure(log: BuildLog) -> Failure:
    assert len(log.failures) == 1, log
    return log.failures[0]


@pytest.mark.parametrize("wrap", [as_it_is, github, gh, gitlab, gitlab_with_times, tekton, jenkins])
@pytest.mark.parametrize("builder", BUILDERS)
def test_the_failing_step_is_found_whoever_wrote_and_stored_the_log(builder: str, wrap: Callable[[str], str]) -> None:
    log = read_log(wrap(BUILDERS[builder]).encode())
    failure = only_failure(log)
    assert log.builder == builder
    assert failure.instruction.startswith("RUN mknod")
    assert [line for line in failure.output if not line.startswith("+")] == [MKNOD]
    assert "exit" in failure.error or "non-zero" in failure.error
    (explanation,) = explain(log, all_rules())
    assert explanation.causes[0].code == "NS101"


@pytest.mark.parametrize("text", [KANIKO_TEXT, KANIKO_JSON])
def test_kaniko_in_its_other_formats(text: str) -> None:
    failure = only_failure(read_log(text.encode()))
    assert failure.instruction == "RUN mknod /srv/n c 1 3"
    assert failure.output == (MKNOD,)


@pytest.mark.parametrize("text", [PLAIN, rawjson()])
def test_the_dockerfile_line_where_the_log_has_it(text: str) -> None:
    failure = only_failure(read_log(text.encode()))
    assert (failure.path, failure.line, failure.end_line) == ("docker/Dockerfile", 7, 8)


def test_a_file_that_buildkit_cannot_read() -> None:
    text = """\
#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 60B done
#1 DONE 0.0s
Dockerfile:2
--------------------
   1 |     FROM debian
   2 | >>> INSTALL curl
--------------------
error: failed to solve: dockerfile parse error on line 2: unknown instruction: INSTALL
"""
    log = read_log(text.encode())
    failure = only_failure(log)
    assert (failure.line, failure.instruction) == (2, "INSTALL curl")
    assert explain(log, all_rules())[0].causes[0].code == "NS001"


def test_two_steps_that_failed_at_once() -> None:
    text = f"""\
#6 [a 2/2] RUN ./first
#6 0.1 main.c:1:1: error: expected ';'
#6 ERROR: process "/bin/sh -c ./first" did not complete successfully: exit code: 2
#7 [b 2/2] RUN mknod /srv/n c 1 3
#7 0.1 {MKNOD}
#7 ERROR: process "/bin/sh -c mknod /srv/n c 1 3" did not complete successfully: exit code: 1
#8 [c 2/2] RUN sleep 9
#8 CANCELED
------
 > [a 2/2] RUN ./first:
0.1 main.c:1:1: error: expected ';'
------
------
 > [b 2/2] RUN mknod /srv/n c 1 3:
0.1 {MKNOD}
------
ERROR: failed to solve: process "/bin/sh -c mknod /srv/n c 1 3" did not complete successfully: exit code: 1
"""
    log = read_log(text.encode())
    assert [failure.step for failure in log.failures] == ["[b 2/2] RUN mknod /srv/n c 1 3", "[a 2/2] RUN ./first"]
    first, second = explain(log, all_rules())
    assert first.causes[0].code == "NS101"
    assert not second.causes
    assert second.unrelated


@pytest.mark.parametrize("wrap", [as_it_is, github, gitlab])
def test_what_an_earlier_step_survived_is_no_cause(wrap: Callable[[str], str]) -> None:
    text = f"""\
mount: /mnt: permission denied.
#6 [2/3] RUN mknod /srv/n c 1 3 || true
#6 0.1 {MKNOD}
#6 DONE 0.1s
#7 [3/3] RUN make
#7 0.2 main.c:1:1: error: expected ';'
#7 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 2
ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2
"""
    (explanation,) = explain(read_log(wrap(text).encode()), all_rules())
    assert explanation.causes == ()
    assert explanation.unrelated == "code does not compile"


def test_what_the_failed_step_itself_survived_is_no_cause_either() -> None:
    text = f"""\
#6 [2/2] RUN mknod /srv/n c 1 3; apt-get install nosuch
#6 0.1 {MKNOD}
#6 0.9 E: Unable to locate package nosuch
#6 ERROR: process "/bin/sh -c mknod /srv/n c 1 3; apt-get install nosuch" did not complete successfully: exit code: 100
"""
    (explanation,) = explain(read_log(text.encode()), all_rules())
    assert explanation.causes == ()


def test_the_words_of_a_script_are_no_symptoms() -> None:
    script = 'echo "mknod: x: Operation not permitted" && false'
    text = f"""\
#6 [2/2] RUN {script}
#6 0.1 + {script}
#6 ERROR: process "/bin/sh -c {script}" did not complete successfully: exit code: 1
ERROR: failed to solve: process "/bin/sh -c {script}" did not complete successfully: exit code: 1
"""
    (explanation,) = explain(read_log(text.encode()), all_rules())
    assert explanation.causes == ()


def test_the_last_refusal_is_the_likeliest_cause() -> None:
    text = f"""\
#6 [2/2] RUN ./setup
#6 0.1 ping: socket: Operation not permitted
#6 0.2 {MKNOD}
#6 ERROR: process "/bin/sh -c ./setup" did not complete successfully: exit code: 1
"""
    (explanation,) = explain(read_log(text.encode()), all_rules())
    assert [cause.name for cause in explanation.causes] == ["device-node", "ping"]


def test_a_daemon_that_did_not_come_up() -> None:
    text = """\
could not connect to unix:///run/user/1000/buildkit/buildkitd.sock after 10 trials
========== log ==========
[rootlesskit:parent] error: failed to start the child: fork/exec /proc/self/exe: operation not permitted
"""
    (explanation,) = explain(read_log(text.encode()), all_rules())
    assert [cause.name for cause in explanation.causes][:1] == ["user-namespaces-refused"]
    assert explanation.causes[-1].name == "daemon-unreachable"


@pytest.mark.parametrize(
    "text",
    [
        "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n#5 [2/2] RUN true\n#5 DONE 0.1s\n",
        "Step 1/1 : FROM debian\n ---> 1a\nSuccessfully built 1a\n",
        "INFO[0000] Retrieving image manifest debian\nINFO[0002] RUN true\nINFO[0003] Pushed x\n",
        "STEP 1/1: FROM debian\nCOMMIT x\nSuccessfully tagged x\n",
    ],
)
def test_a_build_that_passed_has_nothing_to_explain(text: str) -> None:
    log = read_log(text.encode())
    assert log.builder
    assert explain(log, all_rules()) == []


def test_gitlab_joins_what_it_cut() -> None:
    text = "2025-03-01T10:00:00.1Z 00O mknod: /srv/n: Opera\n2025-03-01T10:00:00.2Z 00O+tion not permitted\n"
    assert clean(text)[0] == MKNOD


def test_powershell_writes_utf_16() -> None:
    assert only_failure(read_log(CLASSIC.encode("utf-16"))).output == (MKNOD,)


def test_a_binary_is_no_log() -> None:
    with pytest.raises(UnreadableInput):
        read_log(b"\x7fELF\0\0\0")


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.data())
def test_no_log_is_too_broken_to_read(data: st.DataObject) -> None:
    lines = "\n".join(BUILDERS.values()).splitlines()
    noise = st.one_of(st.sampled_from(lines), st.text(max_size=40))
    text = "\n".join(data.draw(st.lists(noise, max_size=30))).replace("\0", "")
    for explanation in explain(read_log(text.encode("utf-8", "surrogatepass")), all_rules()):
        assert len(explanation.causes) <= 3


@pytest.mark.parametrize(
    ("text", "noise"),
    [(PLAIN, "#7 0.124 compiling file\n"), (CLASSIC, "compiling file\n"), (KANIKO, "compiling file\n"), (MKNOD, "x\n")],
)
def test_a_huge_log_takes_seconds_not_minutes(text: str, noise: str) -> None:
    at = text.index(f"#7 0.125 {MKNOD}" if text is PLAIN else MKNOD)
    huge = text[:at] + noise * 100_000 + text[at:] + "x" * 5_000_000
    began = time.monotonic()
    explanations = explain(read_log(huge.encode()), all_rules())
    assert time.monotonic() - began < 20
    assert explanations[0].causes[0].code == "NS101"
