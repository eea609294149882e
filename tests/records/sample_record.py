"""A record as a run would make it."""

from __future__ import annotations

from tinyrig.suite.records.record import (
    BackendFacts,
    Check,
    Cycles,
    Host,
    Layer,
    Memory,
    ModelFacts,
    Record,
    ToolchainFacts,
)

CHECK = Check(
    verdict="match",
    samples=1,
    elements=6,
    mismatches=0,
    first_mismatch=None,
    oracle="float",
    sqnr_db=31.25,
    argmax_agreement=1.0,
)

MEMORY = Memory(
    arena=22_436,
    arena_lower_bound=22_436,
    arena_planner="greedy",
    arena_region="ram",
    static=12,
    stack=312,
    peak_ram=22_760,
    ram_limit=327_680,
    flash=75_970,
    flash_code=10_774,
    flash_weights=56_392,
    flash_tables=8_804,
    flash_limit=1_048_576,
)

CYCLES = Cycles(source="modelled", model="m7", value=1_234_567, error_percent=8.5, memory="0ws")

RECORD = Record(
    model=ModelFacts(name="small", sha256="ab" * 32, macs=2_000, parameters=53_026),
    board="stm32f746",
    backend=BackendFacts(name="embedded", version="2.1.4"),
    toolchain=ToolchainFacts(name="zig", version="0.17.0", flags=("-O3", "-g0")),
    elf_sha256="cd" * 32,
    options={"ref_only": False, "opt": ["in-place"]},
    check=CHECK,
    instructions=5_000,
    cycles=(CYCLES,),
    memory=MEMORY,
    layers=(
        Layer(
            name="dense",
            op="linear",
            kernel="tr_linear_s8__ref",
            macs=2_000,
            instructions=4_000,
            cycles=(CYCLES,),
            arena=20,
        ),
        Layer(
            name="act",
            op="unary",
            kernel="tr_unary_s8__ref",
            macs=0,
            instructions=None,
            cycles=(),
            arena=10,
        ),
    ),
    host=Host(system="Linux", python="3.11.7", tinyrig="0.1.0"),
    started="2026-01-02T03:04:05+00:00",
    seconds=1.25,
)
