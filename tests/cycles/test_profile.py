"""The profile of a boot, and modelled cycles from it."""

import pytest
from backends.firmware_projects import boot, fake_project

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends import BlockProfile, backend
from tinyrig.suite.cycles import model_cycles
from tinyrig.suite.toolchain import Image, build, load_toolchain

BOARDS = {"cortex-m4": "stm32f427", "cortex-m7": "stm32f746"}
LOOP = """\
    BEGIN(0U);
    __asm__ volatile(".p2align 2\\n movw r0, #1000\\n sub.w r3, sp, #2048\\n"
                     "1: @PASS@ subs r0, #1\\nbne 1b"
                     ::: "r0", "r1", "r2", "r3", "r4", "cc");
    END(0U);
    BEGIN(1U);
    for (uint32_t i = 0; i < 8U; i++) { arena[16U + i] = arena[i]; }
    END(1U);
"""


def profiled(core: str, instructions: str) -> tuple[Image, BlockProfile]:
    board = load_board(BOARDS[core])
    project = fake_project(board, LOOP.replace("@PASS@", instructions))
    image = build(project, board, load_toolchain("zig"), checked=True)
    profile = backend("embedded").run(image, board, profile=True).profile
    assert profile is not None
    return image, profile


def test_a_profile_has_every_instruction_of_the_inference() -> None:
    board = load_board("stm32f427")
    project = fake_project(board)
    image = build(project, board, load_toolchain("zig"), checked=True)
    result = backend("embedded").run(image, board, profile=True)
    assert result.profile is not None
    sizes = {
        step: sum(block.size * count for block, count in result.profile.block_counts(step).items())
        for step in (0, 1)
    }
    # The second step is a loop of 1000 passes of two narrow instructions.
    assert sizes[1] - 4 * 1000 < 40
    flows = result.profile.flows[1]
    assert max(flow.count for flow in flows if flow.taken) >= 998


def test_a_run_without_a_profile_has_none() -> None:
    board = load_board("stm32f427")
    assert boot(fake_project(board), board).profile is None


def test_watching_notes_the_areas_of_loads() -> None:
    board = load_board("stm32f427")
    image = build(fake_project(board), board, load_toolchain("zig"), checked=True)
    profile = backend("embedded").run(image, board, profile=True, watch=True).profile
    assert profile is not None
    # Flash at 0x0800_0000 and CCM at 0x1000_0000.
    assert {access.areas for access in profile.accesses.values()} >= {1 << 0, 1 << 1}
    assert all(access.misaligned == 0 for access in profile.accesses.values())


@pytest.mark.parametrize(
    ("core", "instructions", "cycles"),
    [
        ("cortex-m4", "", 1 + 1 + 1),
        ("cortex-m4", "ldr r1, [sp]; ldr r2, [sp, #4]; add r3, r1, r2;", 3 + 1 + 2 + 1),
        ("cortex-m4", "smlad r1, r2, r3, r1; smlad r1, r2, r3, r1;", 2 + 2 + 1),
        ("cortex-m7", "smlad r1, r2, r3, r1; eor.w r4, r2, r3;", 2),
        ("cortex-m7", "mul r1, r2, r1; mul r1, r2, r1;", 4),
        ("cortex-m7", "strb.w r1, [r3], #1;", 2.375),
        ("cortex-m7", "strb.w r1, [r3, #1]!;", 2.375),
        ("cortex-m7", "strh.w r1, [r3], #2;", 2),
        ("cortex-m7", "strb.w r1, [r3]; add r3, #1;", 3),
        ("cortex-m7", "strh.w r1, [r3]; strh.w r1, [r3, #2]; ldr.w r2, [r3]; add r2, r2;", 13),
    ],
)
def test_a_loop_costs_what_its_passes_cost(core: str, instructions: str, cycles: float) -> None:
    image, profile = profiled(core, instructions)
    result = model_cycles(profile, image, core)
    # Entry, exit and one misprediction come on top of 1000 passes.
    assert 1000 * cycles <= result.by_step()[0] + cycles
    assert result.by_step()[0] < 1000 * cycles + 40
    assert result.total == pytest.approx(sum(result.by_step().values()), abs=2)
    assert result.total == pytest.approx(sum(result.by_function().values()), abs=2)
    assert result.error_percent > 0
    assert (result.model, result.memory) == (core, "0ws")


def test_a_core_without_a_model_is_an_error() -> None:
    image, profile = profiled("cortex-m4", "")
    with pytest.raises(InputError, match="cortex-m4, cortex-m7"):
        model_cycles(profile, image, "cortex-m33")
