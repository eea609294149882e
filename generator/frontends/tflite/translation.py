"""From tensors of a TFLite file to values of the ONNX model that is being written.

A tensor becomes its real values, behind a QuantizeLinear and a DequantizeLinear where the file
quantizes it. What convolutions and pools write lies [N, C, H, W] (an "image"); a Transpose follows
where something asks for the file's order, [N, H, W, C]. Layout planning makes views of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends.tflite.file import File, FileOperator, FileTensor
from tinyrig.generator.frontends.tflite.onnx_parts import OnnxParts

CODE_TYPES: Mapping[str, Any] = {"INT8": np.int8, "UINT8": np.uint8}
_ELEMENTS: Mapping[str, int] = {
    "INT8": TensorProto.INT8,
    "UINT8": TensorProto.UINT8,
    "FLOAT32": TensorProto.FLOAT,
}
_TO_IMAGE, _FROM_IMAGE = (0, 3, 1, 2), (0, 2, 3, 1)
_IMAGE_RANK = 4
_ACTIVATIONS: Mapping[int, tuple[float, ...]] = {1: (), 2: (-1.0, 1.0), 3: (0.0, 6.0)}
"""Fused activations by number: the bounds of a Clip, none for a Relu."""


class Translation:
    """What the model's tensors have become so far."""

    def __init__(self, file: File, operators: Sequence[FileOperator]) -> None:
        self.parts = OnnxParts()
        self._file = file
        self._real: dict[int, str] = {}
        self._image: dict[int, str] = {}
        self._codes: dict[int, str] = {}
        self._laid: set[int] = set()  # written as images, their codes too
        self._reads = Counter(index for one in operators for index in {*one.inputs})
        self._reads.update(file.outputs)
        self._writers = {index: one for one in operators for index in one.outputs}
        self._shown = self._boundary(file.outputs)
        self._inputs = self._boundary(file.inputs)
        for index, info in zip(file.inputs, self._inputs, strict=True):
            self._begin(file.tensors[index], info.name)

    def tensor(self, op: FileOperator, slot: int) -> FileTensor:
        """Return an input of an operator. Raises InputError where it has none."""
        if not self.has(op, slot):
            raise InputError(f"{op} lacks input {slot}.")
        return self._file.tensors[op.inputs[slot]]

    def output(self, op: FileOperator, slot: int = 0) -> FileTensor:
        """Return an output of an operator. Raises InputError where it has none."""
        if slot >= len(op.outputs) or op.outputs[slot] < 0:
            raise InputError(f"{op} lacks output {slot}.")
        return self._file.tensors[op.outputs[slot]]

    def has(self, op: FileOperator, slot: int) -> bool:
        """Whether an operator has an input."""
        return slot < len(op.inputs) and op.inputs[slot] >= 0

    def real(self, op: FileOperator, slot: int) -> str:
        """Return the real values of an input, in the file's order of axes."""
        tensor = self.tensor(op, slot)
        if tensor.index not in self._real:
            image = self._image.get(tensor.index)
            self._real[tensor.index] = (
                self._constant(op, tensor)
                if image is None
                else self.parts.node("Transpose", [image], perm=_FROM_IMAGE)
            )
        return self._real[tensor.index]

    def image(self, op: FileOperator, slot: int) -> str:
        """Return the real values of an input of four axes, as [N, C, H, W]."""
        tensor = self.tensor(op, slot)
        if len(tensor.shape) != _IMAGE_RANK:
            raise UnsupportedError(
                f"{op} reads {tensor} of shape {list(tensor.shape)}; supported are images [N, H, "
                "W, C]."
            )
        if tensor.index not in self._image:
            turned = self.parts.node("Transpose", [self.real(op, slot)], perm=_TO_IMAGE)
            self._image[tensor.index] = turned
        return self._image[tensor.index]

    def are_images(self, op: FileOperator) -> bool:
        """Whether all inputs lie as images alone, of one shape."""
        alone = [n for n in op.inputs if n in self._image and n not in self._real]
        shapes = {self._file.tensors[n].shape for n in alone}
        return len(alone) == len(op.inputs) and len(shapes) == 1

    def writer(self, op: FileOperator, kind: str) -> FileOperator | None:
        """Return the operator that writes the first input for this one alone, if of a kind."""
        index = self.tensor(op, 0).index
        found = self._writers.get(index)
        if found is None or found.type != kind or self._reads[index] != 1:
            return None
        return found

    def integers(self, op: FileOperator, slot: int) -> list[int]:
        """Return a constant input of integers. Raises UnsupportedError for anything else."""
        tensor = self.tensor(op, slot)
        if tensor.data is None or tensor.type not in ("INT32", "INT64"):
            raise UnsupportedError(
                f"{op} takes {tensor} of type {tensor.type} from other operators; supported are "
                "constants of INT32: convert the model with fixed shapes."
            )
        return [int(one) for one in tensor.data.reshape(-1)]

    def dequantized(
        self, data: NDArray[Any], scales: NDArray[Any], points: NDArray[Any], axis: int
    ) -> str:
        """Add a constant of codes, and return its real values; `axis` is that of its scales."""
        affine = self._affine(scales, points, data.dtype)
        attributes: dict[str, Any] = {"axis": axis} if scales.size > 1 else {}
        codes = self.parts.constant(data)
        return self.parts.node("DequantizeLinear", [codes, *affine], **attributes)

    def store(
        self,
        op: FileOperator,
        value: str,
        slot: int = 0,
        *,
        image: bool = False,
        made: bool = True,
    ) -> None:
        """Let real values be an output of an operator, in the file's order or as an image.

        They get the output's name, unless they are those of another tensor (not `made` here).
        """
        tensor, parts = self.output(op, slot), self.parts
        if tensor.index in self._real or tensor.index in self._image or tensor.data is not None:
            raise InputError(f"{op} writes {tensor}, which is written already.")
        if tensor.type not in _ELEMENTS:
            raise UnsupportedError(
                f"{op} writes {tensor} of type {tensor.type}; supported are INT8, UINT8 and "
                "FLOAT32: convert the model with full integer quantization to int8."
            )
        value = parts.renamed(value, tensor.name) if made else value
        if tensor.type in CODE_TYPES:
            affine = self._activation_affine(tensor)
            codes = parts.node("QuantizeLinear", [value, *affine], f"{tensor.name}.codes")
            value = parts.node("DequantizeLinear", [codes, *affine], f"{tensor.name}.real")
            self._codes[tensor.index] = codes
        (self._image if image else self._real)[tensor.index] = value
        self._laid.update([tensor.index] if image else [])

    def activated(self, op: FileOperator, value: str) -> str:
        """Return a value behind the operator's fused activation."""
        kind = op.integer("FusedActivationFunction")
        if kind == 0:
            return value
        if kind not in _ACTIVATIONS:
            raise UnsupportedError(
                f"{op} has the fused activation {kind} (TANH or SIGN_BIT); supported are RELU, "
                "RELU_N1_TO_1 and RELU6: write it as an operator of its own."
            )
        return self.clipped(value, _ACTIVATIONS[kind])

    def clipped(self, value: str, bounds: Sequence[float]) -> str:
        """Return a value within two bounds; without any, no less than 0."""
        if not bounds:
            return self.parts.node("Relu", [value])
        return self.parts.node("Clip", [value, *(self.parts.scalar(one) for one in bounds)])

    def model(self) -> onnx.ModelProto:
        """Return the ONNX model, when all operators are translated."""
        for index, info in zip(self._file.outputs, self._shown, strict=True):
            tensor = self._file.tensors[index]
            image = index in self._laid
            value = (self._image if image else self._real).get(index)
            if value is None:
                raise InputError(
                    f"No operator of the TFLite model writes its output {tensor.name!r}."
                )
            value = self._codes.get(index, value)
            turned: dict[str, Any] = {"perm": _FROM_IMAGE} if image else {}
            self.parts.show("Transpose" if image else "Identity", value, info.name, **turned)
        return self.parts.model("tflite", self._inputs, self._shown)

    def _boundary(self, indices: Sequence[int]) -> list[onnx.ValueInfoProto]:
        found = []
        for index in indices:
            tensor = self._file.tensors[index]
            if tensor.type not in _ELEMENTS:
                raise UnsupportedError(
                    f"The model's input or output {tensor.name!r} has type {tensor.type}; "
                    "supported are INT8, UINT8 and FLOAT32."
                )
            if min(tensor.shape, default=1) < 1:
                raise InputError(
                    f"The model's input or output {tensor.name!r} has shape {list(tensor.shape)}: "
                    "an axis is open or empty. Convert the model with fixed shapes."
                )
            name = self.parts.fresh(tensor.name)
            kind = _ELEMENTS[tensor.type]
            found.append(helper.make_tensor_value_info(name, kind, tensor.shape))
        return found

    def _begin(self, tensor: FileTensor, name: str) -> None:
        if tensor.index in self._real:
            raise InputError(f"The TFLite model has the input {tensor.name!r} twice.")
        self.parts.label = name
        self._real[tensor.index] = name
        if tensor.type in CODE_TYPES:
            self._codes[tensor.index] = name
            affine = self._activation_affine(tensor)
            self._real[tensor.index] = self.parts.node("DequantizeLinear", [name, *affine])

    def _activation_affine(self, tensor: FileTensor) -> list[str]:
        if tensor.scales.size != 1:
            raise UnsupportedError(
                f"The {tensor.type} activation {tensor.name!r} has {tensor.scales.size} scales; "
                "supported is one for the whole tensor, as full integer quantization gives it."
            )
        return self._affine(tensor.scales, tensor.zero_points, CODE_TYPES[tensor.type])

    def _affine(self, scales: NDArray[Any], points: NDArray[Any], dtype: Any) -> list[str]:
        limits = np.iinfo(dtype)
        if points.min() < limits.min or points.max() > limits.max:
            raise InputError(
                f"{self.parts.label} has a zero point outside {limits.min} to {limits.max}."
            )
        shape = () if scales.size == 1 else scales.shape
        zeros = np.broadcast_to(points.astype(dtype), scales.shape)
        return [
            self.parts.constant(scales.astype(np.float32).reshape(shape)),
            self.parts.constant(zeros.reshape(shape)),
        ]

    def _constant(self, op: FileOperator, tensor: FileTensor) -> str:
        data = tensor.data
        if data is None:
            raise InputError(f"{op} reads {tensor}, which no operator before it writes.")
        if data.size and tensor.type in ("FLOAT32", "FLOAT16"):
            return self.parts.constant(data.astype(np.float32))
        if tensor.type not in CODE_TYPES or not tensor.scales.size or not data.size:
            raise UnsupportedError(
                f"{op} computes on the constant {tensor.name!r} of type {tensor.type}; supported "
                "are FLOAT32, and INT8 or UINT8 with a scale."
            )
        return self.dequantized(data, tensor.scales, tensor.zero_points, tensor.axis)
