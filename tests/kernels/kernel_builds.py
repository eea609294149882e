"""Which kernels are tested on which board, and by which toolchains."""

from __future__ import annotations

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.toolchain.toolchain import toolchain_names

CORES = {"stm32f427": ("m4", "ref"), "stm32f746": ("m7",), "gap9": ("xpulp", "ref")}
"""Boards, one a core, and the instruction sets whose kernels are tested on them."""

BUILDS = tuple((board, toolchain) for board in CORES for toolchain in toolchain_names())


def kernels_of(board: str) -> list[Kernel]:
    """Return the kernels that are tested on a board."""
    return [kernel for kernel in all_kernels() if kernel.isa in CORES[board]]


def board_of(kernel: Kernel) -> str:
    """Return the board a kernel is tested on first."""
    return next(board for board, isas in CORES.items() if kernel.isa in isas)
