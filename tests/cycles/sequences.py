"""The published sequences, assembled and run through the models."""

from __future__ import annotations

import functools
import io
import subprocess
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from elftools.elf.elffile import ELFFile

from tinyrig.suite.cycles import m4
from tinyrig.suite.cycles.decode import decode
from tinyrig.suite.cycles.instruction import Instruction
from tinyrig.suite.cycles.m4_fetch import fetch_waits
from tinyrig.suite.cycles.m7 import Scoreboard
from tinyrig.suite.cycles.tables import load_timing
from tinyrig.suite.toolchain.toolchain import zig_binary

_ORIGIN = 0x0800_0000
_PASSES = 32
_RUN_UP = bytes.fromhex("c046c046 98fbf8f8")  # mov r8, r8 twice, sdiv r8, r8, r8


@dataclass(frozen=True)
class Published:
    """A row of the table; its head says what the fields mean."""

    core: str
    code: str
    cycles: float
    source: str
    disagrees: bool
    one_bank: bool
    places: tuple[int, ...]
    step: int


def table() -> list[Published]:
    """Return the table, in order."""
    text = (Path(__file__).parent / "sequences.toml").read_text(encoding="utf-8")
    return [
        Published(
            core=core,
            code=row["code"],
            cycles=row["cycles"],
            source=row["source"],
            disagrees=row.get("disagrees", False),
            one_bank=row.get("one_bank", False),
            places=tuple(row.get("places", ())),
            step=row.get("step", 0),
        )
        for core, rows in tomllib.loads(text).items()
        for row in rows
    ]


@functools.cache
def assembled() -> dict[str, bytes]:
    """Return the machine code of every sequence by its text."""
    codes = list(dict.fromkeys(row.code for row in table()))
    lines = [".syntax unified", ".thumb"]
    for at, code in enumerate(codes):
        lines += [f'.section .text.s{at},"ax"', *(part.strip() for part in code.split(";"))]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "all.s").write_text("\n".join(lines) + "\n", encoding="utf-8")
        target = ["-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m4+vfp4d16sp"]
        subprocess.run(
            [str(zig_binary()), "cc", *target, "-c", "all.s", "-o", "all.o"],
            cwd=folder,
            check=True,
        )
        elf = ELFFile(io.BytesIO((folder / "all.o").read_bytes()))
        return {
            code: elf.get_section_by_name(f".text.s{at}").data() for at, code in enumerate(codes)
        }


def instructions(code: str) -> tuple[Instruction, ...]:
    """Return a sequence of the table, decoded at a word boundary."""
    return decode(assembled()[code], _ORIGIN)


def modelled(row: Published) -> float:
    """Return what the model says of a row."""
    if row.core == "m4":
        return straight_m4_cycles(instructions(row.code))
    banks = (True,) if row.one_bank else (False, True)
    return fmean(_m7_pass(row, unknown_banks_meet=meet) for meet in banks)


def straight_m4_cycles(code: Sequence[Instruction]) -> int:
    """Return the cycles of straight code behind a division, which lets the fetch run ahead."""
    timing = load_timing("cortex-m4")
    before = decode(_RUN_UP, code[0].address - len(_RUN_UP))
    whole = [*before, *code]
    costs = m4.straight_cycles(whole, None, timing)
    waits = fetch_waits(whole, costs, 0, timing)
    return sum(costs[len(before) :]) + sum(waits[len(before) :])


def _m7_pass(row: Published, *, unknown_banks_meet: bool) -> float:
    board = Scoreboard(load_timing("cortex-m7"), unknown_banks_meet=unknown_banks_meet)
    half = 0.0
    for number in range(_PASSES):
        if number == _PASSES // 2:
            half = board.position
        board.run(instructions(row.code), [place + number * row.step for place in row.places])
    return (board.position - half) / (_PASSES // 2)
