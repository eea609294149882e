"""Folders that are written whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from generator.errors import InputError


def check_replaceable(path: Path, mark: str) -> None:
    """Raise InputError unless `path` is free for a folder of ours, or is one: it holds `mark`."""
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is not a folder.")
    if path.is_dir() and any(path.iterdir()) and not (path / mark).is_file():
        raise InputError(
            f"{path} holds files that tinyrig did not write; name an empty or a new folder."
        )
    if not path.absolute().parent.is_dir():
        raise InputError(f"Cannot write {path}: {path.absolute().parent} does not exist.")


def write_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Write files, by their path in the folder, to a new folder that then takes `path`'s place.

    Raises InputError when it cannot be written; `path` is then as it was.
    """
    fresh: Path | None = None
    try:
        fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.absolute().parent))
        for name, content in files.items():
            target = fresh / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        fresh.chmod(0o755)
        _swap(fresh, path.absolute())
    except OSError as error:
        raise InputError(f"Cannot write {path}: {error.strerror}.") from error
    finally:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, output: Path) -> None:
    """Put a folder in the place of another, which is removed only once the new one is there."""
    if not output.exists():
        fresh.replace(output)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{output.name}.old.", dir=output.parent))
    try:
        output.replace(old)
        try:
            fresh.replace(output)
        except OSError:
            old.replace(output)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
