"""Drivers of a board's UART: what `platforms/uart/drivers.toml` says."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import with_config

from tinyrig.generator.assets import roots, unique
from tinyrig.generator.settings import Flag, Text, parse_settings

_LIST = "platforms/uart/drivers.toml"


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
    return parse_settings(dict[str, Driver], path.read_text(encoding="utf-8"), "uart/drivers.toml")
