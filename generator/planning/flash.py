"""Where the weights lie: the chip's own flash, or the board's external one."""

from __future__ import annotations

from dataclasses import dataclass

from tinyrig.generator.errors import FitError
from tinyrig.generator.planning.board import Board

CODE_RESERVE = 64 * 1024
"""Bytes of the chip's own flash kept for code when weights could lie outside it."""


@dataclass(frozen=True)
class FlashNeeds:
    """Bytes before any code: weights, tables, the sample the rig's firmware carries, and the
    kernels' parameters with what aligns all."""

    weights: int
    tables: int
    sample: int = 0
    parameters: int = 0

    @property
    def inside(self) -> int:
        """Bytes that lie in the chip's own flash wherever weights do."""
        return self.tables + self.sample + self.parameters


@dataclass(frozen=True)
class FlashPlace:
    """Whether the weights lie outside the chip, and what is too many, in bytes.

    `own_over` is over the chip's flash, `outside_over` over the external one; both 0 when all
    fits.
    """

    outside: bool
    own_over: int = 0
    outside_over: int = 0

    @property
    def over(self) -> int:
        """The larger excess."""
        return max(self.own_over, self.outside_over)


def place_weights(board: Board, needs: FlashNeeds) -> FlashPlace:
    """Return the chip's own flash, unless weights leave it too little room for code and sample."""
    external = board.external_flash
    if external is None:
        return FlashPlace(False, max(0, needs.weights + needs.inside - constants_room(board)))
    spare = spare_bytes(board, needs)
    if spare >= 0:
        return FlashPlace(False)
    return FlashPlace(True, max(0, -spare - needs.weights), max(0, needs.weights - external.size))


def constants_room(board: Board) -> int:
    """Return the bytes for constants: the chip's own flash, with what is copied there."""
    return board.flash.size + (board.l3.size if board.l3 else 0)


def spare_bytes(board: Board, needs: FlashNeeds) -> int:
    """Return what is left of the chip's own flash beside its needs and the code's reserve."""
    return board.flash.size - needs.weights - needs.inside - CODE_RESERVE


def weights_region(model: str, board: Board, needs: FlashNeeds) -> str:
    """Return the name of the region; FitError, with the bytes too many, when none has room."""
    place, own, outside = place_weights(board, needs), board.flash, board.external_flash
    start = f"Model {model!r} does not fit board {board.name!r}: "
    if outside is None or not place.outside:
        if place.over:
            raise FitError(
                f"{start}its {needs.weights} bytes of weights, {needs.tables} of tables, "
                f"{needs.parameters} of parameters and {needs.sample} of input need more than the "
                f"{constants_room(board)} bytes of {_named(board)}; {place.over} bytes too many, "
                "before any code."
            )
        return own.name
    if place.outside_over:
        raise FitError(
            f"{start}its {needs.weights} bytes of weights fit neither its flash ({own.size} bytes) "
            f"nor its external flash {outside.name!r} ({outside.size} bytes; {place.outside_over} "
            "bytes too many)."
        )
    if place.own_over:
        raise FitError(
            f"{start}even with its weights in external flash, its {needs.tables} bytes of tables, "
            f"{needs.parameters} of parameters and {needs.sample} of input leave less than "
            f"{CODE_RESERVE} bytes of {own.size} for code; {place.own_over} bytes too many."
        )
    return outside.name


def _named(board: Board) -> str:
    return f"{board.flash.name} and {board.l3.name}" if board.l3 else "its flash"
