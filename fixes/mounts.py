"""Let BuildKit mount what a step would mount itself."""

from __future__ import annotations

from ..linter.command import Command
from ..linter.edit import Edit, Fix, Safety
from ..linter.source import Place
from .commands import delete_command


def mount_by_builder(command: Command, options: str) -> Fix | None:
    """Give RUN a `--mount=OPTIONS`, and leave out the command, which stands in the step itself and is no wrapper's.

    A step that does nothing else is left out as a whole. UNSAFE: the builder's mount lasts for the whole step.
    """
    step, script = command.step, command.script
    if step is None or script is None or command.parent is not None or command.wrappers or command.root != "/":
        return None
    if "mkdir " in script.text.replace("mkdir -p ", ""):
        return None  # the directory would be there already
    deleted = delete_command(command, safety=Safety.UNSAFE)
    if deleted is None:
        return None
    if deleted.edits[0].place == step:
        return deleted
    at = step.start + len("RUN")
    flag = Edit(Place(step.path, at, at), f" --mount={options}")
    return Fix(f"let RUN mount it: --mount={options}", Safety.UNSAFE, (flag, *deleted.edits))
