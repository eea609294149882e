"""Files nobody vouches for, as bytes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tinyrig.generator.errors import InputError

TFLITE_SUFFIX = ".tflite"
TFLITE_MARK = b"TFL3"
"""What stands behind the first four bytes of a TensorFlow Lite file."""
MODEL_SUFFIXES = (".onnx", TFLITE_SUFFIX)
"""How the names of model files end."""
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_KINDS = {
    stat.S_IFDIR: "it is a folder",
    stat.S_IFIFO: "it is a pipe",
    stat.S_IFCHR: "it is a device",
    stat.S_IFBLK: "it is a device",
    stat.S_IFSOCK: "it is a socket",
}


def read_file(path: Path, what: str, max_bytes: int) -> bytes:
    """Return a regular file's bytes, at most `max_bytes`; `what` it should be names it in errors.

    Never waits: a pipe or a device is refused unread. InputError when it is missing, of another
    kind, larger, or cannot be read.
    """
    handle = open_file(path, what, max_bytes)
    try:
        with os.fdopen(handle, "rb") as stream:
            content = stream.read(max_bytes + 1)
    except OSError as error:
        raise unreadable(path, what, error.strerror or str(error)) from error
    if len(content) > max_bytes:  # it grew, or is one that has no size
        raise unreadable(path, what, f"it has more than {max_bytes} bytes")
    if content.startswith(_LFS_POINTER):
        raise unreadable(
            path, what, "it is a Git LFS pointer, whose content was not fetched; git lfs pull does"
        )
    return content


def open_file(path: Path, what: str, max_bytes: int) -> int:
    """Return the descriptor of a regular file of at most `max_bytes`; InputError as `read_file`."""
    try:
        # Opening a device may already do something.
        _check(path, what, path.stat(), max_bytes)
        # It may have become a pipe since: opened so, even that does not wait.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise unreadable(path, what, "it does not exist") from error
    except OSError as error:
        raise unreadable(path, what, error.strerror or str(error)) from error
    except ValueError as error:
        raise unreadable(path, what, "that is no file name") from error
    try:
        _check(path, what, os.fstat(handle), max_bytes)
    except BaseException:
        os.close(handle)
        raise
    return handle


def unreadable(path: Path, what: str, reason: str) -> InputError:
    """Return the error of a file that cannot be used, for a reason."""
    return InputError(f"Cannot read {what} {path}: {reason}.")


def _check(path: Path, what: str, status: os.stat_result, max_bytes: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "it is no file")
        raise unreadable(path, what, f"{kind}; a regular file is needed")
    if status.st_size > max_bytes:
        raise unreadable(path, what, f"it has {status.st_size} bytes; the limit is {max_bytes}")
