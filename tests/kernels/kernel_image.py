"""The kernel library as the firmware of a board has it, by either toolchain."""

from __future__ import annotations

from pathlib import Path

from kernel_library import INCLUDES, ROOT

from tinyrig.generator.errors import BuildError
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.toolchain.runtime import runtime_library
from tinyrig.suite.toolchain.toolchain import Toolchain, load_toolchain, toolchain_names

CODE = 0x1000_0000
"""Where the code begins; it takes less than a megabyte."""

CORES = {"stm32f427": ("m4", "ref"), "stm32f746": ("m7",), "gap9": ("xpulp", "ref")}
"""Boards, one a core, and the instruction sets whose kernels are tested on them."""

BUILDS = tuple((board, toolchain) for board in CORES for toolchain in toolchain_names())

_SCRIPT = f"""SECTIONS {{
  . = {CODE:#x};
  .text : {{ *(.text .text.*) }}
  .rodata : {{ *(.rodata .rodata.* .srodata .srodata.*) }}
  .data : ALIGN(8) {{ *(.data .data.* .sdata .sdata.*) }}
  .bss : ALIGN(8) {{ *(.bss .bss.* .sbss .sbss.* COMMON) }}
  /DISCARD/ : {{ *(.ARM.exidx* .ARM.extab* .comment .note* .eh_frame*) }}
}}
"""


def kernels_of(board: str) -> list[Kernel]:
    """Return the kernels that are tested on a board."""
    return [kernel for kernel in all_kernels() if kernel.isa in CORES[board]]


def board_of(kernel: Kernel) -> str:
    """Return the board a kernel is tested on first."""
    return next(board for board, isas in CORES.items() if kernel.isa in isas)


def build_image(folder: Path, board_name: str, toolchain_name: str) -> Path:
    """Compile the kernels of a board with the flags of its firmware, and link them at `CODE`.

    A warning is an error. MissingToolError when the toolchain is not there.
    """
    board = load_board(board_name)
    toolchain = load_toolchain(toolchain_name, board.compiler)
    kernels = sorted({str(ROOT / kernel.source) for kernel in kernels_of(board_name)})
    helpers = sorted(map(str, ROOT.parent.glob("platforms/libc/*.c")))
    strict = ("-Wconversion", "-Werror")
    include = (*INCLUDES, f"-I{ROOT.parent / 'platforms/libc'}")
    flags = (*toolchain.compile_flags(board), *include, "-c")
    cluster = str(Path(__file__).with_name("cluster.c"))
    command = (*toolchain.compile_command, *flags)
    toolchain.run((*command, *strict, *kernels, cluster), folder, "Compiling the kernels")
    toolchain.run((*command, *helpers), folder, "Compiling the C library")
    return _link(folder, board, toolchain)


def _link(folder: Path, board: Board, toolchain: Toolchain) -> Path:
    (folder / "link.ld").write_text(_SCRIPT)
    objects = sorted(path.name for path in folder.glob("*.o"))
    link = (*toolchain.link_command, *toolchain.link_flags(board, ("--entry=0",)))
    command = (*link, "-T", "link.ld", "-o", "kernels.elf", *objects)
    try:
        toolchain.run((*command, *toolchain.link_tail), folder, "Linking the kernels")
    except BuildError as error:
        if not toolchain.builds_runtime or "undefined symbol: __" not in str(error):
            raise
        runtime = runtime_library(toolchain, toolchain.board_flags(board))
        (folder / "runtime.a").write_bytes(runtime)
        toolchain.run((*command, "runtime.a"), folder, "Linking the kernels")
    return folder / "kernels.elf"
