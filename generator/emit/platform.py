"""The part of a C project that comes from `platforms/`: runtime, drivers, linker script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tinyrig.generator.assets import asset_root, find_asset
from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import ARENA_GUARD, Board
from tinyrig.generator.planning.core import load_core
from tinyrig.generator.planning.hot_code import RamCode, data_behind, data_size
from tinyrig.generator.planning.memory_region import MemoryRegion

_UART = "uart"
_STREAMS = "platform/firmware/tr_streams.h"
_SAMPLE_READER = "platform/firmware/tr_sample_read.c"


@dataclass(frozen=True)
class PlatformSources:
    """Files (project-relative path to text), units and include folders of a board's runtime."""

    files: Mapping[str, str]
    units: tuple[str, ...]
    include_dirs: tuple[str, ...]
    linker_script: str


def platform_files(
    board: Board,
    arena_region: str,
    weights_region: str | None = None,
    copies_region: str | None = None,
    *,
    streamed: bool = False,
    code: RamCode | None = None,
) -> PlatformSources:
    """Return everything a project for `board` needs beside its model and its kernels.

    A file of the core's folder stands in for the one of the same name in `firmware`. The arena is
    linked into `arena_region`, the weights into the flash named `weights_region`
    (default: the chip's own); InputError when the board cannot have them there. Tables that are
    copied at start go to the RAM `copies_region`, kernels to that of `code`. `streamed` tells that
    an input of the model comes from the sample by bands.
    """
    weights_region = weights_region or board.flash.name
    external = board.external_flash
    if weights_region not in (board.flash.name, external and external.name):
        raise InputError(f"Board {board.name} has no flash {weights_region!r} for the weights.")
    if arena_region not in board.layout.arena_regions:
        allowed = ", ".join(board.layout.arena_regions)
        raise InputError(
            f"Board {board.name} has no arena region {arena_region!r}; it allows {allowed}."
        )
    core = load_core(board.core).runtime
    drivers = (f"uart/{folder}" for folder in board.uart.folders)
    folders = ("firmware", core, _UART, *drivers, "libc")
    runtime = _folder(core)
    own = {path.name for path in runtime.iterdir()}
    files = {
        f"platform/{folder}/{path.name}": path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted(_folder(folder).iterdir())
        if path.suffix in (".c", ".h") and not (folder == "firmware" and path.name in own)
    }
    if streamed:
        files[_STREAMS] = files[_STREAMS].replace("#define TR_STREAMS 0", "#define TR_STREAMS 1")
    else:
        del files[_SAMPLE_READER]
    linker_script = "platform/link.ld"
    values = {
        "board": board,
        "arena_region": arena_region,
        "arena_guard": ARENA_GUARD,
        "weights_region": weights_region,
        "copies_region": copies_region,
        "code": code,
        "ram": _ram_of_data(board, code),
        "external": external if weights_region != board.flash.name else None,
    }
    files["platform/board.h"] = _render(runtime, "board.h.j2", values)
    files[linker_script] = _render(runtime, "link.ld.j2", values)
    return PlatformSources(
        files=files,
        units=tuple(path for path in files if path.endswith(".c")),
        include_dirs=("platform", *(f"platform/{folder}" for folder in folders)),
        linker_script=linker_script,
    )


def _ram_of_data(board: Board, code: RamCode | None) -> list[MemoryRegion]:
    """Return the RAM regions as they are without copied code; aliases are none of their own."""
    others = [one for one in board.ram if not one.alias and not (code and one.name == code.region)]
    found = [MemoryRegion(one.name, one.origin, data_size(board, one.name, code)) for one in others]
    behind = data_behind(board, code) if code else None
    return [*found, behind] if behind else found


def _folder(name: str) -> Path:
    """Return a folder of `platforms`; a user's UART list lies in a folder of the same name."""
    if name == _UART:
        return asset_root("platforms") / name
    found = find_asset(f"platforms/{name}")
    if found is None or not found.is_dir():
        raise InputError(f"There is no folder platforms/{name}, which a core or a driver names.")
    return found


def _render(folder: Path, template: str, values: Mapping[str, object]) -> str:
    return _environment(folder).get_template(template).render(**values)


@cache
def _environment(folder: Path) -> Environment:
    """The templates of a folder, each of which is compiled once."""
    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
