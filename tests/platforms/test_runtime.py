"""The hand-written runtime, run on the emulated cores it is written for."""

import zlib
from dataclasses import replace

import pytest
from firmware_projects import boot, fake_project

from tinyrig.generator.errors import FaultError
from tinyrig.generator.planning.board import board_names, load_board
from tinyrig.suite.backends.registry import capabilities
from tinyrig.suite.toolchain import build, load_toolchain

MEMORY_BODY = """\
    uint32_t bad = 0U;
    for (uint32_t size = 0; size <= 37U; size++) {
        for (uint32_t from = 0; from < 5U; from++) {
            for (uint32_t to = 0; to < 5U; to++) {
                bad += check_copy(size, from, to) + check_set(size, to);
                bad += check_move(size, from, to);
            }
        }
    }
    arena[16] = (uint8_t)(bad != 0U);
"""
MEMORY_BEFORE = """\
#include <string.h>

static uint8_t space[64];
static uint8_t wanted[64];

#define EACH(expression) \\
    for (uint32_t i = 0; i < 64U; i++) { \\
        expression; \\
        __asm__ volatile("" ::: "memory"); \\
    }

static void fresh(void) {
    EACH(space[i] = (uint8_t)(i * 7U + 1U); wanted[i] = space[i])
}

static uint32_t differ(void) {
    uint32_t bad = 0U;
    EACH(bad += space[i] != wanted[i])
    return bad;
}

static uint32_t check_move(uint32_t size, uint32_t from, uint32_t to) {
    uint8_t copy[64];
    fresh();
    EACH(copy[i] = space[i])
    EACH(if (i < size) wanted[to + i] = copy[from + i])
    return (memmove(space + to, space + from, size) != space + to) + differ();
}

static uint32_t check_copy(uint32_t size, uint32_t from, uint32_t to) {
    uint8_t copy[64];
    fresh();
    EACH(copy[i] = (uint8_t)(200U - i))
    EACH(if (i < size) wanted[to + i] = copy[from + i])
    return (memcpy(space + to, copy + from, size) != space + to) + differ();
}

static uint32_t check_set(uint32_t size, uint32_t to) {
    fresh();
    EACH(if (i < size) wanted[to + i] = 0x5AU)
    return (memset(space + to, 0x75A, size) != space + to) + differ();
}
"""


@pytest.mark.parametrize("name", capabilities("embedded").boards())
def test_memory_functions(name: str) -> None:
    board = load_board(name)
    project = fake_project(board, MEMORY_BODY, before=MEMORY_BEFORE, output=1)
    result = boot(project, board)
    assert result.transcript.ok
    assert result.transcript.outputs["y"] == bytes(1)


def test_crc32_is_zlibs() -> None:
    board = load_board("stm32f427")
    body = """\
    const uint32_t whole = tr_crc32(0U, arena, 8U);
    const uint32_t parts = tr_crc32(tr_crc32(0U, arena, 3U), arena + 3, 5U);
    for (uint32_t i = 0; i < 4U; i++) {
        arena[16U + i] = (uint8_t)(whole >> (8U * i));
        arena[20U + i] = (uint8_t)(parts >> (8U * i));
    }
"""
    result = boot(fake_project(board, body, before='#include "tr_firmware.h"'), board)
    crc = zlib.crc32(bytes(range(1, 9))).to_bytes(4, "little")
    assert result.transcript.outputs["y"] == crc + crc


@pytest.mark.parametrize("checked", [pytest.param(False, marks=pytest.mark.night), True])
@pytest.mark.parametrize("name", board_names())
def test_sources_compile_without_a_warning(name: str, checked: bool) -> None:
    board = load_board(name)
    tools = load_toolchain("zig")
    strict = replace(tools, flags=(*tools.flags, "-Wconversion", "-Wshadow", "-Werror"))
    build(fake_project(board), board, strict, checked=checked)


def test_fault_handler_reports_over_the_uart() -> None:
    """The emulator ends a run at a fault; a chip enters the handler, here called as one would."""
    board = load_board("stm32f746")
    body = """\
    tr_frame frame = {1U, 2U, 3U, 4U, 12U, 14U, 0x08001234U, 0x01000000U};
    arena[16] = 0U;
    tr_fault(&frame);
"""
    with pytest.raises(FaultError) as caught:
        boot(fake_project(board, body, before='#include "tr_cortex_m.h"'), board)
    for part in ("reported a fault", "r0=00000001", "r12=0000000c", "pc=08001234"):
        assert part in str(caught.value)
