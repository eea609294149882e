"""One process at a time: another waits."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tinyrig.suite.files.root import cache_folder, unusable


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file, which is made where there is none; OSError when it cannot be opened."""
    with path.open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Wait while a lock file is held, and keep it from being held; nothing where there is none."""
    with ExitStack() as held:
        with suppress(OSError):
            lock = held.enter_context(path.open("rb"))
            fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextmanager
def locked_folder(*names: str) -> Iterator[Path]:
    """Make a folder of the cache and yield it, held by a lock beside it; InputError if unusable."""
    folder = cache_folder(*names)
    with ExitStack() as held:
        try:
            held.enter_context(locked(folder.parent / f".{folder.name}.lock"))
        except OSError as error:
            raise unusable(folder, error) from error
        yield folder
