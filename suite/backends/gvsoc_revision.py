"""Which sources a GVSoC was built from: it tells no version itself."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

REVISION = "revision.txt"
"""The file of an install that names its sources where they are not beside it, in one line."""

_PARTS = ("core", "pulp")
_GIT_SECONDS = 10.0
_LETTERS = 7
_DIGITS = 12
_LONGEST = 200


def sources_of(install: Path, programs: tuple[Path, ...]) -> str:
    """Return the revisions an install was built from: of its `REVISION`, else of the checkout of
    GVSoC that it lies in, as upstream's own build leaves it.

    Where neither is there, a digest of the `programs` tells two builds apart, and no more.
    """
    return _said(install) or _checked_out(install) or _unknown(programs)


def _said(install: Path) -> str:
    try:
        text = (install / REVISION).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return " ".join(text[:_LONGEST].split())


def _checked_out(install: Path) -> str:
    for folder in install.parents:
        if all((folder / part).is_dir() for part in _PARTS):
            heads = [_head(folder), *(_head(folder / part) for part in _PARTS)]
            named = zip(("", *_PARTS), heads, strict=True)
            return " ".join(f"{name} {head}".strip() for name, head in named) if all(heads) else ""
    return ""


def _head(folder: Path) -> str:
    """Return the commit a repository is at; '' when the folder is the root of none."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), "rev-parse", "--show-prefix", "HEAD"],
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    prefix, _, commit = done.stdout.partition("\n")
    return "" if done.returncode or prefix else commit.strip()[:_LETTERS]


def _unknown(programs: tuple[Path, ...]) -> str:
    digest = hashlib.sha256()
    for path in sorted(programs):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return f"of unknown sources, build {digest.hexdigest()[:_DIGITS]}"
