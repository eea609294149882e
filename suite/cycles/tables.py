"""The data tables of the models, from `platforms/cortex_m/timing`."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tinyrig.generator.assets import asset_root, find_asset, find_assets
from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.core import CoreCycles, core_names, load_core

_CLASSES = asset_root("platforms") / "cortex_m" / "timing" / "classes.toml"


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
    classes = _read(_CLASSES)["classes"]
    return {name: kind for kind, names in classes.items() for name in names}


def load_timing(core: str) -> Timing:
    """Return the table of a core; InputError for one without a cycle model."""
    timing = modelled(core).timing
    path = find_asset(f"platforms/{timing}")
    if path is None:
        raise InputError(f"There is no platforms/{timing}, which the core {core!r} names.")
    return _timing(path)


@functools.cache
def _timing(path: Path) -> Timing:
    table = _read(path)
    model = table["model"]
    if not str(model.get("error_basis", "")).strip():
        raise InputError(
            f"{path}: model.error_basis names no measurement; an error band needs one."
        )
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


def modelled(core: str) -> CoreCycles:
    """Return how a core's cycles are modelled; InputError for one without a cycle model."""
    found = load_core(core).cycles
    if found is None:
        raise InputError(f"No cycle model for {core!r}. Known cores: {', '.join(cores())}.")
    return found


def cores() -> tuple[str, ...]:
    """Return the cores that have a model."""
    return tuple(name for name in core_names() if load_core(name).cycles is not None)


def timing_files() -> tuple[Path, ...]:
    """Return every file that holds numbers of a model: the tables, and the cores that name them."""
    patterns = ("platforms/*/timing/*.toml", "platforms/cores/*.toml")
    return tuple(path for pattern in patterns for path in find_assets(pattern).values())


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
