"""Small hand-written projects: a model.c around a C body, on a real board's runtime."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tinyrig.generator.emit.kernel_sources import INCLUDE_DIRS, kernel_sources
from tinyrig.generator.emit.platform import platform_files
from tinyrig.generator.emit.project import Project
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends import BootResult, backend
from tinyrig.suite.toolchain import build, load_toolchain

ARENA_SIZE = 64
SAMPLE = bytes(range(1, 9))

MODEL = """\
#include "tinyrig_model.h"

static const tr_io inputs[] = {{"x", 0U, 8U}};
static const tr_io outputs[] = {{"y", 16U, @OUTPUT@U}};
static const char *const steps[] = {"first", "second"};
const tr_model tr_model_info = {"fake", "@BOARD@", "0123abcd", @ARENA@U, 1U, 1U, 2U,
                                inputs, outputs, steps};
__attribute__((section(".tr_sample"), aligned(4))) const int8_t tr_sample[8] = {
    1, 2, 3, 4, 5, 6, 7, 8};
__attribute__((section(".tr_arena"), aligned(16))) uint8_t tr_arena[@ARENA@];
__attribute__((section(".rodata.tr_weights"), aligned(4)))
const volatile int8_t weights[4] = {3, 3, 3, 3};
__attribute__((section(".rodata.tr_tables"), aligned(4))) const volatile int8_t table[16] = {0, 1};

#ifdef __arm__
#define SPIN() __asm__ volatile("movw r0, #1000\\n1: subs r0, #1\\nbne 1b" ::: "r0", "cc")
#else
#define SPIN() __asm__ volatile("li t0, 1000\\n1: addi t0, t0, -1\\nbnez t0, 1b" ::: "t0")
#endif

#ifdef TR_CHECKED
#define BEGIN(k) tr_step_begin(k)
#define END(k) tr_step_end(k)
#define GUARD(at) tr_guard_set(arena, at)
#define VERIFY(at) tr_guard_check(arena, at)
#else
#define BEGIN(k)
#define END(k)
#define GUARD(at)
#define VERIFY(at)
#endif

@BEFORE@

void tr_infer(uint8_t *arena) {
@BODY@
}
"""

TRIPLE = """\
    GUARD(32U);
    BEGIN(0U);
    for (uint32_t i = 0; i < 8U; i++) {
        arena[16U + i] = (uint8_t)(arena[i] * weights[i & 3U] + table[i]);
    }
    END(0U);
    VERIFY(32U);
    BEGIN(1U);
    SPIN();
    END(1U);
"""


def fake_project(
    board: Board,
    body: str = TRIPLE,
    *,
    before: str = "",
    output: int = 8,
    arena: int = ARENA_SIZE,
    region: str | None = None,
    weights: str | None = None,
) -> Project:
    """A project whose tr_infer has `body`; 8 input bytes at 0, outputs at 16.

    `region` holds the arena, the flash `weights` the weights.
    """
    platform = platform_files(board, region or board.layout.arena_regions[0], weights)
    model = MODEL
    for key, value in {
        "BOARD": board.name,
        "ARENA": str(arena),
        "OUTPUT": str(output),
        "BEFORE": before,
        "BODY": body,
    }.items():
        model = model.replace(f"@{key}@", value)
    return Project(
        name="fake",
        board=board.name,
        files={**platform.files, **kernel_sources(())[0], "model.c": model},
        units=(*platform.units, "model.c"),
        clean_units=(),
        checked_units=(),
        include_dirs=(*INCLUDE_DIRS, *platform.include_dirs),
        linker_script=platform.linker_script,
    )


def boot(
    project: Project,
    board: Board,
    *,
    checked: bool = False,
    sample: bytes | None = None,
    watch: bool = False,
    budget: int = 50_000_000,
) -> BootResult:
    """Build a project with the default toolchain and run it on the default backend."""
    image = build(project, board, load_toolchain("zig"), checked=checked)
    return backend("embedded").run(image, board, sample=sample, watch=watch, budget=budget)


def is_gone(process: int) -> bool:
    """Whether a killed process is dead, at most a moment later."""
    state = Path(f"/proc/{process}/stat")
    for _ in range(200):
        try:
            if state.read_text().split()[2] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


def wait_for(what: Callable[[], object], seconds: float = 120.0) -> None:
    """Ask until it is so; a failure when it is not so in time."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)
