"""Kernels as the firmware of a board has them, by either toolchain."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tinyrig.generator.assets import asset_root
from tinyrig.generator.errors import BuildError
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.kernels import Kernel
from tinyrig.suite.studies.kernels.checking.structs import CLUSTER
from tinyrig.suite.toolchain.runtime import runtime_library
from tinyrig.suite.toolchain.toolchain import Toolchain, load_toolchain

CODE = 0x1000_0000
"""Where the code begins; it takes less than a megabyte."""

_SCRIPT = f"""SECTIONS {{
  . = {CODE:#x};
  .text : {{ . += BEFORE; *(.text .text.*) }}
  .rodata : {{ *(.rodata .rodata.* .srodata .srodata.*) }}
  .data : ALIGN(8) {{ *(.data .data.* .sdata .sdata.*) }}
  .bss : ALIGN(8) {{ *(.bss .bss.* .sbss .sbss.* COMMON) }}
  /DISCARD/ : {{ *(.ARM.exidx* .ARM.extab* .comment .note* .eh_frame*) }}
}}
"""


def build_image(folder: Path, board: Board, toolchain_name: str, kernels: Iterable[Kernel]) -> Path:
    """Compile kernels with the flags of a board's firmware, and link them at `CODE`.

    A warning is an error. MissingToolError when the toolchain is not there, BuildError with the
    compiler's words.
    """
    toolchain = load_toolchain(toolchain_name, board.compiler)
    own, libc = asset_root("kernels"), asset_root("platforms") / "libc"
    wanted = sorted({(kernel.home, kernel.path) for kernel in kernels})
    homes = dict.fromkeys((*(home for home, _ in wanted), own))
    folders = [home / part for home in homes for part in ("include", "src")]
    include = [f"-I{path}" for path in (*folders, libc) if path.is_dir()]
    command = (*toolchain.compile_command, *toolchain.compile_flags(board), *include, "-c")
    sources = [str(path) for _, path in wanted]
    strict = ("-Wconversion", "-Werror")
    toolchain.run((*command, *strict, *sources, str(CLUSTER)), folder, "Compiling the kernels")
    helpers = sorted(map(str, libc.glob("*.c")))
    toolchain.run((*command, *helpers), folder, "Compiling the C library")
    return link_image(folder, board, toolchain)


def link_image(folder: Path, board: Board, toolchain: Toolchain, before: int = 0) -> Path:
    """Link a folder's objects with their code `before` bytes behind `CODE`; BuildError as above."""
    (folder / "link.ld").write_text(_SCRIPT.replace("BEFORE", str(before)))
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
