"""Weights that a TFLite file stores sparse are those of the file that stores them densely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import tflite
from frontends.tflite_files import NONE, TfliteFile
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.frontends.tflite.convert import onnx_of_tflite
from tinyrig.generator.frontends.tflite.file import read_tflite
from tinyrig.generator.graph.ops import Linear

_DENSE, _CSR = tflite.DimensionType.DENSE, tflite.DimensionType.SPARSE_CSR
_VECTORS = {"Int32": np.int32, "Uint16": np.uint16, "Uint8": np.uint8}


@dataclass(frozen=True)
class _Stored:
    """Levels in an order, dense or not; `blocks` are sizes of blocks by the axis they lie along.

    `segments`, `indices` and `values` are changed as told, to damage a file.
    """

    order: Sequence[int]
    sparse: Sequence[int]
    blocks: Sequence[tuple[int, int]] = ()
    kind: str = "Int32"
    damage: str = ""

    def _levels(self, data: NDArray[Any]) -> tuple[list[Any], NDArray[Any]]:
        """Return the levels, and the values in their order: those of kept entries alone."""
        rank = data.ndim
        sizes = list(data.shape)
        for axis, size in self.blocks:
            sizes[axis] //= size
        split = [(sizes[axis],) for axis in range(rank)]
        for axis, size in self.blocks:
            split[axis] = (sizes[axis], size)
        whole = data.reshape([extent for part in split for extent in part])
        places = np.cumsum([0, *map(len, split)])
        inner = [places[axis] + 1 for axis, _ in self.blocks]
        whole = whole.transpose([*places[:-1], *inner]).transpose(self.order)
        nodes = [whole]
        levels: list[Any] = []
        for axis in self.order:
            if axis not in self.sparse:
                levels.append(len(nodes[0]) if nodes else 0)
                nodes = [part for node in nodes for part in node]
                continue
            kept = [[n for n, part in enumerate(node) if np.any(part)] for node in nodes]
            segments = np.cumsum([0, *map(len, kept)])
            levels.append((segments, np.array([n for one in kept for n in one], np.int64)))
            nodes = [node[n] for node, one in zip(nodes, kept, strict=True) for n in one]
        return levels, np.array(nodes, data.dtype).reshape(-1)

    def values(self, data: NDArray[Any]) -> NDArray[Any]:
        found = self._levels(data)[1]
        return found[:-1] if self.damage == "values" else found

    def table(self, builder: Any, data: NDArray[Any]) -> int:
        tables = [self._level(builder, level) for level in self._levels(data)[0]]
        tflite.SparsityParametersStartDimMetadataVector(builder, len(tables))
        for one in reversed(tables):
            builder.PrependUOffsetTRelative(one)
        metadata = builder.EndVector()
        order = [*self.order[:-1], self.order[0]] if self.damage == "order" else self.order
        parts = {
            "TraversalOrder": builder.CreateNumpyVector(np.array(order, np.int32)),
            "BlockMap": builder.CreateNumpyVector(np.array([a for a, _ in self.blocks], np.int32)),
        }
        tflite.SparsityParametersStart(builder)
        tflite.SparsityParametersAddDimMetadata(builder, metadata)
        for name, part in parts.items():
            getattr(tflite, f"SparsityParametersAdd{name}")(builder, part)
        return int(tflite.SparsityParametersEnd(builder))

    def _level(self, builder: Any, level: Any) -> int:
        if isinstance(level, int):
            tflite.DimensionMetadataStart(builder)
            tflite.DimensionMetadataAddFormat(builder, _DENSE)
            size = 2**31 - 1 if self.damage == "size" else level
            tflite.DimensionMetadataAddDenseSize(builder, size)
            return int(tflite.DimensionMetadataEnd(builder))
        segments, indices = (np.array(one) for one in level)
        segments[-1] += self.damage == "segments"
        indices[-1] += 1000 * (self.damage == "indices")
        kind = "Int32" if self.damage else self.kind
        parts = [self._vector(builder, kind, one) for one in (segments, indices)]
        tflite.DimensionMetadataStart(builder)
        tflite.DimensionMetadataAddFormat(builder, _CSR)
        for name, part in zip(("ArraySegments", "ArrayIndices"), parts, strict=True):
            said = getattr(tflite.SparseIndexVector, f"{kind}Vector")
            getattr(tflite, f"DimensionMetadataAdd{name}Type")(builder, said)
            getattr(tflite, f"DimensionMetadataAdd{name}")(builder, part)
        return int(tflite.DimensionMetadataEnd(builder))

    @staticmethod
    def _vector(builder: Any, kind: str, values: NDArray[Any]) -> int:
        made = builder.CreateNumpyVector(values.astype(_VECTORS[kind]))
        getattr(tflite, f"{kind}VectorStart")(builder)
        getattr(tflite, f"{kind}VectorAddValues")(builder, made)
        return int(getattr(tflite, f"{kind}VectorEnd")(builder))


def _pruned(shape: tuple[int, ...], block: int) -> NDArray[np.int8]:
    rng = np.random.default_rng(5)
    data = rng.integers(1, 128, shape).astype(np.int8)
    kept = rng.random((*shape[:-1], shape[-1] // block)) < 0.4
    kept[0] = False  # a row without any
    return np.where(np.repeat(kept, block, axis=-1), data, np.int8(0))


def _file(weights: NDArray[np.int8], stored: _Stored | None, densify: bool = False) -> bytes:
    f = TfliteFile()
    x = f.tensor((3, weights.shape[-1]))
    w = f.tensor(weights.shape, 0.02, data=weights, sparse=stored)
    if densify:
        w = f.operator("DENSIFY", [w], [f.tensor(weights.shape, 0.02)])
    y = f.tensor((3, len(weights)), 0.3)
    f.operator(
        "FULLY_CONNECTED", [x, w, -1], [y], "FullyConnectedOptions", FusedActivationFunction=NONE
    )
    return f.data([x], [y])


_ROWS = _Stored((0, 1), sparse=(1,))
_BLOCKS = _Stored((0, 1, 2), sparse=(1,), blocks=((1, 4),))
_WAYS = [
    _ROWS,
    _Stored((1, 0), sparse=(0,), kind="Uint8"),
    _Stored((0, 1), sparse=(0, 1), kind="Uint16"),
    _BLOCKS,
    _Stored((0, 1, 2, 3), sparse=(1,), blocks=((0, 2), (1, 4))),
    _Stored((1, 0, 3, 2), sparse=(0,), blocks=((0, 2), (1, 4)), kind="Uint8"),
]


@pytest.mark.parametrize("stored", _WAYS)
def test_sparse_weights_are_read_densely(stored: _Stored) -> None:
    weights = _pruned((6, 16), 4)
    assert stored.values(weights).size < weights.size
    read = read_tflite(_file(weights, stored)).tensors[1]
    assert read.data is not None
    assert np.array_equal(read.data, weights)


@pytest.mark.parametrize("densify", [False, True])
def test_a_layer_has_them(densify: bool) -> None:
    weights = _pruned((6, 16), 4)
    graph = graph_from_model(onnx_of_tflite(_file(weights, _BLOCKS, densify)), "sparse")
    (layer,) = graph.nodes
    assert isinstance(layer, Linear)
    assert np.array_equal(layer.weight, weights)


def test_a_sparse_convolution_along_its_channels() -> None:
    weights = _pruned((4, 3, 3, 8), 4)
    f = TfliteFile()
    stored = _Stored((0, 1, 2, 3, 4), sparse=(3,), blocks=((3, 4),))
    w = f.tensor(weights.shape, 0.02, data=weights, sparse=stored)
    read = read_tflite(f.data([], [w])).tensors[w]
    assert read.data is not None
    assert np.array_equal(read.data, weights)


@pytest.mark.parametrize("damage", ["values", "order", "size", "segments", "indices"])
def test_levels_that_lead_elsewhere_are_damage(damage: str) -> None:
    with pytest.raises(InputError, match="damaged"):
        read_tflite(_file(_pruned((6, 16), 4), replace(_BLOCKS, damage=damage)))
