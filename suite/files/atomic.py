"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from tinyrig.generator.errors import InputError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_MOST_NAME = 200


def check_writable(*paths: Path | None) -> None:
    """Raise InputError when `write_atomic` could not write one that is wanted; leaves nothing."""
    for path in paths:
        if path is not None:
            _check_writable(path)


def _check_writable(path: Path) -> None:
    _refuse_special(path)
    if not path.parent.is_dir():
        raise InputError(f"Cannot write {path}: its folder does not exist.")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise InputError(f"Cannot write {path}: {error.strerror}.") from error


def _refuse_special(path: Path) -> None:
    """Refuse what a file must not take the place of: a folder, a device, a pipe."""
    if path.is_dir():
        raise InputError(f"Cannot write {path}: it is a folder; name a file.")
    if path.exists() and not path.is_file():
        raise InputError(f"Cannot write {path}: it is a device or a pipe; name a file.")


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


def sync_folder(path: Path) -> None:
    """Bring what a folder names onto the disk, where its file system can."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def beside(path: Path) -> Path:
    """Return a hidden path beside another that nobody has yet, its name none too long either."""
    begin = os.fsdecode(os.fsencode(path.name)[:_MOST_NAME])
    return path.parent / f".{begin}.{secrets.token_hex(8)}"


class Staged:
    """Content on disk beside the file it is to become; without `place` it vanishes again.

    Of several files none is changed while one may still not find room. InputError when the
    folder is missing or cannot be written.
    """

    def __init__(self, path: Path, content: bytes) -> None:
        self._path = path
        self._temporary: Path | None = None
        try:
            _refuse_special(path)
            fresh = beside(path)
            handle = os.open(fresh, _NEW, 0o666)  # less what the umask takes
            self._temporary = fresh
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
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
            sync_folder(self._path.parent)
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
