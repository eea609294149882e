"""Products and sums of the integer dialect, each with the RequantShift that reads it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.context import Lowering, require
from tinyrig.generator.frontends.dialect.fusing import JOINED, MEAN
from tinyrig.generator.frontends.dialect.requant_shift import number, shifted_of, whole
from tinyrig.generator.frontends.lower_elementwise import code_reach
from tinyrig.generator.frontends.lower_layout import reshaped, transposed
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode
from tinyrig.generator.frontends.window import dilated, dilations_of, window_of
from tinyrig.generator.graph.ops import Add, Concat, Conv, Linear, MatMul, Mean, Mul, Window
from tinyrig.generator.graph.requant import INT32_LIMIT, LARGEST_SHIFT, Int64Array, Requant
from tinyrig.generator.graph.shifted import Shifted
from tinyrig.generator.graph.tensor import INT8_MAX, INT8_MIN, Tensor
from tinyrig.generator.operators.integer_divide import IntegerDivide
from tinyrig.generator.operators.shift_conv import ShiftConv

_PAIR = 2


@lowers(f"Conv{JOINED}")
def lower_conv(at: Lowering, node: SourceNode) -> None:
    """Conv with constant weights; a RequantShift for each channel, or one for all."""
    weight = _weights(at, node, node.inputs[1])
    dilations = dilations_of(node, weight.ndim - 2)
    kernel = dilated(weight.shape[2:], dilations)
    window = window_of(at, node, kernel)
    codes = np.zeros((*weight.shape[:2], *kernel), np.int64)
    places: tuple[Any, ...] = (..., *(slice(None, None, apart) for apart in dilations))
    codes[places] = weight
    codes = codes if codes.ndim == 4 else codes[:, :, np.newaxis, :]
    x = at.tensor(node.inputs[0])
    shifted = _shifted(at, node, len(x.shape), 1)
    y = at.output(node.outputs[0])
    start, reach = _bounds(at, node, codes, x)
    groups = node.integer("group", 1)
    laid = np.ascontiguousarray(codes.transpose(0, 2, 3, 1).astype(np.int8))
    _convolved(at, node, x, y, laid, start, reach, shifted, window, groups)
    at.bind(node.outputs[0], y)


@lowers(f"Gemm{JOINED}")
def lower_gemm(at: Lowering, node: SourceNode) -> None:
    """Gemm with alpha and beta 1 and a constant B."""
    factors = (node.real("alpha", 1.0), node.real("beta", 1.0))
    require(node, factors == (1.0, 1.0), f"alpha and beta {factors}", "alpha and beta of 1")
    x = at.tensor(node.inputs[0])
    if node.integer("transA", 0):
        x = transposed(at, node, x, (1, 0))
    if at.constant(node.inputs[1]) is None:
        b = at.tensor(node.inputs[1])
        b = transposed(at, node, b, (1, 0)) if node.integer("transB", 0) else b
        _product(at, node, x, b)
        return
    weight = _weights(at, node, node.inputs[1])
    _linear(at, node, x, weight if node.integer("transB", 0) else weight.T)


@lowers(f"MatMul{JOINED}")
def lower_matmul(at: Lowering, node: SourceNode) -> None:
    """MatMul with a constant on the right, or of two tensors."""
    left, right = node.inputs[:2]
    require(node, at.constant(left) is None, "a constant on the left", "one on the right")
    constant = at.constant(right)
    if constant is None or any(extent != 1 for extent in constant.shape[:-2]):
        _product(at, node, at.tensor(left), at.tensor(right))
        return
    weight = _weights(at, node, right)
    _linear(at, node, at.tensor(left), weight.reshape(weight.shape[-2:]).T)


@lowers(f"Add{JOINED}")
def lower_sum(at: Lowering, node: SourceNode) -> None:
    """The sum of 8-bit tensors: two that broadcast, or several of one shape as a reduction."""
    x = [at.tensor(name) for name in node.inputs[:-3]]
    y = at.output(node.outputs[0])
    shifted = _shifted(at, node, len(y.shape), -1)
    if len(x) == _PAIR and _added(at, node, x, y, shifted):
        at.bind(node.outputs[0], y)
        return
    alike = len({(one.shape, one.affine) for one in x}) == 1
    require(node, alike, "operands of different shapes or signs", "two, or several that are alike")
    stack = at.builder.tensor(f"{node.name}.stack", (len(x), *x[0].shape), x[0].affine)
    parts = tuple(reshaped(at, node, one, (1, *one.shape)).name for one in x)
    label = at.builder.node_name(f"{node.name}.stack")
    at.builder.add(Concat(name=label, inputs=parts, outputs=(stack.name,), axis=0))
    start = np.array([-len(x) * x[0].affine.zero_point])
    requant, begin = _exact(node, shifted, start, np.array([len(x) * 128]))
    at.builder.add(
        Mean(
            name=at.builder.node_name(node.name),
            inputs=(stack.name,),
            outputs=(y.name,),
            axes=(0,),
            keepdims=False,
            start=begin,
            requant=requant,
        )
    )
    at.bind(node.outputs[0], y)


@lowers(f"Mul{JOINED}")
def lower_mul(at: Lowering, node: SourceNode) -> None:
    """The product of two tensors, element by element."""
    a, b = (at.tensor(name) for name in node.inputs[:2])
    y = at.output(node.outputs[0])
    shifted = _shifted(at, node, len(y.shape), -1)
    reach = np.array([code_reach(a.affine) * code_reach(b.affine)])
    requant, start = _exact(node, shifted, np.zeros(1, np.int64), reach)
    label = at.builder.node_name(node.name)
    at.builder.add(
        Mul(name=label, inputs=(a.name, b.name), outputs=(y.name,), start=start, requant=requant)
    )
    at.bind(node.outputs[0], y)


@lowers(f"IntegerDiv{JOINED}")
def lower_div(at: Lowering, node: SourceNode) -> None:
    """The quotient of two 8-bit tensors, of whole numbers as `--division` says."""
    a, b = (at.tensor(name) for name in node.inputs[:2])
    y = at.output(node.outputs[0])
    shifted = _shifted(at, node, len(y.shape), -1)
    require(node, len(shifted.mul) == 1, "a RequantShift for each channel", "one for all")
    delta, eta, eps = (number(node, key) for key in ("Delta", "eta", "eps"))
    factor = delta * eta
    ends = [(code - b.affine.zero_point) * eta + eps for code in (INT8_MIN, INT8_MAX)]
    require(node, min(ends) > 0, f"divisors down to {min(ends)}", "divisors from 1 up")
    most = (255 * abs(factor) + max(ends), abs(shifted.mul[0]), abs(shifted.add[0]) + 2**30)
    require(node, max(most) < INT32_LIMIT, f"numbers up to {max(most)}", "numbers of 32 bits")
    at.builder.add(
        IntegerDivide(
            name=at.builder.node_name(node.name),
            inputs=(a.name, b.name),
            outputs=(y.name,),
            factor=factor,
            eta=eta,
            eps=eps,
            rounded=node.text("division", "floor") == "rounded",
            multiplier=shifted.mul[0],
            addend=shifted.add[0] + shifted.rounding,
            shift=shifted.shift,
            lo=shifted.lo,
            hi=shifted.hi,
        )
    )
    at.bind(node.outputs[0], y)


@lowers(MEAN)
def lower_mean(at: Lowering, node: SourceNode) -> None:
    """IntegerMean: `floor(mean + 1/2)`, exact for every sum of codes."""
    x = at.tensor(node.inputs[0])
    rank = len(x.shape)
    axes = tuple(sorted(axis % rank for axis in node.integers("axes") or range(rank)))
    count = math.prod(x.shape[axis] for axis in axes)
    require(node, 255 * count * count < INT32_LIMIT, f"a mean of {count} elements", "up to 2901")
    y = at.output(node.outputs[0], x.affine)
    if count == 1:
        at.bind(node.outputs[0], reshaped(at, node, x, y.shape))
        return
    shift = 32 if count > _PAIR else 31
    # Counted from the least sum none is negative, and a multiplier rounded up never falls short.
    multiplier = np.array([-(-(1 << shift) // count)], dtype=np.int32)
    at.builder.add(
        Mean(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            axes=axes,
            keepdims=node.integer("keepdims", 1) != 0,
            start=-INT8_MIN * count,
            requant=Requant(multiplier, shift, False, INT8_MIN),
        )
    )
    at.bind(node.outputs[0], y)


def _shifted(at: Lowering, node: SourceNode, rank: int, axis: int) -> Shifted:
    mul, add = (at.constant(name) for name in node.inputs[-2:])
    return shifted_of(node, mul, add, rank, axis)


def _weights(at: Lowering, node: SourceNode, name: str) -> NDArray[np.int64]:
    """Return constant weights. Raises UnsupportedError for any that are not of 8 bits."""
    codes = whole(at.constant(name), f"the weight of {node}")
    inside = bool(np.all((codes >= INT8_MIN) & (codes <= INT8_MAX)))
    require(node, inside, f"weights up to {np.abs(codes).max()}", "signed weights of 8 bits")
    return codes


def _bounds(
    at: Lowering, node: SourceNode, codes: NDArray[np.int64], x: Tensor
) -> tuple[Int64Array, Int64Array]:
    """Return where the sums of channels start, and how far they get from there."""
    flat = codes.reshape(codes.shape[0], -1)
    bias, name = np.zeros(len(flat), np.int64), node.inputs[-3]
    if name:
        given = whole(at.constant(name), f"the bias of {node}")
        row = given.size in (1, len(flat)) and given.shape[-1:] in ((), (1,), (len(flat),))
        require(node, row, f"a bias of shape {list(given.shape)}", "one for each output channel")
        bias = np.broadcast_to(given.reshape(-1), bias.shape)
    return bias - x.affine.zero_point * flat.sum(axis=1), 128 * np.abs(flat).sum(axis=1)


def _linear(at: Lowering, node: SourceNode, x: Tensor, weight: NDArray[np.int64]) -> None:
    shape = at.value(node.outputs[0]).shape
    shifted = _shifted(at, node, len(shape), -1)
    start, reach = _bounds(at, node, weight, x)
    found = shifted.exact(start, reach)
    channels = len(weight)
    codes = np.ascontiguousarray(weight.astype(np.int8))
    if found is None:
        rows = math.prod(x.shape[:-1])
        image = reshaped(at, node, x, (rows, x.shape[-1], 1, 1))
        made = at.builder.tensor(
            f"{node.name}.image", (rows, channels, 1, 1), at.target(node.outputs[0])
        )
        laid = codes.reshape(channels, 1, 1, -1)
        _convolved(at, node, image, made, laid, start, reach, shifted, Window(kernel=(1, 1)), 1)
        at.bind(node.outputs[0], reshaped(at, node, made, shape))
        return
    y = at.builder.tensor(node.outputs[0], (*x.shape[:-1], channels), at.target(node.outputs[0]))
    requant, begin = found
    at.builder.add(
        Linear(
            name=at.builder.node_name(node.name),
            inputs=(x.name,),
            outputs=(y.name,),
            weight=codes,
            start=np.broadcast_to(begin, (channels,)).copy(),
            requant=requant,
        )
    )
    at.bind(node.outputs[0], reshaped(at, node, y, shape))


def _convolved(
    at: Lowering,
    node: SourceNode,
    x: Tensor,
    y: Tensor,
    weight: NDArray[np.int8],
    start: Int64Array,
    reach: Int64Array,
    shifted: Shifted,
    window: Window,
    groups: int,
) -> None:
    """Add a Conv, or, where its requantisation has no such form, one that shifts."""
    found = shifted.exact(start, reach)
    name = at.builder.node_name(node.name)
    if found is not None:
        requant, begin = found
        at.builder.add(
            Conv(
                name=name,
                inputs=(x.name,),
                outputs=(y.name,),
                weight=weight,
                start=np.broadcast_to(begin, (len(weight),)).copy(),
                requant=requant,
                window=window,
                groups=groups,
            )
        )
        return
    most = np.abs(start) + reach
    mul = np.broadcast_to(np.array(shifted.mul), (len(weight),))
    add = np.broadcast_to(np.array(shifted.add) + shifted.rounding, (len(weight),))
    limits = (most.max(), np.abs(mul).max(), np.abs(add).max())
    fits = all(limit < INT32_LIMIT for limit in limits)
    require(node, fits, f"sums, mul and add up to {[int(n) for n in limits]}", "32 bits each")
    at.builder.add(
        ShiftConv(
            name=name,
            inputs=(x.name,),
            outputs=(y.name,),
            weight=weight,
            start=start.astype(np.int32),
            multiplier=mul.astype(np.int32),
            addend=add.astype(np.int32),
            shift=shifted.shift,
            window=window,
            groups=groups,
            lo=shifted.lo,
            hi=shifted.hi,
        )
    )


def _product(at: Lowering, node: SourceNode, a: Tensor, b: Tensor) -> None:
    require(node, not node.inputs[-3], "a bias on a product of two tensors", "no bias")
    require(node, min(len(a.shape), len(b.shape)) > 1, "an operand of one axis", "two or more")
    y = at.output(node.outputs[0])
    shifted = _shifted(at, node, len(y.shape), -1)
    reach = np.array([a.shape[-1] * code_reach(a.affine) * code_reach(b.affine)])
    requant, start = _exact(node, shifted, np.zeros(1, np.int64), reach)
    label = at.builder.node_name(node.name)
    at.builder.add(
        MatMul(name=label, inputs=(a.name, b.name), outputs=(y.name,), start=start, requant=requant)
    )
    at.bind(node.outputs[0], y)


def _exact(
    node: SourceNode, shifted: Shifted, start: Int64Array, reach: Int64Array
) -> tuple[Requant, int]:
    """Return one requantisation for all, and one start. Raises UnsupportedError without one."""
    single = len(shifted.mul) == len(shifted.add) == 1
    require(node, single, "a RequantShift for each channel", "one mul and add for all")
    found = shifted.exact(start, reach)
    if found is None:
        raise UnsupportedError(
            f"{node} is multiplied by {shifted.mul[0]} and divided by 2^{shifted.shift}; supported "
            "are positive factors below 128."
        )
    return found[0], int(found[1][0])


def _added(at: Lowering, node: SourceNode, x: list[Tensor], y: Tensor, shifted: Shifted) -> bool:
    """Add an Add of two tensors, if its constants fit int32."""
    single = len(shifted.mul) == len(shifted.add) == 1
    require(node, single, "a RequantShift for each channel", "one mul and add for all")
    mul = shifted.mul[0]
    start = shifted.add[0] + shifted.rounding + (shifted.zero_point << shifted.shift)
    start -= mul * sum(one.affine.zero_point for one in x)
    if shifted.shift > LARGEST_SHIFT or 256 * abs(mul) + abs(start) >= INT32_LIMIT:
        return False
    at.builder.add(
        Add(
            name=at.builder.node_name(node.name),
            inputs=tuple(one.name for one in x),
            outputs=(y.name,),
            a_multiplier=mul,
            b_multiplier=mul,
            start=start,
            shift=shifted.shift,
            lo=shifted.lo,
            hi=shifted.hi,
        )
    )
    return True
