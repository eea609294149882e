"""Random normalisations, pools and means."""

from __future__ import annotations

from typing import Any

import numpy as np
from case_families import Families, random_shape, shuffled, some
from qdq_models import Case, QdqModel

FAMILIES = Families()


@FAMILIES.add
def softmax(rng: np.random.Generator) -> Case:
    m = QdqModel(rng, some(rng, 11, 13, 21))
    shape = random_shape(rng, 1, 4, 20 if m.opset > 11 else 5)
    axis = int(rng.integers(-len(shape), len(shape)))
    y = m.node("Softmax", m.activation(shape), axis=axis)
    if rng.random() < 0.5:
        return m.case(m.pair(y, 1 / 256, -128))
    return m.case(m.quantised(y))


@FAMILIES.add
def log_softmax(rng: np.random.Generator) -> Case:
    m = QdqModel(rng, some(rng, 11, 13, 21))
    shape = random_shape(rng, 1, 4, 20 if m.opset > 11 else 5)
    axis = int(rng.integers(-len(shape), len(shape)))
    return m.case(m.quantised(m.node("LogSoftmax", m.activation(shape), axis=axis)))


@FAMILIES.add
def layernorm(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    shape = (*random_shape(rng, 1, 3, 12)[:-1], int(rng.integers(4, 70)))
    axis = -1 if rng.random() < 0.8 or len(shape) == 1 else -2
    row = shape[axis:]
    gamma = m.floats(rng.uniform(0.3, 1.5, row) * some(rng, 1.0, rng.choice([-1, 1], row)))
    beta = [m.floats(rng.normal(0, 0.5, row))] if rng.random() < 0.7 else []
    y = m.node(
        "LayerNormalization",
        m.activation(shape),
        gamma,
        *beta,
        axis=axis,
        epsilon=some(rng, 1e-5, 1e-6, 1e-3),
    )
    return m.case(m.quantised(y))


@FAMILIES.add
def rmsnorm(rng: np.random.Generator) -> Case:
    """By ONNX's own operator, or the one ONNX Runtime keeps in ONNX's domain."""
    op, opset = some(rng, ("RMSNormalization", 23), ("SimplifiedLayerNormalization", 21))
    m = QdqModel(rng, opset)
    shape = (*random_shape(rng, 1, 3, 12)[:-1], int(rng.integers(4, 70)))
    axis = -1 if op != "RMSNormalization" or rng.random() < 0.8 or len(shape) == 1 else -2
    row = shape[axis:]
    gamma = m.floats(rng.uniform(0.3, 1.5, row) * some(rng, 1.0, rng.choice([-1, 1], row)))
    x = m.activation(shape)
    y = m.node(op, x, gamma, axis=axis, epsilon=some(rng, 1e-5, 1e-6, 1e-3))
    return m.case(m.quantised(y))


@FAMILIES.add
def layernorm_decomposed(rng: np.random.Generator) -> Case:
    m = QdqModel(rng, 17)
    shape = (*random_shape(rng, 1, 3, 12)[:-1], int(rng.integers(4, 70)))
    x = m.activation(shape)
    centred = m.node("Sub", x, m.node("ReduceMean", x, axes=[-1]))
    square = some(rng, ("Pow", centred, m.floats(2.0)), ("Mul", centred, centred))
    variance = m.node("ReduceMean", m.node(*square), axes=[len(shape) - 1], keepdims=1)
    root = m.node("Sqrt", m.node("Add", *shuffled(rng, variance, m.floats(1e-5))))
    if rng.random() < 0.7:
        y = m.node("Div", centred, root)
    else:
        y = m.node("Mul", *shuffled(rng, centred, m.node("Reciprocal", root)))
    if rng.random() < 0.8:
        gamma = m.floats(rng.uniform(0.5, 1.5, shape[-1]))
        y = m.node("Mul", *shuffled(rng, y, gamma))
        y = m.node("Add", *shuffled(rng, y, m.floats(rng.normal(0, 0.5, shape[-1]))))
    return m.case(m.quantised(y))


def _pool(rng: np.random.Generator, op: str, *, dilated: bool = False, **attributes: Any) -> Case:
    m = QdqModel(rng)
    axes = int(rng.integers(1, 3))
    kernel = [int(k) for k in rng.integers(1, 5, axes)]
    apart = [int(n) for n in rng.integers(1, 4 if dilated else 2, axes)]
    image = [
        int(rng.integers(k, k + 9)) + (k - 1) * (n - 1) for k, n in zip(kernel, apart, strict=True)
    ]
    # Where windows leave cells out, ONNX Runtime and ONNX's shape inference disagree.
    strides = [int(rng.integers(1, k + 1)) for k in kernel]
    attributes |= {"kernel_shape": kernel, "strides": strides}
    if dilated:
        attributes["dilations"] = apart
    if rng.random() < 0.25:
        attributes["auto_pad"] = some(
            rng, *([] if dilated else ["SAME_UPPER", "SAME_LOWER"]), "VALID"
        )
    elif rng.random() < 0.7:
        attributes["pads"] = [int(rng.integers(0, (k + 1) // 2)) for k in kernel + kernel]
    if not attributes.get("count_include_pad") and "auto_pad" not in attributes:
        attributes["ceil_mode"] = int(rng.integers(0, 2))
    x = m.activation((int(rng.integers(1, 3)), int(rng.integers(1, 5)), *image))
    return m.case(m.quantised(m.node(op, x, **attributes), beside=x))


@FAMILIES.add
def max_pool(rng: np.random.Generator) -> Case:
    return _pool(rng, "MaxPool")


@FAMILIES.add
def max_pool_dilated(rng: np.random.Generator) -> Case:
    return _pool(rng, "MaxPool", dilated=True)


@FAMILIES.add
def average_pool_dilated(rng: np.random.Generator) -> Case:
    return _pool(rng, "AveragePool", dilated=True, count_include_pad=1)


@FAMILIES.add
def average_pool(rng: np.random.Generator) -> Case:
    return _pool(rng, "AveragePool", count_include_pad=int(rng.integers(0, 2)))


@FAMILIES.add
def global_average_pool(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    x = m.activation((*random_shape(rng, 2, 2), *random_shape(rng, 1, 2, 12)))
    y = m.node(some(rng, "GlobalAveragePool", "GlobalMaxPool"), x)
    return m.case(m.quantised(y, beside=x))


@FAMILIES.add
def reduce_mean(rng: np.random.Generator) -> Case:
    return _reduced(rng, "ReduceMean", 18)


@FAMILIES.add
def reduce_sum(rng: np.random.Generator) -> Case:
    return _reduced(rng, "ReduceSum", 13)


@FAMILIES.add
def reduce_extremum(rng: np.random.Generator) -> Case:
    return _reduced(rng, some(rng, "ReduceMax", "ReduceMin"), 18)


def _reduced(rng: np.random.Generator, op: str, listed: int) -> Case:
    """Reduce some axes, which are an input from opset `listed` on."""
    m = QdqModel(rng, some(rng, 17, 21))
    shape = random_shape(rng, 1, 4, 12)
    count = int(rng.integers(1, len(shape) + 1))
    axes = [int(a) - some(rng, 0, len(shape)) for a in rng.permutation(len(shape))[:count]]
    keep = int(rng.integers(0, 2))
    x = m.activation(shape)
    if m.opset < listed:
        y = m.node(op, x, axes=axes, keepdims=keep)
    else:
        y = m.node(op, x, m.ints(axes), keepdims=keep)
    return m.case(m.quantised(y, beside=x))


@FAMILIES.add
def argument(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    shape = random_shape(rng, 1, 3)
    axis = int(rng.integers(0, len(shape)))
    shape = (*shape[:axis], some(rng, 3, 40, 127, 128, 129, 256), *shape[axis + 1 :])
    x = m.activation(shape)
    keep, last = (int(bit) for bit in rng.integers(0, 2, 2))
    op = some(rng, "ArgMax", "ArgMin")
    return m.case(m.node(op, x, axis=axis, keepdims=keep, select_last_index=last))


@FAMILIES.add
def topk(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    x, axis = m.activation((*random_shape(rng, 1, 3), 40)), some(rng, 0, -1)
    one, largest = m.ints([1]), int(rng.integers(0, 2))
    values, places = m.nodes("TopK", x, one, outputs=2, axis=axis, largest=largest)
    return m.case(*some(rng, (values,), (places,), (values, places)))
