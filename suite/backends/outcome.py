"""What a finished run must have in common, whatever ran it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tinyrig.generator.errors import (
    BrokenRunError,
    FaultError,
    FirmwareTimeoutError,
    InputError,
    ProtocolError,
)
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.transcript import Transcript, find_fault, parse_transcript
from tinyrig.suite.toolchain import Image

REGIONS = 2
"""Inferences in one boot."""

UART_CAPACITY = 1 << 23
"""Characters a boot may send."""

_PROGRAM_COUNTER = re.compile(r" pc=([0-9a-f]{8})")


def need_uart(board: Board) -> None:
    """Raise InputError for a board whose report only a debug probe can read."""
    if board.uart.is_rtt:
        raise InputError(
            f"Board {board.name} reports through a debug probe here; an emulator reads its UART."
        )


def check_counts(
    transcript: Transcript, ended: int, regions: Sequence[int], steps: Sequence[Sequence[int]]
) -> None:
    """Raise unless two inferences ran and took the same instructions, whole and by step."""
    if ended != REGIONS:
        raise ProtocolError(f"The firmware ran {ended} inferences, not {REGIONS}.")
    if transcript.ok and (regions[0] != regions[1] or list(steps[0]) != list(steps[1])):
        raise BrokenRunError(
            f"The two inferences took {regions[0]} and {regions[1]} instructions; the model's "
            "code depends on something that is not its input."
        )


def budget_error(image: Image, budget: int, address: int) -> FirmwareTimeoutError:
    """Return the error for firmware whose instructions ran out at an address."""
    return FirmwareTimeoutError(
        f"The firmware did not end within {budget} instructions; it was at {image.locate(address)}."
    )


def order_error(image: Image, address: int) -> ProtocolError:
    """Return the error for a marker function called when it should not be."""
    return ProtocolError(f"The firmware reached {image.locate(address)} out of order.")


def too_much_output() -> ProtocolError:
    """Return the error for firmware that never stops talking."""
    return ProtocolError(f"The firmware sent more than {UART_CAPACITY} characters.")


def raise_fault(raw: bytes, image: Image) -> None:
    """Raise FaultError, with the symbol, when the firmware reported one."""
    try:
        find_fault(raw)
    except FaultError as error:
        match = _PROGRAM_COUNTER.search(str(error))
        place = f" It was in {image.locate(int(match[1], 16))}." if match else ""
        raise FaultError(f"{error}{place}") from None


def read_transcript(raw: bytes, image: Image) -> Transcript:
    """Return a whole capture's transcript; see `parse_transcript`, faults with the symbol."""
    raise_fault(raw, image)
    return parse_transcript(raw)
