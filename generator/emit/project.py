"""A generated C project as a value: files by relative path, written or built later."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Project:
    """A self-contained C project for one model on one board.

    `files` maps a POSIX path relative to the project's root to its text. `units` are the
    translation units among them, in link order; `include_dirs` are relative too;
    `linker_script` is the path of the rendered script. The project holds two builds: `clean`
    and `checked` (compiled with TR_CHECKED=1: step markers, buffer guards), whose model
    sources differ because guards take room in the arena; `units` of a build are `units`
    plus `clean_units` or `checked_units`.
    """

    name: str
    board: str
    files: Mapping[str, str]
    units: tuple[str, ...]
    clean_units: tuple[str, ...]
    checked_units: tuple[str, ...]
    include_dirs: tuple[str, ...]
    linker_script: str

    def sha256(self) -> str:
        """Return a digest of every path and text, independent of where it is written."""
        return files_sha256(self.files)


def files_sha256(files: Mapping[str, str]) -> str:
    """Return a digest of paths and texts."""
    digest = hashlib.sha256()
    for path in sorted(files):
        for part in (path, files[path]):
            raw = part.encode()
            digest.update(len(raw).to_bytes(8, "little"))
            digest.update(raw)
    return digest.hexdigest()
