"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from generator.errors import InputError


def check_writable(path: Path) -> None:
    """Raise InputError when `write_atomic` could not write `path`; leaves nothing behind."""
    if path.is_dir():
        raise InputError(f"Cannot write {path}: it is a folder; name a file.")
    if not path.parent.is_dir():
        raise InputError(f"Cannot write {path}: its folder does not exist.")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise InputError(f"Cannot write {path}: {error.strerror}.") from error


def check_folder(path: Path) -> None:
    """Make a folder and its parents; InputError when files could not be written in it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise InputError(f"Cannot write into {path}: {error.strerror}.") from error


def write_atomic(path: Path, content: bytes) -> None:
    """Write `content` to `path` through a temporary file beside it.

    A reader sees the old file or the new one, never a part. Raises InputError when the folder
    is missing or cannot be written.
    """
    with Staged(path, content) as staged:
        staged.place()


class Staged:
    """Content on disk beside the file it is to become; without `place` it vanishes again.

    Of several files none is changed while one may still not find room. InputError when the
    folder is missing or cannot be written.
    """

    def __init__(self, path: Path, content: bytes) -> None:
        self._path = path
        self._temporary: Path | None = None
        try:
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            self._temporary = Path(name)
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            self._temporary.chmod(0o644)
        except OSError as error:
            self.drop()
            raise self._unwritable(error) from error
        except BaseException:
            self.drop()
            raise

    def place(self) -> None:
        """Replace the file, in one step."""
        assert self._temporary is not None
        try:
            self._temporary.replace(self._path)
        except OSError as error:
            raise self._unwritable(error) from error
        self._temporary = None

    def drop(self) -> None:
        """Remove what was not placed."""
        if self._temporary is not None:
            self._temporary.unlink(missing_ok=True)

    def __enter__(self) -> Staged:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    def _unwritable(self, error: OSError) -> InputError:
        return InputError(f"Cannot write {self._path}: {error.strerror}.")
