"""The cluster's kernels: real shapes, shares of the cores, and the three back-ends of xpulp.h."""

from __future__ import annotations

import ctypes
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kernel_cases import SIZES, calls, sized_case
from kernel_library import INCLUDES, OPTIMISED, ROOT, SANITIZED, build
from kernel_runs import execute, planned

from tinyrig.generator.errors import MissingToolError
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.operand import CANARY
from tinyrig.suite.toolchain.toolchain import load_toolchain, toolchain_names

XPULP = [kernel for kernel in all_kernels() if kernel.isa == "xpulp"]
PORTABLE = {k.op: k for k in all_kernels() if (k.isa, k.pack) == ("ref", "rows")}
HERE = Path(__file__).parent
_SHAPES = [
    ("linear_s8", (81, 32, 256)),
    ("linear_s8", (81, 32, 33)),
    ("linear_s8", (5, 32, 256)),
    ("linear_s8", (66, 16, 16)),
    ("linear_s8", (81, 256, 32)),
    ("linear_s8", (1, 18, 5)),
    ("linear_s8", (9, 33, 70)),
    ("linear_s8_s32", (81, 32, 32)),
    ("matmul_s8", (1, 8, 33, 32, 33)),
    ("matmul_s8", (2, 1, 19, 81, 32)),
    ("attention_s8", (1, 8, 33, 33, 32, 32)),
    ("attention_s8", (1, 1, 81, 81, 32, 32)),
    ("attention_s8", (1, 8, 5, 5, 32, 32)),
    ("attention_s8", (1, 8, 34, 66, 2, 2)),
    ("attention_s8", (1, 3, 16, 16, 8, 8)),
    ("attention_s8", (2, 1, 10, 35, 64, 20)),
]


def _kernels(op: str) -> list[Kernel]:
    return [kernel for kernel in XPULP if kernel.op == op]


@pytest.mark.parametrize("cores", [1, 2, 4, 8])
@pytest.mark.parametrize(("op", "shape"), _SHAPES)
def test_shapes_of_the_zoo_on_every_number_of_cores(
    library: ctypes.CDLL, op: str, shape: tuple[int, ...], cores: int
) -> None:
    accepted = 0
    for seed in range(6 if SANITIZED in os.environ else 10):
        case = sized_case(op, shape, seed)
        expected = execute(library, PORTABLE[op], case)
        for kernel in _kernels(op):
            if kernel.accepts(planned(case)):
                accepted += 1
                np.testing.assert_array_equal(execute(library, kernel, case, cores), expected)
    assert accepted >= 2


@pytest.mark.parametrize("name", [k.name for k in XPULP if k.name in SIZES])
def test_kernels_for_few_rows(library: ctypes.CDLL, name: str) -> None:
    kernel = next(k for k in XPULP if k.name == name)
    for shape in SIZES[name]:
        found = (sized_case(kernel.op, shape, seed) for seed in range(400))
        accepted = [case for case in found if kernel.accepts(planned(case))][:8]
        assert len(accepted) >= 5
        for case in accepted:
            expected = execute(library, PORTABLE[kernel.op], case)
            for cores in (1, 8):
                np.testing.assert_array_equal(execute(library, kernel, case, cores), expected)


def _dense(shape: tuple[int, ...], op: str) -> Case:
    """A call whose operands lie dense, without gaps to hide what a core did not write."""
    found = (sized_case(op, shape, seed) for seed in range(100))
    return next(c for c in found if c.output.size == c.output.positions.size)


@pytest.mark.parametrize(
    ("op", "shape"), [("linear_s8", (81, 32, 256)), ("attention_s8", (1, 8, 24, 20, 32, 16))]
)
def test_cores_share_the_outputs_evenly(
    library: ctypes.CDLL, op: str, shape: tuple[int, ...]
) -> None:
    case = _dense(shape, op)
    kernel = next(k for k in _kernels(op) if k.accepts(planned(case)))
    whole = execute(library, PORTABLE[op], case)
    written = np.zeros(whole.size, dtype=int)
    for core in range(8):
        alone = execute(library, kernel, case, 8, only=core)
        mine = alone != np.int8(CANARY)
        assert (alone[mine] == whole[mine]).all()
        assert mine.sum() <= whole.size // 8
        written += mine
    assert (written[whole != np.int8(CANARY)] == 1).all()


@pytest.fixture(scope="module")
def builtin_library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """The cluster's kernels built with a PULP compiler's builtins, beside the portable ones."""
    if not shutil.which("gcc"):
        pytest.skip("needs gcc, whose vectors the builtins take; install: apt-get install gcc")
    header = HERE / "xpulp_builtins.h"
    flags = [*OPTIMISED, "-DTR_XPULP_BUILTIN", "-include", str(header)]
    folder: Path = tmp_path_factory.mktemp("builtins")
    return ctypes.CDLL(str(build(folder, flags, "src/xpulp/*.c", "src/ref/*.c")))


@pytest.mark.parametrize("kernel", XPULP, ids=lambda kernel: kernel.name)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(data=st.data())
def test_builtins_equal_the_portable_kernel(
    builtin_library: ctypes.CDLL, kernel: Kernel, data: st.DataObject
) -> None:
    case = data.draw(calls(kernel))
    expected = execute(builtin_library, PORTABLE[kernel.op], case)
    cores = data.draw(st.sampled_from([1, 8]))
    np.testing.assert_array_equal(execute(builtin_library, kernel, case, cores), expected)


def _text(source: Path, folder: Path, toolchain_name: str) -> bytes:
    """The code of a file compiled for the cluster and linked, so that its calls are shortened."""
    board = load_board("gap9")
    try:
        toolchain = load_toolchain(toolchain_name, board.compiler)
    except MissingToolError as error:
        pytest.skip(str(error))
    compiled, target = folder / "code.o", folder / "code.elf"
    options = [*toolchain.compile_flags(board), "-fno-function-sections"]
    options += [*INCLUDES, f"-I{ROOT.parent / 'platforms/libc'}"]
    command = [*toolchain.compile_command, *options, "-c", str(source), "-o", str(compiled)]
    toolchain.run(command, folder, f"Compiling {source.name}")
    alone = ("--unresolved-symbols=ignore-all", "--entry=0", "-Ttext=0x10000")
    command = [*toolchain.link_command, *toolchain.link_flags(board, alone)]
    toolchain.run([*command, "-o", str(target), str(compiled)], folder, f"Linking {source.name}")
    with target.open("rb") as stream:
        return bytes(ELFFile(stream).get_section_by_name(".text").data())


@pytest.mark.parametrize("toolchain", toolchain_names())
@pytest.mark.parametrize("kernel", XPULP, ids=lambda kernel: kernel.name)
def test_hardware_loops_hold_whole_words_and_no_jump(
    kernel: Kernel, toolchain: str, tmp_path: Path
) -> None:
    code = _text(ROOT / kernel.source, tmp_path, toolchain)
    at = loops = 0
    while at < len(code):
        word = int.from_bytes(code[at : at + 4], "little")
        if word & 0x7F == 0x7B and word >> 12 & 7 == 4:
            loops += 1
            assert at % 4 == 0
            body = range(at + 4, at + 2 * (word >> 20) + 4, 4)
            assert len(body) >= 2 and body[-1] < len(code)
            for place in body:
                inside = int.from_bytes(code[place : place + 4], "little")
                assert inside & 3 == 3, "a compressed instruction"
                assert inside & 0x7F not in (0x63, 0x67, 0x6F), "a jump"
        at += 4 if word & 3 == 3 else 2
    hot = ("linear_s8", "linear_s8_s32", "matmul_s8", "attention_s8")
    assert loops >= 1 or kernel.op not in hot or "_any__" in kernel.name
