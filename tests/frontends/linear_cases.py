"""Random convolutions and matrix products."""

from __future__ import annotations

from typing import Any

import numpy as np
from case_families import Families, random_shape, shuffled, some
from qdq_models import Case, QdqModel

FAMILIES = Families()
_AUTO = ("SAME_UPPER", "SAME_LOWER", "VALID")


def _bias(m: QdqModel, count: int, real_range: float) -> str:
    """An int32 bias behind a DequantizeLinear, or a float one."""
    if m.rng.random() < 0.3:
        return m.floats(m.rng.uniform(-real_range, real_range, count))
    scale = np.float32(real_range / 10.0 ** m.rng.uniform(3, 6))
    codes = np.rint(m.rng.uniform(-real_range, real_range, count) / scale).astype(np.int32)
    zero = m.constant(np.asarray(0, dtype=np.int32))
    return m.node("DequantizeLinear", m.constant(codes), m.floats(scale), zero)


def _conv(rng: np.random.Generator, axes: int, groups: str, dilated: bool = False) -> Case:
    m = QdqModel(rng, some(rng, 13, 17, 21))
    group, inner = 1, int(rng.integers(1, 6))
    if groups == "grouped":
        group = int(rng.integers(2, 4))
    if groups == "depthwise":
        group, inner = int(rng.integers(1, 7)), 1
    out = group * int(rng.integers(1, 5 if groups != "depthwise" else 3))
    kernel = [int(k) for k in rng.integers(1, 5, axes)]
    attributes: dict[str, Any] = {"strides": [int(s) for s in rng.integers(1, 4, axes)]}
    apart = [int(n) for n in rng.integers(1, 5, axes)] if dilated else [1] * axes
    if dilated:
        attributes["dilations"] = apart
    reach = [(k - 1) * n + 1 for k, n in zip(kernel, apart, strict=True)]
    image = [int(rng.integers(k, k + 9)) for k in reach]
    if rng.random() < 0.3:
        attributes["auto_pad"] = some(rng, *(["VALID"] if dilated else _AUTO))
    elif rng.random() < 0.7:
        attributes["pads"] = [int(rng.integers(0, k)) for k in reach + reach]
    x = m.activation((int(rng.integers(1, 3)), group * inner, *image))
    w = m.weight((out, inner, *kernel), some(rng, None, 0))
    inputs = [x, w] + ([_bias(m, out, 1.0)] if rng.random() < 0.6 else [])
    y = m.node("Conv", *inputs, group=group, **attributes)
    limited = m.node("Relu", y) if rng.random() < 0.3 else y
    return m.case(m.quantised(limited, beside=y))


@FAMILIES.add
def conv_1d(rng: np.random.Generator) -> Case:
    return _conv(rng, 1, "dense")


@FAMILIES.add
def conv_2d(rng: np.random.Generator) -> Case:
    return _conv(rng, 2, "dense")


@FAMILIES.add
def conv_dilated(rng: np.random.Generator) -> Case:
    return _conv(rng, some(rng, 1, 2), some(rng, "dense", "grouped", "depthwise"), dilated=True)


@FAMILIES.add
def conv_grouped(rng: np.random.Generator) -> Case:
    return _conv(rng, int(rng.integers(1, 3)), "grouped")


@FAMILIES.add
def conv_depthwise(rng: np.random.Generator) -> Case:
    return _conv(rng, int(rng.integers(1, 3)), "depthwise")


@FAMILIES.add
def conv_transpose(rng: np.random.Generator) -> Case:
    m = QdqModel(rng, some(rng, 13, 17, 21))
    axes, group = int(rng.integers(1, 3)), int(rng.integers(1, 4))
    inner, outer = (int(n) for n in rng.integers(1, 5, 2))
    kernel, strides, apart = ([int(n) for n in rng.integers(1, 5, axes)] for _ in range(3))
    reach = [(k - 1) * n + 1 for k, n in zip(kernel, apart, strict=True)]
    image = [int(n) for n in rng.integers(3, 8, axes)]
    attributes: dict[str, Any] = {"strides": strides, "dilations": apart}
    if rng.random() < 0.4:
        same = some(rng, "SAME_UPPER", "SAME_LOWER", "VALID")
        # Where a window is smaller than its stride, there is nothing to cut off.
        even = all(k >= n for k, n in zip(reach, strides, strict=True))
        attributes["auto_pad"] = same if even else "VALID"
    elif rng.random() < 0.7:
        attributes["pads"] = [int(rng.integers(0, min(k, 3))) for k in reach + reach]
    if rng.random() < 0.5 and "auto_pad" not in attributes:
        attributes["output_padding"] = [int(rng.integers(0, most)) for most in strides]
    x = m.activation((int(rng.integers(1, 3)), group * inner, *image))
    w = m.weight((group * inner, outer, *kernel), some(rng, None, 1))
    inputs = [x, w] + ([_bias(m, group * outer, 1.0)] if rng.random() < 0.6 else [])
    if "pads" not in attributes and "output_padding" not in attributes and rng.random() < 0.5:
        full = [(n - 1) * s + k for n, s, k in zip(image, strides, reach, strict=True)]
        attributes["output_shape"] = [
            max(n - int(rng.integers(0, 4)), least) for n, least in zip(full, image, strict=True)
        ]
    y = m.node("ConvTranspose", *inputs, group=group, **attributes)
    return m.case(m.quantised(y))


@FAMILIES.add
def gemm(rng: np.random.Generator) -> Case:
    m = QdqModel(rng, some(rng, 13, 21))
    rows, inner, columns = (int(n) for n in rng.integers(1, 40, 3))
    trans_a, trans_b = (int(t) for t in rng.integers(0, 2, 2))
    a = m.activation((inner, rows) if trans_a else (rows, inner))
    b = m.weight((columns, inner) if trans_b else (inner, columns), some(rng, None, 1 - trans_b))
    inputs = [a, b] + ([_bias(m, columns, 2.0)] if rng.random() < 0.7 else [])
    alpha, beta = (float(rng.uniform(0.3, 1.7)), 0.5) if rng.random() < 0.4 else (1.0, 1.0)
    alpha, beta = some(rng, 1, 1, -1) * alpha, some(rng, 1, 1, -1) * beta
    y = m.node("Gemm", *inputs, transA=trans_a, transB=trans_b, alpha=alpha, beta=beta)
    if rng.random() < 0.3:
        y = m.node("Clip", y, m.floats(-0.5), m.floats(0.7))
    return m.case(m.quantised(y))


@FAMILIES.add
def matmul_constant(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    lead = random_shape(rng, 0, 3, 6)
    inner, columns = (int(n) for n in rng.integers(1, 40, 2))
    b = m.weight((inner, columns), some(rng, None, 1))
    y = m.node("MatMul", m.activation((*lead, inner)), b)
    if lead and rng.random() < 0.6:
        y = m.node("Add", *shuffled(rng, y, _bias(m, columns, 1.0)))
    return m.case(m.quantised(y))


@FAMILIES.add
def matmul_from_left(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    rows, inner, columns = (int(n) for n in rng.integers(1, 20, 3))
    x = m.activation((*random_shape(rng, 0, 2, 4), inner, columns))
    return m.case(m.quantised(m.node("MatMul", m.weight((rows, inner), some(rng, None, 0)), x)))


@FAMILIES.add
def matmul_dynamic(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    rows, inner, columns = (int(n) for n in rng.integers(1, 20, 3))
    batch = random_shape(rng, 0, 2, 4)
    other = tuple(some(rng, n, 1) for n in batch)[int(rng.integers(0, len(batch) + 1)) :]
    a, b = m.activation((*batch, rows, inner)), m.activation((*other, inner, columns))
    y = m.node("MatMul", a, b)
    if rng.random() < 0.3:
        y = m.node(some(rng, "Div", "Mul"), y, m.floats(some(rng, 1, -1) * rng.uniform(0.2, 5)))
    return m.case(m.quantised(y))


@FAMILIES.add
def gemm_of_two(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    rows, inner, columns = (int(n) for n in rng.integers(1, 12, 3))
    a, b = m.activation((rows, inner)), m.activation((columns, inner))
    alpha = some(rng, 1, -1) * float(rng.uniform(0.3, 1.7))
    return m.case(m.quantised(m.node("Gemm", a, b, transB=1, alpha=alpha)))
