"""A cache of its own for a test, in which all is made but nothing was answered yet."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tinyrig.suite.files.root import cache_root

_ANSWERS = frozenset(("answers", "revisions"))


def share_cache(folder: Path) -> None:
    """Fill a folder with what the cache has; entries are only ever replaced, so they are links."""
    for kind in (cache_root() / "store").glob("*"):
        if kind.name not in _ANSWERS:
            target = folder / "store" / kind.name
            ignored = shutil.ignore_patterns(".new-*")
            shutil.copytree(kind, target, copy_function=_link, ignore=ignored)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
