"""A user's folder of a board, a core with its start-up code, and a kernel, made by the recipes."""

from __future__ import annotations

import shutil
from pathlib import Path

from tinyrig.generator.assets import asset_root

BOARD = "bench_m4"
KERNEL = "tr_add_s8_plain__m4"
_CORE = """\
name = "my-m4"
runtime = "my_runtime"
unicorn = "UC_CPU_ARM_CORTEX_M4"

[cycles]
pipeline = "cortex-m4"
timing = "cortex_m/timing/cortex-m4.toml"
cycles_a_mac = 1.0

[cycles.board_memory]
version = 1
error_percent = 10.0
external_error_percent = 50.0
error_basis = "the same core as Tinyrig's own"
"""
_ENTRY = f"""\
[[kernel]]
op = "add_s8"
name = "{KERNEL}"
about = "Rows of contiguous elements, one at a time."
isa = "m4"
legal = ["a_stride[5] == 1", "b_stride[5] == 1", "y_stride[5] == 1"]
scratch = "0"
cost = "1"
"""


def make(root: Path) -> Path:
    """Write the folder and return it."""
    platforms = root / "platforms"
    shutil.copytree(asset_root("platforms") / "cortex_m", platforms / "my_runtime")
    start = platforms / "my_runtime" / "tr_start.c"
    start.write_text("/* Mine. */\n" + start.read_text())
    (platforms / "cores").mkdir()
    (platforms / "cores" / "my-m4.toml").write_text(_CORE)
    (platforms / BOARD).mkdir()
    (platforms / BOARD / "board.toml").write_text(board())
    add_kernel(root / "kernels")
    return root


def board(name: str = BOARD, core: str = "my-m4") -> str:
    """The text of a board.toml: an MPS2+ with another name and core."""
    text = (asset_root("platforms") / "mps2_an386" / "board.toml").read_text()
    text = text.replace('core = "cortex-m4"', f'core = "{core}"')
    return text.replace('name = "mps2_an386"', f'name = "{name}"')


def add_kernel(home: Path, *, break_it: bool = False) -> None:
    """A folder of one kernel: the portable sum under another name, perhaps off by one."""
    portable = (asset_root("kernels") / "src" / "ref" / "tr_add_s8__ref.c").read_text()
    text = portable.replace("tr_add_s8__ref", KERNEL).replace("common/block.h", "m4/my_block.h")
    text = text.replace("tinyrig/elementwise.h", "tinyrig/variants.h")
    text = text.replace(
        "sum >> p->shift", "(sum + 1) >> p->shift" if break_it else "sum >> p->shift"
    )
    source = home / "src" / "m4"
    source.mkdir(parents=True)
    (source / f"{KERNEL}.c").write_text(text)
    (source / "my_block.h").write_text('#include "common/block.h"\n')
    (home / "registry.toml").write_text(_ENTRY)
