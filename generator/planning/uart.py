"""A board's UART, and its drivers: what `platforms/uart/drivers.toml` says."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import with_config

from tinyrig.generator.assets import roots, unique
from tinyrig.generator.settings import Flag, Text, Word, parse_settings
from tinyrig.generator.toml_text import read_toml

_LIST = "platforms/uart/drivers.toml"

RTT = "rtt"
"""The driver that reports through memory, which a debug probe reads."""


@with_config(extra="forbid")
@dataclass(frozen=True)
class Driver:
    """A driver: its folders below `platforms/uart`, and what its UART needs.

    `clocked`: a baud rate. `pins`: a port, a pin and the clocks of both.
    """

    folders: tuple[Text, ...]
    clocked: Flag
    pins: Flag


def drivers() -> Mapping[str, Driver]:
    """Return the drivers by the name a board calls them; InputError where two have the same."""
    files = [path for root in roots() if (path := root / _LIST).is_file()]
    unique((f"UART driver {name!r}", path) for path in files for name in _read(path))
    return {name: driver for path in files for name, driver in _read(path).items()}


@functools.cache
def _read(path: Path) -> Mapping[str, Driver]:
    return parse_settings(
        dict[str, Driver], read_toml(path, "table of UART drivers"), "uart/drivers.toml"
    )


@with_config(extra="forbid")
@dataclass(frozen=True)
class RegisterBit:
    """One bit of a memory-mapped register."""

    register: Word
    bit: Word


@with_config(extra="forbid")
@dataclass(frozen=True)
class Gpio:
    """The port, pin and alternate function the UART transmits on."""

    base: Word
    tx_pin: Word
    alternate: Word
    enable: RegisterBit


@with_config(extra="forbid")
@dataclass(frozen=True)
class Uart:
    """The UART the firmware reports over; `driver` names its register layout.

    `enable` and `gpio` are what an STM32 needs before its UART works; other drivers have none.
    """

    peripheral: Text
    driver: Text
    base: Word
    clock_hz: Word = 0
    baud: Word = 0
    enable: RegisterBit | None = None
    gpio: Gpio | None = None

    @property
    def is_rtt(self) -> bool:
        """Whether the firmware reports through memory that a debug probe reads."""
        return self.driver == RTT

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of `platforms/uart` that hold the driver."""
        return drivers()[self.driver].folders

    @property
    def divisor(self) -> int:
        """The baud rate register: clock ticks a bit."""
        return (self.clock_hz + self.baud // 2) // self.baud

    def through_probe(self) -> Uart:
        """Return what a board has instead whose firmware reports through a debug probe."""
        return replace(self, peripheral="RTT", driver=RTT, enable=None, gpio=None)

    def problems(self) -> list[str]:
        """Return what the driver needs and is not there."""
        driver = drivers().get(self.driver)
        if driver is None:
            return [f"uart.driver must be one of {', '.join(drivers())}"]
        found = []
        if driver.pins and not (self.enable and self.gpio):
            found.append("uart.enable and uart.gpio are needed by the driver")
        if driver.clocked and self.baud == 0:
            found.append("uart.baud is 0")
        return found
