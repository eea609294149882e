"""The command `tinyrig`."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from suite.interrupts import is_interrupt, leave_now, repeat_lost_signals

_INTERRUPTED = 130
_TERMINATED = 143
_DEBUG = "--debug"


def main() -> None:
    """Run the command line and exit with the code the outcome stands for.

    The application is imported here, so that an interrupt is answered from the start.
    """
    debug = _DEBUG in sys.argv
    try:
        signal.signal(signal.SIGTERM, _leave)
        repeat_lost_signals()
        from suite.cli.app import execute

        code = execute([word for word in sys.argv[1:] if word != _DEBUG], debug=debug)
    except BaseException as error:
        if not is_interrupt(error):
            raise
        code = _INTERRUPTED
    # The outcome stands: all that is left to interrupt is Python taking itself down.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if code == _INTERRUPTED:
        sys.stderr.write("tinyrig: interrupted; nothing was left half-written.\n")
        leave_now(code)
    sys.exit(code)


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Leave the way an error does, so that no emulator is left running."""
    raise SystemExit(_TERMINATED)
