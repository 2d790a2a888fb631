"""A step may not use the kernel's keyrings.

BuildKit's seccomp profile refuses keyctl(2), add_key(2) and request_key(2) to a step, in every profile, since keyrings
are not separated by containers. An insecure step may use them. What is put into a keyring is gone with the step;
secrets belong to `RUN --mount=type=secret`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...linter.facts import AskKernel, KernelRequest
from ...linter.profile import WITHOUT_CAPABILITIES
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS505",
    name="keyring",
    summary="a step may not use the kernel's keyrings",
    refused=WITHOUT_CAPABILITIES,
    guidance="Keep secrets out of keyrings: RUN --mount=type=secret shows a step a secret as a file.",
    symptoms=(
        r"(keyctl_\w+|add_key|request_key): Operation not permitted",
        r"Unable to dump key: Operation not permitted",
    ),
    examples=(
        Bad("FROM debian\nRUN «keyctl add user name secret @u»\n"),
        Bad("FROM debian\nRUN «keyctl show» && echo ok\n", why="even a list is refused"),
        Bad("FROM debian\nRUN set -e; «keyctl new_session»; echo ok\n"),
        Bad("FROM debian\nRUN «keyctl session - sh -c 'echo ok'»\n"),
        Bad("FROM debian\nRUN echo secret | «keyctl padd user name @s»\n"),
        Warn("FROM debian\nRUN «keyctl list @s» || true\n"),
        Good("FROM debian\nRUN keyctl --version && keyctl supports\n", why="no keyring is asked"),
        Good("FROM debian\nRUN --security=insecure keyctl show\n", why="an insecure step may"),
        Good("FROM debian\nRUN echo keyctl show > /run.sh && command -v keyctl\n", why="it is not run"),
    ),
    references=("https://man7.org/linux/man-pages/man2/keyctl.2.html",),
)


@rule.check(AskKernel)
def keyring(ask: AskKernel) -> Iterator[Refusal]:
    if ask.request is KernelRequest.KEYRING:
        yield rule.refuses(ask, "keyctl(2) is refused by the builder's seccomp profile")
