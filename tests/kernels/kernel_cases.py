"""Random calls of every kernel operator: parameters, operands and their bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from kernel_memory import Operand, operand
from numpy.typing import NDArray

from generator.graph.requant import exp_table, requantise, row_scale, wide_shift

Pick = Callable[[int, int], int]
Bytes = NDArray[np.int8]
INT8: np.dtype[Any] = np.dtype(np.int8)


@dataclass(frozen=True, eq=False)
class Case:
    """One call. `alias` is the input whose memory the output shares, or None.

    `adds` marks a kernel that takes one pointer for both: it adds to what is there.
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


def zero(rng: np.random.Generator) -> int:
    return int(rng.choice([-128, 127, 0, rng.integers(-128, 128)]))


def clamp(rng: np.random.Generator) -> tuple[int, int]:
    if rng.random() < 0.5:
        return -128, 127
    lo, hi = sorted(int(v) for v in rng.integers(-128, 128, size=2))
    return lo, hi


def lut(rng: np.random.Generator) -> Bytes | None:
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
    values = tuple(int8s(rng, x.size) for x in inputs)
    misalign = tuple(int(m) for m in rng.integers(0, 4, size=len(inputs) + 1))
    return Case(op, params, tuple(inputs), values, output, misalign, alias)


def linear(pick: Pick, rng: np.random.Generator) -> Case:
    m, k, n = pick(1, 7), pick(1, 40), pick(1, int(rng.choice([3, 55])))
    x, y = operand(rng, (m, k)), operand(rng, (m, n))
    form, start = requant(rng, k * 2**14, n)
    weight = int8s(rng, n, k)
    params = {"m": m, "k": k, "n": n, "x_row": x.strides[0], "x_col": x.strides[1]}
    params |= {"y_row": y.strides[0], "y_col": y.strides[1], "weight": weight, "start": start}
    return build(rng, "linear_s8", params | {"requant": form, "lut": lut(rng)}, [x], y)


def linear_s32(pick: Pick, rng: np.random.Generator) -> Case:
    m, k, n = pick(1, 7), pick(1, 40), pick(1, 55)
    x, acc = padded_rows(rng, m, k), padded_rows(rng, m, n)
    adds = bool(rng.integers(2))
    start = None if adds else rng.integers(-(2**20), 2**20, size=n, dtype=np.int32)
    params = {"m": m, "k": k, "n": n, "x_row": x.strides[0], "acc_row": acc.strides[0]}
    params |= {"weight": int8s(rng, n, k), "start": start}
    before = rng.integers(-(2**20), 2**20, size=acc.size, dtype=np.int32)
    inputs, values = (x, acc), (int8s(rng, x.size), before)
    number = 2 if adds else 1
    return Case(
        "linear_s8_s32",
        params,
        inputs[:number],
        values[:number],
        acc,
        (int(rng.integers(4)), *[0] * number),
        1 if adds else None,
        adds,
        np.dtype(np.int32),
    )


def requant_s32(pick: Pick, rng: np.random.Generator) -> Case:
    m, n = pick(1, 5), pick(1, 20)
    acc, y = padded_rows(rng, m, n), operand(rng, (m, n))
    form, _ = requant(rng, 2**24, n)
    params = {"m": m, "n": n, "acc_row": acc.strides[0], "y_row": y.strides[0]}
    params |= {"y_col": y.strides[1], "requant": form, "lut": lut(rng)}
    reach = 300 * 2 ** form["shift"] // max(1, int(form["multiplier"].max())) + 2
    reach = min(reach, 2**25)
    values = rng.integers(-reach, reach + 1, size=acc.size, dtype=np.int32)
    return Case("requant_s32_s8", params, (acc,), (values,), y, (0, int(rng.integers(4))))


def padded_rows(rng: np.random.Generator, rows: int, columns: int) -> Operand:
    """Contiguous columns, rows with a gap between them half the time."""
    row = columns + int(rng.integers(2) * rng.integers(1, 5))
    return Operand((rows, columns), (row, 1), 0, row * (rows - 1) + columns)


def matmul(pick: Pick, rng: np.random.Generator) -> Case:
    batch, m, k, n = (pick(1, 2), pick(1, 3)), pick(1, 6), pick(1, 24), pick(1, 7)
    turned = [(0, 1, 3, 2), (0, 1, 2, 3)]
    a = operand(rng, (*batch, m, k), repeat=[axis for axis in (0, 1) if rng.random() < 0.2])
    b = operand(rng, (*batch, k, n), orders=turned, repeat=[0] if rng.random() < 0.2 else [])
    y = operand(rng, (*batch, m, n))
    form, start = requant(rng, k * 255 * 255, 1)
    params = {"batch0": batch[0], "batch1": batch[1], "m": m, "k": k, "n": n}
    params |= {"a_stride": list(a.strides), "b_stride": list(b.strides)}
    params |= {"y_stride": list(y.strides), "a_zero_point": zero(rng), "b_zero_point": zero(rng)}
    params |= {"start": int(start[0]), "requant": form, "lut": lut(rng)}
    return build(rng, "matmul_s8", params, [a, b], y)


def attention(pick: Pick, rng: np.random.Generator) -> Case:
    batch, s, t = (pick(1, 2), pick(1, 3)), pick(1, 7), pick(1, int(rng.choice([8, 60])))
    p, r = pick(1, int(rng.choice([2, 20]))), pick(1, 30)
    heads = [(0, 2, 1, 3), (0, 1, 2, 3)]
    pairs = rng.random() < 0.3
    if pairs:
        p, r = 2, 2
    q, k = (operand(rng, (*batch, rows, p), orders=heads) for rows in (s, t))
    if pairs:
        k = Operand(k.shape, (2 * t * batch[1], 2 * t, 2, 1), 0, 2 * t * batch[0] * batch[1])
    slack = int(rng.choice([0, rng.integers(0, 9)]))
    k = replace(k, size=k.size + slack)
    v = values_of(rng, (*batch, t, r))
    y = operand(rng, (*batch, s, r), orders=heads)
    score, start = requant(rng, p * 255 * 255, 1)
    table = exp_table(float(rng.uniform(0.001, 0.3)), t)
    value = row_scale(float(rng.uniform(0.2, 4.0)), int(table[0]), t)
    lo, hi = clamp(rng)
    params = {"batch0": batch[0], "batch1": batch[1], "s": s, "t": t, "p": p, "r": r}
    params |= {f"{x}_stride": list(o.strides) for x, o in zip("qkvy", (q, k, v, y), strict=True)}
    params |= {f"{x}_zero_point": zero(rng) for x in "qkvy"}
    params |= {"k_slack": slack, "score_start": int(start[0]), "score": score, "exp": table}
    scale = {"mantissa": value.mantissa, "exponent": value.exponent}
    params |= {"lo": lo, "hi": hi, "value": scale}
    return build(rng, "attention_s8", params, [q, k, v], y)


def values_of(rng: np.random.Generator, shape: tuple[int, ...]) -> Operand:
    """Values [batch, head, key, column], half the time stored by columns of whole units."""
    keys = shape[2]
    whole = (keys + 7) // 8 * 8
    if rng.random() < 0.5:
        v = operand(rng, shape, orders=[(0, 2, 1, 3), (0, 1, 2, 3)])
    else:
        column = whole + int(rng.choice([0, rng.integers(1, 9)]))
        strides = (column * shape[3] * shape[1], column * shape[3], 1, column)
        v = Operand(shape, strides, 0, strides[0] * shape[0])
    return replace(v, size=v.size + whole - keys)


def softmax(pick: Pick, rng: np.random.Generator) -> Case:
    outer, length = (pick(1, 3), pick(1, 4)), pick(1, 30)
    x = operand(rng, (*outer, length))
    alias = 0 if rng.random() < 0.3 else None
    y = x if alias == 0 else operand(rng, (*outer, length))
    table = exp_table(float(rng.uniform(0.001, 0.3)), length)
    scale = row_scale(float(rng.uniform(0.3, 2.0)), int(table[0]), length)
    params = {"outer0": outer[0], "outer1": outer[1], "length": length, "exp": table}
    params |= {"x_stride": list(x.strides), "y_stride": list(y.strides), "zero_point": zero(rng)}
    params |= {"scale": {"mantissa": scale.mantissa, "exponent": scale.exponent}}
    return build(rng, "softmax_s8", params, [x], y, alias=alias)


def layernorm(pick: Pick, rng: np.random.Generator) -> Case:
    rows, length = pick(1, 4), pick(1, int(rng.choice([70, 70, 70, 1100, 5000])))
    x = operand(rng, (rows, length))
    alias = 0 if rng.random() < 0.3 else None
    y = x if alias == 0 else operand(rng, (rows, length))
    top = int(rng.choice([32767, 1000]))
    gamma = rng.integers(-top, top + 1, size=length, dtype=np.int16)
    form, start = requant(rng, int(130 * length**0.5) * top + top, length)
    form |= {"multiplier": form["multiplier"][:1], "channel_step": 0}
    params = {"rows": rows, "length": length, "x_row": x.strides[0], "x_col": x.strides[1]}
    params |= {"y_row": y.strides[0], "y_col": y.strides[1], "gamma": gamma, "start": start}
    eps = int(rng.choice([1, 2**40, 2**55, rng.integers(1, 10**6)]))
    params |= {"eps": eps, "requant": form}
    return build(rng, "layernorm_s8", params, [x], y, alias=alias)


def window(pick: Pick, rng: np.random.Generator, out_c: int, in_c: int) -> tuple[Any, ...]:
    """The struct tr_window and its two operands."""
    kernel, image = (pick(1, 5), pick(1, 7)), (pick(1, 6), pick(1, 14))
    pads = [int(rng.integers(0, kernel[axis % 2])) for axis in range(4)]
    step = [int(s) for s in rng.choice([1, 1, 2, 3], size=2)]
    room = [image[a] + pads[a] + pads[a + 2] - kernel[a] for a in (0, 1)]
    for axis in (0, 1):
        if room[axis] < 0:
            pads[axis], pads[axis + 2], room[axis] = 0, 0, 0
            kernel = (image[0], kernel[1]) if axis == 0 else (kernel[0], image[1])
    batch, out = pick(1, 2), [room[axis] // step[axis] + 1 for axis in (0, 1)]
    orders = [(0, 2, 3, 1), (0, 2, 3, 1), (0, 1, 2, 3)]
    x = operand(rng, (batch, in_c, *image), orders=orders)
    y = operand(rng, (batch, out_c, *out), orders=orders)
    params = {"batch": batch, "in_c": in_c, "in_h": image[0], "in_w": image[1]}
    params |= {"out_c": out_c, "out_h": out[0], "out_w": out[1]}
    params |= {"kernel_h": kernel[0], "kernel_w": kernel[1], "stride_h": step[0]}
    params |= {"stride_w": step[1], "pad_top": pads[0], "pad_left": pads[1]}
    return params | {"x_stride": list(x.strides), "y_stride": list(y.strides)}, x, y


def conv2d(pick: Pick, rng: np.random.Generator) -> Case:
    groups = int(rng.choice([1, 1, 1, 2, 3]))
    depth, outputs = pick(1, 9), pick(1, 6)
    if rng.random() < 0.5:
        groups, depth, outputs = pick(1, 9), 1, int(rng.choice([1, 1, 1, 2]))
    g, x, y = window(pick, rng, groups * outputs, groups * depth)
    form, start = requant(rng, g["kernel_h"] * g["kernel_w"] * depth * 2**14, groups * outputs)
    weight = int8s(rng, groups * outputs, g["kernel_h"], g["kernel_w"], depth)
    params = {"window": g, "groups": groups, "x_zero_point": zero(rng), "weight": weight}
    params |= {"start": start, "requant": form, "lut": lut(rng)}
    if rng.random() < 0.5:  # nothing behind the multiplication but saturation
        params |= {"requant": form | {"lo": -128, "hi": 127}, "lut": None}
    return build(rng, "conv2d_s8", params, [x], y)


def maxpool2d(pick: Pick, rng: np.random.Generator) -> Case:
    channels = pick(1, int(rng.choice([6, 40])))
    g, x, y = window(pick, rng, channels, channels)
    return build(rng, "maxpool2d_s8", {"window": g}, [x], y)


def avgpool2d(pick: Pick, rng: np.random.Generator) -> Case:
    channels = pick(1, 6)
    g, x, y = window(pick, rng, channels, channels)
    real = rng.uniform(0.1, 4.0)
    shift = wide_shift(real)
    counts = np.arange(1, g["kernel_h"] * g["kernel_w"] + 1)
    multiplier = np.floor(real / counts * 2.0**shift + 0.5).astype(np.int32)
    params = {"window": g, "count_include_pad": int(rng.integers(2)), "multiplier": multiplier}
    params |= {"x_zero_point": zero(rng), "shift": shift, "zero_point": zero(rng)}
    return build(rng, "avgpool2d_s8", params, [x], y)


def mean(pick: Pick, rng: np.random.Generator) -> Case:
    kept, reduced = ([1, *(pick(1, 3) for _ in range(2)), pick(1, 9)] for _ in range(2))
    x, y = operand(rng, (*kept, *reduced)), operand(rng, kept)
    form, start = requant(rng, int(np.prod(reduced)) * 128, 1)
    params = {"kept": kept, "x_kept": list(x.strides[:4]), "y_kept": list(y.strides)}
    params |= {"reduced": reduced, "x_reduced": list(x.strides[4:])}
    return build(rng, "mean_s8", params | {"start": int(start[0]), "requant": form}, [x], y)


def extents(pick: Pick) -> tuple[int, ...]:
    axes = [pick(1, 3) for _ in range(pick(0, 4))]
    return (*[1] * (5 - len(axes)), *axes, pick(1, 20))


def elementwise(
    rng: np.random.Generator, op: str, shape: tuple[int, ...], names: str, params: dict[str, Any]
) -> Case:
    """Add the extents and strides of an elementwise operator, sometimes in place."""
    alias = 0 if names and rng.random() < 0.25 else None
    inputs = []
    for i, _ in enumerate(names):
        fixed = i == alias
        repeat = [axis for axis in range(6) if not fixed and rng.random() < 0.1]
        inputs.append(operand(rng, shape, repeat=repeat, negative=not fixed))
    y = operand(rng, shape) if alias is None else inputs[alias]
    strides = {f"{n}_stride": list(o.strides) for n, o in zip(names, inputs, strict=True)}
    params |= {"extent": list(shape), "y_stride": list(y.strides)} | strides
    return build(rng, op, params, inputs, y, alias=alias)


def copy(pick: Pick, rng: np.random.Generator) -> Case:
    return elementwise(rng, "copy_s8", extents(pick), "x", {})


def unary(pick: Pick, rng: np.random.Generator) -> Case:
    table = rng.integers(-128, 128, size=256, dtype=np.int8)
    return elementwise(rng, "unary_s8", extents(pick), "x", {"lut": table})


def fill(pick: Pick, rng: np.random.Generator) -> Case:
    return elementwise(rng, "fill_s8", extents(pick), "", {"value": zero(rng)})


def add(pick: Pick, rng: np.random.Generator) -> Case:
    shift = int(rng.integers(0, 25))
    top = 2**31 // 300 if rng.random() < 0.3 else 2 ** min(shift + 1, 22)
    a, b = (int(v) for v in rng.integers(-top, top + 1, size=2))
    if rng.random() < 0.2:  # one of them nearly alone, around and above 2^23
        a, b = int(rng.choice([2**23 - 1, 2**23, -(2**23), 15 * 2**20 + 1])), b % 2**19
    room = 2**31 - 1 - 128 * (abs(a) + abs(b))
    start = int(rng.choice([-room, room, rng.integers(-(2**shift) * 100, 2**shift * 100 + 1)]))
    lo, hi = clamp(rng)
    params = {"a_multiplier": a, "b_multiplier": b, "start": max(-room, min(room, start))}
    params |= {"shift": shift, "lo": lo, "hi": hi}
    return elementwise(rng, "add_s8", extents(pick), "ab", params)


def mul(pick: Pick, rng: np.random.Generator) -> Case:
    form, start = requant(rng, 255 * 255, 1)
    params = {"a_zero_point": zero(rng), "b_zero_point": zero(rng)}
    params |= {"start": int(start[0]), "requant": form}
    return elementwise(rng, "mul_s8", extents(pick), "ab", params)


def gather(pick: Pick, rng: np.random.Generator) -> Case:
    outer, rows, count, inner = pick(1, 3), pick(1, 6), pick(1, 6), pick(1, 9)
    x, y = operand(rng, (outer, rows, inner)), operand(rng, (outer, count, inner))
    index = rng.integers(0, rows, size=count).astype(np.int32)
    params = {"outer": outer, "count": count, "inner": inner, "index": index}
    params |= {f"x_{n}": s for n, s in zip(("outer", "step", "inner"), x.strides, strict=True)}
    params |= {f"y_{n}": s for n, s in zip(("outer", "step", "inner"), y.strides, strict=True)}
    return build(rng, "gather_s8", params, [x], y)


BUILDERS: Mapping[str, Callable[[Pick, np.random.Generator], Case]] = {
    "linear_s8": linear,
    "linear_s8_s32": linear_s32,
    "requant_s32_s8": requant_s32,
    "matmul_s8": matmul,
    "attention_s8": attention,
    "softmax_s8": softmax,
    "layernorm_s8": layernorm,
    "conv2d_s8": conv2d,
    "maxpool2d_s8": maxpool2d,
    "avgpool2d_s8": avgpool2d,
    "mean_s8": mean,
    "copy_s8": copy,
    "fill_s8": fill,
    "unary_s8": unary,
    "add_s8": add,
    "mul_s8": mul,
    "gather_s8": gather,
}


@st.composite
def cases(draw: st.DrawFn, op: str, sizes: Sequence[Sequence[int]] = ()) -> Case:
    """A random call of `op`, of one of `sizes` if there are any; bytes follow from a drawn seed."""
    if sizes:
        return sized_case(op, draw(st.sampled_from(sizes)), draw(st.integers(0, 2**32 - 1)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return BUILDERS[op](lambda lo, hi: draw(st.integers(lo, hi)), rng)


def sized_case(op: str, sizes: Sequence[int], seed: int) -> Case:
    """A random call of given sizes, in the order its builder asks for them."""
    left = iter(sizes)
    return BUILDERS[op](lambda _lo, _hi: next(left), np.random.default_rng(seed))


SIZES: Mapping[str, Sequence[tuple[int, ...]]] = {
    "tr_attention_s8_1x8__xpulp": [
        (1, 8, 5, 5, 32, 32),
        (2, 1, 3, 4, 16, 1),
        (1, 3, 7, 8, 8, 20),
        (1, 1, 9, 7, 4, 3),
    ],
    "tr_linear_s8_2x1__xpulp": [(5, 32, 256), (2, 32, 3), (8, 32, 9)],
    "tr_linear_s8_3x4__xpulp": [(5, 256, 32), (3, 4, 4), (7, 36, 52)],
}
"""Sizes for kernels so choosy that random ones seldom suit them."""
