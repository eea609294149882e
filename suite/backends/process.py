"""An emulator as a child process that never outlives its run."""

from __future__ import annotations

import contextlib
import enum
import math
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyrig.generator.errors import MissingToolError

_POLL_SECONDS = 0.01
_LIMIT = 'ulimit -S -t "$0" && exec "$@"'
_OUT_OF_TIME = (-signal.SIGXCPU, 128 + signal.SIGXCPU)
"""How a child ends that used up its processor time: itself, and as a shell passes it on."""

_GUARD = 'read -r _ || { kill -9 "-$1"; rm -rf -- "$2"; }'


class Ending(enum.Enum):
    """Why a child is gone."""

    EXITED = "exited"
    DONE = "done"
    TIMEOUT = "timeout"


@dataclass(frozen=True)
class Finished:
    """How a child ended; `code` is its exit code, negative for a signal, and of no meaning
    when we ended it."""

    ending: Ending
    code: int
    messages: str

    def tail(self, lines: int = 12) -> str:
        """Return the last lines it said."""
        return "\n".join(self.messages.strip().splitlines()[-lines:])


def run_until(
    command: Sequence[str],
    folder: Path,
    *,
    seconds: float,
    done: Callable[[], bool],
    environment: Mapping[str, str] | None = None,
    busy_seconds: float | None = None,
) -> Finished:
    """Run a command in a folder until it exits, `done` says so or `seconds` of time passed.

    So do `busy_seconds` of processor time, in which another's work does not count.
    It and its children are then killed: nothing is left running, whatever is raised. When this
    process is killed itself, they are too, and the folder goes. MissingToolError when the command
    cannot be started.
    """
    log = folder / "messages.txt"
    with log.open("wb") as stream:
        try:
            child = subprocess.Popen(
                _bounded(command, busy_seconds),
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise MissingToolError(f"Cannot start {command[0]}: {error.strerror}.") from error
    try:
        with _guarded(child, folder):
            ending = _wait(child, time.monotonic() + seconds, done)
    finally:
        _end(child)
    if busy_seconds is not None and child.returncode in _OUT_OF_TIME:
        ending = Ending.TIMEOUT
    return Finished(ending, child.returncode, log.read_text(encoding="utf-8", errors="replace"))


def _bounded(command: Sequence[str], busy_seconds: float | None) -> Sequence[str]:
    """Return a command the system ends, it and each of its children, after that much work."""
    if busy_seconds is None:
        return command
    return ("sh", "-c", _LIMIT, str(math.ceil(busy_seconds)), *command)


@contextlib.contextmanager
def _guarded(child: subprocess.Popen[bytes], folder: Path) -> Iterator[None]:
    """Have a child's group killed and its folder removed should this process be killed meanwhile.

    A shell waits at a pipe for the word that all is well; without a writer it ends without one.
    """
    words = ("sh", "-c", _GUARD, "guard", str(child.pid), str(folder))
    guard = subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield
    finally:
        with contextlib.suppress(BrokenPipeError):
            guard.communicate(b"well\n")


def _wait(child: subprocess.Popen[bytes], deadline: float, done: Callable[[], bool]) -> Ending:
    while True:
        try:
            child.wait(_POLL_SECONDS)
            return Ending.EXITED
        except subprocess.TimeoutExpired:
            if done():
                return Ending.DONE
            if time.monotonic() > deadline:
                return Ending.TIMEOUT


def _end(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):  # it ended with all of its children
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
