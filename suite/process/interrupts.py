"""Interrupts: what becomes of SIGINT."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

_SIGNALS = {KeyboardInterrupt: signal.SIGINT, SystemExit: signal.SIGTERM}
_SOON = 0.01
"""Seconds."""


@contextmanager
def held() -> Iterator[None]:
    """Hold an interrupt back until the body is done; for a body that is short and must be whole."""
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if ignored or threading.current_thread() is not threading.main_thread():
        yield
        return
    pending: list[int] = []

    def keep(number: int, _: FrameType | None) -> None:
        pending.append(number)

    before = signal.signal(signal.SIGINT, keep)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pending:
        raise KeyboardInterrupt


def repeat_lost_signals() -> None:
    """Let a signal to end come again when it fell into a callback, where Python drops errors.

    For SIGINT that raises KeyboardInterrupt and SIGTERM that raises SystemExit.
    """
    sys.unraisablehook = _repeat_if_signal


def _repeat_if_signal(dropped: sys.UnraisableHookArgs, /) -> None:
    number = _SIGNALS.get(dropped.exc_type)
    if number is None:
        sys.__unraisablehook__(dropped)
        return
    # By then the callback is over.
    again = threading.Timer(_SOON, os.kill, (os.getpid(), number))
    again.daemon = True
    again.start()


def leave_now(code: int) -> NoReturn:
    """End this process, all being done, without unloading modules that were cut off loading.

    Some native libraries do not bear that, and would end it by a signal.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # nobody reads it any more
            stream.flush()
    os._exit(code)


def is_interrupt(error: BaseException) -> bool:
    """Whether an error comes of an interrupt: a module cut off while loading fails to import."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, KeyboardInterrupt):
            return True
        link = link.__cause__ or link.__context__
    return False
