"""The data tables of the models, from `platforms/cortex_m/timing`."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.assets import asset_root
from generator.errors import InputError


@dataclass(frozen=True)
class Timing:
    """A core's table: the model's name, version and error band, and its numbers by name.

    `remembered` are costs the model has found, by what they depend on beside the table.
    """

    name: str
    version: int
    error_percent: float
    error_basis: str
    numbers: Mapping[str, float]
    by_class: Mapping[str, float]
    latencies: Mapping[str, Mapping[str, int]]
    remembered: dict[bytes, float] = field(default_factory=dict, init=False, repr=False)

    def cycles(self, kind: str) -> int:
        """Return the issue cycles of a class; InputError when the table has none."""
        try:
            return int(self.by_class[kind])
        except KeyError:
            raise InputError(f"The table of {self.name} has no cycles for {kind!r}.") from None

    def number(self, name: str) -> int:
        """Return a whole number of the table; InputError when it has none of that name."""
        try:
            return int(self.numbers[name])
        except KeyError:
            raise InputError(f"The table of {self.name} has no number {name!r}.") from None


@functools.cache
def kinds_of_mnemonics() -> Mapping[str, str]:
    """Return the class of every mnemonic."""
    classes = _read("classes")["classes"]
    return {name: kind for kind, names in classes.items() for name in names}


@functools.cache
def load_timing(core: str) -> Timing:
    """Return the table of `cortex-m4` or `cortex-m7`; InputError for another core."""
    if core not in cores():
        raise InputError(f"No cycle model for {core!r}. Known cores: {', '.join(cores())}.")
    table = _read(core)
    model = table["model"]
    return Timing(
        name=model["name"],
        version=model["version"],
        error_percent=model["error_percent"],
        error_basis=model["error_basis"],
        numbers={name: entry["value"] for name, entry in table["rules"].items()},
        by_class={kind: entry["value"] for entry in table["classes"] for kind in entry["kinds"]},
        latencies={
            producer: {use: cycles for use, cycles in entry.items() if use != "source"}
            for producer, entry in table.get("latencies", {}).items()
        },
    )


@dataclass(frozen=True)
class MemoryModel:
    """Version of the rules of the board term, and the error band of a core's cycles with it.

    `external_error_percent` is the band where lines of external flash are waited for.
    """

    version: int
    error_percent: float
    external_error_percent: float
    error_basis: str


@functools.cache
def load_memory_model(core: str) -> MemoryModel:
    """Return what `memory.toml` says of a core that has a cycle model."""
    return MemoryModel(**_read("memory")[core])


def cores() -> tuple[str, ...]:
    """Return the cores that have a model."""
    return ("cortex-m4", "cortex-m7")


def _read(name: str) -> dict[str, Any]:
    path = asset_root("platforms") / "cortex_m" / "timing" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
