"""The kernels' C files a project needs: those it calls, and the headers they are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tinyrig.generator.assets import asset_root
from tinyrig.generator.planning.kernels import Kernel

INCLUDE_DIRS = ("kernels/include", "kernels/src")
"""Folders of a project: what a user of the kernels includes, and what they share among them."""

_INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def kernel_sources(kernels: Iterable[Kernel]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the files of kernels by project-relative path, and the translation units among them.

    All public headers are in it, and of the private ones those that are included.
    """
    root = asset_root("kernels")
    public = sorted((root / "include").rglob("*.h"))
    units = sorted({root / kernel.source for kernel in kernels})
    found: dict[Path, str] = {}
    waiting = [*public, *units]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = path.read_text(encoding="utf-8")
            waiting += [
                own
                for name in _INCLUDE.findall(found[path])
                for folder in ("include", "src")
                if (own := root / folder / name).is_file()
            ]
    named = {path: f"kernels/{path.relative_to(root).as_posix()}" for path in found}
    files = {named[path]: found[path] for path in sorted(found)}
    return files, tuple(named[path] for path in units)
