"""One call of a kernel: parameters, operands and their bytes, and what random ones share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.requant import requantise
from tinyrig.generator.operators.example import Drawn
from tinyrig.suite.studies.kernels.checking.operand import Operand

Pick = Callable[[int, int], int]
Bytes = NDArray[np.int8]
INT8: np.dtype[Any] = np.dtype(np.int8)


@dataclass(frozen=True, eq=False)
class Case:
    """One call. `alias` is the input whose memory the output shares, or None.

    `adds` marks a kernel that takes one pointer for both: it adds to what is there. `drawn` is the
    node it is a call of, where it was made of one.
    """

    op: str
    params: Mapping[str, Any]
    inputs: tuple[Operand, ...]
    values: tuple[NDArray[Any], ...]
    output: Operand
    misalign: tuple[int, ...]
    alias: int | None = None
    adds: bool = False
    output_type: np.dtype[Any] = INT8
    drawn: Drawn | None = None

    def pointers(self, blocks: Sequence[int], output: int) -> list[int]:
        """Addresses of the operands' first elements, from those of their blocks."""
        pairs = zip(blocks, self.inputs, self.values, strict=True)
        first = [block + x.base * values.itemsize for block, x, values in pairs]
        last = output + self.output.base * self.output_type.itemsize
        return first if self.adds else [*first, last]


def int8s(rng: np.random.Generator, *shape: int) -> Bytes:
    """Uniform bytes, nothing but extremes, or small values, which large multipliers need."""
    match rng.integers(8):
        case 0:
            return np.full(shape, -128, dtype=np.int8)
        case 1:
            return np.full(shape, 127, dtype=np.int8)
        case 2:
            return rng.choice(np.array([-128, 127], dtype=np.int8), size=shape)
        case 3:
            return rng.integers(-2, 3, size=shape, dtype=np.int8)
        case _:
            return rng.integers(-128, 128, size=shape, dtype=np.int8)


def pruned(rng: np.random.Generator, weight: Bytes) -> Bytes:
    """The weights, or as they are with whole blocks of neighbours at zero: some, most or all."""
    rows = weight.reshape(len(weight), -1)
    size, share = int(rng.choice([2, 4])), float(rng.choice([0.0, 0.5, 0.9, 1.0]))
    zeros = rng.random((len(rows), -(-rows.shape[1] // size))) < share
    kept = ~np.repeat(zeros, size, axis=1)[:, : rows.shape[1]]
    return np.where(kept, rows, np.int8(0)).reshape(weight.shape)


def zero(rng: np.random.Generator) -> int:
    """Return a zero point, often a limit."""
    return int(rng.choice([-128, 127, 0, int(rng.integers(-128, 128))]))


def clamp(rng: np.random.Generator) -> tuple[int, int]:
    """Return a lower and an upper bound, half the time the whole range."""
    if rng.random() < 0.5:
        return -128, 127
    lo, hi = sorted(int(v) for v in rng.integers(-128, 128, size=2))
    return lo, hi


def lut(rng: np.random.Generator) -> Bytes | None:
    """Return a table of 256 codes, or none."""
    return None if rng.random() < 0.6 else rng.integers(-128, 128, size=256, dtype=np.int8)


def requant(
    rng: np.random.Generator, reach: int, channels: int, start: int | None = None
) -> tuple[dict[str, Any], NDArray[np.int32]]:
    """Requantisation for accumulators that stray at most `reach` from their start values."""
    room = 2**31 - 1 - reach
    begin = rng.integers(-min(reach, room), min(reach, room) + 1, size=channels)
    if rng.random() < 0.1:
        begin = rng.choice([-room, room], size=channels)
    if start is not None:
        begin = np.full(channels, start)
    real = 2.0 ** rng.uniform(4, 12) / reach
    if rng.random() < 0.3:
        real = 2.0 ** rng.uniform(-4, 6.99)
    per_channel = channels > 1 and rng.random() < 0.5
    scales = min(real, 127.0) * rng.uniform(0.2, 1.0, size=channels if per_channel else 1)
    form, begin32 = requantise(
        scales, begin.astype(np.int64), np.full(channels, reach), zero(rng), clamp(rng)
    )
    params = {
        "multiplier": form.multiplier,
        "channel_step": int(per_channel),
        "shift": form.shift,
        "narrow": int(form.narrow),
        "zero_point": form.zero_point,
        "lo": form.lo,
        "hi": form.hi,
    }
    return params, begin32


def build(
    rng: np.random.Generator,
    op: str,
    params: Mapping[str, Any],
    inputs: list[Operand],
    output: Operand,
    *,
    alias: int | None = None,
) -> Case:
    """Return a call whose operands hold random bytes and lie anywhere in their words."""
    values = tuple(int8s(rng, x.size) for x in inputs)
    misalign = tuple(int(m) for m in rng.integers(0, 4, size=len(inputs) + 1))
    return Case(op, params, tuple(inputs), values, output, misalign, alias)


def padded_rows(rng: np.random.Generator, rows: int, columns: int) -> Operand:
    """Contiguous columns, rows with a gap between them half the time."""
    row = columns + int(rng.integers(2) * rng.integers(1, 5))
    return Operand((rows, columns), (row, 1), 0, row * (rows - 1) + columns)
