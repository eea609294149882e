"""One run a probe: a lock file that tells who holds it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tinyrig.generator.errors import BrokenRunError

_POLL_SECONDS = 0.1


def lock_path(unique_id: str) -> Path:
    """Return the lock file of a probe, one for all users of this machine."""
    return Path(tempfile.gettempdir()) / f"tinyrig-probe-{re.sub(r'[^A-Za-z0-9]', '_', unique_id)}"


@contextlib.contextmanager
def probe_lock(unique_id: str, *, wait: float) -> Iterator[None]:
    """Hold a probe alone, waiting up to `wait` seconds for whoever has it.

    BrokenRunError names the holder when the time ends. The system frees the lock of a run that
    dies.
    """
    path = lock_path(unique_id)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        number = os.open(path, flags, 0o666)
    except OSError as error:
        raise BrokenRunError(f"Cannot open the lock {path}: {error.strerror}.") from error
    with os.fdopen(number, "r+", encoding="utf-8") as file:
        deadline = time.monotonic() + wait
        while not _taken(number):
            if time.monotonic() > deadline:
                holder = file.read(200).strip() or "another run"
                raise BrokenRunError(f"The debug probe {unique_id} is in use by {holder}.")
            time.sleep(_POLL_SECONDS)
        file.truncate(0)
        file.write(f"process {os.getpid()}: {shlex.join(sys.argv)[:150]}")
        file.flush()
        yield


def _taken(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
