"""The parameters of one QuantizeLinear or DequantizeLinear node, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
import onnx.helper
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.folding import compact
from tinyrig.generator.frontends.shapes import type_name
from tinyrig.generator.frontends.source import Codes, ConstantArray, Value
from tinyrig.generator.graph.tensor import Affine

_BITS: dict[int, int] = {
    onnx.TensorProto.INT8: 8,
    onnx.TensorProto.UINT8: 8,
    onnx.TensorProto.INT32: 32,
}


_ENDLESS = (
    " ONNX Runtime's quantizer writes this for masks of minus infinity: give the float model with "
    "--calibration, which leaves masks as they are, or quantize it with nodes_to_exclude."
)


@dataclass(frozen=True, eq=False)
class QuantizationSite:
    """Where a value is quantized or dequantized, and with which parameters.

    `scale` and `zero_point` broadcast against the value; `elem_type` is ONNX's type of the codes.
    `zero_point` is on the int8 scale (uint8 is lowered by 128).
    """

    node: str
    value: Value
    elem_type: int
    scale: NDArray[np.float64]
    zero_point: NDArray[np.int64]

    @property
    def _offset(self) -> int:
        return 128 if self.elem_type == onnx.TensorProto.UINT8 else 0

    def lowered(self, code: int) -> int:
        """Return a stored code on the int8 scale."""
        return code - self._offset

    def affine(self) -> Affine:
        """Return the parameters of an activation.

        Raises UnsupportedError when they differ along an axis or are not of 8 bits.
        """
        if self.scale.size != 1 or self.zero_point.size != 1:
            raise UnsupportedError(
                f"{self.node} quantizes the activation {self.value.name!r} per channel; supported "
                "are activations quantized per tensor and weights per output channel: no sum over "
                "channels of different steps is one of integers. Quantize it per tensor, or give "
                "the float model with --calibration."
            )
        if _BITS[self.elem_type] != 8:
            raise UnsupportedError(
                f"{self.node} gives the activation {self.value.name!r} type "
                f"{type_name(self.elem_type)}; supported are INT8 and UINT8."
            )
        return Affine(float(self.scale.reshape(-1)[0]), int(self.zero_point.reshape(-1)[0]))

    def encode(self, real: ConstantArray) -> Codes:
        """Return the codes of real data."""
        if self.value.codes is None and real.dtype.kind != "f":
            raise InputError(f"{self.node} quantizes {self.value.name!r}, which is not real.")
        if not np.all(np.isfinite(real)):
            raise InputError(f"The constant {self.value.name!r} holds NaN or infinite values.")
        low, high = -(2 ** (_BITS[self.elem_type] - 1)), 2 ** (_BITS[self.elem_type] - 1) - 1
        scaled = np.clip(np.rint(real / self.scale), 4.0 * low, 4.0 * high) + self.zero_point
        return self._codes(np.clip(scaled, low, high).astype(np.int64))

    def decode(self, stored: ConstantArray) -> Codes:
        """Return the codes stored in a constant of the source."""
        if onnx.helper.np_dtype_to_tensor_dtype(stored.dtype) != self.elem_type:
            raise InputError(
                f"{self.node} reads the constant {self.value.name!r} of type {stored.dtype} with "
                f"a zero point of type {type_name(self.elem_type)}."
            )
        return self._codes(stored.astype(np.int64) - self._offset)

    def retyped(self, codes: Codes) -> Codes:
        """Return the same codes under this site's scale and zero point."""
        return self._codes(codes.data)

    def _codes(self, data: NDArray[np.int64]) -> Codes:
        return Codes(data, self.scale, self.zero_point, _BITS[self.elem_type])


def read_site(
    node: onnx.NodeProto, inputs: Sequence[Value | None], coded: int = 0
) -> QuantizationSite:
    """Check a Q or DQ node's scale, zero point, axis and types.

    `coded` is the element type of the data input where it holds codes already, else 0.
    Raises InputError for a scale that is not positive and finite or parameters of the wrong
    shape or type; UnsupportedError for scales computed at run time and blocked quantization.
    """
    label = f"{node.op_type} node {node.name!r}"
    value, scale = inputs[0], inputs[1]
    zero = inputs[2] if len(inputs) > 2 else None
    if value is None or scale is None:
        raise InputError(f"{label} lacks its data or scale input.")
    if scale.data is None or (zero is not None and zero.data is None):
        raise UnsupportedError(
            f"{label} takes its scale or zero point from other nodes (dynamic quantization); "
            "supported are constant ones (static quantization)."
        )
    if scale.data.dtype.kind in "iub":
        raise InputError(
            f"{label} has the scale {scale.name!r} of type {scale.data.dtype}; a scale is a float."
        )
    attributes = {a.name: a.i for a in node.attribute}
    if attributes.get("block_size", 0):
        raise UnsupportedError(f"{label} is quantized in blocks; supported are tensor and channel.")
    elem_type = _elem_type(value, zero, coded or attributes.get("output_dtype", 0), label)
    axis = attributes.get("axis", 1)
    found = _along(scale.data.astype(np.float64), axis, value, f"{label}: scale {scale.name!r}")
    if not (np.all(np.isfinite(found)) and np.all(found > 0)):
        bad = found[~(np.isfinite(found) & (found > 0))].reshape(-1)[0]
        hint = "" if not np.isposinf(bad) else _ENDLESS
        raise InputError(
            f"{label} has the scale {scale.name!r} = {bad:g} for tensor {value.name!r}; a scale "
            f"must be positive and finite.{hint}"
        )
    offset = 128 if elem_type == onnx.TensorProto.UINT8 else 0
    points = np.zeros(()) if zero is None or zero.data is None else zero.data
    zeros = _along(points.astype(np.int64), axis, value, f"{label}: zero point") - offset
    return QuantizationSite(label, value, elem_type, compact(found), compact(zeros))


def _elem_type(value: Value, zero: Value | None, said: int, label: str) -> int:
    """Return the type of the codes: the zero point's, or the one ONNX gives by default."""
    kind: int
    stored = value.data is not None and value.data.dtype.kind in "iu"
    if zero is not None and zero.data is not None:
        kind = onnx.helper.np_dtype_to_tensor_dtype(zero.data.dtype)
    elif stored and value.data is not None:
        kind = onnx.helper.np_dtype_to_tensor_dtype(value.data.dtype)
    else:
        kind = said or onnx.TensorProto.UINT8
    if kind not in _BITS or said not in (0, kind):
        raise InputError(
            f"{label} has tensor {value.name!r} in type {type_name(said or kind)} with a zero "
            f"point of type {type_name(kind)}; supported are INT8 and UINT8, and INT32 for a bias."
        )
    return kind


def _along(data: ConstantArray, axis: int, value: Value, what: str) -> ConstantArray:
    """Shape a parameter so that it broadcasts along `axis` of the value."""
    rank = len(value.shape)
    if data.size == 1 and data.ndim < 2:
        return data.reshape((1,) * rank)
    axis = axis + rank if axis < 0 else axis
    if data.ndim != 1 or not 0 <= axis < rank or data.size != value.shape[axis]:
        raise InputError(
            f"{what} has shape {list(data.shape)}, which fits no axis {axis} of tensor "
            f"{value.name!r} with shape {list(value.shape)}."
        )
    return data.reshape((1,) * axis + (-1,) + (1,) * (rank - axis - 1))
