"""What long work says where nobody looks at a terminal: a stage now and then, in a log."""

from __future__ import annotations

import sys
import time

_QUIET_SECONDS = 20.0


class LogLines:
    """Lines on stderr, one in twenty seconds at most, so that short work says nothing."""

    def __init__(self) -> None:
        self._last = self._began = time.monotonic()

    def tell(self, stage: str) -> None:
        """Tell what is being done, if nothing was told for long."""
        now = time.monotonic()
        if now - self._last >= _QUIET_SECONDS:
            self._last = now
            print(f"tinyrig: {now - self._began:.0f} s: {stage}", file=sys.stderr, flush=True)  # noqa: T201
