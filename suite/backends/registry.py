"""Backends by name."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Protocol, cast

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.capabilities import Capabilities
from tinyrig.suite.backends.interface import Backend

_MODULES = ("embedded", "qemu", "renode", "gvsoc", "pyocd")
"""The modules of this package that are a backend of that name, the default first."""


class _Module(Protocol):
    """What such a module holds; importing it needs nothing but Tinyrig."""

    CAPABILITIES: Capabilities

    def load(self) -> Backend:
        """Return the backend; MissingToolError when its tool is not installed."""


def backend_names() -> tuple[str, ...]:
    """Return the names of all backends, the default first."""
    return _MODULES


def capabilities(name: str) -> Capabilities:
    """Return what a backend can do, installed or not; InputError for an unknown name."""
    return _module(name).CAPABILITIES


def backend(name: str) -> Backend:
    """Return a backend; InputError for an unknown name, MissingToolError when not installed."""
    return _module(name).load()


def backends_that(can: Callable[[Capabilities], bool]) -> tuple[str, ...]:
    """Return the names of the backends that can do something, installed or not."""
    return tuple(name for name in _MODULES if can(capabilities(name)))


def emulators_of(board: Board) -> tuple[str, ...]:
    """Return the names of the backends that run a board without its hardware, best first."""
    return backends_that(lambda found: found.runs(board) and not found.hardware)


def default_backend(board: Board) -> str:
    """Return what boots a board's firmware when nothing is said: the best emulator of it."""
    return next(iter(emulators_of(board)), _MODULES[0])


def _module(name: str) -> _Module:
    if name not in _MODULES:
        raise InputError(f"Unknown backend {name!r}. Known backends: {', '.join(_MODULES)}.")
    return cast("_Module", import_module(f"tinyrig.suite.backends.{name}"))
