"""Backends by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import metadata

from tinyrig.generator.errors import InputError, MissingToolError
from tinyrig.suite.backends.interface import Backend


def _load_embedded() -> Backend:
    try:
        import unicorn  # noqa: F401
    except ImportError:
        raise MissingToolError(
            "Unicorn is not installed. Install it with: pip install unicorn==2.1.4"
        ) from None
    from tinyrig.suite.backends.embedded import EmbeddedBackend

    return EmbeddedBackend(version=metadata.version("unicorn"))


def _load_qemu() -> Backend:
    from tinyrig.suite.backends.qemu import load_qemu

    return load_qemu()


def _load_renode() -> Backend:
    from tinyrig.suite.backends.renode import load_renode

    return load_renode()


def _load_gvsoc() -> Backend:
    from tinyrig.suite.backends.gvsoc import load_gvsoc

    return load_gvsoc()


def _load_pyocd() -> Backend:
    from tinyrig.suite.backends.probes import need_packages

    need_packages()
    from tinyrig.suite.backends.pyocd import load_pyocd

    return load_pyocd()


_LOADERS: Mapping[str, Callable[[], Backend]] = {
    "embedded": _load_embedded,
    "qemu": _load_qemu,
    "renode": _load_renode,
    "gvsoc": _load_gvsoc,
    "pyocd": _load_pyocd,
}


def backend_names() -> tuple[str, ...]:
    """Return the names of all backends, the default first."""
    return tuple(_LOADERS)


def backend(name: str) -> Backend:
    """Return a backend; InputError for an unknown name, MissingToolError when not installed."""
    loader = _LOADERS.get(name)
    if loader is None:
        raise InputError(f"Unknown backend {name!r}. Known backends: {', '.join(_LOADERS)}.")
    return loader()
