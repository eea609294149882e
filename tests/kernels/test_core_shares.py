"""How unevenly cores share a call, as the planner has it and as the kernel does it."""

from __future__ import annotations

import ctypes
import math

import numpy as np
import pytest
from kernel_cases import sized_case
from kernel_runs import execute, planned
from window_layers import channels_last, window_layer

from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.generator.planning.tiling.held import slow_cycles
from tinyrig.generator.planning.tiling.shares import unevenness
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.studies.kernels.checking.operand import CANARY

CORES = 8


def kernel_named(name: str) -> Kernel:
    return next(kernel for kernel in all_kernels() if kernel.name == name)


DIRECT = kernel_named("tr_conv2d_s8_direct__xpulp")
TILES = kernel_named("tr_linear_s8_4x4__xpulp")


def written(library: ctypes.CDLL, kernel: Kernel, case: Case) -> list[tuple[int, int]]:
    """Of how many rows and columns each core writes outputs, or of channels and cells."""
    places = case.output.positions
    lines = places if places.ndim == 2 else places.reshape(places.shape[1], -1)
    found = []
    for core in range(CORES):
        mine = execute(library, kernel, case, CORES, only=core)[lines] != np.int8(CANARY)
        found.append((int(mine.any(axis=1).sum()), int(mine.any(axis=0).sum())))
    return found


@pytest.mark.parametrize("out", [(4, 4), (4, 12), (8, 8), (2, 10)])
@pytest.mark.parametrize("channels", [16, 64])
def test_tiles_of_cells_and_channels(
    library: ctypes.CDLL, out: tuple[int, int], channels: int
) -> None:
    x, y = channels_last(1, out, 8), channels_last(1, out, channels)
    rng = np.random.default_rng(1)
    case = window_layer(rng, x, y, (3, 3), (1, 1), (1, 1))
    shares = written(library, DIRECT, case)
    effort = [math.ceil(cells / 4) * (math.ceil(wide / 4) * 4 + 1) for wide, cells in shares]
    all_of_it = math.prod(out) // 4 * (channels + 1)
    expected = max(effort) * CORES / all_of_it
    assert unevenness(planned(case), DIRECT, CORES) == pytest.approx(expected)


@pytest.mark.parametrize("shape", [(64, 16, 16), (8, 16, 16), (5, 16, 16), (12, 16, 24), (4, 8, 4)])
def test_rectangles_of_outputs(library: ctypes.CDLL, shape: tuple[int, int, int]) -> None:
    """No core has more lines, leftovers counted by half more, than the planner says."""
    found = (sized_case("linear_s8", shape, seed) for seed in range(200))
    case = next(c for c in found if TILES.accepts(planned(c)))
    effort = [
        math.prod(2 * (n - n % 4) + 3 * (n % 4) for n in share)
        for share in written(library, TILES, case)
    ]
    rows, _, columns = shape
    expected = max(effort) * CORES / (4 * rows * columns)
    assert unevenness(planned(case), TILES, CORES) == pytest.approx(expected)


def test_weights_in_slow_memory_come_again_for_every_few_rows() -> None:
    def waited(rows: int, name: str) -> float:
        case = planned(sized_case("linear_s8", (rows, 32, 16), 0))
        macs = rows * 32 * 16
        return slow_cycles(case, kernel_named(name), macs, CORES) / macs

    one = waited(1, TILES.name)
    assert waited(4, TILES.name) == pytest.approx(one / 4)
    assert waited(64, TILES.name) == pytest.approx(one / 4)
    assert waited(5, TILES.name) == pytest.approx(2 * one / 5)
    assert waited(5, "tr_linear_s8_2x1__xpulp") == pytest.approx(3 * one / 5)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tr_attention_s8_1x8__xpulp", 1.0),  # 10 queries for every core
        ("tr_attention_s8_4x4__xpulp", 1.0),  # the last two by themselves
        ("tr_attention_s8_bytes__xpulp", 1.2),  # as long as 12
    ],
)
def test_queries_of_short_heads(name: str, expected: float) -> None:
    call = Call("attention_s8", _attention(batch1=16, s=5, t=5), (), ())
    assert unevenness(call, kernel_named(name), CORES) == pytest.approx(expected)


def test_queries_that_all_cores_answer_together() -> None:
    """81 in rounds of 48 and 33: 12 and 9 tiles of queries by 21 of keys and by 8 of columns."""
    call = Call("attention_s8", _attention(batch1=1, s=81, t=81), (), ())
    keys, alone, columns = (32 + 24) * 16 / 81, 6 + 5, (12 + 9) * 16 / 32
    expected = (keys + alone + columns) * CORES / 81 / 3
    kernel = kernel_named("tr_attention_s8_rounds__xpulp")
    assert unevenness(call, kernel, CORES) == pytest.approx(expected)


def test_queries_that_all_cores_answer_at_once() -> None:
    """81 in one round: 21 tiles of queries by 21 of keys and by 8 of columns."""
    call = Call("attention_s8", _attention(batch1=1, s=81, t=81), (), ())
    expected = (56 * 16 / 81 + 11 + 21 * 16 / 32) * CORES / 81 / 3
    kernel = kernel_named("tr_attention_s8_once__xpulp")
    assert unevenness(call, kernel, CORES) == pytest.approx(expected)


def _attention(*, batch1: int, s: int, t: int) -> dict[str, int]:
    return {"batch0": 1, "batch1": batch1, "s": s, "t": t, "p": 32, "r": 32}
