"""Which line of which source every instruction of an image was compiled from."""

from __future__ import annotations

import bisect
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from elftools.dwarf.dwarfinfo import DWARFInfo
from elftools.elf.elffile import ELFFile

from tinyrig.generator.emit.project import Project
from tinyrig.generator.errors import BrokenRunError
from tinyrig.generator.planning.board import Board
from tinyrig.suite.toolchain.builder import build
from tinyrig.suite.toolchain.image import Image
from tinyrig.suite.toolchain.toolchain import Toolchain

_PLAIN, _LINES = "-g0", "-g1"
_DWARF5 = 5
_DISCARDED = 0
"""Where the linker puts the lines of functions it left out; vectors lie there on every board."""


@dataclass(frozen=True, order=True)
class SourceLine:
    """A line of a project's file, from 1 on."""

    path: str
    line: int


@dataclass(frozen=True)
class LineMap:
    """Source lines by address: each holds from its address to the next."""

    addresses: tuple[int, ...] = field(repr=False)
    lines: tuple[SourceLine | None, ...] = field(repr=False)

    def at(self, address: int) -> SourceLine | None:
        """Return the line of the instruction at an address, None where none is known."""
        index = bisect.bisect_right(self.addresses, address)
        return self.lines[index - 1] if index else None


def line_map(project: Project, board: Board, toolchain: Toolchain, image: Image) -> LineMap:
    """Return the lines of an image of a project, by building it again with line tables.

    The second build must have the same code and data, byte for byte: BrokenRunError when the
    compiler lets line tables change them.
    """
    flags = tuple(_LINES if flag == _PLAIN else flag for flag in toolchain.flags)
    told = build(project, board, replace(toolchain, flags=flags), checked=image.checked)
    if told.segments != image.segments:
        raise BrokenRunError(
            f"{toolchain.name} {toolchain.version} compiles {project.name} to other code when it "
            "writes line tables; cycles cannot be told by source line."
        )
    dwarf = ELFFile(io.BytesIO(told.elf)).get_dwarf_info()
    rows = sorted({row[0]: row for row in _rows(dwarf)}.items())
    return LineMap(tuple(at for at, _ in rows), tuple(row[1] for _, row in rows))


def _rows(dwarf: DWARFInfo) -> Iterator[tuple[int, SourceLine | None]]:
    """Yield (address, line), the ends of runs of code first: a later row of an address holds."""
    runs = [run for run in _runs(dwarf) if run[0][0] != _DISCARDED]
    yield from (run[-1] for run in runs)
    yield from (row for run in runs for row in run[:-1])


def _runs(dwarf: DWARFInfo) -> Iterator[list[tuple[int, SourceLine | None]]]:
    """Yield the rows of every run of code; the last one is its end and has no line."""
    for unit in dwarf.iter_CUs():
        program = dwarf.line_program_for_CU(unit)
        if program is None:
            continue
        paths = _paths(program.header)
        run: list[tuple[int, SourceLine | None]] = []
        for entry in program.get_entries():
            state = entry.state
            if state is None:
                continue
            if state.end_sequence:
                yield [*run, (state.address, None)]
                run = []
            elif state.line:
                run.append((state.address, SourceLine(paths[state.file], state.line)))


def _paths(header: Mapping[str, Any]) -> dict[int, str]:
    """Return a unit's files by number, relative to the project."""
    entries = header["file_entry"]
    folders = [_text(folder) for folder in header["include_directory"]]
    first = 0 if header["version"] >= _DWARF5 else 1
    paths = {}
    for number, entry in enumerate(entries, start=first):
        at = entry.dir_index - first
        folder = folders[at] if 0 <= at < len(folders) else ""
        name = _text(entry.name)
        joined = name if name.startswith("/") or not folder else f"{folder}/{name}"
        paths[number] = joined.removeprefix("./")
    return paths


def _text(raw: bytes | str) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
