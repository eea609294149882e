"""What a model declares of its tensors against what its operators make of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import onnx

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.shapes import Shape, type_name


def check_declared(graph: onnx.GraphProto, found: Mapping[str, tuple[int, Shape]]) -> None:
    """Raise InputError when a declared type, rank or extent differs from the one found.

    `found` holds type (0: unknown) and shape by tensor name; what it does not hold is not read
    by anything and not checked. An extent without a value fits any.
    """
    for what, entries in (("tensor", graph.value_info), ("model output", graph.output)):
        for info in entries:
            if info.name in found and info.type.HasField("tensor_type"):
                _check(f"The {what} {info.name!r}", info.type.tensor_type, *found[info.name])


def _check(what: str, declared: onnx.TypeProto.Tensor, kind: int, shape: Shape) -> None:
    if kind and declared.elem_type not in (0, kind):
        raise InputError(
            f"{what} is declared as {type_name(declared.elem_type)}, but the nodes before it make "
            f"it {type_name(kind)}."
        )
    if not declared.HasField("shape"):
        return
    dims = declared.shape.dim
    # Paddle's exporter writes an open axis as -1.
    said = [dim.HasField("dim_value") and dim.dim_value >= 0 for dim in dims]
    own = [dim.dim_value if one else None for dim, one in zip(dims, said, strict=True)]
    fits = len(own) == len(shape) and all(
        mine in (None, theirs) for mine, theirs in zip(own, shape, strict=True)
    )
    if not fits:
        shown = ["?" if extent is None else extent for extent in own]
        raise InputError(
            f"{what} is declared with shape {_listed(shown)}, but the nodes before it give it "
            f"{_listed(list(shape))}. Infer the shapes anew (onnx.shape_inference) or export again."
        )


def _listed(extents: Sequence[object]) -> str:
    return "[" + ", ".join(map(str, extents)) + "]"
