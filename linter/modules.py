"""The modules below a package, found on disk. pkgutil does that too, at the price of inspect, ast and 5 ms."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType


def modules_below(package: ModuleType) -> Iterator[ModuleType]:
    """Every module of the package and of the packages below it, by name; folders without an __init__.py are none."""
    for folder in package.__path__:
        names = sorted(os.listdir(folder))
        for name in names:
            stem, suffix = os.path.splitext(name)
            if suffix == ".py" and stem != "__init__":
                yield import_module(f"{package.__name__}.{stem}")
            elif os.path.isfile(os.path.join(folder, name, "__init__.py")):
                yield from modules_below(import_module(f"{package.__name__}.{name}"))
