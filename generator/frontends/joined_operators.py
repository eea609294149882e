"""Operators that ONNX Runtime's graph optimisations join, as those they were joined of.

A model saved after optimisation (`optimized_model_filepath`, quant_pre_process) has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tinyrig.generator.frontends.replacing import Replacing, Rule

_CONTRIBUTED = "com.microsoft"
_PARAMETERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Elu": ("alpha",),
        "HardSigmoid": ("alpha", "beta"),
        "LeakyRelu": ("alpha",),
        "Relu": (),
        "Selu": ("alpha", "gamma"),
        "Sigmoid": (),
        "Softplus": (),
        "Softsign": (),
        "Tanh": (),
        "ThresholdedRelu": ("alpha",),
    }
)
"""Functions behind a product, and their parameters in order."""


def _conv(at: Replacing) -> bool:
    """Activation(Conv(x, w, bias) + z)."""
    inputs = [at.input(0), at.input(1), *([at.input(2)] if at.input(2) else [])]
    op = _text(at, "activation")
    given = list(at.said.get("activation_params", ()))
    own = ("activation", "activation_params")
    value = at.write("Conv", inputs, **{k: v for k, v in at.said.items() if k not in own})
    if at.input(3):
        value = at.write("Add", [value, at.input(3)])
    if op == "Clip" and len(given) == 2:
        at.write("Clip", [value, *(at.number(one) for one in given)], at.output(0))
        return True
    if op not in _PARAMETERS or len(given) < len(_PARAMETERS[op]):
        return False
    at.write(op, [value], at.output(0), **dict(zip(_PARAMETERS[op], given, strict=False)))
    return True


def _gemm(at: Replacing) -> bool:
    """Activation(Gemm(a, b, c))."""
    op = _text(at, "activation")
    if op not in _PARAMETERS:
        return False
    said = at.kept("alpha", "beta", "transA", "transB")
    value = at.write("Gemm", [name for name in at.node.input if name], **said)
    given = {name: at.said.get(f"activation_{name}") for name in _PARAMETERS[op]}
    at.write(op, [value], at.output(0), **{k: v for k, v in given.items() if v is not None})
    return True


def _matmul(at: Replacing) -> bool:
    """alpha * a' b', either transposed in its last two axes, its rows perhaps the first axis."""
    inputs = []
    for slot, letter in enumerate("AB"):
        operand = at.input(slot)
        rows_first = at.said.get(f"transBatch{letter}", 0)
        transposed = at.said.get(f"trans{letter}", 0)
        if rows_first or transposed:
            rank = at.facts.ranks.get(operand, 0)
            if rank < 2:
                return False
            rows = 0 if rows_first else rank - 2
            order = [*(axis for axis in range(rank - 1) if axis != rows), rows, rank - 1]
            if transposed:
                order[-2:] = order[:-3:-1]
            operand = at.write("Transpose", [operand], perm=order)
        inputs.append(operand)
    alpha = at.said.get("alpha", 1.0)
    if alpha == 1.0:
        at.write("MatMul", inputs, at.output(0))
        return True
    at.write("Mul", [at.write("MatMul", inputs), at.number(alpha)], at.output(0))
    return True


def _biased(op: str) -> Rule:
    """A function of a sum."""

    def write(at: Replacing) -> bool:
        if not at.input(1):
            return False
        total = at.write("Add", [at.input(0), at.input(1)])
        at.write(op, [total], at.output(0), _CONTRIBUTED)
        return True

    return write


def _norm(op: str, domain: str, parameters: int) -> Rule:
    """A norm of a sum, which may be shown; behind the parameters stands a bias of the sum."""

    def write(at: Replacing) -> bool:
        if at.output(1) or at.output(2):
            return False
        addends = [name for name in (at.input(1), at.input(2 + parameters)) if name]
        total = at.input(0)
        for number, name in enumerate(addends, 1):
            shown = at.output(3) if number == len(addends) else ""
            total = at.write("Add", [total, name], shown)
        own = [name for name in (at.input(2 + n) for n in range(parameters)) if name]
        said: dict[str, Any] = {"axis": -1, "epsilon": at.said.get("epsilon", 1e-12)}
        at.write(op, [total, *own], at.output(0), domain, **said)
        return True

    return write


def write_layer_norm(at: Replacing) -> bool:
    """Write a LayerNormalization in the parts that ONNX has before it has the operator."""
    axis, rank = at.said.get("axis", -1), at.facts.ranks.get(at.input(0), 0)
    if at.output(1) or at.output(2) or (axis != -1 and not rank):
        return False
    axes = list(range(axis % rank, rank)) if rank else [-1]
    mean = at.write("ReduceMean", [at.input(0)], axes=axes, keepdims=1)
    centred = at.write("Sub", [at.input(0), mean])
    square = at.write("Mul", [centred, centred])
    variance = at.write("ReduceMean", [square], axes=axes, keepdims=1)
    epsilon = at.number(at.said.get("epsilon", 1e-5))
    deviation = at.write("Sqrt", [at.write("Add", [variance, epsilon])])
    steps = [("Mul", at.input(1)), *([("Add", at.input(2))] if at.input(2) else [])]
    value = at.write("Div", [centred, deviation])
    for number, (op, other) in enumerate(steps, 1):
        value = at.write(op, [value, other], at.output(0) if number == len(steps) else "")
    return True


def _text(at: Replacing, name: str) -> str:
    said = at.said.get(name, b"")
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else ""


JOINED: Mapping[str, Rule] = MappingProxyType(
    {
        "com.microsoft.BiasGelu": _biased("Gelu"),
        "com.microsoft.FastGelu": _biased("FastGelu"),
        "com.microsoft.FusedConv": _conv,
        "com.microsoft.FusedGemm": _gemm,
        "com.microsoft.FusedMatMul": _matmul,
        "com.microsoft.SkipLayerNormalization": _norm("LayerNormalization", "", 2),
        "com.microsoft.SkipSimplifiedLayerNormalization": _norm(
            "SimplifiedLayerNormalization", "", 1
        ),
    }
)
"""What writes each joined operator in parts, by its name with its domain."""
