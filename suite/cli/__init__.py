"""The command `tinyrig`."""

from __future__ import annotations

import signal
import sys
from types import FrameType

from suite.cli.interrupts import is_interrupt

_INTERRUPTED = 130
_TERMINATED = 143
_DEBUG = "--debug"


def main() -> None:
    """Run the command line and exit with the code the outcome stands for.

    The application is imported here, so that an interrupt is answered from the start.
    """
    debug = _DEBUG in sys.argv
    signal.signal(signal.SIGTERM, _leave)
    try:
        from suite.cli.app import execute

        code = execute([word for word in sys.argv[1:] if word != _DEBUG], debug=debug)
    except BaseException as error:
        if not is_interrupt(error):
            raise
        code = _INTERRUPTED
    if code == _INTERRUPTED:
        sys.stderr.write("tinyrig: interrupted; nothing was left half-written.\n")
    sys.exit(code)


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Leave the way an error does, so that no emulator is left running."""
    raise SystemExit(_TERMINATED)
