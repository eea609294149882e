"""Weights of 4 bits: the graph has them as 8-bit codes of the same values.

How they lie in flash follows from their values alone (planning/nibbles.py).
"""

from __future__ import annotations

import numpy as np
import onnx
import onnx.helper

from tinyrig.generator.frontends.source import ConstantArray

_KINDS = (onnx.TensorProto.INT4, onnx.TensorProto.UINT4)
_INT4, _UINT4 = (np.dtype(onnx.helper.tensor_dtype_to_np_dtype(kind)) for kind in _KINDS)


def widened(data: ConstantArray) -> tuple[ConstantArray, tuple[int, int] | None]:
    """Return codes of 4 bits as codes of 8, with the least and the greatest they had; else as is.

    uint4 becomes uint8, so 0 stays 0.
    """
    if data.dtype == _INT4:
        return data.astype(np.int8), (-8, 7)
    if data.dtype == _UINT4:
        return data.astype(np.uint8), (0, 15)
    return data, None


def narrow_notes(model: onnx.ModelProto) -> tuple[str, ...]:
    """Return a line on the 4-bit weights of a model, none where it has none."""
    sizes = [int(np.prod(t.dims)) for t in model.graph.initializer if t.data_type in _KINDS]
    count = sum(size > 1 for size in sizes)
    if not count:
        return ()
    return (
        f"{count} constants of 4 bits, {sum(sizes)} elements, are int8 of the same values to the "
        "graph; weights among them lie two a byte where flash is short, or by --optimize flash.",
    )
