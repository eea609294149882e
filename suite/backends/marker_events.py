"""Where the markers are, and what stops at them add up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tinyrig.suite.backends.outcome import REGIONS
from tinyrig.suite.toolchain import Image
from tinyrig.suite.toolchain.segments import bytes_used_at

HALT = "tr_halt"
RETURN = "return"
_MARKERS = ("tr_region_begin", "tr_region_end", "tr_step_begin", "tr_step_end")
_BX_LR = b"\x70\x47"

Event = tuple[str, int, int]
"""A place by name, the instructions executed before it, and the first argument there."""


def marker_places(image: Image) -> dict[int, str]:
    """Return the addresses to stop at: entries and returns of the markers, and the halt."""
    places = {image.address(HALT): HALT}
    for name in _MARKERS:
        symbol = image.symbols.get(name)
        if symbol is None:
            continue
        places[symbol.address] = name
        code = bytes_used_at(image.segments, symbol.address, symbol.size)
        for at in range(0, len(code), 2):
            # A marker of one instruction returns where it begins.
            if code[at : at + 2] == _BX_LR and at:
                places[symbol.address + at] = RETURN
    return places


@dataclass(frozen=True)
class Events:
    """Instructions of each inference, whole and by step, without the markers' own.

    `disorder` is the first marker that was reached when it should not be.
    """

    halted: bool
    executed: int
    regions: tuple[int, ...]
    steps: tuple[tuple[int, ...], ...]
    ended: int
    disorder: str | None = None


def add_up(events: Iterable[Event]) -> Events:
    """Return what events in their order add up to."""
    reader = EventReader()
    for name, executed, argument in events:
        reader.take(name, executed, argument)
    return reader.events()


class EventReader:
    """Adds up instructions between a marker's return and the next marker's entry."""

    def __init__(self) -> None:
        self.halted = False
        self.disorder: str | None = None
        self._executed = 0
        self._regions = [0] * REGIONS
        self._steps: list[dict[int, int]] = [{} for _ in range(REGIONS)]
        self._begun = 0
        self._ended = 0
        self._step: int | None = None
        self._resumed = 0

    def take(self, name: str, executed: int, argument: int) -> None:
        """Account for one event."""
        self._executed = executed
        if name == RETURN:
            self._resumed = executed + 1
            return
        self._add(executed - self._resumed)
        self._resumed = executed + 1  # unless the marker has more than its return
        if not self._expected(name, argument):
            self.disorder = self.disorder or name
        if name == "tr_region_begin":
            self._begun += 1
        elif name == "tr_region_end":
            self._ended += 1
        elif name == "tr_step_begin" and self._running:
            self._step = argument
        elif name == "tr_step_end":
            self._step = None
        elif name == HALT:
            self.halted = True

    def events(self) -> Events:
        """Return what the events so far add up to."""
        count = max((step + 1 for row in self._steps for step in row), default=0)
        return Events(
            halted=self.halted,
            executed=self._executed,
            regions=tuple(self._regions),
            steps=tuple(tuple(row.get(step, 0) for step in range(count)) for row in self._steps),
            ended=self._ended,
            disorder=self.disorder,
        )

    @property
    def _running(self) -> bool:
        return self._begun != self._ended and self._begun <= REGIONS

    def _expected(self, name: str, argument: int) -> bool:
        if name == "tr_region_begin":
            return self._begun == self._ended < REGIONS
        if name in ("tr_region_end", "tr_step_begin"):
            return self._running and self._step is None
        return name == HALT or self._step == argument

    def _add(self, count: int) -> None:
        if not self._running:
            return
        self._regions[self._begun - 1] += count
        if self._step is not None:
            row = self._steps[self._begun - 1]
            row[self._step] = row.get(self._step, 0) + count
