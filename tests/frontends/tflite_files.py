"""TensorFlow Lite files, written operator by operator with the format's own builders."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
import tflite
from numpy.typing import NDArray

from tinyrig.generator.frontends.tflite.sparse import SparseForm

SAME, VALID = 0, 1
NONE, RELU, RELU_N1_TO_1, RELU6, TANH = 0, 1, 2, 3, 4
_DTYPES = {"INT8": np.int8, "UINT8": np.uint8, "INT32": np.int32}
_DTYPES |= {"FLOAT32": np.float32, "FLOAT16": np.float16}


@dataclass(frozen=True, eq=False)
class _Tensor:
    shape: tuple[int, ...]
    type: str
    name: str
    data: NDArray[Any] | None
    scales: Sequence[float]
    zero_points: Sequence[int]
    axis: int
    variable: bool = False
    sparse: SparseForm | None = None


@dataclass(frozen=True)
class _Operator:
    type: str
    inputs: Sequence[int]
    outputs: Sequence[int]
    kind: str
    options: Mapping[str, float]
    custom: bytes = b""


class TfliteFile:
    """A file in the making: tensors are numbers, operators are added in order."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)
        self.tensors: list[_Tensor] = []
        self.operators: list[_Operator] = []

    def tensor(
        self,
        shape: Sequence[int],
        scale: float | Sequence[float] = 0.05,
        zero: int | Sequence[int] = 0,
        *,
        kind: str = "INT8",
        data: NDArray[Any] | None = None,
        axis: int = 0,
        name: str = "",
        variable: bool = False,
        sparse: SparseForm | None = None,
    ) -> int:
        scales = [scale] if isinstance(scale, int | float) else list(scale)
        points = [zero] * len(scales) if isinstance(zero, int) else list(zero)
        if kind in ("FLOAT16", "FLOAT32", "RESOURCE"):
            scales, points = [], []
        held = None if data is None else np.asarray(data, _DTYPES[kind])
        if held is not None and sparse is None:
            held = held.reshape(shape)
        own = name or f"t{len(self.tensors)}"
        parts = (tuple(shape), kind, own, held, scales, points, axis, variable, sparse)
        self.tensors.append(_Tensor(*parts))
        return len(self.tensors) - 1

    def whole(self, values: Any) -> int:
        """A constant of int32 without a scale."""
        data = np.asarray(values, np.int32)
        return self.tensor(data.shape, (), (), kind="INT32", data=data)

    def codes(self, shape: Sequence[int], scale: float | Sequence[float], axis: int = 0) -> int:
        """Weights of int8 with zero point 0."""
        data = self.rng.integers(-127, 128, shape, dtype=np.int8)
        return self.tensor(shape, scale, data=data, axis=axis)

    def operator(
        self,
        kind: str,
        inputs: Sequence[int],
        outputs: Sequence[int],
        options: str = "",
        custom: bytes = b"",
        /,
        **values: float,
    ) -> int:
        """Add an operator; return what it writes first, -1 for nothing."""
        self.operators.append(_Operator(kind, inputs, outputs, options, values, custom))
        return outputs[0] if outputs else -1

    def shape(self, tensor: int) -> tuple[int, ...]:
        return self.tensors[tensor].shape

    def convolution(
        self,
        x: int,
        kernel: tuple[int, int],
        channels: int,
        *,
        strides: tuple[int, int] = (1, 1),
        dilations: tuple[int, int] = (1, 1),
        padding: int = SAME,
        activation: int = NONE,
        depthwise: bool = False,
        groups: int = 1,
        per_channel: bool = True,
        scale: float = 0.05,
        zero: int = 3,
    ) -> int:
        """CONV_2D, or DEPTHWISE_CONV_2D with any multiplier, of random weights."""
        n, high, wide, depth = self.shape(x)
        fan = math.prod(kernel) * (1 if depthwise else depth // groups)
        step = scale / (self.tensors[x].scales[0] * math.sqrt(fan) * 70.0)
        count = channels if per_channel else 1
        scales = [float(s) for s in step * self.rng.uniform(0.5, 1.5, count)]
        shape = (1, *kernel, channels) if depthwise else (channels, *kernel, depth // groups)
        data = self.rng.integers(-3000, 3000, channels)
        steps = [self.tensors[x].scales[0] * s for s in scales]
        bias = self.tensor((channels,), steps, kind="INT32", data=data)
        inputs = [x, self.codes(shape, scales, 3 if depthwise else 0), bias]
        out = [
            -(-extent // stride)
            if padding == SAME
            else (extent - (size - 1) * apart - 1) // stride + 1
            for extent, size, stride, apart in zip(
                (high, wide), kernel, strides, dilations, strict=True
            )
        ]
        y = self.tensor((n, *out, channels), scale, zero)
        extra = {"DepthMultiplier": channels // depth} if depthwise else {}
        name = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
        kind = "DepthwiseConv2DOptions" if depthwise else "Conv2DOptions"
        return self.operator(
            name,
            inputs,
            [y],
            kind,
            Padding=padding,
            StrideH=strides[0],
            StrideW=strides[1],
            DilationHFactor=dilations[0],
            DilationWFactor=dilations[1],
            FusedActivationFunction=activation,
            **extra,
        )

    def dense(
        self,
        x: int,
        channels: int,
        *,
        activation: int = NONE,
        per_channel: bool = False,
        keep: bool = False,
        scale: float = 0.1,
        zero: int = -5,
    ) -> int:
        """FULLY_CONNECTED of random weights."""
        lead, depth = self.shape(x)[:-1], self.shape(x)[-1]
        step = scale / (self.tensors[x].scales[0] * math.sqrt(depth) * 70.0)
        count = channels if per_channel else 1
        scales = [float(s) for s in step * self.rng.uniform(0.5, 1.5, count)]
        data = self.rng.integers(-3000, 3000, channels)
        steps = [self.tensors[x].scales[0] * s for s in scales]
        bias = self.tensor((channels,), steps, kind="INT32", data=data)
        shape = (*lead, channels) if keep else (math.prod(lead), channels)
        y = self.tensor(shape, scale, zero)
        return self.operator(
            "FULLY_CONNECTED",
            [x, self.codes((channels, depth), scales), bias],
            [y],
            "FullyConnectedOptions",
            FusedActivationFunction=activation,
            KeepNumDims=int(keep),
        )

    def pool(
        self,
        x: int,
        kind: str,
        kernel: tuple[int, int],
        strides: tuple[int, int] = (1, 1),
        padding: int = VALID,
        activation: int = NONE,
    ) -> int:
        """AVERAGE_POOL_2D or MAX_POOL_2D, in the steps of its input."""
        n, high, wide, depth = self.shape(x)
        out = [
            -(-extent // stride) if padding == SAME else (extent - size) // stride + 1
            for extent, size, stride in zip((high, wide), kernel, strides, strict=True)
        ]
        given = self.tensors[x]
        y = self.tensor((n, *out, depth), given.scales, given.zero_points)
        return self.operator(
            kind,
            [x],
            [y],
            "Pool2DOptions",
            Padding=padding,
            StrideH=strides[0],
            StrideW=strides[1],
            FilterHeight=kernel[0],
            FilterWidth=kernel[1],
            FusedActivationFunction=activation,
        )

    def softmax(self, x: int) -> int:
        y = self.tensor(self.shape(x), 1.0 / 256.0, -128)
        return self.operator("SOFTMAX", [x], [y], "SoftmaxOptions", Beta=1.0)

    def data(self, inputs: Sequence[int], outputs: Sequence[int], *others: TfliteFile) -> bytes:
        """Return the file; `others` are further graphs of it."""
        b = flatbuffers.Builder(1024)
        buffers: list[bytes] = [b""]
        parts = [self, *others]
        kinds = list(dict.fromkeys(one.type for part in parts for one in part.operators))
        tables = [
            part._graph(b, kinds, buffers, *((inputs, outputs) if part is self else ((), ())))
            for part in parts
        ]
        codes = [_code(b, kind) for kind in kinds]
        graphs = _vector(b, tables)
        codes_at, buffers_at = _vector(b, codes), _vector(b, [_buffer(b, one) for one in buffers])
        tflite.ModelStart(b)
        tflite.ModelAddVersion(b, 3)
        tflite.ModelAddOperatorCodes(b, codes_at)
        tflite.ModelAddSubgraphs(b, graphs)
        tflite.ModelAddBuffers(b, buffers_at)
        b.Finish(tflite.ModelEnd(b), b"TFL3")
        return bytes(b.Output())

    def _graph(
        self,
        b: Any,
        kinds: Sequence[str],
        buffers: list[bytes],
        inputs: Sequence[int],
        outputs: Sequence[int],
    ) -> int:
        tensors = [self._tensor(b, one, buffers) for one in self.tensors]
        operators = [_operator(b, one, kinds.index(one.type)) for one in self.operators]
        parts = [
            _vector(b, tensors),
            _numbers(b, "SubGraph", "Inputs", inputs),
            _numbers(b, "SubGraph", "Outputs", outputs),
            _vector(b, operators),
        ]
        tflite.SubGraphStart(b)
        for name, part in zip(("Tensors", "Inputs", "Outputs", "Operators"), parts, strict=True):
            getattr(tflite, f"SubGraphAdd{name}")(b, part)
        return int(tflite.SubGraphEnd(b))

    def _tensor(self, b: Any, one: _Tensor, buffers: list[bytes]) -> int:
        name, shape = b.CreateString(one.name), _numbers(b, "Tensor", "Shape", one.shape)
        quantization = 0
        if len(one.scales):
            tflite.QuantizationParametersStartScaleVector(b, len(one.scales))
            for scale in reversed(one.scales):
                b.PrependFloat32(scale)
            scales = b.EndVector()
            tflite.QuantizationParametersStartZeroPointVector(b, len(one.zero_points))
            for point in reversed(one.zero_points):
                b.PrependInt64(point)
            points = b.EndVector()
            tflite.QuantizationParametersStart(b)
            tflite.QuantizationParametersAddScale(b, scales)
            tflite.QuantizationParametersAddZeroPoint(b, points)
            tflite.QuantizationParametersAddQuantizedDimension(b, one.axis)
            quantization = tflite.QuantizationParametersEnd(b)
        sparse = 0 if one.sparse is None else _sparsity(b, one.sparse)
        buffer = 0
        if one.data is not None:
            buffers.append(one.data.tobytes())
            buffer = len(buffers) - 1
        tflite.TensorStart(b)
        tflite.TensorAddName(b, name)
        tflite.TensorAddShape(b, shape)
        tflite.TensorAddType(b, getattr(tflite.TensorType, one.type))
        tflite.TensorAddBuffer(b, buffer)
        tflite.TensorAddIsVariable(b, one.variable)
        if quantization:
            tflite.TensorAddQuantization(b, quantization)
        if sparse:
            tflite.TensorAddSparsity(b, sparse)
        return int(tflite.TensorEnd(b))


def _operator(b: Any, one: _Operator, code: int) -> int:
    options = 0
    if one.kind:
        getattr(tflite, f"{one.kind}Start")(b)
        for name, value in one.options.items():
            getattr(tflite, f"{one.kind}Add{name}")(b, value)
        options = getattr(tflite, f"{one.kind}End")(b)
    inputs = _numbers(b, "Operator", "Inputs", one.inputs)
    outputs = _numbers(b, "Operator", "Outputs", one.outputs)
    custom = b.CreateByteVector(one.custom) if one.custom else 0
    tflite.OperatorStart(b)
    tflite.OperatorAddOpcodeIndex(b, code)
    tflite.OperatorAddInputs(b, inputs)
    tflite.OperatorAddOutputs(b, outputs)
    if one.kind:
        tflite.OperatorAddBuiltinOptionsType(b, getattr(tflite.BuiltinOptions, one.kind))
        tflite.OperatorAddBuiltinOptions(b, options)
    if custom:
        tflite.OperatorAddCustomOptions(b, custom)
    return int(tflite.OperatorEnd(b))


def _sparsity(b: Any, form: SparseForm) -> int:
    lists = [[_whole(b, one) for one in (axis.ends, axis.indices)] for axis in form.axes]
    axes = []
    for axis, (ends, indices) in zip(form.axes, lists, strict=True):
        tflite.DimensionMetadataStart(b)
        tflite.DimensionMetadataAddFormat(b, int(axis.ends is not None))
        tflite.DimensionMetadataAddDenseSize(b, axis.extent)
        for name, at in (("ArraySegments", ends), ("ArrayIndices", indices)):
            if at:
                kind = tflite.SparseIndexVector.Int32Vector
                getattr(tflite, f"DimensionMetadataAdd{name}Type")(b, kind)
                getattr(tflite, f"DimensionMetadataAdd{name}")(b, at)
        axes.append(tflite.DimensionMetadataEnd(b))
    metadata = _vector(b, axes)
    order = _numbers(b, "SparsityParameters", "TraversalOrder", form.order)
    blocked = _numbers(b, "SparsityParameters", "BlockMap", form.blocked)
    tflite.SparsityParametersStart(b)
    tflite.SparsityParametersAddTraversalOrder(b, order)
    tflite.SparsityParametersAddBlockMap(b, blocked)
    tflite.SparsityParametersAddDimMetadata(b, metadata)
    return int(tflite.SparsityParametersEnd(b))


def _whole(b: Any, values: NDArray[np.int64] | None) -> int:
    if values is None:
        return 0
    listed = _numbers(b, "Int32Vector", "Values", values.tolist())
    tflite.Int32VectorStart(b)
    tflite.Int32VectorAddValues(b, listed)
    return int(tflite.Int32VectorEnd(b))


def _code(b: Any, kind: str) -> int:
    number = getattr(tflite.BuiltinOperator, kind, tflite.BuiltinOperator.CUSTOM)
    own = b.CreateString(kind) if number == tflite.BuiltinOperator.CUSTOM else 0
    tflite.OperatorCodeStart(b)
    tflite.OperatorCodeAddDeprecatedBuiltinCode(b, min(number, 127))
    tflite.OperatorCodeAddBuiltinCode(b, number)
    tflite.OperatorCodeAddVersion(b, 1)
    if own:
        tflite.OperatorCodeAddCustomCode(b, own)
    return int(tflite.OperatorCodeEnd(b))


def _buffer(b: Any, content: bytes) -> int:
    data = b.CreateByteVector(content) if content else 0
    tflite.BufferStart(b)
    if content:
        tflite.BufferAddData(b, data)
    return int(tflite.BufferEnd(b))


def _numbers(b: Any, table: str, name: str, values: Sequence[int]) -> int:
    getattr(tflite, f"{table}Start{name}Vector")(b, len(values))
    for value in reversed(values):
        b.PrependInt32(value)
    return int(b.EndVector())


def _vector(b: Any, offsets: Sequence[int]) -> int:
    b.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        b.PrependUOffsetTRelative(offset)
    return int(b.EndVector())
