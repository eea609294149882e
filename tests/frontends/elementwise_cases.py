"""Random pointwise functions, sums and products."""

from __future__ import annotations

import numpy as np
from case_families import Families, maybe, random_shape, shuffled, some
from qdq_models import Case, QdqModel

FAMILIES = Families()


def _pair(rng: np.random.Generator, op: str) -> Case:
    m = QdqModel(rng)
    shape = (*random_shape(rng, 1, 3), 7)
    other = tuple(some(rng, n, n, 1) for n in shape)[int(rng.integers(0, len(shape))) :]
    a = m.activation(shape)
    b = m.activation(other if rng.random() < 0.4 else shape)
    if rng.random() < 0.3:
        constant = m.floats(rng.uniform(0.5, 2.0, other) * rng.choice([-1, 1], other))
        b = m.quantised(constant) if rng.random() < 0.7 else m.pair(constant, 0.05, 0)
    y = m.node(op, *shuffled(rng, a, b))
    if rng.random() < 0.2:
        y = m.node("Relu", y)
    return m.case(m.quantised(y))


@FAMILIES.add
def add(rng: np.random.Generator) -> Case:
    return _pair(rng, "Add")


@FAMILIES.add
def sub(rng: np.random.Generator) -> Case:
    return _pair(rng, "Sub")


@FAMILIES.add
def mul(rng: np.random.Generator) -> Case:
    return _pair(rng, "Mul")


@FAMILIES.add
def extremum(rng: np.random.Generator) -> Case:
    if rng.random() < 0.6:
        return _pair(rng, some(rng, "Max", "Min"))
    m = QdqModel(rng)
    shape = random_shape(rng)
    tensors = [m.activation(shape) for _ in range(int(rng.integers(1, 4)))]
    far = rng.choice([-np.inf, 0.3, np.inf, -1.0, 1e30], shape[-1:])
    y = m.node(some(rng, "Max", "Min"), *shuffled(rng, m.floats(far), tensors[0]), *tensors[1:])
    return m.case(m.pair(y, 0.02, some(rng, 0, -128, 30)))


@FAMILIES.add
def where(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    shape = (*random_shape(rng, 1, 3), 7)
    other = tuple(some(rng, n, n, 1) for n in shape)
    condition = m.constant(rng.random(shape[int(rng.integers(0, len(shape))) :]) < 0.5)
    branches = [m.activation(shape), m.activation(other)]
    if rng.random() < 0.5:
        branches[1] = m.floats(rng.normal(0, 1, other) if rng.random() < 0.7 else -np.inf)
    y = m.node("Where", condition, *shuffled(rng, *branches))
    return m.case(m.pair(y, float(rng.uniform(0.01, 0.05)), some(rng, 0, -90, 30)))


@FAMILIES.add
def where_flags(rng: np.random.Generator) -> Case:
    """By flags of one tensor, which may be a branch too."""
    m = QdqModel(rng, some(rng, 13, 21))
    shape = (*random_shape(rng, 1, 3), 7)
    x = m.activation(shape)
    op = some(rng, "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual")
    codes = np.unique(m.measured(x))
    flags = m.node(op, *shuffled(rng, x, m.floats(rng.choice(codes))))
    if rng.random() < 0.3:
        flags = m.node("Not", flags)
    other = tuple(some(rng, n, n, 1) for n in shape)
    branches = [m.activation(other), some(rng, x, m.activation(shape))]
    if rng.random() < 0.4:
        branches[0] = m.floats(rng.normal(0, 1, some(rng, other, ())))
    y = m.node("Where", flags, *shuffled(rng, *branches))
    return m.case(m.quantised(y))


@FAMILIES.add
def scalar(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    op = some(rng, "Add", "Sub", "Mul", "Div", "Min", "Max")
    x, c = m.activation(random_shape(rng)), m.floats(some(rng, 0.3, 1.7, -2.5, 8.0))
    inputs = (x, c) if op == "Div" else shuffled(rng, x, c)
    return m.case(m.quantised(m.node(op, *inputs)))


@FAMILIES.add
def relu(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    return m.case(m.quantised(m.node("Relu", m.activation(random_shape(rng)))))


@FAMILIES.add
def clip(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    bounds = some(
        rng,
        (m.floats(0.0), m.floats(6.0)),
        (m.floats(rng.uniform(-1, 0)), ""),
        ("", m.floats(rng.uniform(0, 1))),
    )
    return m.case(m.quantised(m.node("Clip", m.activation(random_shape(rng)), *bounds)))


@FAMILIES.add
def gelu(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    x = m.activation(random_shape(rng))
    return m.case(m.quantised(m.node("Gelu", x, approximate=some(rng, "none", "tanh"))))


@FAMILIES.add
def gelu_erf(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    share = some(rng, 0.0, 1.0, 0.5)
    x = m.activation(random_shape(rng))
    inner = maybe(m, m.node("Div", x, m.floats(2**0.5)), share)
    inner = maybe(m, m.node("Erf", inner), share)
    inner = maybe(m, m.node("Add", *shuffled(rng, inner, m.floats(1.0))), share)
    if rng.random() < 0.5:
        y = m.node("Mul", *shuffled(rng, x, inner))
        y = m.node("Mul", *shuffled(rng, maybe(m, y, share), m.floats(0.5)))
    else:
        half = maybe(m, m.node("Mul", *shuffled(rng, x, m.floats(0.5))), share)
        y = m.node("Mul", *shuffled(rng, half, inner))
    return m.case(m.quantised(y))


@FAMILIES.add
def gelu_tanh(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    share = some(rng, 0.0, 1.0, 0.5)
    x = m.activation(random_shape(rng))
    if rng.random() < 0.5:
        cube = m.node("Pow", x, m.floats(3.0))
    else:
        cube = m.node("Mul", maybe(m, m.node("Mul", x, x), share), x)
    inner = m.node("Mul", *shuffled(rng, maybe(m, cube, share), m.floats(0.044715)))
    inner = m.node("Add", *shuffled(rng, x, maybe(m, inner, share)))
    inner = m.node("Mul", *shuffled(rng, maybe(m, inner, share), m.floats((2 / np.pi) ** 0.5)))
    inner = maybe(m, m.node("Tanh", maybe(m, inner, share)), share)
    inner = m.node("Add", *shuffled(rng, inner, m.floats(1.0)))
    half = m.node("Mul", *shuffled(rng, x, m.floats(0.5)))
    return m.case(m.quantised(m.node("Mul", *shuffled(rng, half, maybe(m, inner, share)))))


@FAMILIES.add
def silu(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    x = m.activation(random_shape(rng))
    gate = maybe(m, m.node(some(rng, "Sigmoid", "HardSigmoid"), x), 0.5)
    return m.case(m.quantised(m.node("Mul", *shuffled(rng, x, gate))))


@FAMILIES.add
def unary(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    functions = ("Sigmoid", "Tanh", "Erf", "Abs", "Neg", "Exp", "Softplus", "Softsign", "Sin")
    more = ("Cos", "Elu", "Selu", "LeakyRelu", "HardSwish", "HardSigmoid", "Mish", "Celu")
    angles = ("Asinh", "Atan", "Sinh", "Cosh", "Shrink")
    inside = ("Asin", "Acos", "Atanh", "Tan")
    positive = ("Sqrt", "Log", "Reciprocal", "Acosh")
    op = some(rng, *functions, *more, *angles, *inside, *positive)
    shape = random_shape(rng)
    if op in inside:
        limited = m.node("Clip", m.same_range(shape, -1.0, 1.0), m.floats(-0.9), m.floats(0.9))
        return m.case(m.quantised(m.node(op, limited)))
    if op not in positive:
        return m.case(m.quantised(m.node(op, m.same_range(shape, -4.0, 3.0))))
    x = m.same_range(shape, 0.0, 4.0)
    shifted = m.node("Add", m.node("Abs", x), m.floats(1.25 if op == "Acosh" else 0.25))
    return m.case(m.quantised(m.node(op, shifted)))


@FAMILIES.add
def divide(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    shape = random_shape(rng)
    divisor = m.pair(m.floats(np.full(shape[-1:], rng.uniform(1, 3))), 0.02, 0)
    return m.case(m.quantised(m.node("Div", m.activation(shape), divisor)))


@FAMILIES.add
def quotient(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    shape = random_shape(rng)
    divisor = m.node("Abs", m.activation(tuple(some(rng, n, 1) for n in shape)))
    divisor = m.quantised(m.node("Add", divisor, m.floats(rng.uniform(0.3, 2.0))))
    if rng.random() < 0.5:
        divisor = m.quantised(m.node("Neg", divisor))
    dividend = m.activation(shape) if rng.random() < 0.8 else divisor
    y = m.node("Div", dividend, divisor)
    return m.case(m.quantised(y))


@FAMILIES.add
def prelu(rng: np.random.Generator) -> Case:
    m = QdqModel(rng)
    shape = random_shape(rng, 2, 4)
    slopes = rng.uniform(-0.3, 1.0, (shape[1], *[1] * (len(shape) - 2)))
    slope = m.quantised(m.floats(slopes)) if rng.random() < 0.5 else m.floats(slopes)
    return m.case(m.quantised(m.node("PRelu", m.activation(shape), slope)))
