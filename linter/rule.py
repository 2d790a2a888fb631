"""A rule: what the kernel or the builder refuses, how the log says so, and how to mend it.

One file under `rules/` holds one rule. Its module docstring is its page, its examples are its tests and real builds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar, cast

from .edit import Fix
from .profile import Row
from .source import Place

if TYPE_CHECKING:
    from .build import Build


class Fact(Protocol):
    """Something read from a build that a rule can judge."""

    @property
    def place(self) -> Place: ...


BuildFix = Callable[["Build"], Fix | None]
"""A fix that changes many places of a build alike, and so needs the whole of it."""


class Refusal(NamedTuple):
    """A rule's word on one fact: this is refused where `row` says so.

    `certain` is false when it hangs on a value or a file that cannot be known; `differs` is set when the step passes
    and makes something else; `note` when nothing can be said but that it cannot be seen; `quiet` when it does not
    matter to a step that survives it.
    """

    rule: Rule
    fact: Fact
    message: str
    row: Row
    guidance: str
    fix: Fix | BuildFix | None = None
    certain: bool = True
    differs: bool = False
    note: bool = False
    origin: Place | None = None
    quiet: bool = False


ENTITLEMENTS = frozenset({"security.insecure", "network.host", "device"})
"""What a build can be allowed; examples are, unless they say otherwise."""


class Bad(NamedTuple):
    """A build that fails at the «marked» places where the row says so; `fixed` is what --unsafe-fixes makes of it.

    `context` holds the other files, which may be marked too; `path` is the file's name where it is not a Dockerfile;
    `allow` are the entitlements that the build is given.
    """

    text: str
    fixed: str | None = None
    context: Mapping[str, str | bytes] = {}
    fixed_context: Mapping[str, str | bytes] = {}
    path: str = "Dockerfile"
    why: str = ""
    allow: frozenset[str] = ENTITLEMENTS


class Warn(NamedTuple):
    """A build that passes everywhere although something is refused at the «marked» places, or that cannot be judged."""

    text: str
    fixed: str | None = None
    context: Mapping[str, str | bytes] = {}
    fixed_context: Mapping[str, str | bytes] = {}
    path: str = "Dockerfile"
    why: str = ""


class Good(NamedTuple):
    """A build the rule is silent about, and that passes everywhere."""

    text: str
    why: str
    context: Mapping[str, str | bytes] = {}
    path: str = "Dockerfile"


class Log(NamedTuple):
    """A build log that `explain` gives to this rule."""

    text: str


Example = Bad | Warn | Good | Log

F = TypeVar("F", bound=Fact)
Check = Callable[[F], Iterable[Refusal]]


class Rule:
    """`code` and `name` are what users write; `summary` completes the sentence "…: " in a list of rules.

    `guidance` says in one line what to do instead. `symptoms` are regular expressions for a failed step's log.
    `only_from` names the builders (as in engine.COMING_FROM) that a build must come from for the rule to speak: it
    is about what is different from them.
    """

    def __init__(
        self,
        code: str,
        name: str,
        summary: str,
        *,
        refused: Row,
        guidance: str,
        symptoms: tuple[str, ...] = (),
        examples: tuple[Example, ...],
        references: tuple[str, ...] = (),
        only_from: tuple[str, ...] = (),
    ) -> None:
        self.code = code
        self.name = name
        self.summary = summary
        self.refused = refused
        self.guidance = guidance
        self.symptoms = symptoms
        self.examples = examples
        self.references = references
        self.only_from = only_from
        self.checks: dict[type[Fact], Check[Fact]] = {}

    def check(self, kind: type[F]) -> Callable[[Check[F]], Check[F]]:
        """Register a function that judges facts of one kind."""

        def register(check: Check[F]) -> Check[F]:
            self.checks[kind] = cast("Check[Fact]", check)
            return check

        return register

    def refuses(
        self,
        fact: Fact,
        message: str,
        *,
        refused: Row | None = None,
        guidance: str | None = None,
        fix: Fix | BuildFix | None = None,
        certain: bool = True,
        differs: bool = False,
        origin: Place | None = None,
        quiet: bool = False,
    ) -> Refusal:
        """Say that this fact is refused; the rule's own row and guidance hold unless others are given."""
        row = self.refused if refused is None else refused
        text = self.guidance if guidance is None else guidance
        return Refusal(self, fact, message, row, text, fix, certain, differs, origin=origin, quiet=quiet)

    def notes(self, fact: Fact, message: str, *, guidance: str | None = None) -> Refusal:
        """Say that something cannot be seen: reported only with --notes."""
        return Refusal(self, fact, message, self.refused, guidance or self.guidance, note=True)

    def __repr__(self) -> str:
        return f"Rule({self.code} {self.name})"
