"""Segments of an image lie apart, where they are loaded and where they run."""

import io
import struct

import pytest
from elftools.elf.elffile import ELFFile
from firmware_projects import fake_project
from hypothesis import given
from hypothesis import strategies as st

from tinyrig.generator.errors import BuildError, MissingToolError
from tinyrig.generator.planning.board import board_names, load_board
from tinyrig.suite.toolchain import build, load_toolchain
from tinyrig.suite.toolchain.segments import Segment, read_segments
from tinyrig.suite.toolchain.toolchain import toolchain_names

FLASH, RAM = 0x0800_0000, 0x2000_0000
Part = tuple[int, int, bytes, int]
"""Run address, load address, bytes, size in memory."""


def elf(*parts: Part) -> ELFFile:
    """An ELF of 32 bits with these segments and nothing else."""
    at = 52 + 32 * len(parts)
    identity = b"\x7fELF\x01\x01\x01" + bytes(9)
    fields = (2, 40, 1, FLASH, 52, 0, 0, 52, 32, len(parts), 0, 0, 0)
    headers, data = b"", b""
    for run, load, content, size in parts:
        segment = (1, at + len(data), run, load, len(content), size, 7, 4)
        headers += struct.pack("<8I", *segment)
        data += content
    return ELFFile(io.BytesIO(identity + struct.pack("<2H5I6H", *fields) + headers + data))


CODE = (FLASH, FLASH, b"code", 4)


def test_segments_apart_are_read_without_the_empty_ones() -> None:
    data = (RAM, FLASH + 4, b"data", 4)
    zeroed = (RAM + 4, RAM + 4, b"", 64)
    sample = (FLASH + 8, FLASH + 8, b"sample", 6)
    assert read_segments(elf(CODE, data, zeroed, sample)) == (
        Segment(FLASH, b"code", FLASH),
        Segment(FLASH + 4, b"data", RAM),
        Segment(FLASH + 8, b"sample", FLASH + 8),
    )


def test_what_is_cleared_must_not_be_loaded_over_another() -> None:
    """As GNU ld laid static data and the arena over the sample: both run elsewhere."""
    zeroed = (RAM, FLASH + 4, b"", 64)
    sample = (FLASH + 8, FLASH + 8, b"sample", 6)
    with pytest.raises(BuildError, match="load addresses: 64 bytes from 0x08000004 and 6 bytes"):
        read_segments(elf(CODE, sample, zeroed))


def test_what_runs_at_one_address_is_refused() -> None:
    with pytest.raises(BuildError, match="overlap at their run addresses"):
        read_segments(elf((RAM, FLASH, b"one ", 4), (RAM + 3, FLASH + 4, b"two ", 4)))


@given(st.integers(1, 64), st.integers(1, 64), st.integers(-80, 80))
def test_one_byte_decides(first: int, second: int, gap: int) -> None:
    parts = ((RAM, RAM, b"", first), (RAM + gap, RAM + gap, b"", second))
    if gap >= first or -gap >= second:
        assert read_segments(elf(*parts)) == ()
    else:
        with pytest.raises(BuildError):
            read_segments(elf(*parts))


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize("name", [n for n in board_names() if not load_board(n).cluster])
def test_every_board_s_script_keeps_sections_where_they_belong(name: str, toolchain: str) -> None:
    board = load_board(name)
    try:
        tools = load_toolchain(toolchain, board.compiler)
    except MissingToolError as error:
        pytest.skip(str(error))
    image = build(fake_project(board), board, tools, checked=False)
    flash = range(board.flash.origin, board.flash.origin + board.flash.size)
    with io.BytesIO(image.elf) as stream:
        for part in ELFFile(stream).iter_segments("PT_LOAD"):
            if part["p_memsz"] and not part["p_filesz"]:
                assert part["p_paddr"] not in flash, "what is cleared is loaded to flash"
