"""Backends by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from generator.errors import InputError
from suite.backends.embedded import load_embedded
from suite.backends.interface import Backend

_LOADERS: Mapping[str, Callable[[], Backend]] = {"embedded": load_embedded}


def backend_names() -> tuple[str, ...]:
    """Return the names of all backends, the default first."""
    return tuple(_LOADERS)


def backend(name: str) -> Backend:
    """Return a backend; InputError for an unknown name, MissingToolError when not installed."""
    loader = _LOADERS.get(name)
    if loader is None:
        raise InputError(f"Unknown backend {name!r}. Known backends: {', '.join(_LOADERS)}.")
    return loader()
