"""Windows of two by two and three by three, which the cores' pooling has schedules of."""

from __future__ import annotations

import ctypes
from dataclasses import replace

import numpy as np
import pytest
from kernel_cases import sized_case
from kernel_runs import execute, planned

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.case import Case

_OPS = ("avgpool2d_s8", "maxpool2d_s8")
_KERNELS = [k for k in all_kernels() if k.op in _OPS and k.isa in ("m4", "m7")]
_REFERENCES = {k.op: k for k in all_kernels() if k.op in _OPS and k.isa == "ref"}
_WINDOWS = [(2, 2), (3, 3), (2, 3), (4, 3), (1, 5)]


def _scaled(case: Case, real: float, up: int) -> Case:
    """The case of means times `real`, whose multipliers are to be moved up by so many bits."""
    g = case.params["window"]
    counts = np.arange(1, g["kernel_h"] * g["kernel_w"] + 1)
    shift = 32 - up
    multiplier = np.minimum(np.floor(real / counts * 2.0**shift + 0.5), 2**31 - 1)
    params = {**case.params, "multiplier": multiplier.astype(np.int32), "shift": shift}
    return replace(case, params=params)


@pytest.mark.parametrize("kernel", _KERNELS, ids=lambda kernel: kernel.name)
@pytest.mark.parametrize("window", _WINDOWS, ids=lambda window: f"{window[0]}x{window[1]}")
def test_small_windows_equal_the_portable_kernel(
    library: ctypes.CDLL, kernel: Kernel, window: tuple[int, int]
) -> None:
    """Borders clip windows to others; leftovers of eight and of four channels overlap."""
    taken = 0
    for seed in range(60):
        channels = (4, 5, 7, 8, 9, 12, 15, 33, 22, 38)[seed % 10]
        case = sized_case(kernel.op, (channels, *window, 6, 7, 1 + seed % 2), seed)
        if not kernel.accepts(planned(case)):
            continue
        taken += case.params["window"]["y_stride"][1] == 1
        cases = [case]
        if kernel.op == "avgpool2d_s8":
            # Of four cells and of two: the least multiplier that is too large to be moved up, and
            # the largest that is not.
            cases += [_scaled(case, real, up) for real, up in ((2.0, 2), (1.999, 1), (0.4, 0))]
        for at in cases:
            expected = execute(library, _REFERENCES[kernel.op], at)
            np.testing.assert_array_equal(execute(library, kernel, at), expected)
    assert taken >= 8


@pytest.mark.parametrize("kernel", _KERNELS, ids=lambda kernel: kernel.name)
@pytest.mark.parametrize("code", [-128, 127])
def test_means_of_extremes_saturate(library: ctypes.CDLL, kernel: Kernel, code: int) -> None:
    """All codes at one end, the zero points at the other."""
    for window in _WINDOWS:
        for seed in range(12):
            case = sized_case(kernel.op, (13, *window, 5, 5, 1), seed)
            if not kernel.accepts(planned(case)):
                continue
            values = (np.full_like(case.values[0], code),)
            params = dict(case.params)
            if kernel.op == "avgpool2d_s8":
                params |= {"x_zero_point": -1 - code, "zero_point": code}
            at = replace(case, values=values, params=params)
            expected = execute(library, _REFERENCES[kernel.op], at)
            np.testing.assert_array_equal(execute(library, kernel, at), expected)
