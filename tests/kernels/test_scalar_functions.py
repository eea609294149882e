"""The inline functions behind LayerNorm and softmax against docs/arithmetic.md, bit for bit."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from kernel_library import INCLUDES
from kernel_oracle import halved
from numpy.typing import NDArray

_COUNT = 20_000


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    library = tmp_path_factory.mktemp("probe") / "probe.so"
    compiler = ["gcc"] if shutil.which("gcc") else [sys.executable, "-m", "ziglang", "cc"]
    options = ["-std=c11", "-O2", "-shared", "-fPIC", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
    source = Path(__file__).with_name("probe.c")
    command = [*compiler, *options, *INCLUDES, str(source), "-o", str(library)]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(library))


def _pointer(values: NDArray[np.generic]) -> ctypes.c_void_p:
    return ctypes.c_void_p(values.ctypes.data)


def _log_uniform(rng: np.random.Generator, bits: int, count: int) -> list[int]:
    """Integers from 1 to 2^bits - 1 whose lengths are uniform."""
    tops = [1 << int(n) for n in rng.integers(0, bits, size=count)]
    low = rng.integers(0, 2**62, size=count)
    return [top | int(rest) & (top - 1) for top, rest in zip(tops, low, strict=True)]


def _inverse_sqrt(value: int) -> tuple[int, int]:
    zeros = (64 - value.bit_length()) & ~1
    v = (value << zeros) >> 32
    r = 2300000000 - ((v >> 2) + (v >> 4))
    for _ in range(3):
        u = (((r * r) >> 32) * v) >> 32
        r = (r * (3 * 2**28 - u)) >> 29
    return r, 55 - zeros // 2


def test_inverse_square_root(probe: ctypes.CDLL) -> None:
    rng = np.random.default_rng(1)
    edges = [2**n + d for n in range(2, 62) for d in (-1, 0, 1)] + [1, 2, 3, 2**62 - 1]
    values = np.array(edges + _log_uniform(rng, 62, _COUNT), dtype=np.int64)
    root, shift = (np.zeros(values.size, dtype=np.int32) for _ in range(2))
    probe.probe_inverse_sqrt(_pointer(values), values.size, _pointer(root), _pointer(shift))
    expected = [_inverse_sqrt(int(value)) for value in values]
    assert list(zip(root.tolist(), shift.tolist(), strict=True)) == expected
    relative = root * 2.0 ** -shift.astype(float) * np.sqrt(values.astype(float)) / 2**7 - 1
    assert relative.min() > -3e-7 and relative.max() < 1e-8


def test_row_scale(probe: ctypes.CDLL) -> None:
    rng = np.random.default_rng(2)
    sums = [2**31 - 1, 1, 2**16, 2**16 - 1, 65537, *_log_uniform(rng, 31, _COUNT)]
    count = len(sums)
    mantissa = rng.integers(2**30, 2**31, size=count)
    mantissa[:5] = [2**30, 2**31 - 1, 2**31 - 1, 2**30, 2**30 + 1]
    zeros = np.array([32 - value.bit_length() for value in sums])
    shifts = rng.integers(1, 32, size=count)
    scale = np.stack([mantissa, shifts + zeros + 1], axis=1).astype(np.int32)
    acc = rng.integers(-(2**31), 2**31, size=count).astype(np.int32)
    acc[:4] = [-(2**31), 2**31 - 1, 0, -1]
    found = [np.zeros(count, dtype=np.int32) for _ in range(3)]
    raw = np.array(sums, dtype=np.uint32)
    probe.probe_row_scale(
        _pointer(scale), _pointer(raw), _pointer(acc), count, *(_pointer(x) for x in found)
    )
    for i, total in enumerate(sums):
        n = 32 - total.bit_length()
        divisor = (((total << n) >> 15) + 1) >> 1
        multiplier = (int(mantissa[i]) * (2**31 // divisor)) >> 16
        t = int(scale[i, 1]) - n - 1
        value = (((int(acc[i]) * multiplier) >> 32) + 2 ** (t - 1)) >> t
        assert [int(x[i]) for x in found] == [multiplier, t, value]


@pytest.mark.parametrize("top", [1, 255, 32767])
@pytest.mark.parametrize("multiplier", [1, 257, 2**15, 2**16 - 1, 2**16, 99_991, 2**23])
def test_exponentials_of_the_bitmap(probe: ctypes.CDLL, multiplier: int, top: int) -> None:
    found = np.zeros(256, np.uint32)
    probe.probe_bitmap(multiplier, top, _pointer(found))
    assert found.tolist() == [halved(top, below * multiplier) for below in range(256)]
    if top == 32767:
        powers = [top * 2.0 ** -(below * multiplier / 2**16) for below in range(256)]
        assert np.abs(found - powers).max() < 0.004 * top
