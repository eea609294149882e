"""Cores as values: what `platforms/cores/<core>.toml` says."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import with_config

from tinyrig.generator.assets import find_assets
from tinyrig.generator.errors import InputError
from tinyrig.generator.settings import Number, Text, Word, parse_settings
from tinyrig.generator.toml_text import read_toml

_FOLDER = "cores"


@with_config(extra="forbid")
@dataclass(frozen=True)
class BoardMemory:
    """The rules of the term a board's memory adds to a core's cycles, and their error bands.

    `external_error_percent` is the band where lines of external flash are waited for.
    """

    version: Word
    error_percent: Number
    external_error_percent: Number
    error_basis: Text


@with_config(extra="forbid")
@dataclass(frozen=True)
class CoreCycles:
    """How a core's cycles are modelled.

    `pipeline` names the rules, `timing` their table (a path below `platforms`). `cycles_a_mac` is
    what an 8-bit MAC takes at least, by pencil.
    """

    pipeline: Text
    timing: Text
    cycles_a_mac: Number
    board_memory: BoardMemory


@with_config(extra="forbid")
@dataclass(frozen=True)
class Core:
    """A processor core: the folder of its start-up code, Unicorn's name of it, its cycle model.

    Without `unicorn` the embedded backend cannot run it; without `cycles` none are modelled.
    """

    name: Text
    runtime: Text
    unicorn: Text = ""
    cycles: CoreCycles | None = None


def core_names() -> tuple[str, ...]:
    """Return the names of all cores, sorted."""
    return tuple(sorted(_files()))


def load_core(name: str) -> Core:
    """Return a core by name; InputError when it is unknown or its description is wrong."""
    files = _files()
    if name not in files:
        raise InputError(f"Unknown core {name!r}. Known cores: {', '.join(sorted(files))}.")
    return _read(files[name])


def _files() -> Mapping[str, Path]:
    return {path.stem: path for path in find_assets(f"platforms/{_FOLDER}/*.toml").values()}


@functools.cache
def _read(path: Path) -> Core:
    core = parse_settings(Core, read_toml(path, "core"), f"{_FOLDER}/{path.name}")
    if core.name != path.stem:
        raise InputError(f"{_FOLDER}/{path.name}: the name is {core.name!r}.")
    if core.cycles and not core.cycles.board_memory.error_basis.strip():
        raise InputError(
            f"{_FOLDER}/{path.name}: cycles.board_memory.error_basis names no measurement; "
            "an error band needs one."
        )
    return core
