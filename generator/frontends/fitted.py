"""Scales for products that the model leaves in float: a last Gemm, a Conv before its LeakyRelu.

Tools leave the model's last operator, or the product before a function, without a QuantizeLinear.
Its int8 form covers what the codes before it can give (bounds.py), or what calibration saw; before
a pointwise function that is quantized, no more than where that function's codes still change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.bounds import Bounds, Interval, grid, pointwise
from tinyrig.generator.frontends.pointwise import BINARY, UNARY
from tinyrig.generator.frontends.source import Source, SourceNode
from tinyrig.generator.frontends.targets import precise_enough, resolve_targets, wanted_of
from tinyrig.generator.graph.quantization import FloatArray, fit_range, quantise
from tinyrig.generator.graph.tensor import Affine

_WHOLE = frozenset({"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Tile"})
_PRODUCTS = frozenset(
    {"Conv", "Gemm", "MatMul", "AveragePool", "GlobalAveragePool", "ReduceMean", "Concat"}
    | {"LayerNormalization", "LogSoftmax", "RMSNormalization"}
)


@dataclass(frozen=True)
class Fitted:
    """A source in which more values have an affine: those fitted here, by name.

    `calibrated` are those whose range was seen, not bounded; `held` are values that have the steps
    of a quantizer which not all their readers are behind, as calibration saw nothing beyond it.
    """

    source: Source
    affines: Mapping[str, Affine]
    calibrated: frozenset[str]
    held: tuple[str, ...] = ()

    def notes(self) -> tuple[str, ...]:
        """Return a line for each fitted value that says its step and what it holds."""
        fitted = (self._note(name, affine) for name, affine in self.affines.items())
        held = (
            f"the tensor {name!r} has the steps of a QuantizeLinear that not all its readers are "
            "behind: calibration saw nothing beyond its range."
            for name in self.held
        )
        return (*fitted, *held)

    def _note(self, name: str, affine: Affine) -> str:
        own = {value: shown for shown, value in self.source.outputs}
        kind = "input" if name in self.source.inputs else "tensor"
        what = f"the output {own[name]!r}" if name in own else f"the {kind} {name!r}"
        why = (
            "over the range that calibration saw."
            if name in self.calibrated
            else "so that nothing the model's codes can give is clipped; --calibration FILE.npz "
            "fits finer ones to your data."
        )
        return f"{what} has no QuantizeLinear: int8 in steps of {affine.scale:.4g}, {why}"


def fit_products(source: Source, seen: Mapping[str, Interval]) -> Fitted:
    """Give an affine to every product and input that has none where one can be fitted soundly.

    `seen` are ranges by name that calibration observed; with one, any of them gets its affine, and
    so does a function of one tensor that a product reads.
    Without, one whose readers are the model's float tail, or functions that are quantized.
    """
    targets = resolve_targets(source, seen)
    bounds = Bounds(source, seen)
    walk = _Walk(source, targets)
    read = source.consumers()
    affines = {
        name: fit_range(*seen[name])
        for name in source.inputs
        if name in seen and name not in targets and read[name]
    }
    affines = {name: affine for name, affine in affines.items() if walk.serves(name, affine)}
    for node in source.nodes:
        name = node.outputs[0]
        interval = bounds.of(name)
        made = walk.is_product(node) or (name in seen and walk.feeds_product(name))
        if name in targets or interval is None or not made:
            continue
        useful = interval if name in seen else walk.useful(name, interval)
        if useful is not None and walk.serves(name, fit_range(*useful)):
            affines[name] = fit_range(*useful)
    # What holds for the ranges seen alone is kept with the values: nothing below knows of them.
    known = resolve_targets(source) if seen else targets
    held = tuple(name for name in targets if name not in known)
    kept = {**{name: targets[name] for name in held}, **affines}
    values = {
        name: replace(value, affine=kept.get(name, value.affine))
        for name, value in source.values.items()
    }
    return Fitted(
        replace(source, values=values), affines, frozenset(affines).intersection(seen), held
    )


def require_use(name: str, seen: Mapping[str, Interval], notes: Sequence[str]) -> None:
    """Raise InputError where calibration saw ranges and no note of the model tells of a use."""
    if seen and not notes:
        raise InputError(
            f"{name!r} is quantized already, all of it; calibration data is for float models and "
            "for tensors left in float."
        )


class _Walk:
    """Questions about what lies behind a value."""

    def __init__(self, source: Source, targets: Mapping[str, Affine]) -> None:
        self._source = source
        self._targets = targets
        self._readers = source.consumers()
        self._shown = {value for _, value in source.outputs}
        self._roots: dict[str, str] = {}
        for node in source.nodes:
            self._follow(node)

    def is_product(self, node: SourceNode) -> bool:
        """Whether a node makes a tensor of its own, and not a table over one."""
        return node.op in _PRODUCTS or (node.op in BINARY and node.outputs[0] not in self._roots)

    def feeds_product(self, name: str) -> bool:
        """Whether an operator that computes on codes reads a value."""
        return any(node.op in _PRODUCTS for node in self._readers[name])

    def serves(self, name: str, affine: Affine) -> bool:
        """Whether a value in an affine can be quantized as its readers do."""
        value = self._source.values[name]
        wanted = wanted_of(self._source, value, self._readers[name], self._targets)
        return precise_enough(affine, [one for one in wanted if one is not None])

    def useful(self, name: str, interval: Interval) -> Interval | None:
        """Return the part of an interval that reaches the outputs; None when too much is float."""
        if self._is_tail(name):
            return self._changing(name, interval) or interval
        return self._changing(name, interval)

    def _follow(self, node: SourceNode) -> None:
        """Note the value whose pointwise function a node's output is."""
        active = [name for name in filter(None, node.inputs) if self._data(name) is None]
        scalars = all(
            self._source.values[n].is_scalar for n in node.inputs if n and n not in active
        )
        roots = {self._roots.get(name, name) for name in active}
        if node.op in {*UNARY, *BINARY, "Clip"} and scalars and len(roots) == 1:
            self._roots[node.outputs[0]] = roots.pop()

    def _data(self, name: str) -> FloatArray | None:
        return self._source.values[name].data

    def _is_tail(self, name: str) -> bool:
        """Whether everything behind a value stays float up to the model's outputs."""
        behind = [out for node in self._readers[name] for out in filter(None, node.outputs)]
        own = name in self._shown or bool(behind)
        return own and all(out not in self._targets and self._is_tail(out) for out in behind)

    def _changing(self, name: str, interval: Interval) -> Interval | None:
        """Return where the codes of the functions of a value change; None if others read it."""
        reals, ends = {name: grid(interval)}, list[FloatArray]()
        if name in self._shown:
            return None
        for node in self._source.nodes:
            active = [read for read in node.inputs if read in reals]
            if not active:
                continue
            found = self._computed(node, reals)
            if found is None:
                return None
            out = node.outputs[0]
            affine = self._source.values[out].affine
            shown = out in self._shown
            if affine is not None or shown:
                finite = found[np.isfinite(found)]
                fitted = affine or fit_range(float(finite.min()), float(finite.max()))
                ends.append(quantise(found, fitted).astype(np.float64))
            if affine is None:
                reals[out] = found
        moves = np.flatnonzero(np.any(np.diff(np.stack(ends)), axis=0)) if ends else np.zeros(0)
        if not moves.size:
            return interval
        return float(reals[name][moves[0]]), float(reals[name][moves[-1] + 1])

    def _computed(self, node: SourceNode, reals: Mapping[str, FloatArray]) -> FloatArray | None:
        if node.op in _WHOLE:
            return reals[node.inputs[0]]
        operands: list[FloatArray] = []
        for name in filter(None, node.inputs):
            data = self._data(name)
            if name in reals:
                operands.append(reals[name])
            elif data is not None and data.size == 1:
                operands.append(np.asarray(data, dtype=np.float64).reshape(()))
            else:
                return None
        return pointwise(node, operands)
