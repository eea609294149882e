"""The standard output, which may be full, closed or read by nobody."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterator

from tinyrig.generator.errors import InputError

_NOBODY_READS = 141
"""What a shell says of a program that a broken pipe ended."""
_STDOUT = 1


class _Output(io.TextIOWrapper):
    """Text to a stream that keeps why it takes no more; names that are no text are escaped."""

    lost: OSError | None = None

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self.lost = error
            raise

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self.lost = error
            raise


def watch_output() -> None:
    """From now on, keep why the standard output takes no more."""
    stdout = sys.stdout
    if isinstance(stdout, io.TextIOWrapper) and not isinstance(stdout, _Output):
        sys.stdout = _Output(
            os.fdopen(stdout.fileno(), "wb", closefd=False),
            encoding=stdout.encoding,
            errors="backslashreplace",
            line_buffering=stdout.isatty(),
        )


def output_error() -> OSError | None:
    """Return why the standard output takes no more, None while it does."""
    return sys.stdout.lost if isinstance(sys.stdout, _Output) else None


def end_output(code: int) -> tuple[int, InputError | None]:
    """Flush the standard output; return the exit code, and what to tell if the answer is lost."""
    with contextlib.suppress(OSError):
        if isinstance(sys.stdout, _Output):
            sys.stdout.flush()
    error = output_error()
    if error is None:
        return code, None
    # What cannot be written would be tried again, and complained of, at Python's end.
    _send_nowhere(sys.stdout.fileno())
    if error.errno == errno.EPIPE:
        return code or _NOBODY_READS, None
    lost = InputError(f"Cannot write the answer to the standard output: {error.strerror}.")
    return code or lost.exit_code, lost


@contextlib.contextmanager
def silent_output() -> Iterator[None]:
    """Let nobody see what compiled libraries write to the process's standard output meanwhile."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    try:
        kept = os.dup(_STDOUT)
    except OSError:  # it is closed: nobody sees it anyway
        yield
        return
    try:
        _send_nowhere(_STDOUT)
        yield
    finally:
        os.dup2(kept, _STDOUT)
        os.close(kept)


def _send_nowhere(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
