"""The time that a search may take, over all its runs, and how it is shared out."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tinyrig.generator.errors import InputError
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.files.json_text import load_json

SUPERNETS, TRIALS, PROOF = 0.35, 0.6, 0.95
"""Shares of the time after which supernets, trials and everything are done."""

_KEEP_EVERY_S = 2.0


class Budget:
    """Seconds that may be spent, None for as many as it takes; what is spent is kept in a file."""

    def __init__(self, path: Path, seconds: float | None) -> None:
        self._path, self.seconds = path, seconds
        self._before = _spent(path)
        self._begin = self._kept = time.monotonic()

    @property
    def spent(self) -> float:
        """Seconds of this run and of those before it."""
        return self._before + time.monotonic() - self._begin

    def left(self, share: float) -> float:
        """Return the seconds until a share of the time is spent."""
        return float("inf") if self.seconds is None else share * self.seconds - self.spent

    def late(self, share: float, kept: float = 0.0) -> bool:
        """Whether a share of the time is spent but for the seconds that are kept for the rest."""
        return self.left(share) < kept

    def keep(self) -> None:
        """Write down what is spent, now and then."""
        now = time.monotonic()
        if self.seconds is not None and now - self._kept > _KEEP_EVERY_S:
            self._kept = now
            write_atomic(self._path, json.dumps({"seconds": self.spent}).encode())


def _spent(path: Path) -> float:
    if not path.is_file():
        return 0.0
    _, kept = load_json(path, "time spent")
    seconds = kept.get("seconds") if isinstance(kept, dict) else None
    if not isinstance(seconds, int | float):
        raise InputError(f"{path} says no time: name an empty folder.")
    return float(seconds)
