"""Edits of build configs: leave an option or a setting out, put one in. They are the same in every format."""

from __future__ import annotations

from ..linter.edit import Edit, Fix, Safety
from ..linter.invocation import Option
from ..linter.pod import Insertion, Setting


def leave_out(one: Option | Setting, title: str, safety: Safety) -> Fix | None:
    """Delete an option or a setting with what joins it to its neighbours; None where that is not one cut."""
    return Fix(title, safety, (Edit(one.removal, ""),)) if one.removal is not None else None


def put_in(where: Insertion | None, text: str, title: str, safety: Safety) -> Fix | None:
    """Put a key or an item where the reader of the format says that one can stand."""
    return Fix(title, safety, (Edit(where.place, where.around(text)),)) if where is not None else None
