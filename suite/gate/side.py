"""One side of a comparison: a job's checked firmware, its code and where its cycles went."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from tinyrig.suite.bench.evidence import BlockCost, Evidence
from tinyrig.suite.bench.folder import Result
from tinyrig.suite.gate.listing import Listing, list_routine
from tinyrig.suite.gate.symbols import Routine, Symbols, read_symbols
from tinyrig.suite.records.record import Record
from tinyrig.suite.toolchain.image import Image

GLUE = "between layers"
"""What the code outside every layer is called."""

RoutineKey = tuple[str, str]
"""A function by its name and the file it was compiled from: static ones may share a name."""

CellKey = tuple[str, RoutineKey]
"""A layer's name and a function."""


@dataclass(frozen=True)
class Cell:
    """What a function did for a layer: executed instructions, block entries, modelled cycles."""

    instructions: int = 0
    entries: int = 0
    cycles: float = 0.0


class Side:
    """The results of one job with its firmware read; each part on first use."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self._listings: dict[RoutineKey, tuple[Listing, ...]] = {}
        self._offsets: dict[Routine, list[int]] = {}

    @property
    def record(self) -> Record:
        """The job's Record."""
        return self.result.record

    @property
    def evidence(self) -> Evidence:
        """The job's evidence."""
        return self.result.evidence

    @cached_property
    def image(self) -> Image:
        """The checked ELF, which the blocks belong to."""
        return self.result.image(checked=True)

    @cached_property
    def symbols(self) -> Symbols:
        """The symbols of the checked ELF."""
        return read_symbols(self.image)

    @cached_property
    def product(self) -> Symbols:
        """The symbols of the clean ELF, which the sizes belong to."""
        return read_symbols(self.result.image(checked=False))

    @cached_property
    def routines(self) -> Mapping[RoutineKey, tuple[Routine, ...]]:
        """The functions by name and file."""
        found: dict[RoutineKey, tuple[Routine, ...]] = {}
        for routine in self.symbols.routines:
            key = (routine.name, routine.file)
            found[key] = (*found.get(key, ()), routine)
        return found

    def listings(self, key: RoutineKey) -> tuple[Listing, ...]:
        """Return the listings of a function; none when the firmware lacks it."""
        if key not in self._listings:
            self._listings[key] = tuple(
                list_routine(self.image, self.symbols, routine)
                for routine in self.routines.get(key, ())
            )
        return self._listings[key]

    def layer(self, step: int | None) -> str:
        """Return the name of a layer."""
        return GLUE if step is None else self.evidence.layers[step]

    def kernel(self, layer: str) -> str | None:
        """Return the kernel of a layer; None for the code between layers."""
        named = zip(self.evidence.layers, self.evidence.kernels, strict=True)
        return next((kernel for name, kernel in named if name == layer), None)

    def routine_at(self, address: int) -> Routine | None:
        """Return the function that holds an address."""
        found = self.symbols.routines
        at = bisect.bisect_right(found, address, key=lambda routine: routine.address)
        if at and address < found[at - 1].address + found[at - 1].size:
            return found[at - 1]
        return None

    def key_of(self, block: BlockCost) -> RoutineKey:
        """Return the function of a block."""
        routine = self.routine_at(block.address)
        return (block.function, "") if routine is None else (routine.name, routine.file)

    @cached_property
    def blocks(self) -> Mapping[RoutineKey, tuple[BlockCost, ...]]:
        """The executed blocks by function."""
        found: dict[RoutineKey, list[BlockCost]] = {}
        for block in self.evidence.blocks:
            found.setdefault(self.key_of(block), []).append(block)
        return {key: tuple(blocks) for key, blocks in found.items()}

    @cached_property
    def cells(self) -> Mapping[CellKey, Cell]:
        """What each function did for each layer."""
        found: dict[CellKey, Cell] = {}
        for key, blocks in self.blocks.items():
            for block in blocks:
                cell = found.get((self.layer(block.step), key), Cell())
                found[self.layer(block.step), key] = Cell(
                    cell.instructions + block.count * self._instructions(key, block),
                    cell.entries + block.count,
                    cell.cycles + (block.cycles or 0.0),
                )
        return found

    def unit(self, key: RoutineKey) -> str | None:
        """Return the path of the file a function was compiled from, None when it is unknown."""
        paths = (source.path for source in self.evidence.sources)
        return next((path for path in paths if PurePosixPath(path).name == key[1]), None)

    def _instructions(self, key: RoutineKey, block: BlockCost) -> int:
        """Return how many instructions a block holds."""
        for listing in self.listings(key):
            start = block.address - listing.routine.address
            if 0 <= start < listing.routine.size:
                offsets = self._offsets.setdefault(
                    listing.routine, [line.offset for line in listing.instructions]
                )
                end = bisect.bisect_left(offsets, start + block.size)
                return end - bisect.bisect_left(offsets, start)
        return 0
