"""What an error becomes: one paragraph on stderr and an exit code, never a traceback unasked."""

from __future__ import annotations

import contextlib
import errno
import shlex
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tinyrig.generator.errors import (
    BrokenRunError,
    InputError,
    InternalError,
    MissingToolError,
    TinyrigError,
    WrongOutputError,
)
from tinyrig.suite.process.interrupts import is_interrupt, leave_now, repeat_lost_signals
from tinyrig.suite.process.output import end_output, output_error, watch_output

DEBUG = "--debug"
INTERRUPTED = 130
_KILLED = 128
"""And a signal's number: what a shell says of a program that the signal ended."""
_HERE = Path(__file__).resolve().parents[2]
_OURS = ("generator", "suite")
_MOST_WORDS = 400
_NOT_ALLOWED = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS)
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EIO)


@contextmanager
def doing(what: Callable[[], str]) -> Iterator[None]:
    """Let an error of the body carry what was being done, for `failure` to tell."""
    try:
        yield
    except Exception as error:
        if words := what():
            error.add_note(words)
        raise


def failure(error: BaseException, program: str) -> TinyrigError:
    """Return any error as one of ours: itself, what the machine lacks, or an internal error."""
    if isinstance(error, TinyrigError):
        return error
    notes = getattr(error, "__notes__", ())
    during = f"`{program}`" + (f" ({'; '.join(reversed(notes))})" if notes else "")
    if isinstance(error, MemoryError):
        return BrokenRunError(f"There is not enough memory for {during}.")
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] != "tinyrig":
        return MissingToolError(
            f"The Python package {error.name} is not installed. Install tinyrig anew with: "
            "pip install --force-reinstall tinyrig"
        )
    if isinstance(error, OSError) and error.errno in (*_NOT_ALLOWED, *_EXHAUSTED):
        kind = InputError if error.errno in _NOT_ALLOWED else BrokenRunError
        where = "" if error.filename is None else f" {error.filename}"
        return kind(f"The system refused{where} to {during}: {error.strerror}.")
    said = " ".join(f"{type(error).__name__}: {error}".split())
    told = said.rstrip(".") if len(said) <= _MOST_WORDS else f"{said[:_MOST_WORDS]}..."
    return InternalError(
        f"Internal error in {during}: {told}{_place(error)}. This is a defect of "
        "Tinyrig, not of what it was given. Please report it as an issue, with this line, the "
        f"input, and what the same command says with {DEBUG}."
    )


def tell(error: BaseException, program: str, *, debug: bool) -> int:
    """Say on stderr what an error means, and return its exit code."""
    found = failure(error, program)
    with contextlib.suppress(OSError, ValueError, AttributeError):  # nobody can be told
        if debug:
            sys.stderr.write("".join(traceback.format_exception(error)))
        sys.stderr.write(f"tinyrig: {found}\n")
        sys.stderr.flush()
    return found.exit_code


def guarded(program: str, work: Callable[[list[str]], int | None]) -> None:
    """Run a program of this process's arguments to its end, and exit with its code.

    `work` takes the arguments without `--debug`, which adds the traceback of an error.
    """
    debug = DEBUG in sys.argv
    sys.argv[1:] = [word for word in sys.argv[1:] if word != DEBUG]
    line = command_line(program, sys.argv[1:])
    try:
        signal.signal(signal.SIGTERM, _leave)
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # else nohup holds it off
            signal.signal(signal.SIGHUP, _leave)
        repeat_lost_signals()
        watch_output()
        _check_place()
        code = work(sys.argv[1:]) or 0
    except BaseException as error:  # noqa: BLE001 - here every error becomes a code
        if is_interrupt(error):
            code = INTERRUPTED
        elif output_error() is not None:
            code = 0  # told below
        elif isinstance(error, SystemExit):
            code = _exit_code(error)
        else:
            code = tell(error, line, debug=debug)
    # The outcome stands: all that is left to interrupt is Python taking itself down.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if code == INTERRUPTED:
        sys.stderr.write("tinyrig: interrupted; nothing was left half-written.\n")
        leave_now(code)
    code, lost = end_output(code)
    if lost is not None:
        tell(lost, line, debug=False)
    sys.exit(code)


def command_line(program: str, words: Sequence[str]) -> str:
    """Return a command as it was typed, on one line."""
    return " ".join(shlex.join((program, *words)).split())


def _leave(number: int, _frame: FrameType | None) -> None:
    """Leave the way an error does, so that no emulator is left running."""
    raise SystemExit(_KILLED + number)


def _exit_code(end: SystemExit) -> int:
    if isinstance(end.code, int):
        return end.code
    if end.code is not None:
        sys.stderr.write(f"{end.code}\n")
        return WrongOutputError.exit_code
    return 0


def _check_place() -> None:
    try:
        Path.cwd()
    except FileNotFoundError as error:
        raise InputError(
            "The working directory does not exist any more; change to one that does."
        ) from error


def _place(error: BaseException) -> str:
    """Say at which line of ours an error was raised, or the innermost one it passed."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        path = Path(frame.filename).resolve()
        if path.is_relative_to(_HERE) and path.relative_to(_HERE).parts[0] in _OURS:
            return f", at {path.relative_to(_HERE).as_posix()}:{frame.lineno} in {frame.name}"
    return ""
