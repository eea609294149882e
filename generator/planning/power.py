"""What a board draws while it computes, as somebody measured or published it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import with_config

from tinyrig.generator.settings import Text, Word

PowerKind = Literal["measured", "paper", "datasheet"]


@with_config(extra="forbid")
@dataclass(frozen=True)
class Power:
    """Milliwatts at a clock. `spread_percent` is by how much the source's own figures differ.

    None where one figure is all there is: its error is then not known.
    """

    clock_mhz: Word
    milliwatts: float
    kind: PowerKind
    source: Text
    spread_percent: float | None = None

    def problems(self) -> list[str]:
        """Return what cannot be."""
        good = self.clock_mhz > 0 and self.milliwatts > 0 and (self.spread_percent or 0) >= 0
        return [] if good else ["power needs a clock, milliwatts and a spread above 0"]

    def at(self, clock_mhz: float) -> float:
        """Return the milliwatts at another clock: those of a megahertz are taken as they are."""
        return self.milliwatts * clock_mhz / self.clock_mhz
