"""An ELF somebody else linked: what counts and models need of it, and nothing of the rig's own."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from tinyrig.generator.errors import BuildError, InputError
from tinyrig.generator.planning.board import Board
from tinyrig.suite.toolchain.image import Image, Sizes, Symbol, read_symbols
from tinyrig.suite.toolchain.segments import read_segments

_EM_ARM = "EM_ARM"


@dataclass(frozen=True)
class Marks:
    """The functions that begin and end what is counted, and those that end the program."""

    begin: str = "tr_region_begin"
    end: str = "tr_region_end"
    halt: Sequence[str] = ("tr_halt", "_exit", "exit", "abort")


def read_foreign(elf: bytes, name: str, board: Board, marks: Marks) -> Image:
    """Return a program as an image whose markers go by the rig's own names.

    The reset vector is read from the start of the board's flash. InputError for what is no linked
    Cortex-M program with these functions in that flash.
    """
    try:
        file = ELFFile(io.BytesIO(elf))
        machine, kind = file["e_machine"], file["e_type"]
        if machine != _EM_ARM or kind != "ET_EXEC":
            raise InputError(f"{name} is no linked program for a Cortex-M: {machine}, {kind}.")
        symbols = read_symbols(file)
        segments = read_segments(file)
    except (ELFError, BuildError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{name} cannot be read as a program: {error}") from error
    begin, end = (_function(symbols, mark, name, board) for mark in (marks.begin, marks.end))
    halt = next((symbols[mark] for mark in marks.halt if mark in symbols), None)
    own = {key: one for key, one in symbols.items() if not _is_mark(key)}
    own |= _renamed("tr_region_begin", begin) | _renamed("tr_region_end", end)
    if halt is not None and _in_flash(halt, board):
        own |= _renamed("tr_halt", halt)
    return Image(
        elf=elf,
        sha256=hashlib.sha256(elf).hexdigest(),
        checked=False,
        entry=int(file["e_entry"]) & ~1,
        symbols=own | _places(board),
        segments=segments,
        sizes=Sizes(*([0] * 9)),
    )


def _function(symbols: Mapping[str, Symbol], mark: str, name: str, board: Board) -> Symbol:
    symbol = symbols.get(mark)
    if symbol is None or not _in_flash(symbol, board):
        where = "" if symbol is None else f" in the flash of {board.name}"
        raise InputError(
            f"{name} has no function {mark!r}{where}. Call an empty function that is not inlined "
            "before what is to be counted, another behind it, and name them: --begin and --end."
        )
    return symbol


def _in_flash(symbol: Symbol, board: Board) -> bool:
    return board.flash.origin <= symbol.address < board.flash.end


def _is_mark(name: str) -> bool:
    return name in ("tr_step_begin", "tr_step_end", "tr_halt", "main")


def _renamed(name: str, symbol: Symbol) -> dict[str, Symbol]:
    return {name: Symbol(name, symbol.address, symbol.size)}


def _places(board: Board) -> dict[str, Symbol]:
    """The boundaries the rig's firmware has: here all of them at the stack's region."""
    region = board.region(board.layout.stack_region)
    starts = ("red_zone", "stack_bottom", "arena_start", "arena_end", "data_start")
    ends = ("stack_top", "bss_end")
    places = {**dict.fromkeys(starts, region.origin), **dict.fromkeys(ends, region.end)}
    return {f"tr_ld_{name}": Symbol(f"tr_ld_{name}", at, 0) for name, at in places.items()}
