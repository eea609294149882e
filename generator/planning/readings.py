"""How often a call reads its weights from flash, and what the core waits for them.

A kernel multiplies a tile of rows with each column of weights, so every tile streams all weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.expression import evaluate
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS

_TILE_ROWS = 3
"""Rows of an input that one reading of streamed weights serves (arm/weight_stream.h)."""

_SPARSE_SUMS = 6
"""Rows by channels of one block that a reading of sparse weights serves (arm/sparse_frame.h)."""

_BYTES_A_WEIGHT = {
    "stream4": 0.5,
    "stream8": 1.0,
    "stream16": 2.0,
    "winograd": 32 / 9,
    "quads16": 2.0,
    "longquads16": 2.0,
}
"""Streamed weights, by how they are packed."""

_ROWS = {"winograd": 4 * _TILE_ROWS, "quads16": 2, "longquads16": 2}
"""Rows that one reading serves where they are not those of a tile: of Winograd's, tiles of four."""

_A_CELL = ("taps16",)
"""Weights that are read for every output cell (arm/depthwise_taps.h)."""


@dataclass(frozen=True)
class FlashLines:
    """Lines of the flash that weights lie in: bytes, core cycles, and the cache's sets and ways."""

    size: int
    wait: int
    sets: int
    ways: int

    @property
    def cache(self) -> int:
        """Bytes that the cache keeps."""
        return self.size * self.sets * self.ways

    def once(self, constants: int) -> int:
        """Return the cycles that one reading of so many bytes waits."""
        return -(-constants // self.size) * self.wait

    def again(self, constants: int) -> int:
        """Return what a further reading waits: sets with more lines than ways have lost them."""
        lines = -(-constants // self.size)
        if not self.cache:
            return lines * self.wait
        each, fuller = divmod(lines, self.sets)
        lost = fuller * (each + 1) * (each >= self.ways)
        return (lost + (self.sets - fuller) * each * (each > self.ways)) * self.wait

    def waits(
        self, constants: int, calls: int, together: int, readings: float, executions: int
    ) -> int:
        """Return the cycles that all executions of a step wait for its constants.

        Each of its `calls` has `constants` bytes; `together` are those that are read before they
        are read again: of all steps of a loop.
        """
        once = self.once(constants)
        if together <= self.cache:
            return once * calls
        return round((once + (readings - 1) * self.again(constants)) * executions)


def flash_lines(board: Board, *, outside: bool) -> FlashLines | None:
    """Return those of the weights, which lie outside the chip or not; None where none are known."""
    point = board.operating_point
    if point is None:
        return None
    cache, external = point.data_cache, point.external_flash
    if not outside or external is None:
        return FlashLines(cache.line_bytes, point.flash.wait, cache.sets, cache.ways)
    kept = cache.sets if external.cached else 0
    return FlashLines(external.line_bytes, external.wait, kept, cache.ways)


def readings_of(kernel: Kernel, call: Call, size: int) -> float:
    """Return how often one execution by a kernel reads its weights, of `size` bytes."""
    return weight_readings(call, kernel.pack, size, kernel.readings)


def weight_readings(call: Call, pack: str, size: int, stated: str = "") -> float:
    """Return how many whole readings one execution is, of `size` bytes that no cache keeps.

    `stated` is what the registry says of a kernel that does not read as its packing says.
    """
    if stated:
        return float(evaluate(stated, call.params))
    sparse = SPARSE_FORMATS.get(pack)
    if sparse is not None:
        return float(max(1, round(_rows(call) * sparse.rows / _SPARSE_SUMS)))
    if pack in _A_CELL:
        return float(_rows(call))
    if pack not in _BYTES_A_WEIGHT:
        return 1.0
    rows = _ROWS.get(pack, _TILE_ROWS)
    if "window" in call.params or "n" in call.params:
        return float(-(-_rows(call) // rows))
    elements = max(1, int(size / _BYTES_A_WEIGHT[pack]))
    return float(max(1, round(call.macs / elements / rows)))


def _rows(call: Call) -> int:
    """Return the rows of a linear layer, or the cells of a convolution."""
    window = call.params.get("window")
    channels = window["out_c"] if isinstance(window, Mapping) else call.params["n"]
    assert isinstance(channels, int)
    return sum(view.size for view in call.writes) // channels
