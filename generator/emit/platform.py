"""The part of a C project that comes from `platforms/`: runtime, drivers, linker script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.assets import asset_root
from generator.errors import InputError
from generator.planning.board import ARENA_GUARD, Board

_CORE_FOLDERS = {"cortex-m4": "cortex_m", "cortex-m7": "cortex_m"}


@dataclass(frozen=True)
class PlatformSources:
    """Files (project-relative path to text), units and include folders of a board's runtime."""

    files: Mapping[str, str]
    units: tuple[str, ...]
    include_dirs: tuple[str, ...]
    linker_script: str


def platform_files(board: Board, arena_region: str) -> PlatformSources:
    """Return everything a project for `board` needs beside its model and its kernels.

    The arena is linked into `arena_region`; InputError when the board cannot have it there.
    """
    if arena_region not in board.layout.arena_regions:
        allowed = ", ".join(board.layout.arena_regions)
        raise InputError(
            f"Board {board.name} has no arena region {arena_region!r}; it allows {allowed}."
        )
    root = asset_root("platforms")
    core = _CORE_FOLDERS[board.core]
    drivers = (f"uart/{folder}" for folder in board.uart.folders)
    folders = ("firmware", core, "uart", *drivers, "libc")
    files = {
        f"platform/{folder}/{path.name}": path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted((root / folder).iterdir())
        if path.suffix in (".c", ".h")
    }
    linker_script = "platform/link.ld"
    files["platform/board.h"] = _render(root / core, "board.h.j2", board, arena_region)
    files[linker_script] = _render(root / core, "link.ld.j2", board, arena_region)
    return PlatformSources(
        files=files,
        units=tuple(path for path in files if path.endswith(".c")),
        include_dirs=("platform", *(f"platform/{folder}" for folder in folders)),
        linker_script=linker_script,
    )


def _render(folder: Path, template: str, board: Board, arena_region: str) -> str:
    environment = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    return environment.get_template(template).render(
        board=board, arena_region=arena_region, arena_guard=ARENA_GUARD
    )
