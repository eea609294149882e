"""One board behind one debug probe: flash, reset, run to an address, read a register."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any

from pyocd.core.exceptions import (
    Error,
    FlashFailure,
    TargetSupportError,
)
from pyocd.core.session import Session
from pyocd.core.target import Target
from pyocd.debug.rtt import RTTControlBlock
from pyocd.flash.file_programmer import FileProgrammer

from tinyrig.generator.errors import (
    BrokenRunError,
    ConnectionLostError,
    InputError,
    MissingToolError,
)
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.board_tools import Debug
from tinyrig.suite.backends.probes import Probe
from tinyrig.suite.toolchain import Image

_CYCCNT = 0xE000_1004
_WORD = 1 << 32
REGISTERS = (*(f"r{number}" for number in range(13)), "sp", "lr", "pc", "xpsr")

# pyOCD logs to whoever listens; errors come as exceptions.
logging.getLogger("pyocd").addHandler(logging.NullHandler())


class DebugLink:
    """A context manager: entering connects and halts the core, leaving lets go of the probe.

    Every failure of the connection is a ConnectionLostError.
    """

    def __init__(self, probe: Probe, board: Board, debug: Debug, *, under_reset: bool) -> None:
        self._board = board
        self._debug = debug
        self._stops: tuple[int, ...] = ()
        self._probe = probe
        self._options: dict[str, object] = {
            "target_override": debug.target,
            "connect_mode": "under-reset" if under_reset else "halt",
            "hide_programming_progress": True,
            "no_config": True,  # a pyocd.yaml in the working directory must change nothing
            "resume_on_disconnect": False,
        }
        self._session: Any = None

    def __enter__(self) -> DebugLink:
        try:
            with _told("cannot connect"):
                self._session = _session(self._probe, self._options)
                self._session.open()
        except ConnectionLostError:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def check_chip(self) -> None:
        """Raise InputError when the chip is not the board's: nothing must be flashed then."""
        wanted = self._debug.identity
        with _told("cannot read the chip's identity"):
            found = self._core.read32(wanted.register)
        if found & wanted.mask != wanted.value:
            raise InputError(
                f"The chip behind the probe is not a {self._board.mcu}: its identity register "
                f"0x{wanted.register:08x} reads 0x{found:08x}, not 0x{wanted.value:x} under "
                f"0x{wanted.mask:x}. Is this the probe of {self._board.name}?"
            )

    def program(self, image: Image, elf: bytes) -> None:
        """Write an image's ELF to flash, only the sectors that differ, and compare.

        InputError when the target has no flash where the image has bytes.
        """
        memory = self._session.target.memory_map
        for segment in image.segments:
            region = memory.get_region_for_address(segment.address)
            if segment.data and (region is None or not region.is_flash):
                raise InputError(
                    f"pyOCD's target {self._debug.target} has no flash at "
                    f"0x{segment.address:08x}: flash outside the chip needs a pack with its loader."
                )
        try:
            with _told("cannot program the flash"):
                FileProgrammer(self._session).program(io.BytesIO(elf), "elf")
        except FlashFailure as error:
            raise BrokenRunError(f"The flash cannot be programmed: {error}.") from error

    def reset(self) -> None:
        """Reset the chip and halt before its first instruction."""
        with _told("cannot reset"):
            self._core.reset_and_halt()

    def run_to(self, addresses: Sequence[int]) -> None:
        """Let the halted core run until one of some addresses; see `halted`.

        The addresses of the call before are forgotten: a core does not leave one it must stop at.
        """
        with _told("cannot run"):
            for address in self._stops:
                self._core.remove_breakpoint(address)
            self._stops = tuple(addresses)
            for address in addresses:
                if not self._core.set_breakpoint(address):
                    raise BrokenRunError(f"The chip has no breakpoint left for 0x{address:08x}.")
            self._core.resume()

    def halted(self) -> bool:
        """Tell whether the core has stopped, by a breakpoint or in lock-up."""
        with _told("lost the core"):
            return self._core.get_state() in (Target.State.HALTED, Target.State.LOCKUP)

    def halt(self) -> bool:
        """Stop the core where it is; tell whether it was locked up."""
        with _told("cannot halt the core"):
            locked_up = bool(self._core.get_state() == Target.State.LOCKUP)
            self._core.halt()
            return locked_up

    def registers(self) -> dict[str, int]:
        """Return the halted core's registers."""
        with _told("cannot read the registers"):
            values = self._core.read_core_registers_raw(list(REGISTERS))
        return {name: value % _WORD for name, value in zip(REGISTERS, values, strict=True)}

    def cycles(self) -> int:
        """Return the DWT's cycle counter, which stands still while the core is halted."""
        with _told("cannot read the cycle counter"):
            return int(self._core.read32(_CYCCNT))

    def rtt_channel(self, address: int) -> Any:
        """Return the up channel of the control block at an address."""
        with _told("cannot read the RTT control block"):
            block = RTTControlBlock.from_target(self._session.target, address=address, size=0)
            block.start()
            return block.up_channels[0]

    def read_channel(self, channel: Any) -> bytes:
        """Return what an RTT channel holds, and free it."""
        with _told("lost the RTT channel"):
            return bytes(channel.read())

    @property
    def _core(self) -> Any:
        return self._session.target.selected_core_or_raise

    def _close(self) -> None:
        if self._session is None:
            return
        with contextlib.suppress(Error, OSError):  # the probe may be gone
            self._session.close()


def check_target(probe: Probe, target: str) -> str:
    """Return a target's name; MissingToolError when pyOCD does not know it. Nothing is opened."""
    with _told("cannot be used"):
        _session(probe, {"target_override": target, "no_config": True})
    return target


def _session(probe: Probe, options: dict[str, object]) -> Any:
    try:
        return Session(probe.handle, options=options)
    except TargetSupportError:
        target = options["target_override"]
        raise MissingToolError(
            f"pyOCD does not know the target {target}. Install its pack with: "
            f"pyocd pack install {target}"
        ) from None


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn what pyOCD raises into a ConnectionLostError; failures of the flash pass."""
    try:
        yield
    except FlashFailure:
        raise
    except (Error, OSError, AssertionError) as error:
        # An assertion is how some of pyOCD's targets tell that another chip answered.
        text = str(error).rstrip(".") or type(error).__name__
        raise ConnectionLostError(f"The debug probe {what}: {text}.") from error
