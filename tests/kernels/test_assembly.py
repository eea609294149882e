"""Assembly tells the compiler all it does (CONTRIBUTING.md): every statement of every core."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from asm_statements import statements
from kernel_library import INCLUDES, ROOT

from tinyrig.generator.emit.platform import platform_files
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.toolchain.toolchain import load_toolchain, zig_environment

BOARDS = ("stm32f427", "stm32f746", "gap9")


def _preprocessed(board_name: str, folder: Path) -> Iterator[str]:
    """Each kernel and each unit of a board's platform, as its compiler sees it."""
    board = load_board(board_name)
    toolchain = load_toolchain("zig", board.compiler)
    sources = platform_files(board, board.layout.arena_regions[0])
    for name, text in sources.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    kernels = [str(path) for isa in board.isa for path in sorted(ROOT.glob(f"src/{isa}/*.c"))]
    includes = [*INCLUDES, *(f"-I{name}" for name in sources.include_dirs)]
    command = [*toolchain.compile_command, *toolchain.compile_flags(board), *includes, "-E", "-P"]
    for unit in (*sources.units, *kernels):
        done = subprocess.run(
            [*command, unit],
            cwd=folder,
            env={"PATH": "/bin", **zig_environment(folder)},
            capture_output=True,
            text=True,
            check=True,
        )
        yield done.stdout


@pytest.mark.parametrize("board", BOARDS)
def test_every_statement_declares_what_it_does(board: str, tmp_path: Path) -> None:
    found = [s for text in _preprocessed(board, tmp_path) for s in statements(text)]
    assert len(found) > 100
    wrong = {
        f"{fault}: {'; '.join(statement.instructions[:3])}"
        for statement in found
        for fault in statement.faults()
    }
    assert wrong == set()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('__asm__("add %0, %1, %1\\n\\tadd %0, %0, %2" : "=r"(d) : "r"(a), "r"(b));', "'=r'"),
        ('__asm__("add %0, %1, %1\\n\\tadd %0, %0, %2" : "+r"(d) : "r"(a), "m"(*b));', "'+r'"),
        ('__asm__ volatile("str %0, [%1]" :: "r"(a), "r"(p));', "stores to memory"),
        ('__asm__("ldr %0, [%1]" : "=r"(d) : "r"(p));', "loads from memory"),
        ('__asm__("str %0, [%1], #4" : "+r"(p) : "r"(a) : "memory");', "not volatile"),
        ('__asm__("subs %0, %1, #1" : "=r"(d) : "r"(a));', "flags"),
        ('__asm__("usub8 %0, %1, %1" : "=r"(d) : "r"(a));', "flags"),
        ('__asm__("add %0, %1, r3" : "=r"(d) : "r"(a));', "uses r3"),
        ('register int x __asm__("t0"); __asm__("add t0, %1, t1" : "+r"(x) : "r"(a));', "uses t1"),
    ],
)
def test_a_statement_that_hides_something_is_found(text: str, fault: str) -> None:
    (statement,) = statements(text)
    (told,) = statement.faults()
    assert fault in told


@pytest.mark.parametrize(
    "text",
    [
        '__asm__("add %0, %1, %1\\n\\tadd %0, %0, %2" : "=&r"(d) : "r"(a), "r"(b));',
        '__asm__("add %0, %1, %2" : "=r"(d) : "r"(a), "r"(b));',
        '__asm__("lw %0, %1" : "=r"(d) : "m"(*(const int8_t(*)[4])p));',
        '__asm__ volatile("push {r7}\\n\\tmovs r7, #0\\n\\tpop {r7}" ::: "cc", "memory");',
        'register int x __asm__("r3"); __asm__("add r3, %1, r4" : "+r"(x) : "r"(a) : "r4");',
    ],
)
def test_a_statement_that_says_all_is_not(text: str) -> None:
    (statement,) = statements(text)
    assert list(statement.faults()) == []
