"""What a board says: over its serial port, or through memory the debug probe reads."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any, Protocol

from serial import Serial, SerialException  # type: ignore[import-untyped,unused-ignore]
from serial.tools.list_ports import comports  # type: ignore[import-untyped,unused-ignore]

from tinyrig.generator.errors import ConnectionLostError, MissingToolError
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.debug_link import DebugLink
from tinyrig.suite.backends.probes import setting_for
from tinyrig.suite.toolchain import Image

PORT_VARIABLE = "TINYRIG_SERIAL"
"""Names the serial port to read: a device, or `board=device` pairs between commas."""

_BLOCK = "tr_rtt"


class BoardOutput(Protocol):
    """A stream of the firmware's bytes."""

    def start(self) -> None:
        """Begin to listen; the core is halted at `main`, its output is set up."""

    def read(self) -> bytes:
        """Return what has come since, at once; ConnectionLostError when nothing ever will."""


class SerialOutput:
    """The serial port the board's UART is wired to."""

    def __init__(self, port: Any) -> None:
        self._port = port

    def start(self) -> None:
        """Forget what an earlier firmware said."""
        self._port.reset_input_buffer()

    def read(self) -> bytes:
        """Return the bytes that wait; see `BoardOutput.read`."""
        try:
            return bytes(self._port.read(max(1, self._port.in_waiting)))
        except (SerialException, OSError) as error:
            raise ConnectionLostError(f"The serial port is lost: {error}.") from error


class RttOutput:
    """The channel of the RTT control block in the board's RAM."""

    def __init__(self, link: DebugLink, address: int) -> None:
        self._link = link
        self._address = address
        self._channel: Any = None

    def start(self) -> None:
        """Find the channel."""
        self._channel = self._link.rtt_channel(self._address)

    def read(self) -> bytes:
        """Return the bytes in the ring; see `BoardOutput.read`."""
        return b"" if self._channel is None else self._link.read_channel(self._channel)


@contextlib.contextmanager
def board_output(
    link: DebugLink, image: Image, board: Board, probe_id: str
) -> Iterator[BoardOutput]:
    """Open what the board reports by; closed when the context is left."""
    if board.uart.is_rtt:
        yield RttOutput(link, image.address(_BLOCK))
        return
    device = serial_port(board.name, probe_id)
    try:
        port = Serial(device, board.uart.baud, timeout=0, exclusive=True)
    except (SerialException, OSError) as error:
        raise ConnectionLostError(f"The serial port {device} cannot be opened: {error}.") from error
    with contextlib.closing(port):
        yield SerialOutput(port)


def serial_port(board: str, probe_id: str) -> str:
    """Return the device of a board's UART: what `TINYRIG_SERIAL` says, else the probe's own.

    MissingToolError when the probe has none.
    """
    if device := setting_for(PORT_VARIABLE, board):
        return device
    for port in comports():
        if port.serial_number and port.serial_number.lower() == probe_id.lower():
            return str(port.device)
    raise MissingToolError(
        f"The probe {probe_id} has no serial port of its own. Wire the UART of {board} to an "
        f"adapter and name it with: export {PORT_VARIABLE}=/dev/ttyUSB0 (or report through the "
        f"probe: --board {board}:rtt)."
    )


def settle(output: BoardOutput, raw: bytearray, seconds: float) -> None:
    """Add what is still on its way: read until nothing came for some seconds."""
    quiet = time.monotonic() + seconds
    while time.monotonic() < quiet:
        if data := output.read():
            raw += data
            quiet = time.monotonic() + seconds
        else:
            time.sleep(0.005)
