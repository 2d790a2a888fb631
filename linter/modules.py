"""The modules below a package, found on disk. pkgutil does that too, at the price of inspect, ast and 5 ms."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType


def modules_below(package: ModuleType) -> Iterator[ModuleType]:
    """Every module of the package and of the packages below it, by name; folders without an __init__.py are none."""
    for name, _ in module_files(package):
        yield import_module(name)


def module_files(package: ModuleType) -> Iterator[tuple[str, str]]:
    """The names and the files of those modules, none of them imported."""
    for folder in package.__path__:
        yield from _below(folder, package.__name__)


def _below(folder: str, package: str) -> Iterator[tuple[str, str]]:
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        stem, suffix = os.path.splitext(name)
        if suffix == ".py" and stem != "__init__":
            yield f"{package}.{stem}", path
        elif not suffix and os.path.isfile(os.path.join(path, "__init__.py")):
            yield from _below(path, f"{package}.{name}")
