"""The kernels' C files a project needs: those it calls, and the headers they are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tinyrig.generator.assets import asset_root
from tinyrig.generator.emit.kernel_header import header
from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.kernels import Kernel

INCLUDE_DIRS = ("kernels/include", "kernels/src")
"""Folders of a project: what a user of the kernels includes, and what they share among them."""

VARIANTS = "kernels/include/tinyrig/variants.h"
"""The header of all kernels, a user's too: it is written for every project."""

_INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def kernel_sources(kernels: Iterable[Kernel]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the files of kernels by project-relative path, and the translation units among them.

    All public headers are in it, and of the private ones those that are included. InputError when
    two folders of kernels have a file of the same path.
    """
    root = asset_root("kernels")
    public = sorted((root / "include").rglob("*.h"))
    units = sorted({(kernel.home, kernel.path) for kernel in kernels})
    found: dict[str, tuple[Path, str]] = {}
    waiting = [*((root, path) for path in public), *units]
    while waiting:
        home, path = waiting.pop()
        name = _in_project(home, path)
        if name not in found:
            found[name] = (path, path.read_text(encoding="utf-8"))
            waiting += _included(found[name][1], dict.fromkeys((home, root)))
        elif found[name][0] != path:
            raise InputError(
                f"{name} is there twice, in {found[name][0]} and in {path}: rename one."
            )
    files = {name: found[name][1] for name in sorted(found)} | {VARIANTS: header()}
    return files, tuple(_in_project(home, path) for home, path in units)


def _in_project(home: Path, path: Path) -> str:
    return f"kernels/{path.relative_to(home).as_posix()}"


def _included(text: str, homes: Iterable[Path]) -> list[tuple[Path, Path]]:
    """Return the private and public headers a source includes, each with its folder of kernels."""
    return [
        (home, path)
        for name in _INCLUDE.findall(text)
        for home in homes
        for folder in ("include", "src")
        if (path := home / folder / name).is_file()
    ]
