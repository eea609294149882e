"""Backends by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module, metadata
from typing import Protocol, cast

from tinyrig.generator.errors import InputError, MissingToolError
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.capabilities import Capabilities
from tinyrig.suite.backends.interface import Backend
from tinyrig.suite.files.project import current_project

_MODULES = ("embedded", "qemu", "renode", "gvsoc", "pyocd")
"""The modules of this package that are a backend of that name, the default first."""

GROUP = "tinyrig.backends"
"""The entry points by which a package brings backends: modules like those here, by name."""


class _Module(Protocol):
    """What such a module holds, here or outside; importing it needs nothing but Tinyrig."""

    CAPABILITIES: Capabilities

    def load(self) -> Backend:
        """Return the backend; MissingToolError when its tool is not installed."""


def backend_names() -> tuple[str, ...]:
    """Return the names of all backends, the default first, then those from outside."""
    return (*_MODULES, *_others())


def capabilities(name: str) -> Capabilities:
    """Return what a backend can do, installed or not; InputError for an unknown name."""
    return _module(name).CAPABILITIES


def backend(name: str) -> Backend:
    """Return a backend; InputError for an unknown name, MissingToolError when not installed."""
    return _module(name).load()


def backends_that(can: Callable[[Capabilities], bool]) -> tuple[str, ...]:
    """Return the names of Tinyrig's own backends that can do something, installed or not."""
    return tuple(name for name in _MODULES if can(capabilities(name)))


def emulators_of(board: Board) -> tuple[str, ...]:
    """Return the names of the backends that run a board without its hardware, best first."""
    return backends_that(lambda found: found.runs(board) and not found.hardware)


def default_backend(board: Board) -> str:
    """Return what boots a board's firmware when nothing is said: the best emulator of it."""
    return next(iter(emulators_of(board)), _MODULES[0])


def _module(name: str) -> _Module:
    if name in _MODULES:
        return cast("_Module", import_module(f"tinyrig.suite.backends.{name}"))
    others = _others()
    if name not in others:
        known = ", ".join((*_MODULES, *others))
        raise InputError(f"Unknown backend {name!r}. Known backends: {known}.")
    try:
        module = import_module(others[name])
    except ImportError as error:
        raise MissingToolError(
            f"The backend {name!r} cannot be loaded from {others[name]}: {error}."
        ) from error
    if missing := [word for word in ("CAPABILITIES", "load") if not hasattr(module, word)]:
        raise InputError(f"The backend {name!r}: {others[name]} has no {' and no '.join(missing)}.")
    return cast("_Module", module)


def _others() -> Mapping[str, str]:
    """Return the modules of packages and of the project that are backends, by name."""
    entries = ((entry.name, entry.value) for entry in metadata.entry_points(group=GROUP))
    found: dict[str, str] = {}
    for name, module in (*entries, *current_project().backends.items()):
        if name in _MODULES or found.setdefault(name, module) != module:
            raise InputError(f"Backend {name!r} is there twice; rename the one of {module}.")
    return found
