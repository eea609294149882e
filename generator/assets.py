"""Where the C sources and board descriptions are, in a clone and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def asset_root(folder: str) -> Path:
    """Return the directory of `kernels` or `platforms`.

    A clone has them beside this package; a wheel carries them under `tinyrig_data`.
    """
    clone = _ROOT / folder
    return clone if clone.is_dir() else _ROOT / "tinyrig_data" / folder
