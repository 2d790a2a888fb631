"""The immutable and append-only flags need a capability of the host.

chattr(1) `+i` and `+a` need CAP_LINUX_IMMUTABLE in the *initial* user namespace, which a plain step has nowhere and an
insecure one has as real root only. Taking them away with `-i` asks for nothing when they are not set, and the other
flags are free. No layer holds such a flag in any case: it never reaches whoever pulls the image.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...fixes.commands import delete_command
from ...linter.edit import Safety
from ...linter.facts import SetAttribute
from ...linter.profile import WITHOUT_HOST_ROOT
from ...linter.rule import Bad, Good, Refusal, Rule, Warn

rule = Rule(
    code="NS341",
    name="file-attribute",
    summary="a file cannot be made immutable in a step",
    refused=WITHOUT_HOST_ROOT,
    guidance="Leave it out: no layer keeps the flag. To protect files, run the image with a read-only root.",
    symptoms=(r"chattr: Operation not permitted while setting flags on ",),
    examples=(
        Bad("FROM debian\nRUN touch /f && chattr +i «/f»\n", fixed="FROM debian\nRUN touch /f\n"),
        Bad(
            "FROM debian\nRUN mkdir /d && chattr -R +ai «/d» && echo ok\n",
            fixed="FROM debian\nRUN mkdir /d && echo ok\n",
        ),
        Warn("FROM debian\nRUN chattr -f +i «/etc/passwd» || true\n", fixed="FROM debian\n\n"),
        Good("FROM debian\nRUN chattr -i /etc/passwd && chattr -R -ia /srv\n", why="they are not set"),
        Good("FROM debian\nRUN touch /f && chattr +A /f && lsattr /f\n", why="not a flag that is guarded"),
        Good("FROM debian\nRUN echo 'chattr +i /f' > /start.sh\n", why="it is only written"),
    ),
    references=("https://man7.org/linux/man-pages/man1/chattr.1.html",),
)


@rule.check(SetAttribute)
def file_attribute(attribute: SetAttribute) -> Iterator[Refusal]:
    added = {flag for word in attribute.flags.split() if word[0] == "+" for flag in word[1:]}
    if added & {"a", "i"}:
        fix = delete_command(attribute.command, safety=Safety.SAFE)
        yield rule.refuses(attribute, f"{attribute.flags} needs CAP_LINUX_IMMUTABLE on the host", fix=fix)
