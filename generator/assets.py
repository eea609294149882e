"""Where the C sources and board descriptions are: Tinyrig's own, and those of `TINYRIG_PATH`.

Every root is laid out like a clone: boards, cores and UART drivers below `platforms`, kernels below
`kernels`. Tinyrig's own root comes first, and nothing may go by a name that is there already.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from tinyrig.generator.errors import InputError

PATH_VARIABLE = "TINYRIG_PATH"
"""Names folders of boards, cores, drivers and kernels, separated like those of PATH."""

_ROOT = Path(__file__).resolve().parent.parent


def asset_root(folder: str) -> Path:
    """Return a directory beside this package: `kernels`, `platforms`, or `generator` itself."""
    return _ROOT / folder


def roots() -> tuple[Path, ...]:
    """Return the folders to look in, Tinyrig's own first; InputError for one that is not there."""
    words = os.environ.get(PATH_VARIABLE, "").split(os.pathsep)
    return (_ROOT, *dict.fromkeys(_extension(word) for word in words if word))


def _extension(word: str) -> Path:
    root = Path(word).expanduser().resolve()
    if not root.is_dir():
        raise InputError(f"{PATH_VARIABLE} names {word}, which is no folder.")
    if not any((root / part).is_dir() for part in ("platforms", "kernels")):
        raise InputError(
            f"{PATH_VARIABLE} names {word}, which has neither a folder platforms nor a folder "
            "kernels: it is laid out like Tinyrig's own."
        )
    return root


def find_assets(pattern: str) -> Mapping[str, Path]:
    """Return the files and folders of all roots that match, by their path below their root.

    In the order of roots, then sorted. InputError where two roots have the same.
    """
    return unique(
        (path.relative_to(root).as_posix(), path)
        for root in roots()
        for path in sorted(root.glob(pattern))
    )


def find_asset(path: str) -> Path | None:
    """Return the one file or folder of a path below a root; None when no root has it."""
    return find_assets(path).get(path)


def unique(named: Iterable[tuple[str, Path]]) -> Mapping[str, Path]:
    """Return files by name; InputError, with both paths, where a name comes twice."""
    found: dict[str, Path] = {}
    for name, path in named:
        if found.setdefault(name, path) != path:
            raise InputError(f"{name} is there twice, in {found[name]} and in {path}: rename one.")
    return found
