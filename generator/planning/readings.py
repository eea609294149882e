"""How often a call reads its weights from flash, and what the core waits for them.

A kernel multiplies a tile of rows with each column of weights, so every tile streams all weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS

_TILE_ROWS = 3
"""Rows of an input that one reading of streamed weights serves (arm/weight_stream.h)."""

_SPARSE_SUMS = 6
"""Rows by channels of one block that a reading of sparse weights serves (arm/sparse_frame.h)."""

_BYTES_A_WEIGHT = {"stream8": 1.0, "stream16": 2.0, "winograd": 32 / 9, "quads16": 2.0}
"""Streamed weights, by how they are packed."""

_ROWS = {"winograd": 4 * _TILE_ROWS, "quads16": 2}
"""Rows that one reading serves where they are not those of a tile: of Winograd's, tiles of four."""

_A_CELL = ("taps16",)
"""Weights that are read for every output cell (arm/depthwise_taps.h)."""


@dataclass(frozen=True)
class FlashLines:
    """Lines of the flash that weights lie in: bytes, core cycles, and the bytes a cache keeps."""

    size: int
    wait: int
    cache: int

    def once(self, constants: int) -> int:
        """Return the cycles that one reading of so many bytes waits."""
        return -(-constants // self.size) * self.wait

    def waits(
        self, constants: int, calls: int, together: int, readings: float, executions: int
    ) -> int:
        """Return the cycles that all executions of a step wait for its constants.

        Each of its `calls` has `constants` bytes; `together` are those that are read before they
        are read again: of all steps of a loop.
        """
        if together <= self.cache:
            return self.once(constants) * calls
        if constants <= self.cache:
            return self.once(constants) * executions
        return round(self.once(constants) * readings * executions)


def flash_lines(board: Board, *, outside: bool) -> FlashLines | None:
    """Return those of the weights, which lie outside the chip or not; None where none are known."""
    point = board.operating_point
    if point is None:
        return None
    cache = point.data_cache.size
    if not outside or point.external_flash is None:
        return FlashLines(point.data_cache.line_bytes, point.flash.wait, cache)
    external = point.external_flash
    return FlashLines(external.line_bytes, external.wait, cache if external.cached else 0)


def weight_readings(call: Call, pack: str, size: int) -> float:
    """Return how many whole readings one execution is, of `size` bytes that no cache keeps."""
    sparse = SPARSE_FORMATS.get(pack)
    if sparse is not None:
        return float(max(1, round(_rows(call) * sparse.rows / _SPARSE_SUMS)))
    if pack in _A_CELL:
        return float(_rows(call))
    if pack not in _BYTES_A_WEIGHT:
        return 1.0
    elements = max(1, int(size / _BYTES_A_WEIGHT[pack]))
    rows = _ROWS.get(pack, _TILE_ROWS)
    return float(max(1, round(call.macs / elements / rows)))


def _rows(call: Call) -> int:
    """Return the rows of a linear layer, or the cells of a convolution."""
    window = call.params.get("window")
    channels = window["out_c"] if isinstance(window, Mapping) else call.params["n"]
    assert isinstance(channels, int)
    return sum(view.size for view in call.writes) // channels
