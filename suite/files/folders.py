"""Folders that are written whole or not at all."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tinyrig.generator.errors import InputError
from tinyrig.suite.files.atomic import beside, sync_folder

_HERE = -100
"""AT_FDCWD: paths are those of this process."""
_RENAME_EXCHANGE = 2


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
        fresh = beside(path.absolute())
        fresh.mkdir()
        for name, content in files.items():
            target = fresh / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        _swap(fresh, path.absolute())
        sync_folder(path.absolute().parent)
    except OSError as error:
        raise InputError(f"Cannot write {path}: {error.strerror}.") from error
    finally:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, output: Path) -> None:
    """Put a folder in the place of another; the one that must go has the fresh one's name then."""
    if not output.exists():
        fresh.replace(output)
        return
    if _exchange(fresh, output):
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


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; False where the system or its file system cannot.

    Python has no name for Linux's renameat2(2), without which a kill between two renames would
    leave no folder at all.
    """
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_HERE, bytes(one), _HERE, bytes(other), _RENAME_EXCHANGE) == 0:
        return True
    failed = ctypes.get_errno()
    if failed in (errno.ENOSYS, errno.EINVAL):
        return False
    raise OSError(failed, os.strerror(failed), str(other))
