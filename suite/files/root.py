"""The one folder the rig keeps things in, and whom it may be of."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import shutil
import tempfile
from pathlib import Path

import platformdirs

from tinyrig.generator.errors import InputError

VARIABLE = "TINYRIG_CACHE"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NO_FOLDER = (errno.ELOOP, errno.ENOTDIR)
EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
"""What says nothing about a file."""

log = logging.getLogger("tinyrig")


def cache_root() -> Path:
    """Return the cache folder: $TINYRIG_CACHE, else the platform's for `tinyrig`.

    A user without a home gets one below the folder for temporary files.
    """
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen).absolute()
    with contextlib.suppress(RuntimeError):  # so say some versions; others leave the `~`
        found = Path(platformdirs.user_cache_dir("tinyrig", appauthor=False))
        if found.is_absolute():
            return found
    return Path(tempfile.gettempdir()).absolute() / f"tinyrig-{os.geteuid()}"


def cache_folder(*names: str) -> Path:
    """Make a folder below the root and return it; InputError as in `open_folder`."""
    os.close(open_folder(names))
    return cache_root().joinpath(*names)


def open_folder(names: tuple[str, ...], *, make: bool = True) -> int:
    """Return a descriptor of a folder below the root, which the caller closes.

    What is no folder there, a link above all, is removed. FileNotFoundError when the folder is
    not there and not to be made. InputError when it cannot be used, or the root or a folder on
    the way belongs to another user than this one and root.
    """
    path = cache_root()
    try:
        if make:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, _FOLDER)
        try:
            _check_owner(path, handle)
            for name in names:
                path /= name
                below = _below(path, handle, make=make)
                os.close(handle)
                handle = below
                _check_owner(path, handle)
        except BaseException:
            os.close(handle)
            raise
    except FileNotFoundError as error:
        if not make:
            raise
        raise unusable(path, error) from error
    except OSError as error:
        raise unusable(path, error) from error
    return handle


def is_ours(status: os.stat_result) -> bool:
    """Whether a file is of this user or of root, whom one has to trust."""
    return status.st_uid in (os.geteuid(), 0)


def remove(folder: int, name: str) -> None:
    """Remove a file, a link or a whole folder from an open folder; FileNotFoundError if gone."""
    try:
        os.unlink(name, dir_fd=folder)
    except (IsADirectoryError, PermissionError):  # POSIX says EPERM for a folder
        shutil.rmtree(name, dir_fd=folder)


def unusable(path: Path, error: OSError) -> InputError:
    """Return the error of a cache that cannot be read or written, for an error that says so."""
    if error.errno in EXHAUSTED:
        raise error
    return _refused(path, error.strerror or str(error))


def _refused(path: Path, reason: str) -> InputError:
    return InputError(
        f"Cannot use the cache {path}: {reason}. "
        f"Set {VARIABLE} to a writable directory of your own."
    )


def _check_owner(path: Path, handle: int) -> None:
    status = os.fstat(handle)
    if not is_ours(status):
        raise _refused(path, f"it belongs to another user, {status.st_uid}")


def _below(path: Path, parent: int, *, make: bool) -> int:
    try:
        return os.open(path.name, _FOLDER | os.O_NOFOLLOW, dir_fd=parent)
    except FileNotFoundError:
        if not make:
            raise
    except OSError as error:
        if error.errno not in _NO_FOLDER:
            raise
        log.warning("%s in the cache is no folder; it is made anew.", path)
        remove(parent, path.name)
        if not make:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from error
    with contextlib.suppress(FileExistsError):  # another process was faster
        os.mkdir(path.name, dir_fd=parent)
    return os.open(path.name, _FOLDER | os.O_NOFOLLOW, dir_fd=parent)
