"""Files of one TFLite operator each, and of two small networks, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from frontends.tflite_files import (
    NONE,
    RELU,
    RELU6,
    RELU_N1_TO_1,
    SAME,
    VALID,
    TfliteFile,
)
from frontends.tflite_networks import ds_cnn, mobilenet

Build = Callable[[TfliteFile], tuple[Sequence[int], Sequence[int]]]
IMAGE = (1, 7, 6, 4)


def _image(f: TfliteFile, shape: Sequence[int] = IMAGE, zero: int = -4, scale: float = 0.04) -> int:
    return f.tensor(shape, scale, zero)


def _conv(shape: Sequence[int] = IMAGE, /, **options: object) -> Build:
    def build(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
        x = _image(f, shape)
        return [x], [f.convolution(x, **options)]  # type: ignore[arg-type]

    return build


def _padded(outer: tuple[int, int], padding: int) -> Build:
    def build(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
        x = _image(f)
        pads = f.whole([[0, 0], outer, (1, 0), [0, 0]])
        wide = f.tensor((1, 7 + sum(outer), 7, 4), 0.04, -4)
        f.operator("PAD", [x, pads], [wide], "PadOptions")
        return [x], [f.convolution(wide, (3, 3), 5, strides=(2, 2), padding=padding)]

    return build


def _dense(shape: Sequence[int], **options: object) -> Build:
    def build(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
        x = f.tensor(shape, 0.04, 6)
        return [x], [f.dense(x, 5, **options)]  # type: ignore[arg-type]

    return build


def _pool(kind: str, **options: object) -> Build:
    def build(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
        x = _image(f)
        return [x], [f.pool(x, kind, **options)]  # type: ignore[arg-type]

    return build


def _one(
    kind: str,
    shape: Sequence[int] = (2, 5, 8),
    scale: float = 0.03,
    zero: int = 5,
    options: str = "",
    /,
    *,
    given: tuple[float, int] = (0.05, -3),
    to: Sequence[int] | None = None,
    constants: Sequence[object] = (),
    **values: float,
) -> Build:
    """An operator of one tensor and integer constants."""

    def build(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
        x = f.tensor(shape, *given)
        y = f.tensor(shape if to is None else to, scale, zero)
        f.operator(kind, [x, *map(f.whole, constants)], [y], options, **values)
        return [x], [y]

    return build


def _moved(
    kind: str, to: Sequence[int], constants: Sequence[object], options: str = "", **values: float
) -> Build:
    """An operator that moves codes: its output has its input's steps."""
    return _one(kind, (2, 5, 8), 0.05, -3, options, to=to, constants=constants, **values)


def _resized(kind: str, to: tuple[int, int] = (6, 12), **values: float) -> Build:
    kinds = {"nearest": "RESIZE_NEAREST_NEIGHBOR", "bilinear": "RESIZE_BILINEAR"}
    options = {"nearest": "ResizeNearestNeighborOptions", "bilinear": "ResizeBilinearOptions"}
    shape = (1, *to, 2)
    return _one(
        kinds[kind], (1, 3, 4, 2), 0.05, -3, options[kind], to=shape, constants=(to,), **values
    )


def _blocks(kind: str, shape: Sequence[int], to: Sequence[int]) -> Build:
    options = f"{kind.title().replace('_', '')}Options"
    return _one(kind, shape, 0.05, -3, options, to=to, BlockSize=2)


def _pair(
    kind: str,
    options: str,
    right: Sequence[int] = (2, 5, 8),
    constant: bool = False,
    activation: int = NONE,
    scales: tuple[float, float, float] = (0.05, 0.02, 0.06),
    zeros: tuple[int, int, int] = (-3, 7, 1),
) -> Build:
    def build(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
        a = f.tensor((2, 5, 8), scales[0], zeros[0])
        data = f.rng.integers(-128, 128, right) if constant else None
        b = f.tensor(right, scales[1], zeros[1], data=data)
        y = f.tensor((2, 5, 8), scales[2], zeros[2])
        fused = {"FusedActivationFunction": activation} if activation else {}
        f.operator(kind, [a, b], [y], options, **fused)
        return ([a] if constant else [a, b]), [y]

    return build


def _extreme(kind: str) -> Build:
    """LiteRT compares codes, so the scales are one."""
    return _pair(kind, "MaximumMinimumOptions", scales=(0.05, 0.05, 0.05), zeros=(-3, -3, -3))


def _concatenation(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
    a, b = f.tensor((1, 3, 4, 2), 0.05, 2), f.tensor((1, 3, 4, 5), 0.05, 2)
    y = f.tensor((1, 3, 4, 7), 0.05, 2)
    f.operator("CONCATENATION", [a, b], [y], "ConcatenationOptions", Axis=-1)
    return [a, b], [y]


def _pack(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
    a, b = f.tensor((3, 4), 0.05, 2), f.tensor((3, 4), 0.05, 2)
    y = f.tensor((3, 2, 4), 0.05, 2)
    f.operator("PACK", [a, b], [y], "PackOptions", Axis=1, ValuesCount=2)
    return [a, b], [y]


def _unpack(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
    x = f.tensor((3, 2, 4), 0.05, 2)
    parts = [f.tensor((3, 4), 0.05, 2) for _ in range(2)]
    f.operator("UNPACK", [x], parts, "UnpackOptions", Axis=1, Num=2)
    return [x], parts


def _split(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
    x = f.tensor((2, 6, 4), 0.05, 2)
    parts = [f.tensor((2, 2, 4), 0.05, 2) for _ in range(3)]
    f.operator("SPLIT", [f.whole(1), x], parts, "SplitOptions", NumSplits=3)
    return [x], parts


def _split_by(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
    x = f.tensor((2, 6, 4), 0.05, 2)
    parts = [f.tensor((2, n, 4), 0.05, 2) for n in (1, 5)]
    f.operator("SPLIT_V", [x, f.whole([1, -1]), f.whole(1)], parts, "SplitVOptions", NumSplits=2)
    return [x], parts


def _pad_with(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
    x, y = f.tensor((2, 3, 4), 0.05, 2), f.tensor((2, 6, 5), 0.05, 2)
    fill = f.tensor((1,), 0.05, 2, data=np.array([31]))
    f.operator("PADV2", [x, f.whole([[0, 0], [1, 2], [0, 1]]), fill], [y], "PadV2Options")
    return [x], [y]


def _product(adj_x: int, adj_y: int) -> Build:
    def build(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
        a = f.tensor((2, 7, 3) if adj_x else (2, 3, 7), 0.05, 2)
        b = f.tensor((2, 4, 7) if adj_y else (2, 7, 4), 0.04, -6)
        y = f.tensor((2, 3, 4), 0.3, 2)
        f.operator("BATCH_MATMUL", [a, b], [y], "BatchMatMulOptions", AdjX=adj_x, AdjY=adj_y)
        return [a, b], [y]

    return build


def _transposed(padding: int, out: tuple[int, int]) -> Build:
    def build(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
        x = f.tensor((1, 4, 5, 3), 0.04, -4)
        w = f.codes((2, 3, 3, 3), [float(s) for s in f.rng.uniform(0.004, 0.008, 2)])
        y = f.tensor((1, *out, 2), 0.08, 3)
        shape = f.whole([1, *out, 2])
        f.operator(
            "TRANSPOSE_CONV",
            [shape, w, x],
            [y],
            "TransposeConvOptions",
            Padding=padding,
            StrideH=2,
            StrideW=2,
        )
        return [x], [y]

    return build


def _boundary(kind: str, scale: float, zero: int) -> Build:
    """A float or uint8 input and output around a Relu."""

    def build(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
        x = f.tensor((2, 5), scale, zero, kind=kind)
        inner = f.tensor((2, 5), 0.05, -3)
        limited = f.tensor((2, 5), 0.05, -3)
        y = f.tensor((2, 5), scale, zero, kind=kind)
        f.operator("QUANTIZE", [x], [inner], "QuantizeOptions")
        f.operator("RELU", [inner], [limited])
        f.operator("DEQUANTIZE" if kind == "FLOAT32" else "QUANTIZE", [limited], [y])
        return [x], [y]

    return build


def _between(kind: str, options: str = "", offset: float = 0.0, **values: float) -> Build:
    """A function that the file leaves in float, of an input that an offset may make positive."""

    def build(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
        x, y = f.tensor((3, 40), 0.0171, -128 if offset else 5), f.tensor((3, 40), 0.0313, -9)
        real, moved, found = (f.tensor((3, 40), kind="FLOAT32") for _ in range(3))
        f.operator("DEQUANTIZE", [x], [real], "DequantizeOptions")
        term = f.tensor((1,), kind="FLOAT32", data=np.array([offset]))
        f.operator("ADD", [real, term], [moved], "AddOptions")
        f.operator(kind, [moved], [found], options, **values)
        f.operator("QUANTIZE", [found], [y], "QuantizeOptions")
        return [x], [y]

    return build


def _quotient(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
    x, y = f.tensor((3, 8), 0.05, -3), f.tensor((3, 8), 0.02, 1)
    real, found = (f.tensor((3, 8), kind="FLOAT32") for _ in range(2))
    f.operator("DEQUANTIZE", [x], [real], "DequantizeOptions")
    divisor = f.tensor((8,), kind="FLOAT32", data=f.rng.uniform(2.0, 4.0, 8))
    f.operator("DIV", [real, divisor], [found], "DivOptions")
    f.operator("QUANTIZE", [found], [y], "QuantizeOptions")
    return [x], [y]


def _prelu(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
    x, y = f.tensor((1, 3, 4, 6), 0.05, -3), f.tensor((1, 3, 4, 6), 0.05, 9)
    slopes = f.tensor((1, 1, 6), 0.004, 0, data=f.rng.integers(0, 128, (1, 1, 6)))
    f.operator("PRELU", [x, slopes], [y])
    return [x], [y]


def _shown_and_flat(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
    """An output as wide as it is high and deep, that something reads in the file's order too."""
    x = f.tensor((1, 4, 4, 4), 0.04, -4)
    shown = f.convolution(x, (3, 3), 4)
    flat = f.tensor((1, 64), 0.05, 3)
    f.operator("RESHAPE", [shown, f.whole([1, 64])], [flat], "ReshapeOptions")
    return [x], [shown, flat]


CASES: Mapping[str, Build] = {
    "conv": _conv(kernel=(3, 3), channels=5),
    "conv_strides": _conv((1, 8, 7, 3), kernel=(3, 2), channels=5, strides=(2, 3)),
    "conv_valid": _conv(kernel=(2, 3), channels=6, padding=VALID, activation=RELU6),
    "conv_dilated": _conv(kernel=(3, 3), channels=5, dilations=(2, 1)),
    "conv_groups": _conv(kernel=(3, 3), channels=6, groups=2),
    "conv_one_scale": _conv(kernel=(1, 1), channels=5, per_channel=False, activation=RELU),
    "conv_relu_n1_to_1": _conv(kernel=(1, 1), channels=5, activation=RELU_N1_TO_1),
    "depthwise": _conv(kernel=(3, 3), channels=4, depthwise=True, strides=(2, 2)),
    "depthwise_multiplier": _conv(kernel=(3, 3), channels=12, depthwise=True, activation=RELU),
    "depthwise_dilated": _conv(kernel=(2, 2), channels=4, depthwise=True, dilations=(2, 2)),
    "pad_conv": _padded((1, 2), VALID),
    "pad_conv_same": _padded((1, 2), SAME),
    "dense": _dense((3, 9), activation=RELU),
    "dense_image": _dense((1, 2, 3, 8)),
    "dense_kept": _dense((2, 3, 8), keep=True, per_channel=True),
    "average": _pool("AVERAGE_POOL_2D", kernel=(3, 3), strides=(2, 2), padding=SAME),
    "average_whole": _pool("AVERAGE_POOL_2D", kernel=(7, 6)),
    "largest": _pool("MAX_POOL_2D", kernel=(2, 3), strides=(2, 2), padding=SAME, activation=RELU),
    "mean": _one("MEAN", IMAGE, 0.02, 4, "ReducerOptions", to=(1, 4), constants=([1, 2],)),
    "mean_kept": _one(
        "MEAN", IMAGE, 0.02, 4, "ReducerOptions", to=(1, 7, 6, 1), constants=([-1],), KeepDims=1
    ),
    "sum": _one("SUM", IMAGE, 0.8, 4, "ReducerOptions", to=(1, 4), constants=([1, 2],)),
    "reduce_max": _moved("REDUCE_MAX", (2, 8), ([1],), "ReducerOptions"),
    "reduce_min": _moved("REDUCE_MIN", (2, 8), ([1],), "ReducerOptions"),
    "softmax": _one("SOFTMAX", (3, 10), 1 / 256, -128, "SoftmaxOptions", Beta=1.0),
    "log_softmax": _one("LOG_SOFTMAX", (3, 10), 16 / 256, 127, "LogSoftmaxOptions"),
    "softmax_beta": _one("SOFTMAX", (3, 10), 1 / 256, -128, "SoftmaxOptions", Beta=0.5),
    "logistic": _one("LOGISTIC", (3, 10), 1 / 256, -128),
    "tanh": _one("TANH", (3, 10), 1 / 128, 0),
    "relu": _one("RELU", (3, 10), 0.03, -128),
    "relu6": _one("RELU6", (3, 10), 0.03, -128),
    "relu_n1_to_1": _one("RELU_N1_TO_1", (3, 10), 0.02, 5),
    "leaky_relu": _one("LEAKY_RELU", (3, 10), 0.05, -70, "LeakyReluOptions", Alpha=0.125),
    "hard_swish": _one("HARD_SWISH", (3, 10), 0.04, -110, "HardSwishOptions"),
    "prelu": _prelu,
    "abs": _between("ABS", "AbsOptions"),
    "ceil": _between("CEIL"),
    "cos": _between("COS", "CosOptions"),
    "elu": _between("ELU"),
    "exp": _between("EXP", "ExpOptions"),
    "floor": _between("FLOOR"),
    "gelu": _between("GELU", "GeluOptions"),
    "gelu_tanh": _between("GELU", "GeluOptions", Approximate=1),
    "log": _between("LOG", offset=0.3),
    "neg": _between("NEG", "NegOptions"),
    "relu_0_to_1": _between("RELU_0_TO_1"),
    "round": _between("ROUND"),
    "rsqrt": _between("RSQRT", offset=0.3),
    "sin": _between("SIN"),
    "sqrt": _between("SQRT", offset=0.3),
    "square": _between("SQUARE", "SquareOptions"),
    "div": _quotient,
    "requantize": _one("QUANTIZE", (3, 10), 0.03, 12, "QuantizeOptions"),
    "add": _pair("ADD", "AddOptions"),
    "add_relu": _pair("ADD", "AddOptions", activation=RELU),
    "add_channel": _pair("ADD", "AddOptions", (8,), True),
    "sub": _pair("SUB", "SubOptions"),
    "mul": _pair("MUL", "MulOptions", scales=(0.05, 0.02, 0.04)),
    "mul_row": _pair("MUL", "MulOptions", (2, 1, 8), scales=(0.05, 0.02, 0.04)),
    "maximum": _extreme("MAXIMUM"),
    "minimum": _extreme("MINIMUM"),
    "concatenation": _concatenation,
    "pack": _pack,
    "unpack": _unpack,
    "split": _split,
    "split_by": _split_by,
    "reshape": _moved("RESHAPE", (5, 16), ([-1, 16],), "ReshapeOptions"),
    "squeeze": _one("SQUEEZE", (1, 5, 1, 8), 0.05, -3, "SqueezeOptions", to=(5, 8)),
    "expand": _moved("EXPAND_DIMS", (2, 1, 5, 8), (1,), "ExpandDimsOptions"),
    "transpose": _moved("TRANSPOSE", (8, 2, 5), ([2, 0, 1],), "TransposeOptions"),
    "slice": _moved("SLICE", (1, 3, 6), ([1, 2, 0], [1, -1, 6]), "SliceOptions"),
    "strided_slice": _moved(
        "STRIDED_SLICE",
        (2, 3, 3),
        ([0, 4, 1], [0, 0, 7], [1, -2, 2]),
        "StridedSliceOptions",
        BeginMask=1,
        EndMask=3,
    ),
    "strided_slice_shrunk": _moved(
        "STRIDED_SLICE",
        (5, 8),
        ([-1, 0, 0], [0, 5, 8], [1, 1, 1]),
        "StridedSliceOptions",
        ShrinkAxisMask=1,
    ),
    "strided_slice_shrunk_anywhere": _moved(
        "STRIDED_SLICE",
        (5, 8),
        ([1, 0, 0], [2, 5, 8], [1, 1, 1]),
        "StridedSliceOptions",
        BeginMask=1,
        ShrinkAxisMask=1,
    ),
    "gather_one": _moved("GATHER", (2, 8), (3,), "GatherOptions", Axis=1),
    "gather": _moved("GATHER", (2, 3, 8), ([4, 0, 0],), "GatherOptions", Axis=1),
    "pad": _moved("PAD", (2, 8, 8), ([[0, 0], [1, 2], [0, 0]],), "PadOptions"),
    "pad_with": _pad_with,
    "mirror_pad": _moved("MIRROR_PAD", (2, 8, 8), ([[0, 0], [1, 2], [0, 0]],), "MirrorPadOptions"),
    "resize": _resized("nearest"),
    "resize_centred": _resized("nearest", HalfPixelCenters=1),
    "resize_corners": _resized("nearest", (5, 7), AlignCorners=1),
    "resize_down": _resized("nearest", (2, 3)),
    "resize_to_one": _resized("nearest", (1, 1), AlignCorners=1),
    "bilinear": _resized("bilinear"),
    "bilinear_centred": _resized("bilinear", HalfPixelCenters=1),
    "bilinear_corners": _resized("bilinear", (5, 7), AlignCorners=1),
    "bilinear_down": _resized("bilinear", (2, 3)),
    "bilinear_centred_down": _resized("bilinear", (2, 3), HalfPixelCenters=1),
    "bilinear_to_one": _resized("bilinear", (1, 1), AlignCorners=1),
    "depth_to_space": _blocks("DEPTH_TO_SPACE", (1, 2, 3, 8), (1, 4, 6, 2)),
    "space_to_depth": _blocks("SPACE_TO_DEPTH", (1, 4, 6, 2), (1, 2, 3, 8)),
    "product": _product(0, 0),
    "product_turned": _product(1, 1),
    "transposed_conv": _transposed(SAME, (8, 10)),
    "transposed_conv_odd": _transposed(SAME, (7, 9)),
    "transposed_conv_valid": _transposed(VALID, (9, 11)),
    "float": _boundary("FLOAT32", 0.0, 0),
    "uint8": _boundary("UINT8", 0.05, 125),
    "shown_and_flat": _shown_and_flat,
    "ds_cnn": ds_cnn,
    "mobilenet": mobilenet,
}
