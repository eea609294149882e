"""A board's flash and caches: which lines an inference waits for, and what that costs."""

from dataclasses import replace

import pytest
from backends.firmware_projects import fake_project

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import Board, load_board, parse_board
from tinyrig.suite.backends import BlockProfile, backend
from tinyrig.suite.cycles import model_cycles, with_board_memory
from tinyrig.suite.models.case import resolve
from tinyrig.suite.records.profile import NO_MISSES, Misses
from tinyrig.suite.rig.firmware import make_firmware
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.toolchain import Image, build, load_toolchain

TABLE = """\
__attribute__((section(".rodata.tr_weights"), aligned(64)))
static const volatile uint8_t wide[1024] = {1};
"""
READ = """\
    BEGIN(0U);
    __asm__ volatile("movs r4, #@PASSES@\\n 2: mov r0, %0\\n movs r1, #@WORDS@\\n b 1f\\n"
                     "1: ldr r2, [r0], #4\\n subs r1, #1\\n bne 1b\\n subs r4, #1\\n bne 2b"
                     :: "r"(@FROM@) : "r0", "r1", "r2", "r4", "cc");
    END(0U);
    BEGIN(1U); END(1U);
"""
STRAIGHT = """\
    BEGIN(0U);
    __asm__ volatile("movs r4, #3\\n b 1f\\n .p2align 6\\n 1: .rept @WORDS@\\n nop.w\\n .endr\\n"
                     "subs r4, #1\\n bne.w 1b" ::: "r4", "cc");
    END(0U);
    BEGIN(1U); END(1U);
"""


def booted(board: Board, body: str, weights: str | None = None) -> tuple[Image, BlockProfile]:
    project = fake_project(board, body, before=TABLE, arena=1024, weights=weights)
    image = build(project, board, load_toolchain("zig"), checked=True)
    profile = backend("embedded").run(image, board, profile=True).profile
    assert profile is not None
    return image, profile


def reading(place: str, words: int, passes: int) -> str:
    values = {"@FROM@": place, "@WORDS@": str(words), "@PASSES@": str(passes)}
    body = READ
    for key, value in values.items():
        body = body.replace(key, value)
    return body


def misses(profile: BlockProfile) -> Misses:
    return Misses(*map(sum, zip(*(flow.misses for flow in profile.flows[0]), strict=True)))


@pytest.mark.parametrize(
    ("board", "place", "words", "passes", "lines"),
    [
        pytest.param("stm32f427", "wide", 64, 2, 2 * 16, id="more than the cache: every pass"),
        pytest.param("stm32f427", "wide", 24, 9, 6, id="less than the cache: the first pass"),
        pytest.param("stm32f427", "arena + 64", 64, 2, 0, id="RAM"),
        pytest.param("stm32l4r5", "wide", 80, 2, 2 * 20, id="lines of 16 bytes, 256 bytes of them"),
        pytest.param("stm32l4r5:dual-bank", "wide", 80, 2, 2 * 40, id="lines of 8 bytes"),
        pytest.param("stm32f746", "wide", 250, 3, 32, id="lines of 32 bytes, 4 KB of them"),
    ],
)
def test_data_lines_are_counted(
    board: str, place: str, words: int, passes: int, lines: int
) -> None:
    _, profile = booted(load_board(board), reading(place, words, passes))
    assert misses(profile).data == lines
    assert misses(profile).external == 0


def test_an_uncached_external_flash_is_read_word_by_word() -> None:
    board = load_board("stm32f427")
    image, profile = booted(board, reading("wide", 64, 2), weights="nor")
    assert (misses(profile).data, misses(profile).external) == (0, 2 * 64)
    zero = model_cycles(profile, image, board.core)
    assert board.operating_point is not None
    whole = with_board_memory(zero, profile, board.name, board.operating_point)
    assert whole.by_step()[0] - zero.by_step()[0] == pytest.approx(2 * 64 * 30, abs=40)
    assert whole.error_percent == 50


def test_a_cached_external_flash_is_read_once() -> None:
    _, profile = booted(load_board("stm32h743"), reading("wide", 64, 2), weights="quadspi")
    assert (misses(profile).data, misses(profile).external) == (0, 8)


@pytest.mark.parametrize(
    ("words", "passes"), [pytest.param(500, 3, id="thrashes"), pytest.param(100, 1, id="fits")]
)
def test_code_lines_are_counted_each_pass_that_evicts_them(words: int, passes: int) -> None:
    _, profile = booted(load_board("stm32f427"), STRAIGHT.replace("@WORDS@", str(words)))
    lines = words * 4 // 16
    found = misses(profile)
    assert passes * lines <= found.jumped + found.next <= passes * lines + 6


def test_straight_code_waits_for_what_prefetching_does_not_hide() -> None:
    board = load_board("stm32f427")
    image, profile = booted(board, STRAIGHT.replace("@WORDS@", "500"))
    assert board.operating_point is not None
    zero = model_cycles(profile, image, board.core)
    whole = with_board_memory(zero, profile, board.name, board.operating_point)
    waited = whole.by_step()[0] - zero.by_step()[0]
    # A line is four cycles of wide NOPs and comes six after it was asked for.
    assert waited == pytest.approx(3 * 125 * 2, abs=60)
    assert (zero.memory, whole.memory) == ("0ws", "board")
    assert whole.error_percent > zero.error_percent
    assert "180 MHz" in whole.model


def test_every_data_line_costs_the_wait_states() -> None:
    board = load_board("stm32f427")
    image, profile = booted(board, reading("wide", 64, 5))
    assert board.operating_point is not None
    zero = model_cycles(profile, image, board.core)
    whole = with_board_memory(zero, profile, board.name, board.operating_point)
    waited = whole.by_step()[0] - zero.by_step()[0]
    assert waited == pytest.approx(5 * 16 * 5, abs=40)


def test_cycles_at_zero_wait_states_know_no_caches() -> None:
    board = load_board("stm32f746")
    image, cached = booted(board, reading("wide", 64, 2))
    uncached_board = replace(board, operating_point=None)
    plain = backend("embedded").run(image, uncached_board, profile=True).profile
    assert plain is not None
    assert all(flow.misses == NO_MISSES for flows in plain.flows.values() for flow in flows)
    assert model_cycles(plain, image, board.core) == model_cycles(cached, image, board.core)


def test_watching_finds_the_lines_that_registers_tell_of() -> None:
    board = load_board("stm32f427")
    image, profile = booted(board, reading("wide", 64, 2))
    watched = backend("embedded").run(image, board, profile=True, watch=True).profile
    assert watched is not None
    assert misses(watched) == misses(profile)


@pytest.mark.parametrize("name", ["stm32f427", "stm32h743"])
def test_what_registers_tell_is_near_what_watching_sees(name: str) -> None:
    board, case = load_board(name), resolve("ecgformer-mhsa", {})
    sample = sample_bytes(case.graph, case.samples(1)[0])
    image = make_firmware(case.graph, board, load_toolchain("zig"), sample).clean
    assert board.operating_point is not None
    found = []
    for watch in (False, True):
        profile = backend("embedded").run(image, board, profile=True, watch=watch).profile
        assert profile is not None
        zero = model_cycles(profile, image, board.core)
        found.append(with_board_memory(zero, profile, board.name, board.operating_point).total)
    told, exact = found
    assert told == pytest.approx(exact, rel=0.03)


def test_the_same_boot_misses_the_same_lines() -> None:
    board = load_board("stm32h743")
    image, profile = booted(board, reading("wide", 64, 2))
    assert backend("embedded").run(image, board, profile=True).profile == profile


def test_an_operating_point_that_contradicts_its_board_is_refused() -> None:
    from tinyrig.generator.assets import asset_root

    text = (asset_root("platforms") / "stm32f427" / "board.toml").read_text(encoding="utf-8")
    for wrong, said in (
        (text.replace("ways = 64", "ways = 0"), "code_cache needs ways"),
        (text.replace("size = 0x3_0000\n\n[[power]]", "size = 0x4_0000\n\n[[power]]"), "fast_ram"),
        (text.replace("clock_divider = 1", "clock_divider = 0"), "clock_divider is 0"),
    ):
        with pytest.raises(InputError, match=said):
            parse_board(wrong, "board.toml")
