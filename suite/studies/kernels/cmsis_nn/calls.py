"""CMSIS-NN's way to compute the operator of a row: tables, the C call, and the files behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import (
    Add,
    AvgPool,
    Conv,
    Layout,
    Linear,
    MatMul,
    MaxPool,
    Mean,
    Mul,
    Node,
    Softmax,
    Transpose,
    Window,
)
from tinyrig.suite.studies.kernels.cmsis_nn.scaling import reals, scaling, scalings, softmax_scaling

_LEFT_SHIFT = 20
Tables = Mapping[str, NDArray[np.int8] | NDArray[np.int32]]


@dataclass(frozen=True, eq=False)
class PeerCall:
    """One way: `function` is called by the statement `code`, which reads the `tables` by name.

    In the statement, x and x1 are the inputs, y is the output and buffer is room to work in.
    `turned` are the axes an input is transposed by before CMSIS-NN sees it, at no cost to it.
    `tolerance` is how far an output may be from ours, in steps: rounding differs.
    """

    function: str
    code: str
    tables: Tables = field(default_factory=dict)
    turned: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    tolerance: int = 1


def peer_calls(graph: Graph) -> tuple[PeerCall, ...]:
    """Return CMSIS-NN's ways to compute a graph of one operator; none where it has none."""
    nodes = [node for node in graph.nodes if not isinstance(node, Layout)] or graph.nodes
    return _calls(nodes[0], graph) if len(nodes) == 1 else ()


@singledispatch
def _calls(_node: Node, _graph: Graph) -> tuple[PeerCall, ...]:
    return ()


def _zero_points(graph: Graph) -> tuple[int, int]:
    """The first input's, and the output's."""
    ends = graph.inputs[0], graph.outputs[0]
    return graph.tensors[ends[0]].affine.zero_point, graph.tensors[ends[1]].affine.zero_point


@_calls.register
def _linear(node: Linear, graph: Graph) -> tuple[PeerCall, ...]:
    """Its matrix product, and its fully connected layer."""
    n, k = node.weight.shape
    m = graph.tensors[graph.outputs[0]].shape[0]
    x_zero, y_zero = _zero_points(graph)
    multiplier, shift = scalings(reals(node.requant, n))
    tables: Tables = {
        "weight": node.weight,
        "bias": np.zeros(n, np.int32),
        "multiplier": multiplier,
        "shift": shift,
    }
    product = (
        f"arm_nn_mat_mult_nt_t_s8(x, weight, bias, y, multiplier, shift, {m}, {n}, {k}, "
        f"{-x_zero}, {y_zero}, -128, 127, {n}, {k});"
    )
    layer = (
        f"const cmsis_nn_context context = {{buffer, 0}};\n"
        f"const cmsis_nn_fc_params params = {{{-x_zero}, 0, {y_zero}, {{-128, 127}}}};\n"
        "const cmsis_nn_per_channel_quant_params quant = {(int32_t *)multiplier, "
        "(int32_t *)shift};\n"
        f"const cmsis_nn_dims in = {{{m}, 1, 1, {k}}}, filter = {{{k}, 1, 1, {n}}}, "
        f"row = {{1, 1, 1, {n}}}, out = {{{m}, 1, 1, {n}}};\n"
        "arm_fully_connected_per_channel_s8(&context, &params, &quant, &in, x, &filter, weight, "
        "&row, bias, &out, y);"
    )
    return (
        PeerCall("arm_nn_mat_mult_nt_t_s8", product, tables),
        PeerCall("arm_fully_connected_per_channel_s8", layer, tables),
    )


@_calls.register
def _matmul(node: MatMul, graph: Graph) -> tuple[PeerCall, ...]:
    a, b = (graph.tensors[name] for name in graph.inputs)
    (_, m, k), n = a.shape, b.shape[-1]
    multiplier, shift = scaling(reals(node.requant, 1)[0])
    _, y_zero = _zero_points(graph)
    offsets = f"{-a.affine.zero_point}, {-b.affine.zero_point}, {y_zero}"
    code = (
        "const cmsis_nn_context context = {buffer, 0};\n"
        f"const cmsis_nn_bmm_params params = {{0, 0, {{{offsets}, {{-128, 127}}}}}};\n"
        f"const cmsis_nn_per_tensor_quant_params quant = {{{multiplier}, {shift}}};\n"
        f"const cmsis_nn_dims left = {{1, 1, {m}, {k}}}, right = {{1, 1, {n}, {k}}}, "
        f"out = {{1, 1, {m}, {n}}};\n"
        "arm_batch_matmul_s8(&context, &params, &quant, &left, x, &right, x1, &out, y);"
    )
    return (PeerCall("arm_batch_matmul_s8", code, turned={graph.inputs[1]: (0, 2, 1)}),)


@_calls.register
def _softmax(_node: Softmax, graph: Graph) -> tuple[PeerCall, ...]:
    tensor = graph.tensors[graph.inputs[0]]
    rows, length = tensor.shape
    multiplier, shift, least = softmax_scaling(tensor.affine.scale)
    code = f"arm_softmax_s8(x, {rows}, {length}, {multiplier}, {shift}, {least}, y);"
    return (PeerCall("arm_softmax_s8", code),)


@_calls.register
def _add(_node: Add, graph: Graph) -> tuple[PeerCall, ...]:
    """The sum of two inputs of one scale, halved, as the row's graph has it."""
    half = f"0, {1 << 30}, 0"
    code = (
        f"arm_elementwise_add_s8(x, x1, {half}, {half}, {_LEFT_SHIFT}, y, 0, {1 << 30}, "
        f"{1 - _LEFT_SHIFT}, -128, 127, {graph.tensors[graph.outputs[0]].elements});"
    )
    return (PeerCall("arm_elementwise_add_s8", code),)


@_calls.register
def _mul(node: Mul, graph: Graph) -> tuple[PeerCall, ...]:
    """The product of two inputs of one zero point, as the row's graph has it."""
    x_zero, y_zero = _zero_points(graph)
    multiplier, shift = scaling(reals(node.requant, 1)[0])
    code = (
        f"arm_elementwise_mul_s8(x, x1, {-x_zero}, {-x_zero}, y, {y_zero}, {multiplier}, {shift}, "
        f"-128, 127, {graph.tensors[graph.outputs[0]].elements});"
    )
    return (PeerCall("arm_elementwise_mul_s8", code),)


@_calls.register
def _transpose(node: Transpose, graph: Graph) -> tuple[PeerCall, ...]:
    """A matrix's transpose."""
    rows, length = graph.tensors[graph.inputs[0]].shape
    code = (
        f"const cmsis_nn_dims in = {{{rows}, {length}, 1, 1}}, out = {{{length}, {rows}, 1, 1}};\n"
        f"const uint32_t axes[] = {{{node.perm[0]}, {node.perm[1]}}};\n"
        "const cmsis_nn_transpose_params params = {2, axes};\n"
        "arm_transpose_s8(x, y, &in, &out, &params);"
    )
    return (PeerCall("arm_transpose_s8", code, tolerance=0),)


def _image(graph: Graph) -> tuple[str, str]:
    """The dimensions of the images that come in and go out: n, h, w, c."""
    ends = (graph.tensors[name].shape for name in (graph.inputs[0], graph.outputs[0]))
    before, after = ("{" + ", ".join(map(str, shape)) + "}" for shape in ends)
    return before, after


@_calls.register
def _conv(node: Conv, graph: Graph) -> tuple[PeerCall, ...]:
    o, kh, kw, c = node.weight.shape
    depthwise = node.groups > 1
    before, after = _image(graph)
    x_zero, y_zero = _zero_points(graph)
    multiplier, shift = scalings(reals(node.requant, o))
    weight = node.weight.transpose(3, 1, 2, 0) if depthwise else node.weight
    tables: Tables = {
        "weight": np.ascontiguousarray(weight),
        "bias": np.zeros(o, np.int32),
        "multiplier": multiplier,
        "shift": shift,
    }
    window = node.window
    geometry = (
        f"{{{window.strides[1]}, {window.strides[0]}}}, {{{window.pads[1]}, {window.pads[0]}}}, "
        "{1, 1}, {-128, 127}"
    )
    kind = "depthwise_conv" if depthwise else "convolve"
    offsets = f"{-x_zero}, {y_zero}" + (", 1" if depthwise else "")
    filters = f"{{1, {kh}, {kw}, {o}}}" if depthwise else f"{{{o}, {kh}, {kw}, {c}}}"
    function = f"arm_{kind}_wrapper_s8"
    code = (
        "const cmsis_nn_context context = {buffer, 0};\n"
        f"const cmsis_nn_{'dw_' if depthwise else ''}conv_params params = "
        f"{{{offsets}, {geometry}}};\n"
        "const cmsis_nn_per_channel_quant_params quant = {(int32_t *)multiplier, "
        "(int32_t *)shift};\n"
        f"const cmsis_nn_dims in = {before}, filter = {filters}, row = {{1, 1, 1, {o}}}, "
        f"out = {after};\n"
        f"{function}(&context, &params, &quant, &in, x, &filter, weight, &row, bias, &out, y);"
    )
    return (PeerCall(function, code, tables),)


@_calls.register
def _maxpool(node: MaxPool, graph: Graph) -> tuple[PeerCall, ...]:
    return (_pool("arm_max_pool_s8", *_image(graph), node.window, 0),)


@_calls.register
def _avgpool(node: AvgPool, graph: Graph) -> tuple[PeerCall, ...]:
    return (_pool("arm_avgpool_s8", *_image(graph), node.window, 1),)


@_calls.register
def _mean(_node: Mean, graph: Graph) -> tuple[PeerCall, ...]:
    """A mean over the rows is an average pooling of one window."""
    rows, length = graph.tensors[graph.inputs[0]].shape
    before, after = f"{{1, {rows}, 1, {length}}}", f"{{1, 1, 1, {length}}}"
    return (_pool("arm_avgpool_s8", before, after, Window(kernel=(rows, 1)), 1),)


def _pool(function: str, before: str, after: str, window: Window, tolerance: int) -> PeerCall:
    code = (
        "const cmsis_nn_context context = {buffer, 0};\n"
        f"const cmsis_nn_pool_params params = {{{{{window.strides[1]}, {window.strides[0]}}}, "
        f"{{{window.pads[1]}, {window.pads[0]}}}, {{-128, 127}}}};\n"
        f"const cmsis_nn_dims in = {before}, filter = {{1, {window.kernel[0]}, "
        f"{window.kernel[1]}, 1}}, out = {after};\n"
        f"{function}(&context, &params, &in, x, &filter, &out, y);"
    )
    return PeerCall(function, code, tolerance=tolerance)
