"""Drivers of a board's UART: what `platforms/uart/drivers.toml` says."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import with_config

from tinyrig.generator.assets import asset_root
from tinyrig.generator.settings import Flag, Text, parse_settings


@with_config(extra="forbid")
@dataclass(frozen=True)
class Driver:
    """A driver: its folders below `platforms/uart`, and what its UART needs.

    `clocked`: a baud rate. `pins`: a port, a pin and the clocks of both.
    """

    folders: tuple[Text, ...]
    clocked: Flag
    pins: Flag


@functools.cache
def drivers() -> Mapping[str, Driver]:
    """Return the drivers by the name a board calls them."""
    path = asset_root("platforms") / "uart" / "drivers.toml"
    return parse_settings(dict[str, Driver], path.read_text(encoding="utf-8"), "uart/drivers.toml")
