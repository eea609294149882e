"""Modules that are found by where they lie, so that no list has to name them."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType


def modules_below(package: str, prefix: str = "") -> Iterator[ModuleType]:
    """Import and yield the modules of a package whose names begin with `prefix`, by name."""
    folders = import_module(package).__path__
    for name in sorted(found.name for found in pkgutil.iter_modules(folders)):
        if name.startswith(prefix):
            yield import_module(f"{package}.{name}")
