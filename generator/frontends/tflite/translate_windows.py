"""Convolutions and pools: windows over images [N, H, W, C]."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.tflite.file import FileOperator, FileTensor
from tinyrig.generator.frontends.tflite.rules import translates
from tinyrig.generator.frontends.tflite.translation import Translation
from tinyrig.generator.frontends.tflite.weights import bias_of, laid, weights_of

_SAME = 0
_LARGEST = 1 << 12
_CUSTOM = struct.Struct("<3i")  # padding and strides across and down, as in TFLite's C interface
_CUSTOM_SAME, _CUSTOM_VALID = 1, 2


@dataclass(frozen=True)
class _Steps:
    """How a window moves: strides, dilations and whether padding keeps the extent (SAME)."""

    strides: tuple[int, int]
    dilations: tuple[int, int]
    same: bool

    def pads(self, extents: Sequence[int], kernel: Sequence[int]) -> tuple[int, ...]:
        """Return the pads before both axes, then those behind."""
        if not self.same:
            return (0, 0, 0, 0)
        totals = []
        for extent, size, stride, apart in zip(
            extents, kernel, self.strides, self.dilations, strict=True
        ):
            reach = (-(-extent // stride) - 1) * stride + (size - 1) * apart + 1
            totals.append(max(reach - extent, 0))
        return (*(n // 2 for n in totals), *(n - n // 2 for n in totals))


def _steps(op: FileOperator, *, dilated: bool) -> _Steps:
    kinds = ("Stride", "Dilation") if dilated else ("Stride",)
    ends = {"Stride": "", "Dilation": "Factor"}
    found = {kind: [op.integer(f"{kind}{axis}{ends[kind]}") for axis in "HW"] for kind in kinds}
    for kind, values in found.items():
        if not all(1 <= value <= _LARGEST for value in values):
            raise InputError(f"{op} has the {kind.lower()}s {values}; at least 1 is needed.")
    (down, across), (high, wide) = found["Stride"], found.get("Dilation", (1, 1))
    return _Steps((down, across), (high, wide), op.integer("Padding") == _SAME)


def _image_of(at: Translation, op: FileOperator, slot: int) -> FileTensor:
    tensor = at.tensor(op, slot)
    if len(tensor.shape) != 4:
        raise InputError(f"{op} reads {tensor} of shape {list(tensor.shape)}, not an image.")
    return tensor


@translates("CONV_2D")
def convolution(at: Translation, op: FileOperator) -> None:
    """Grouped and dilated too; a PAD that it alone reads becomes its own padding."""
    x, w = _image_of(at, op, 0), weights_of(at, op, 1, 4)
    if w.shape[3] < 1 or x.shape[3] % w.shape[3]:
        raise InputError(f"{op} has weights for {w.shape[3]} channels; {x} has {x.shape[3]}.")
    codes = np.asarray(w.data).transpose(0, 3, 1, 2)
    _convolved(at, op, x, w, codes, x.shape[3] // w.shape[3])


@translates("DEPTHWISE_CONV_2D")
def depthwise(at: Translation, op: FileOperator) -> None:
    """As CONV_2D, a group a channel, with any multiplier."""
    x, w = _image_of(at, op, 0), weights_of(at, op, 1, 4)
    if w.shape[0] != 1 or x.shape[3] < 1 or w.shape[3] % x.shape[3]:
        raise InputError(
            f"{op} has weights of shape {list(w.shape)}; {x} has {x.shape[3]} channels."
        )
    codes = np.asarray(w.data).transpose(3, 0, 1, 2)
    _convolved(at, op, x, w, codes, x.shape[3])


def _convolved(
    at: Translation,
    op: FileOperator,
    x: FileTensor,
    w: FileTensor,
    codes: NDArray[Any],
    groups: int,
) -> None:
    """Add a Conv of weights [O, I, H, W]."""
    steps = _steps(op, dilated=True)
    weights = laid(at, op, x, w, codes, 0)
    bias = bias_of(at, op, 2, x, w)
    pads = steps.pads(x.shape[1:3], codes.shape[2:])
    source, before = (op, pads) if steps.same else _with_pad(at, op)
    value = at.parts.node(
        "Conv",
        [at.image(source, 0), weights, *bias],
        strides=steps.strides,
        dilations=steps.dilations,
        pads=before,
        group=groups,
    )
    at.store(op, at.activated(op, value), image=True)


def _with_pad(at: Translation, op: FileOperator) -> tuple[FileOperator, tuple[int, ...]]:
    """Return whose input to read, and its pads: a PAD's before this operator, if it can be."""
    pad = at.writer(op, "PAD")
    if pad is None:
        return op, (0, 0, 0, 0)
    before, after = at.tensor(pad, 0), at.output(pad)
    pads = at.integers(pad, 1)
    same = np.array_equal(before.scales, after.scales) and np.array_equal(
        before.zero_points, after.zero_points
    )
    inner = len(pads) == 8 and pads[:2] == pads[6:] == [0, 0] and min(pads) >= 0
    if not (same and inner and before.type == after.type):
        return op, (0, 0, 0, 0)
    return pad, (pads[2], pads[4], pads[3], pads[5])


@translates("AVERAGE_POOL_2D")
def average_pool(at: Translation, op: FileOperator) -> None:
    """Over the cells inside the image."""
    _pooled(at, op, "AveragePool")


@translates("MAX_POOL_2D")
def max_pool(at: Translation, op: FileOperator) -> None:
    """Over the cells inside the image."""
    _pooled(at, op, "MaxPool")


def _pooled(at: Translation, op: FileOperator, kind: str) -> None:
    x, steps = _image_of(at, op, 0), _steps(op, dilated=False)
    kernel = (op.integer("FilterHeight"), op.integer("FilterWidth"))
    if not all(1 <= size <= _LARGEST for size in kernel):
        raise InputError(f"{op} has a window of {list(kernel)} cells.")
    pads = steps.pads(x.shape[1:3], kernel)
    value = at.parts.node(
        kind, [at.image(op, 0)], kernel_shape=kernel, strides=steps.strides, pads=pads
    )
    at.store(op, at.activated(op, value), image=True)


@translates("TRANSPOSE_CONV")
def transposed_convolution(at: Translation, op: FileOperator) -> None:
    """With constant weights and a constant shape of its output."""
    _transposed(at, op, (2, 1, 3), _steps(op, dilated=False))


@translates("Convolution2DTransposeBias")
def mediapipes_transposed_convolution(at: Translation, op: FileOperator) -> None:
    """MediaPipe's: TRANSPOSE_CONV with a bias, and its shape from strides and padding."""
    if len(op.custom) < _CUSTOM.size:
        raise InputError(f"{op} has {len(op.custom)} bytes of options; {_CUSTOM.size} are needed.")
    padding, across, down = _CUSTOM.unpack_from(op.custom)
    taken = all(1 <= stride <= _LARGEST for stride in (across, down))
    if padding not in (_CUSTOM_SAME, _CUSTOM_VALID) or not taken:
        raise InputError(f"{op} has the padding {padding} and the strides {[down, across]}.")
    _transposed(at, op, (0, 1, 2), _Steps((down, across), (1, 1), padding == _CUSTOM_SAME))


def _transposed(
    at: Translation, op: FileOperator, slots: tuple[int, int, int], steps: _Steps
) -> None:
    """Add a ConvTranspose of the input, the weights [O, H, W, I] and the bias in these slots."""
    source, weights, bias = slots
    x, w, y = _image_of(at, op, source), weights_of(at, op, weights, 4), at.output(op)
    if len(y.shape) != 4:
        raise InputError(f"{op} writes {y} of shape {list(y.shape)}, not an image.")
    full = [
        (extent - 1) * stride + size
        for extent, stride, size in zip(x.shape[1:3], steps.strides, w.shape[1:3], strict=True)
    ]
    cut = [max(whole - out, 0) for whole, out in zip(full, y.shape[1:3], strict=True)]
    cut = cut if steps.same else [0, 0]
    more = [out - whole + n for out, whole, n in zip(y.shape[1:3], full, cut, strict=True)]
    if not all(0 <= n < stride for n, stride in zip(more, steps.strides, strict=True)):
        raise UnsupportedError(
            f"{op} makes {list(y.shape)} of {list(x.shape)} in strides {list(steps.strides)}; "
            "supported are the extents that the strides give."
        )
    codes = np.asarray(w.data).transpose(3, 0, 1, 2)
    value = at.parts.node(
        "ConvTranspose",
        [at.image(op, source), laid(at, op, x, w, codes, 1), *bias_of(at, op, bias, x, w)],
        strides=steps.strides,
        pads=(*(n // 2 for n in cut), *(n - n // 2 for n in cut)),
        output_padding=more,
    )
    at.store(op, at.activated(op, value), image=True)
