"""Building: identical bytes everywhere, no work twice, errors in the compiler's words."""

import io
import multiprocessing
import os
from dataclasses import replace
from pathlib import Path
from shutil import which

import pytest
from capstone import (
    CS_ARCH_ARM,
    CS_ARCH_RISCV,
    CS_MODE_MCLASS,
    CS_MODE_RISCV32,
    CS_MODE_RISCVC,
    CS_MODE_THUMB,
    Cs,
)
from elftools.elf.elffile import ELFFile
from firmware_projects import TRIPLE, boot, fake_project

from tinyrig.generator.emit.project import Project
from tinyrig.generator.errors import BuildError, FitError, InputError, MissingToolError
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.suite.models.case import resolve
from tinyrig.suite.rig.run import RunOptions, firmware_of
from tinyrig.suite.toolchain import Image, build, load_toolchain
from tinyrig.suite.toolchain.includes import IncludeGraph

BOARD = load_board("stm32f427")
THUMB = CS_ARCH_ARM, CS_MODE_THUMB | CS_MODE_MCLASS
RISCV = CS_ARCH_RISCV, CS_MODE_RISCV32 | CS_MODE_RISCVC


@pytest.fixture
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, the compiler's own included."""
    monkeypatch.setenv("TINYRIG_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def objects(cache: Path) -> set[str]:
    return {path.name for path in (cache / "store" / "obj").rglob("*.o")}


def make(project: Project | None = None, *, checked: bool = False, board: Board = BOARD) -> Image:
    return build(project or fake_project(board), board, load_toolchain("zig"), checked=checked)


def instructions(image: Image, name: str, mode: tuple[int, int] = THUMB) -> list[str]:
    symbol = image.symbols[name]
    disassembler = Cs(*mode)
    for segment in image.segments:
        at = symbol.address - segment.address
        if 0 <= at < len(segment.data):
            code = segment.data[at : at + symbol.size]
            return [f"{i.mnemonic} {i.op_str}" for i in disassembler.disasm(code, symbol.address)]
    raise AssertionError(name)


def test_functions_of_several_kernels_stand_once_where_calls_are_shortened() -> None:
    board = load_board("gap9")
    tools = load_toolchain("zig", board.compiler)
    case = resolve("ecgformer", {})
    image = firmware_of(case, board, tools, RunOptions()).clean
    table = ELFFile(io.BytesIO(image.elf)).get_section_by_name(".symtab")
    both = table.get_symbol_by_name("tr_xp_tiles_high")
    assert len(both) == 2  # convolutions and linear layers have it
    assert len({one["st_value"] for one in both}) == 1
    calls = instructions(image, "tr_infer", RISCV)
    assert [one for one in calls if one.startswith("c.jal") or one.startswith("jal")]
    assert not [one for one in calls if "jalr" in one]


def test_same_bytes_from_any_directory_home_and_cache(
    fresh_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make(checked=True)
    other = tmp_path / "with space"
    other.mkdir()
    monkeypatch.chdir(other)
    monkeypatch.setenv("HOME", str(other))
    monkeypatch.setenv("TMPDIR", str(other))
    monkeypatch.setenv("TINYRIG_CACHE", str(other / "c"))
    assert make(checked=True).sha256 == first.sha256
    assert str(tmp_path).encode() not in first.elf
    assert b"/tmp" not in first.elf
    assert b".debug" not in first.elf


TWINS = """
int tr_one(int x);
int tr_two(int x);
__attribute__((noinline)) int tr_one(int x) { return x * 7 + 3; }
__attribute__((noinline)) int tr_two(int x) { return x * 7 + 3; }
"""


def test_functions_of_one_body_are_one_but_for_the_markers() -> None:
    body = f"{TRIPLE}    arena[40] = (uint8_t)(tr_one(arena[0]) + tr_two(arena[1]));\n"
    project = fake_project(BOARD, body, before=TWINS)
    image = make(project)
    assert image.address("tr_one") == image.address("tr_two")
    for marker in ("tr_region_begin", "tr_region_end", "tr_halt"):
        here = {s.name for s in image.symbols.values() if s.address == image.address(marker)}
        assert {name for name in here if image.symbols[name].size} == {marker}
    assert boot(project, BOARD).transcript.ok


def test_second_build_starts_no_tool(fresh_cache: Path) -> None:
    tools = load_toolchain("zig")
    first = build(fake_project(BOARD), BOARD, tools, checked=False)
    broken = replace(tools, compile_command=("/nonexistent",), link_command=("/nonexistent",))
    assert build(fake_project(BOARD), BOARD, broken, checked=False).elf == first.elf
    with pytest.raises(BuildError, match="Cannot start /nonexistent"):
        build(fake_project(BOARD), BOARD, broken, checked=True)


def test_changed_header_recompiles_its_users_only(fresh_cache: Path) -> None:
    project = fake_project(BOARD)
    make(project)
    before = objects(fresh_cache)
    header = "platform/libc/tr_word.h"
    files = {**project.files, header: project.files[header] + "/* more */\n"}
    make(replace(project, files=files))
    assert len(objects(fresh_cache) - before) == 3


def test_both_builds_share_what_no_check_is_in(fresh_cache: Path) -> None:
    project = fake_project(BOARD)
    graph = IncludeGraph(project)
    checking = [
        unit
        for unit in project.units
        if any("TR_CHECKED" in project.files[path] for path in graph.closure(unit))
    ]
    assert 0 < len(checking) < len(project.units)
    make(project)
    clean = objects(fresh_cache)
    make(project, checked=True)
    assert len(clean) == len(project.units)
    assert len(objects(fresh_cache) - clean) == len(checking)


def test_include_graph_resolves_like_a_compiler() -> None:
    project = Project(
        name="p",
        board="b",
        files={
            "a.c": '#include "x.h"\n  #  include <y.h>\n#include <stdint.h>\n',
            "sub/b.c": '#include "x.h"\n',
            "sub/x.h": "",
            "inc/x.h": '#include "y.h"\n',
            "inc/y.h": '#include "x.h"\n',
            "c.c": "#include HEADER\n",
            "other.h": "",
        },
        units=("a.c", "sub/b.c", "c.c"),
        clean_units=(),
        checked_units=(),
        include_dirs=("inc",),
        linker_script="",
    )
    graph = IncludeGraph(project)
    assert graph.closure("a.c") == ("a.c", "inc/x.h", "inc/y.h")
    assert graph.closure("sub/b.c") == ("sub/b.c", "sub/x.h")
    assert set(graph.closure("c.c")) == {"c.c", "inc/x.h", "inc/y.h", "other.h", "sub/x.h"}


def test_compile_error_carries_the_message_and_leaves_nothing(fresh_cache: Path) -> None:
    with pytest.raises(BuildError, match=r"Compiling model\.c failed with zig[^$]*nothing_known"):
        make(fake_project(BOARD, "nothing_known(arena);"))
    assert not list(fresh_cache.rglob("*.elf"))
    assert not list((fresh_cache / "obj").rglob(".new-*"))


def test_undefined_symbol_is_a_build_error() -> None:
    with pytest.raises(BuildError, match="undefined symbol: missing_kernel"):
        make(fake_project(BOARD, "missing_kernel(arena);", before="void missing_kernel(void *);"))


@pytest.mark.parametrize("size", [55024, 55040])
def test_arena_capacity_is_what_the_linker_grants(size: int) -> None:
    assert BOARD.arena_capacity("ccm") == 55024
    project = fake_project(
        BOARD,
        "arena[16] = (uint8_t)(uintptr_t)taken;",
        arena=size,
        before="__attribute__((used)) static volatile uint8_t taken[2036];",
    )
    if size == 55024:
        assert make(project).sizes.static_ram == 2048
    else:
        with pytest.raises(FitError, match="16 bytes more than the 65536 bytes of 'ccm'"):
            make(project)


@pytest.mark.parametrize("name", ["zig", "gcc"])
def test_code_that_flash_has_no_room_for_is_told_in_figures(name: str) -> None:
    if name == "gcc" and which("arm-none-eabi-gcc") is None:
        pytest.skip("gcc is not installed: apt-get install gcc-arm-none-eabi")
    small = replace(BOARD, flash=replace(BOARD.flash, size=2048))
    with pytest.raises(FitError, match=r"it needs \d+ bytes more than the 2048 bytes of 'flash'"):
        build(fake_project(small), small, load_toolchain(name), checked=False)


def test_static_data_beyond_the_reserve_is_refused() -> None:
    project = fake_project(
        BOARD,
        "arena[16] = taken[arena[0]];",
        before="static volatile uint8_t taken[2100];",
    )
    with pytest.raises(BuildError, match="static data exceeds the board's reserve"):
        make(project)


def test_sizes_are_told_apart() -> None:
    body = "arena[16] = (uint8_t)(weights[arena[0] & 3] + table[arena[1] & 15] + grown++);"
    sizes = make(fake_project(BOARD, body, before="static volatile uint32_t grown = 5U;")).sizes
    assert (sizes.weights, sizes.tables, sizes.sample, sizes.arena) == (4, 16, 8, 64)
    assert sizes.data == 4
    assert 0 < sizes.bss < 64
    assert sizes.static_ram == sizes.data + sizes.bss
    assert sizes.flash == sizes.code + sizes.rodata + 4 + 16 + 4
    assert sizes.stack == BOARD.layout.stack_size


def test_locate_names_the_function() -> None:
    image = make()
    symbol = image.symbols["tr_infer"]
    assert image.locate(symbol.address + 6) == "tr_infer+0x6"
    assert image.locate(image.address("memcpy")) == "memcpy+0x0"
    assert image.locate(0x60000000) == "0x60000000"
    with pytest.raises(BuildError, match="no symbol tr_nothing"):
        image.address("tr_nothing")


def test_small_memcpy_is_one_load() -> None:
    before = """\
#include <string.h>
__attribute__((noinline)) uint32_t load(const uint8_t *p);
uint32_t load(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4U); return v; }
"""
    image = make(fake_project(BOARD, "arena[16] = (uint8_t)load(arena + 1);", before=before))
    assert instructions(image, "load") == ["ldr r0, [r0]", "bx lr"]


def test_sixty_four_bit_division_links_and_divides() -> None:
    body = """\
    volatile int64_t a = -123456789012345;
    volatile int64_t b = 1000003;
    const int64_t q = a / b;
    for (uint32_t i = 0; i < 8U; i++) {
        arena[16U + i] = (uint8_t)((uint64_t)q >> (8U * i));
    }
"""
    y = boot(fake_project(BOARD, body), BOARD).transcript.outputs["y"]
    assert int.from_bytes(y, "little", signed=True) == -(123456789012345 // 1000003)


def test_project_of_another_board_is_refused() -> None:
    with pytest.raises(BuildError, match="is for stm32f427, not stm32h743"):
        make(fake_project(BOARD), board=load_board("stm32h743"))


def test_unknown_and_missing_toolchains(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="zig, gcc"):
        load_toolchain("cl")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingToolError, match="apt-get install gcc-arm-none-eabi"):
        load_toolchain("gcc")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_unwritable_cache_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o500)
    monkeypatch.setenv("TINYRIG_CACHE", str(tmp_path / "cache"))
    with pytest.raises(InputError, match="TINYRIG_CACHE"):
        make()


def test_cache_below_a_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TINYRIG_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(InputError, match="Set TINYRIG_CACHE to a writable directory"):
        make()


def _build_in_process(_: int) -> str:
    return make(checked=True).sha256


def test_processes_share_an_empty_cache(fresh_cache: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        hashes = pool.map(_build_in_process, range(4))
    assert len(set(hashes)) == 1
    assert not list(fresh_cache.rglob(".new-*"))
