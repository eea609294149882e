"""Two small networks as TFLite files have them."""

from __future__ import annotations

from collections.abc import Sequence

from frontends.tflite_files import RELU, RELU6, VALID, TfliteFile


def ds_cnn(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
    """As the keyword network of MLPerf Tiny is made, in little."""
    x = f.tensor((1, 21, 10, 1), 0.04, -4, name="frames")
    y = f.convolution(x, (10, 4), 8, strides=(2, 2), activation=RELU, zero=-128)
    for _ in range(2):
        y = f.convolution(y, (3, 3), 8, depthwise=True, activation=RELU, zero=-128)
        y = f.convolution(y, (1, 1), 8, activation=RELU, zero=-128)
    y = f.pool(y, "AVERAGE_POOL_2D", (11, 5), (11, 5))
    rows = f.tensor((1, 8), f.tensors[y].scales, f.tensors[y].zero_points)
    f.operator("RESHAPE", [y, f.whole([-1, 8])], [rows], "ReshapeOptions")
    scores = f.dense(rows, 6, scale=0.01)
    return [x], [scores, f.softmax(scores)]


def mobilenet(f: TfliteFile) -> tuple[Sequence[int], Sequence[int]]:
    """An inverted residual between a padded first layer and a mean, as MobileNetV2 has them."""
    x = f.tensor((1, 12, 12, 3), 0.04, -4, name="image")
    wide = f.tensor((1, 13, 13, 3), 0.04, -4)
    pads = f.whole([[0, 0], [0, 1], [0, 1], [0, 0]])
    f.operator("PAD", [x, pads], [wide], "PadOptions")
    y = f.convolution(wide, (3, 3), 8, strides=(2, 2), padding=VALID, activation=RELU6, zero=-128)
    narrow = f.convolution(y, (1, 1), 4)
    z = f.convolution(narrow, (1, 1), 12, activation=RELU6, zero=-128)
    z = f.convolution(z, (3, 3), 12, depthwise=True, activation=RELU6, zero=-128)
    z = f.convolution(z, (1, 1), 4)
    total = f.tensor(f.shape(z), 0.07, 2)
    f.operator("ADD", [narrow, z], [total], "AddOptions")
    z = f.convolution(total, (3, 3), 8, depthwise=True, strides=(2, 2), activation=RELU6)
    flat = f.tensor((1, 8), 0.03, 1)
    f.operator("MEAN", [z, f.whole([1, 2])], [flat], "ReducerOptions", KeepDims=0)
    scores = f.dense(flat, 6, scale=0.01)
    return [x], [scores, f.softmax(scores)]
