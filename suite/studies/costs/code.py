"""How large each kernel's code is, and how long its calls wait for it: what the planner reads."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from elftools.elf.elffile import ELFFile

from tinyrig.generator.assets import asset_root
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.code_costs import CodeCost
from tinyrig.generator.planning.costs import has_small_cache
from tinyrig.generator.planning.kernels import PORTABLE, Kernel, all_kernels
from tinyrig.suite.rig.measuring import Progress
from tinyrig.suite.studies.costs.fit import Drawn
from tinyrig.suite.studies.costs.machine import Job, KernelMachine
from tinyrig.suite.studies.costs.nonnegative import nonnegative
from tinyrig.suite.studies.costs.sweep import swept_operators
from tinyrig.suite.studies.kernels.checking.image import build_image
from tinyrig.suite.toolchain.toolchain import Toolchain, load_toolchain, toolchain_names

VENEER = 16
"""Bytes set aside for each function a kernel calls outside its file, which lies in flash, beyond
the reach of a branch: GNU ld takes 8, lld 10."""

_CODE = ".text"
_CALLS = 16
_ABOUT = """\
# Written by `tinyrig bench kernels --code`: bytes of code, and the cycles a call waits for it
# through the board's own cache: `entry`, and `share` of the cycles it takes.
"""
_ABOUT_SIZES = """\
# Written by `tinyrig bench kernels --code`: bytes of code. What calls wait for it is fitted beside
# their cycles.
"""


def code_costs(board: Board, toolchain: str, progress: Progress) -> dict[str, CodeCost]:
    """Return size and waits of the code of every kernel of a board's instruction sets.

    The size is the most over all compilers, the waits are of one; none are measured where they are
    fitted beside the cycles of calls.
    """
    kernels = [kernel for kernel in all_kernels() if kernel.isa in board.isa]
    progress("compiling each kernel by every compiler")
    sizes = measured_sizes(board, kernels)
    if has_small_cache(board):
        return {name: CodeCost(size) for name, size in sizes.items()}
    waits: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory(prefix="tinyrig-code-") as name:
        image = build_image(Path(name), board, toolchain, kernels)
        with closing(KernelMachine(image, board.core, board.operating_point)) as machine:
            for op in swept_operators():
                progress(f"{board.core}: {op}")
                drawn = Drawn(op)
                for kernel in (k for k in kernels if k.op == op and k.isa != PORTABLE):
                    calls = islice(drawn.suited(kernel), _CALLS)
                    jobs = [Job(kernel, one.call, one.storages) for one in calls]
                    if jobs:
                        waits[kernel.name] = _waits(machine, jobs)
    return {
        name: CodeCost(size, *waits.get(name, (_whole_wait(board, size), 0.0)))
        for name, size in sizes.items()
    }


def _waits(machine: KernelMachine, jobs: Sequence[Job]) -> tuple[float, float]:
    """Return what a call that finds the cache empty waits, and what each of its cycles does."""
    spent = []
    for job in jobs:
        machine.empty_caches()
        spent += machine.spent([job])
    cycles = np.array([one.cycles for one in spent])
    waits = np.array([one.waits for one in spent])
    terms = np.stack([1 / cycles, np.ones(len(cycles))], axis=1)
    entry, share = nonnegative(terms, waits / cycles)
    return round(float(entry)), round(float(share), 3)


def _whole_wait(board: Board, size: int) -> float:
    """Return the wait for all lines of a kernel that no random call suits."""
    point = board.operating_point
    return 0.0 if point is None else -(-size // point.code_cache.line_bytes) * point.flash.wait


def measured_sizes(board: Board, kernels: Iterable[Kernel]) -> Mapping[str, int]:
    """Return the bytes of code of each kernel for a board: the most over the compilers.

    MissingToolError when a compiler is not there, BuildError with its words.
    """
    tools = [load_toolchain(name, board.compiler) for name in toolchain_names()]
    wanted = sorted(kernels, key=lambda kernel: kernel.name)
    return {
        kernel.name: max(code_bytes(compiled(one, board, kernel)) for one in tools)
        for kernel in wanted
    }


def compiled(toolchain: Toolchain, board: Board, kernel: Kernel) -> bytes:
    """Return the object file of a kernel, compiled as for a board's firmware."""
    homes = dict.fromkeys((kernel.home, asset_root("kernels")))
    include = [f"-I{home / part}" for home in homes for part in ("include", "src")]
    command = (*toolchain.compile_command, *toolchain.compile_flags(board), *include)
    with tempfile.TemporaryDirectory(prefix="tinyrig-code-") as name:
        output = Path(name) / "kernel.o"
        ending = ("-c", str(kernel.path), "-o", str(output))
        toolchain.run((*command, *ending), Path(name), f"Compiling {kernel.name}")
        return output.read_bytes()


def code_bytes(relocatable: bytes) -> int:
    """Return the bytes of code of an object file, with what aligns it and calls out of it."""
    file = ELFFile(io.BytesIO(relocatable))
    size = 0
    for section in file.iter_sections():
        if section.name == _CODE or section.name.startswith(f"{_CODE}."):
            boundary = max(4, int(section["sh_addralign"]))
            size += -(-int(section["sh_size"]) // boundary) * boundary
            size += boundary - 4  # what may lie before its start
    symbols: Any = file.get_section_by_name(".symtab")
    outside = [one for one in symbols.iter_symbols() if one.name and one["st_shndx"] == "SHN_UNDEF"]
    return size + VENEER * len(outside)


def table_text(costs: Mapping[str, CodeCost]) -> str:
    """Return the table of a core, as it is kept."""
    waits = any(one.entry or one.share for one in costs.values())
    lines = (
        f"{name} = {{ bytes = {one.bytes}"
        + (f", entry = {one.entry:g}, share = {one.share:g}" if waits else "")
        + " }\n"
        for name, one in sorted(costs.items())
    )
    return (_ABOUT if waits else _ABOUT_SIZES) + "".join(lines)
