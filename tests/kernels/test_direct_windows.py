"""Convolutions over windows where they lie: by lines and taps, at an image's ends, leftovers."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kernel_runs import execute, expect, planned
from kernel_targets import Targets
from window_layers import channels_last, image_size, window_layer

from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case
from tinyrig.suite.toolchain.toolchain import toolchain_names

DIRECT = next(k for k in all_kernels() if k.name == "tr_conv2d_s8_direct__xpulp")

Sizes = tuple[int, tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int], int, int]
"""Images, outputs, taps, strides and padding [h, w], channels of x and y."""


def layer(sizes: Sizes, gap: int, form: str, seed: int) -> Case:
    """A layer whose sums end in a high multiply, in a short one, with a table, or clamped."""
    batch, out, taps, step, pads, depth, channels = sizes
    rng = np.random.default_rng(seed)
    x = channels_last(batch, image_size(out, taps, step, pads), depth, gap)
    y = channels_last(batch, out, channels)
    lut = rng.integers(-128, 128, size=256).astype(np.int8) if form == "table" else None
    lo = -100 if form == "clamped" else -128
    case = window_layer(rng, x, y, taps, step, pads, lo=lo, lut=lut)
    if form == "short":
        multiplier = np.array([2**24 + 12345], dtype=np.int32)
        own = case.params["requant"]
        assert isinstance(own, dict)
        own |= {"multiplier": multiplier, "channel_step": 0}
    return case


_THREE = (1, (5, 6), (3, 3), (1, 1), (1, 1))


@settings(max_examples=25, deadline=None)
@given(
    batch=st.integers(1, 2),
    out=st.tuples(st.integers(1, 5), st.integers(1, 7)),
    taps=st.sampled_from([(3, 3), (1, 3), (3, 1), (2, 4), (1, 9)]),
    step=st.tuples(st.integers(1, 2), st.integers(1, 3)),
    pads=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    channels=st.tuples(st.sampled_from([4, 8, 12]), st.integers(4, 11)),
    gap=st.sampled_from([0, 0, 4, 5]),
    form=st.sampled_from(["high", "short", "table", "clamped"]),
    cores=st.sampled_from([1, 2, 4, 8]),
    seed=st.integers(0, 99),
)
@example(1, (2, 2), (3, 3), (1, 1), (1, 1), (4, 4), 0, "high", 8, 0)
@example(1, (1, 5), (3, 3), (1, 1), (0, 0), (4, 5), 0, "short", 1, 1)
@example(2, (1, 3), (1, 3), (1, 3), (0, 0), (8, 9), 4, "table", 8, 2)
@example(2, (3, 3), (3, 3), (2, 2), (2, 2), (4, 11), 0, "clamped", 4, 3)
@example(1, (3, 4), (3, 3), (1, 1), (1, 0), (4, 4), 0, "high", 8, 4)
def test_windows_are_read_where_they_lie(
    library: ctypes.CDLL,
    batch: int,
    out: tuple[int, int],
    taps: tuple[int, int],
    step: tuple[int, int],
    pads: tuple[int, int],
    channels: tuple[int, int],
    gap: int,
    form: str,
    cores: int,
    seed: int,
) -> None:
    case = layer((batch, out, taps, step, pads, *channels), gap, form, seed)
    if DIRECT.accepts(planned(case)):
        np.testing.assert_array_equal(execute(library, DIRECT, case, cores), expect(case))


@pytest.mark.parametrize("toolchain", toolchain_names())
def test_windows_on_the_core(targets: Targets, toolchain: str) -> None:
    found = (
        (_THREE, 0, "high"),
        (_THREE, 0, "short"),
        (_THREE, 4, "table"),
        (_THREE, 0, "clamped"),
        ((2, (3, 3), (3, 3), (2, 2), (0, 0)), 0, "high"),
    )
    cases = (
        layer((*sizes, 8, 7), gap, form, seed) for seed, (sizes, gap, form) in enumerate(found)
    )
    targets.check(DIRECT, toolchain, cases)


@pytest.mark.parametrize(
    ("taps", "channels"), [((1, 1), (8, 8)), ((2, 5), (8, 8)), ((3, 3), (6, 8)), ((3, 3), (8, 3))]
)
def test_other_layers_are_not_taken(taps: tuple[int, int], channels: Sequence[int]) -> None:
    case = layer((1, (4, 4), taps, (1, 1), (0, 0), *channels), 0, "high", 0)
    assert not DIRECT.accepts(planned(case))


def test_scratch_is_a_cell_for_every_core() -> None:
    case = planned(layer((1, (8, 8), (3, 3), (1, 1), (1, 1), 64, 64), 0, "high", 0))
    copying = next(k for k in all_kernels() if k.name == "tr_conv2d_s8_4x4__xpulp")
    assert DIRECT.scratch_bytes(case, 8) == 8 * 64
    assert copying.scratch_bytes(case, 8) == 8 * 4 * 9 * 64
