"""Random calls of convolution, pooling and mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinyrig.generator.graph.requant import wide_shift
from tinyrig.suite.studies.kernels.checking.case import (
    Case,
    Pick,
    build,
    int8s,
    lut,
    pruned,
    requant,
    zero,
)
from tinyrig.suite.studies.kernels.checking.operand import operand

_CHANNELS_LAST = (0, 2, 3, 1)
_DEEP = 2


def window(
    pick: Pick,
    rng: np.random.Generator,
    out_c: int,
    in_c: int,
    *,
    three: bool = False,
    first: bool = False,
) -> tuple[Any, ...]:
    """The struct tr_window and its two operands; `three` makes most of them 3x3 on NHWC images,
    `first` makes them as a network's first layers have them."""
    kernel, image = (pick(1, 5), pick(1, 7)), (pick(1, 6), pick(1, 14))
    step = [int(s) for s in rng.choice([1, 1, 2, 3], size=2)]
    orders = [_CHANNELS_LAST, _CHANNELS_LAST, (0, 1, 2, 3)]
    if three:
        kernel, step, orders = (3, 3), [int(rng.integers(1, 3))] * 2, [_CHANNELS_LAST]
        image = image if rng.random() < 0.5 else image[::-1]
    if first:
        kernel, step, image = first_window(rng, image)
        orders = [_CHANNELS_LAST]
    pads = [int(rng.integers(0, kernel[axis % 2])) for axis in range(4)]
    room = [image[a] + pads[a] + pads[a + 2] - kernel[a] for a in (0, 1)]
    for axis in (0, 1):
        if room[axis] < 0:
            pads[axis], pads[axis + 2], room[axis] = 0, 0, 0
            kernel = (image[0], kernel[1]) if axis == 0 else (kernel[0], image[1])
    batch, out = pick(1, 2), [room[axis] // step[axis] + 1 for axis in (0, 1)]
    x = operand(rng, (batch, in_c, *image), orders=orders)
    y = operand(rng, (batch, out_c, *out), orders=orders)
    params: dict[str, Any] = {"batch": batch, "in_c": in_c, "in_h": image[0], "in_w": image[1]}
    params |= {"out_c": out_c, "out_h": out[0], "out_w": out[1]}
    params |= {"kernel_h": kernel[0], "kernel_w": kernel[1], "stride_h": step[0]}
    params |= {"stride_w": step[1], "pad_top": pads[0], "pad_left": pads[1]}
    return params | {"x_stride": list(x.strides), "y_stride": list(y.strides)}, x, y


def first_window(
    rng: np.random.Generator, image: tuple[int, int]
) -> tuple[tuple[int, int], list[int], tuple[int, int]]:
    """A kernel of 3x3 or of ten rows by four, a stride and an image, longer along it."""
    step = [int(s) for s in rng.integers(1, 3, size=2)]
    along = int(rng.integers(7, 37))
    if rng.random() < 0.3:
        return (10, 4), step, (10 + along, image[0] + 4)
    return (3, 3), step, (image[0] + 3, 3 + along)


def conv2d(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the convolution: dense, grouped, of one filter a channel or deep."""
    kind = pick(0, 5)
    groups = int(rng.choice([1, 1, 1, 2, 3]))
    depth, outputs = pick(1, 9), pick(1, 6)
    first, three = False, kind == _DEEP
    if three:
        groups, depth = 1, 8 * depth
    elif kind > _DEEP:
        groups, depth, outputs = pick(1, 9), 1, int(rng.choice([1, 1, 1, 2]))
        three = bool(rng.random() < 0.4)
    elif rng.random() < 0.4:
        first, groups, depth, outputs = True, 1, int(rng.choice([1, 3])), max(outputs, 2)
    g, x, y = window(pick, rng, groups * outputs, groups * depth, three=three, first=first)
    form, start = requant(rng, g["kernel_h"] * g["kernel_w"] * depth * 2**14, groups * outputs)
    weight = pruned(rng, int8s(rng, groups * outputs, g["kernel_h"], g["kernel_w"], depth))
    params: dict[str, Any] = {
        "window": g,
        "groups": groups,
        "x_zero_point": zero(rng),
        "weight": weight,
    }
    params |= {"start": start, "requant": form, "lut": lut(rng)}
    if rng.random() < 0.5:  # nothing behind the multiplication but saturation
        params |= {"requant": form | {"lo": -128, "hi": 127}, "lut": None}
    return build(rng, "conv2d_s8", params, [x], y)


def maxpool2d(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the maximum pooling."""
    channels = pick(1, int(rng.choice([6, 40])))
    g, x, y = window(pick, rng, channels, channels)
    return build(rng, "maxpool2d_s8", {"window": g}, [x], y)


def avgpool2d(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the average pooling."""
    channels = pick(1, int(rng.choice([6, 30])))
    g, x, y = window(pick, rng, channels, channels)
    real = rng.uniform(0.1, 4.0)
    shift = wide_shift(real)
    counts = np.arange(1, g["kernel_h"] * g["kernel_w"] + 1)
    multiplier = np.floor(real / counts * 2.0**shift + 0.5).astype(np.int32)
    params: dict[str, Any] = {
        "window": g,
        "count_include_pad": int(rng.integers(2)),
        "multiplier": multiplier,
    }
    params |= {"x_zero_point": zero(rng), "shift": shift, "zero_point": zero(rng)}
    return build(rng, "avgpool2d_s8", params, [x], y)


def mean(pick: Pick, rng: np.random.Generator) -> Case:
    """Return a random call of the mean."""
    long = rng.random() < 0.2  # more than a sum of 16 bits has room for
    kept = [1, pick(1, 1 if long else 2), pick(1, 2), pick(1, 9 if long else 20)]
    last = (250, 530) if long else (1, 9)
    reduced = [1, pick(1, 1 if long else 3), pick(1, 2 if long else 3), pick(*last)]
    inward = [range(8), (4, 5, 6, 7, 0, 1, 2, 3)]
    x, y = operand(rng, (*kept, *reduced), orders=inward), operand(rng, kept)
    form, start = requant(rng, int(np.prod(reduced)) * 128, 1)
    params: dict[str, Any] = {
        "kept": kept,
        "x_kept": list(x.strides[:4]),
        "y_kept": list(y.strides),
    }
    params |= {"reduced": reduced, "x_reduced": list(x.strides[4:])}
    return build(rng, "mean_s8", params | {"start": int(start[0]), "requant": form}, [x], y)
