"""The embedded backend: exact counts, the chips' memory, and every way a run can break."""

import resource
import struct

import pytest
from firmware_projects import SAMPLE, boot, fake_project

from tinyrig.generator.errors import (
    BrokenRunError,
    FaultError,
    FirmwareTimeoutError,
    InputError,
    MissingToolError,
    ProtocolError,
)
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends import backend, backend_names
from tinyrig.suite.backends.embedded import CAPABILITIES, EmbeddedBackend
from tinyrig.suite.toolchain import build, load_toolchain

BOARDS = CAPABILITIES.boards()
F4 = load_board("stm32f427")
STABLE = "for (int i = 16; i < 24; i++) arena[i] = 0;\n"


def answer(sample: bytes) -> bytes:
    """What TRIPLE computes: each byte times 3, plus 1 for the second."""
    return bytes((3 * x + (i == 1)) & 0xFF for i, x in enumerate(sample))


@pytest.mark.parametrize("checked", [False, True])
@pytest.mark.parametrize("name", BOARDS)
def test_boots_and_answers(name: str, checked: bool) -> None:
    board = load_board(name)
    result = boot(fake_project(board), board, checked=checked)
    assert result.transcript.ok
    assert result.transcript.board == name
    assert result.transcript.outputs == {"y": answer(SAMPLE)}
    assert len(result.step_instructions) == (2 if checked else 0)


@pytest.mark.parametrize("name", BOARDS)
def test_every_arena_region_works(name: str) -> None:
    board = load_board(name)
    for region in board.layout.arena_regions:
        size = board.arena_capacity(region)
        result = boot(fake_project(board, arena=size, region=region), board)
        assert result.transcript.ok
        assert result.transcript.outputs == {"y": answer(SAMPLE)}


@pytest.mark.parametrize("name", BOARDS)
def test_counts_are_exact(name: str) -> None:
    """The body grows by a known number of instructions; so must the count, and only it."""
    board = load_board(name)
    loop = '__asm__ volatile("movw r0, #{}\\n1: subs r0, #1\\nbne 1b" ::: "r0", "cc");'
    wide = '__asm__ volatile("smlad r0, r0, r0, r0\\nit eq\\nmoveq r0, r0" ::: "r0", "cc");'
    counts = [
        boot(fake_project(board, STABLE + body), board).instructions
        for body in (loop.format(10), loop.format(1010), loop.format(1010) + wide)
    ]
    assert counts[0] is not None
    assert counts[1] is not None
    assert counts[1] - counts[0] == 2000
    assert counts[2] == counts[1] + 3


def test_step_counts_are_of_the_step_alone() -> None:
    steps = "{0}BEGIN(0U); {1} END(0U); {0}BEGIN(1U); {2} END(1U);"
    nop = '__asm__ volatile("nop");'
    guards = "GUARD(32U); VERIFY(32U);"
    plain = boot(fake_project(F4, STABLE + steps.format("", "", nop)), F4, checked=True)
    more = boot(fake_project(F4, STABLE + steps.format(guards, 5 * nop, nop)), F4, checked=True)
    assert more.step_instructions[0] == plain.step_instructions[0] + 5
    assert more.step_instructions[1] == plain.step_instructions[1]
    assert more.instructions is not None
    assert more.instructions > sum(more.step_instructions)


def test_sample_replaces_the_models_input() -> None:
    sample = bytes((250, 0, 7, 128, 255, 1, 2, 99))
    project = fake_project(F4)
    assert boot(project, F4, sample=sample).transcript.outputs["y"] == answer(sample)
    assert boot(project, F4).transcript.outputs["y"] == answer(SAMPLE)
    for wrong in (b"", bytes(7), bytes(9)):
        with pytest.raises(InputError, match=f"has {len(wrong)} bytes; the model takes 8"):
            boot(project, F4, sample=wrong)


def test_runs_repeat_exactly_and_free_their_memory() -> None:
    image = build(fake_project(F4), F4, load_toolchain("zig"), checked=True)
    machine = backend("embedded")

    def facts() -> tuple[object, ...]:
        result = machine.run(image, F4)
        return (
            result.transcript,
            result.instructions,
            result.step_instructions,
            result.total_instructions,
            result.stack_high_water,
            result.touched,
        )

    first = facts()
    for _ in range(20):
        assert facts() == first
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(40):
        assert facts() == first
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 20_000  # KB; one boot holds more than 10,000


def test_watching_changes_nothing_but_what_is_seen() -> None:
    project = fake_project(F4, "arena[16] = arena[0]; arena[17] = arena[7];", output=2)
    plain = boot(project, F4)
    watched = boot(project, F4, watch=True)
    assert watched.transcript == plain.transcript
    assert watched.instructions == plain.instructions
    assert plain.touched is not None
    assert watched.touched is not None
    assert plain.touched.written == watched.touched.written
    assert plain.touched.read == b""
    assert [i for i, flag in enumerate(watched.touched.written) if flag] == [16, 17]
    assert [i for i, flag in enumerate(watched.touched.read) if flag] == [0, 7]


@pytest.mark.parametrize("watch", [False, True])
def test_stack_depth_follows_the_frames(watch: bool) -> None:
    body = 'uint8_t frame[{}]; frame[0] = 1; __asm__ volatile("" :: "r"(frame) : "memory");'
    depth = [
        boot(fake_project(F4, STABLE + body.format(size)), F4, watch=watch).stack_high_water
        for size in (512, 1024)
    ]
    assert depth[1] - depth[0] == 512


def test_painted_and_watched_stack_depth_agree() -> None:
    project = fake_project(F4)
    plain, watched = boot(project, F4), boot(project, F4, watch=True)
    assert plain.stack_high_water == watched.stack_high_water


FAULTS = {
    "undefined instruction": ('__asm__ volatile("udf #1");', "tr_infer"),
    "read of unmapped memory at 0x70000000": (
        "arena[16] = *(volatile uint8_t *)0x70000000U;",
        "tr_infer",
    ),
    "write to unmapped memory at 0x70000000": (
        "*(volatile uint8_t *)0x70000000U = arena[0];",
        "tr_infer",
    ),
    "write to read-only memory at": (
        "*(volatile uint8_t *)(uintptr_t)tr_sample = arena[0];",
        "tr_infer",
    ),
    "fetch from memory that holds no code": (
        "((void (*)(void))(uintptr_t)(arena + 1))();",
        "tr_arena",
    ),
    "fetch from unmapped memory": ("((void (*)(void))0x70000001U)();", "0x70000000"),
    "supervisor call": ('__asm__ volatile("svc 0");', "tr_infer"),
    "breakpoint": ('__asm__ volatile("bkpt 0xab");', "tr_infer"),
    "the core stopped": ('__asm__ volatile("wfi");', "tr_infer"),
    "write to unmapped memory": (
        "volatile uint8_t deep[9000];\n"
        "for (int i = 8999; i >= 0; i--) deep[i] = (uint8_t)i;\n"
        "arena[16] = deep[arena[0]];",
        "tr_infer",
    ),
}


@pytest.mark.parametrize("cause", FAULTS)
@pytest.mark.parametrize("name", BOARDS)
def test_faults_name_cause_symbol_and_registers(name: str, cause: str) -> None:
    board = load_board(name)
    body, symbol = FAULTS[cause]
    with pytest.raises(FaultError) as caught:
        boot(fake_project(board, body), board)
    message = str(caught.value)
    assert cause in message
    assert f"faulted in {symbol}" in message
    assert all(f" {register}=0x" in message for register in ("r1", "r12", "sp", "pc", "xpsr"))


@pytest.mark.parametrize(
    "code",
    [
        "ldrd r2, r3, [%0]",
        "strd r2, r3, [%0]",
        "ldm %0, {r2, r3}",
        "ldm.w %0, {r2, r8}",
        "vldr s0, [%0]",
        "vstr s0, [%0]",
    ],
)
def test_watching_faults_misaligned_accesses_the_core_would(code: str) -> None:
    body = f'{STABLE}__asm__ volatile("{code}" :: "r"(arena + @) : "r2", "r3", "r8", "s0");'
    with pytest.raises(FaultError, match="misaligned access at 0x10002111"):
        boot(fake_project(F4, body.replace("@", "1")), F4, watch=True)
    assert boot(fake_project(F4, body.replace("@", "4")), F4, watch=True).transcript.ok


def test_watching_allows_what_the_core_allows() -> None:
    code = "ldr r2, [%0]; str r2, [%0]; ldrh r2, [%0]; ldr r2, [%0, r3]"
    body = f'{STABLE}__asm__ volatile("mov r3, #0; {code}" :: "r"(arena + 33) : "r2", "r3");'
    assert boot(fake_project(F4, body), F4, watch=True).transcript.ok


def test_endless_firmware_ends_by_budget() -> None:
    body = 'for (;;) { __asm__ volatile(""); }'
    with pytest.raises(FirmwareTimeoutError, match=r"within 1000000 instructions.*tr_infer\+0x"):
        boot(fake_project(F4, body), F4, budget=1_000_000)


@pytest.mark.parametrize(
    ("body", "check"),
    [
        ("arena[64 + 1] = 1;", "arena_end"),
        ("*(volatile uint8_t *)((uintptr_t)tr_ld_stack_bottom - 3U) = 1;", "red_zone"),
        ("arena[16] = arena[40];", "repeat"),
    ],
)
def test_silent_damage_fails_the_verdict(body: str, check: str) -> None:
    project = fake_project(F4, STABLE + body, before="extern uint32_t tr_ld_stack_bottom[];")
    transcript = boot(project, F4).transcript
    assert not transcript.ok
    assert [found.name for found in transcript.failed_checks()] == [check]


def test_guard_violation_tells_the_guard() -> None:
    guards = "GUARD(32U); GUARD(48U); BEGIN(0U); arena[55] = 0; END(0U); VERIFY(32U); VERIFY(48U);"
    body = STABLE + guards
    transcript = boot(fake_project(F4, body), F4, checked=True).transcript
    (check,) = transcript.failed_checks()
    assert (check.name, check.failures, check.detail) == ("guards", 2, 48)


def test_counts_that_differ_between_inferences_break_the_run() -> None:
    body = STABLE + 'if (arena[40] == 0xA5U) __asm__ volatile("nop\\nnop");'
    with pytest.raises(BrokenRunError, match=r"took \d+ and \d+ instructions"):
        boot(fake_project(F4, body), F4)


@pytest.mark.parametrize(
    "body",
    [
        "BEGIN(0U); BEGIN(1U); END(1U); END(0U);",
        "BEGIN(0U); END(1U);",
        "BEGIN(0U);",
        "BEGIN(100000U); END(100000U);",
    ],
)
def test_markers_out_of_order_break_the_run(body: str) -> None:
    with pytest.raises(ProtocolError, match="out of order"):
        boot(fake_project(F4, STABLE + body), F4, checked=True)


def test_firmware_that_talks_out_of_turn_is_corrupt() -> None:
    body = STABLE + "tr_uart_put('x');"
    with pytest.raises(ProtocolError, match="Line 3 is corrupt"):
        boot(fake_project(F4, body, before='#include "tr_uart.h"'), F4)


def test_large_outputs_arrive_whole() -> None:
    board = load_board("stm32f746")
    body = "for (uint32_t i = 0; i < 50001U; i++) arena[16U + i] = (uint8_t)(i * 7U >> 3);"
    project = fake_project(board, body, arena=50032, output=50001)
    y = boot(project, board).transcript.outputs["y"]
    assert y == bytes((i * 7 >> 3) & 0xFF for i in range(50001))


def test_vector_table_is_the_boards() -> None:
    for name in BOARDS:
        board = load_board(name)
        image = build(fake_project(board), board, load_toolchain("zig"), checked=False)
        (table,) = [part for part in image.segments if part.address == board.flash.origin]
        words = struct.unpack_from(f"<{16 + board.interrupts}I", table.data)
        assert words[0] == image.stack.address + image.stack.size
        assert words[1] == image.address("tr_reset") | 1
        assert set(words[2:]) == {image.address("tr_fault_entry") | 1}


def test_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    assert backend_names()[0] == "embedded"
    assert isinstance(backend("embedded"), EmbeddedBackend)
    assert backend("embedded").version == "2.1.4"
    with pytest.raises(InputError, match="Known backends: embedded"):
        backend("bochs")
    monkeypatch.setitem(__import__("sys").modules, "unicorn", None)
    with pytest.raises(MissingToolError, match="pip install unicorn"):
        backend("embedded")
