"""Where the C sources and board descriptions are, in a clone and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def asset_root(folder: str) -> Path:
    """Return a directory beside this package: `kernels`, `platforms`, or `generator` itself."""
    return _ROOT / folder
