"""What a lowering rule works with: values as int8 tensors, or as tables over one tensor.

An activation that is a pointwise function of one int8 tensor (Relu, the steps of a Gelu written
with Erf, a product with a scalar, quantization to another scale) is not computed step by step:
it is kept as the 256 real values it takes, and becomes one table when an operator needs bytes.
Intermediate QuantizeLinear roundings are part of the table, so the result is the source's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.builder import Builder
from tinyrig.generator.frontends.source import Source, SourceNode, Value
from tinyrig.generator.frontends.targets import resolve_targets
from tinyrig.generator.graph.ops import Constant, Unary
from tinyrig.generator.graph.quantization import (
    CODES,
    FloatArray,
    dequantise,
    fit_range,
    fit_symmetric,
    quantise,
)
from tinyrig.generator.graph.tensor import Affine, Tensor

_LONGEST = 32
_ANY = Affine(1.0 / 16.0, 0)


@dataclass(frozen=True, eq=False)
class Operand:
    """An activation: `real[i]` is its value where `root` holds code i - 128.

    `functions` names what was applied to the root, empty for the root itself. `sole` says that
    nothing else reads the root, so its writer may be changed.
    """

    root: Tensor
    real: FloatArray
    functions: tuple[str, ...] = ()
    sole: bool = True


class Lowering:
    """The state of one lowering: the source, the graph so far, and what each value became."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.builder = Builder()
        self.notes: list[str] = []
        self._targets = resolve_targets(source)
        self._operands: dict[str, Operand] = {}
        self._shared: set[str] = set()
        self._constants: dict[tuple[str, Affine], Tensor] = {}
        self._shown = [value for _, value in source.outputs]
        self._readers = source.consumers()
        self._uses = {
            name: len(self._readers[name]) + self._shown.count(name) for name in source.values
        }
        self._writers = source.producers()

    def tell(self, note: str) -> None:
        """Keep a line for the user on what was changed of the model."""
        if note not in self.notes:
            self.notes.append(note)

    def value(self, name: str) -> Value:
        """Return the source value: its shape, and its data when it is constant."""
        return self.source.values[name]

    def constant(self, name: str) -> Value | None:
        """Return the value when it is a constant, None otherwise or when `name` is ''."""
        value = self.source.values[name] if name else None
        return value if value is not None and value.data is not None else None

    def operand(self, name: str) -> Operand:
        """Return an activation as it stands, without making bytes of it."""
        return self._operands[name]

    def tensor(self, name: str) -> Tensor:
        """Return a value's int8 tensor, made now if it was only a table; constants included.

        Raises UnsupportedError when the model gives it no quantization.
        """
        constant = self.constant(name)
        if constant is not None:
            return self.constant_tensor(constant)
        operand = self._operands[name]
        if not operand.functions:
            return operand.root
        affine = self._targets.get(name) or _exact(operand)
        if affine is None and name in self._shown:
            affine = fit_range(*_finite_range(operand.real))
        if affine is None:
            self._refuse_float(name)
        tensor = self._tabulated(name, operand, affine)
        self._hold(name, tensor)
        return tensor

    def constant_tensor(self, value: Value, affine: Affine | None = None) -> Tensor:
        """Return a Constant node's tensor: in `affine`, or the value's own, or the best fit."""
        if value.data is None or value.data.dtype.kind != "f" or not np.isfinite(value.data).all():
            raise InputError(f"The constant {value.name!r} is not an array of finite reals.")
        chosen = affine or _own_affine(value) or fit_symmetric(value.data)
        key = (value.name, chosen)
        if key not in self._constants:
            data = quantise(value.data, chosen).reshape(value.shape or (1,))
            tensor = self.builder.tensor(value.name, data.shape, chosen)
            label = self.builder.node_name(value.name)
            self.builder.add(Constant(name=label, inputs=(), outputs=(tensor.name,), data=data))
            self._constants[key] = tensor
        return self._constants[key]

    def activations(self, node: SourceNode) -> set[str]:
        """Return the names of the inputs that are not constant."""
        return {name for name in node.inputs if name and self.constant(name) is None}

    def wanted(self, name: str) -> Affine | None:
        """Return the affine the model gives a tensor, its own or that of its readers."""
        return self._targets.get(name)

    def target(self, name: str) -> Affine:
        """Return `wanted(name)`. Raises UnsupportedError when the tensor stays float."""
        found = self._targets.get(name)
        if found is None:
            self._refuse_float(name)
        return found

    def output(self, name: str, affine: Affine | None = None) -> Tensor:
        """Add the tensor of an operator's output, in its target affine unless one is given."""
        return self.builder.tensor(name, self.value(name).shape, affine or self.target(name))

    def bind(self, name: str, tensor: Tensor) -> None:
        """Say that `tensor` holds the source value `name`, perhaps beside others.

        Where the source quantizes it to another affine, that becomes a table.
        """
        own = self.value(name).affine
        if own is None or own == tensor.affine:
            self._hold(name, tensor)
            return
        identity = dequantise(CODES, tensor.affine)
        alone = tensor.name not in self._shared
        self.bind_table(name, Operand(tensor, identity, (), alone), identity, "requantize")

    def bind_table(self, name: str, operand: Operand, real: FloatArray, function: str) -> None:
        """Say that value `name` is `real` where the operand's root holds each code."""
        own = self.value(name).affine
        if own is not None:
            real = dequantise(quantise(real, own), own)
        functions = _kept((*operand.functions, function))
        if self._uses[name] > 1 and own is not None:
            self._operands[name] = Operand(operand.root, real, functions, operand.sole)
            self.tensor(name)
        else:
            sole = operand.sole and self._uses[name] == 1
            self._operands[name] = Operand(operand.root, real, functions, sole)

    def alias(self, name: str, of: str) -> None:
        """Say that value `name` is value `of`."""
        operand = self._operands[of]
        self.bind_table(name, operand, operand.real, "identity")

    def readers(self, name: str) -> list[SourceNode]:
        """Return the nodes that read a value."""
        return self._readers[name]

    def is_read(self, name: str) -> bool:
        """Whether a node reads a value, or it is an output of the model; '' is no value."""
        return bool(name) and self._uses[name] > 0

    def holds(self, name: str) -> bool:
        """Whether an activation is a tensor or a table already."""
        return name in self._operands

    def pretend(self, name: str) -> None:
        """Let a value that cannot be computed be a tensor, so that what reads it can be looked at.

        Its affine is its target, or any: no graph is made of it.
        """
        tensor = self.builder.tensor(name, self.value(name).shape, self.wanted(name) or _ANY)
        self._hold(name, tensor)

    def in_affine(self, name: str, affine: Affine) -> Tensor:
        """Return a value's int8 tensor in the given affine, through a table if need be."""
        constant = self.constant(name)
        if constant is not None:
            return self.constant_tensor(constant, affine)
        operand = self._operands[name]
        if not operand.functions and operand.root.affine == affine:
            return operand.root
        tensor = self._tabulated(name, operand, affine)
        if operand.sole:
            self._operands[name] = Operand(tensor, dequantise(CODES, affine), (), False)
        return tensor

    def _hold(self, name: str, tensor: Tensor) -> None:
        """Let value `name` be the codes of `tensor`.

        A tensor of several values (a Slice of all there is) has one reader only if each has.
        """
        sole = self._uses[name] == 1 and tensor.name not in self._shared
        if not sole:
            self._shared.add(tensor.name)
        self._operands[name] = Operand(tensor, dequantise(CODES, tensor.affine), (), sole)

    def _tabulated(self, name: str, operand: Operand, affine: Affine) -> Tensor:
        """Emit the operand in `affine`: nothing, its writer's clamp, or a table."""
        lut = quantise(operand.real, affine)
        low, high = int(lut.min()), int(lut.max())
        is_clamp = np.array_equal(lut, np.clip(CODES, low, high))
        root = operand.root
        if is_clamp and (low, high) == (-128, 127) and affine == root.affine:
            return root
        tensor = self.builder.tensor(name, root.shape, affine)
        if is_clamp and operand.sole and self.builder.absorb(root, (low, high), tensor):
            return tensor
        self.builder.add(
            Unary(
                name=self.builder.node_name(f"{name}.table"),
                inputs=(root.name,),
                outputs=(tensor.name,),
                lut=lut,
                function=_label(operand.functions),
            )
        )
        return tensor

    def _refuse_float(self, name: str) -> NoReturn:
        writer = self._writers.get(name)
        if writer is None:
            raise UnsupportedError(
                f"The model input {name!r} has no QuantizeLinear behind it, or is read in float "
                "beside it or by quantizers far apart. Supported are inputs that are quantized "
                "before anything but layout operators or a scale reads them; give --calibration "
                "FILE.npz, which fits a scale to your data."
            )
        raise UnsupportedError(
            f"Tensor {name!r}, written by {writer}, stays float: no QuantizeLinear gives it a "
            "scale, or its readers give it different ones. Supported without one are layout "
            "operators, Relu, Clip, a scale, bias or pointwise functions of one tensor between an "
            "operator and its QuantizeLinear, and the model's last operators; anywhere else "
            "quantize the tensor, or give --calibration FILE.npz, which fits a scale to your data."
        )


def require(node: SourceNode, condition: bool, found: str, supported: str) -> None:
    """Raise UnsupportedError naming the node unless `condition` holds."""
    if not condition:
        raise UnsupportedError(f"{node} has {found}; supported: {supported}.", supported)


def _own_affine(value: Value) -> Affine | None:
    codes = value.codes
    if codes is None or codes.bits != 8 or codes.scale.size != 1 or codes.zero_point.size != 1:
        return None
    return Affine(float(codes.scale.reshape(-1)[0]), int(codes.zero_point.reshape(-1)[0]))


def _exact(operand: Operand) -> Affine | None:
    """Return the affine in which a scaled or clamped tensor keeps its codes, or None."""
    root = operand.root.affine
    with np.errstate(invalid="ignore"):
        step = float(np.max(np.diff(operand.real))) or root.scale  # 0: it holds one value
    if not 1e-30 < step < 1e30:
        return None
    affine = Affine(root.scale if np.isclose(step, root.scale) else step, root.zero_point)
    back = dequantise(quantise(operand.real, affine), affine)
    return affine if np.allclose(back, operand.real, rtol=1e-6, atol=1e-6 * step) else None


def _finite_range(real: FloatArray) -> tuple[float, float]:
    finite = real[np.isfinite(real)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _kept(functions: tuple[str, ...]) -> tuple[str, ...]:
    """Cut a long chain down to its ends, which is what names a table."""
    return functions if len(functions) <= _LONGEST else (*functions[:4], *functions[-4:])


def _label(functions: tuple[str, ...]) -> str:
    """Name a table after what it computes."""
    used = [name for name in functions if name not in ("identity", "requantize")]
    has = set(used).__contains__
    if (has("Erf") or (has("Tanh") and len(used) > 3)) and has("Mul"):
        return "gelu"
    if used in (["Sigmoid", "Mul"], ["HardSigmoid", "Mul"]):
        return "silu" if has("Sigmoid") else "hardswish"
    return used[-1].rpartition(".")[2].lower() if used else "requantize"
