"""Open axes of model inputs made static: a batch axis is 1, others are what the user says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import onnx
import onnx.helper
import onnx.numpy_helper

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.branches import with_branches_taken
from tinyrig.generator.frontends.folding import check_size

# What exporters call a batch: N, batch_size, the names they make up where they were given none.
_BATCH = re.compile(
    r"^(n|b|bs|m|none|\?|-1|unk__\d+|dim_?\d*|s\d+|u\d+|.*batch.*|.*_axes_1)$", re.I
)
_NUMBERS = frozenset(
    {onnx.TensorProto.FLOAT, onnx.TensorProto.INT64, onnx.TensorProto.INT32}
    | {onnx.TensorProto.INT8, onnx.TensorProto.UINT8, onnx.TensorProto.BOOL}
)


@dataclass(frozen=True)
class OpenAxis:
    """An axis of a model input without an extent; `name` is '' where the model gives it none."""

    input: str
    axis: int
    name: str

    def __str__(self) -> str:
        label = f" ({self.name!r})" if self.name else ""
        return f"axis {self.axis}{label} of the model input {self.input!r}"


@dataclass(frozen=True)
class Extents:
    """What the user says: extents of axes by name, whole shapes by input, and by input the number
    that all its elements always are."""

    named: Mapping[str, int]
    shapes: Mapping[str, tuple[int, ...]]
    constants: Mapping[str, float] = field(default_factory=dict)


NONE = Extents({}, {})


def with_extents(
    model: onnx.ModelProto, given: Extents = NONE
) -> tuple[onnx.ModelProto, tuple[str, ...]]:
    """Return the model with every input axis fixed, and one line for each choice made for it.

    Inputs that are constants become such, and If is no more. The model is not changed; itself is
    returned when nothing is open. Raises InputError for an open axis that is no batch axis and has
    no extent in `given`, and for names or shapes in `given` that the model does not have.
    """
    fixed, notes = _with_axes(model, given)
    return with_branches_taken(_with_constants(fixed, given.constants)), notes


def _with_axes(model: onnx.ModelProto, given: Extents) -> tuple[onnx.ModelProto, tuple[str, ...]]:
    inputs = _inputs(model)
    found = open_axes(model)
    _check_given(given, inputs, found)
    if not found:
        return model, ()
    chosen: dict[OpenAxis, int] = {}
    notes: list[str] = []
    for axis in found:
        extent = _given(given, axis)
        if extent is None and _is_batch(axis, found):
            extent = 1
            notes.append(f"{str(axis)[0].upper()}{str(axis)[1:]} is a batch axis: taken as 1.")
        if extent is None:
            raise InputError(_dynamic(axis))
        chosen[axis] = extent
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    for axis, extent in chosen.items():
        shape = _inputs(fixed)[axis.input].type.tensor_type.shape
        shape.dim[axis.axis].Clear()
        shape.dim[axis.axis].dim_value = extent
    _forget_open(fixed.graph)
    return fixed, tuple(notes)


def _with_constants(model: onnx.ModelProto, given: Mapping[str, float]) -> onnx.ModelProto:
    """Return the model with inputs as constants, every element the number given."""
    if not given:
        return model
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    inputs = _inputs(fixed)
    for name, number in given.items():
        kind = inputs[name].type.tensor_type
        shape = [dim.dim_value for dim in kind.shape.dim]
        if kind.elem_type not in _NUMBERS:
            raise InputError(f"The model input {name!r} is of no type that a number can be of.")
        check_size(shape, f"The model input {name!r}")
        dtype = onnx.helper.tensor_dtype_to_np_dtype(kind.elem_type)
        data = np.full(shape, number).astype(dtype)
        if np.any(data != number):
            raise InputError(f"{number:g} is no {dtype}, which the model input {name!r} is.")
        fixed.graph.initializer.append(onnx.numpy_helper.from_array(data, name))
        fixed.graph.input.remove(inputs[name])
    return fixed


def open_problems(model: onnx.ModelProto, given: Extents = NONE) -> tuple[InputError, ...]:
    """Return the errors of all open axes that are no batch axis and have no extent in `given`.

    Raises InputError as `with_extents` for what is given wrongly.
    """
    found = open_axes(model)
    _check_given(given, _inputs(model), found)
    return tuple(
        InputError(_dynamic(axis))
        for axis in found
        if _given(given, axis) is None and not _is_batch(axis, found)
    )


def open_axes(model: onnx.ModelProto) -> list[OpenAxis]:
    """Return the axes of model inputs that have no extent."""
    return [
        OpenAxis(name, axis, dim.dim_param)
        for name, info in _inputs(model).items()
        if info.type.tensor_type.HasField("shape")
        for axis, dim in enumerate(info.type.tensor_type.shape.dim)
        if not dim.HasField("dim_value") or dim.dim_value == -1
    ]


def _inputs(model: onnx.ModelProto) -> dict[str, onnx.ValueInfoProto]:
    constants = {tensor.name for tensor in model.graph.initializer}
    return {info.name: info for info in model.graph.input if info.name not in constants}


def _check_given(
    given: Extents, inputs: Mapping[str, onnx.ValueInfoProto], found: list[OpenAxis]
) -> None:
    known = {axis.name for axis in found if axis.name}
    for name in given.named:
        if name not in known:
            what = ", ".join(map(repr, sorted(known))) or "none"
            raise InputError(f"The model has no open axis called {name!r}; its open axes: {what}.")
    for name in (*given.shapes, *given.constants):
        if name not in inputs:
            what = ", ".join(map(repr, inputs))
            raise InputError(f"The model has no input called {name!r}; its inputs: {what}.")
    for name, shape in given.shapes.items():
        dims = list(inputs[name].type.tensor_type.shape.dim)
        own = [dim.dim_value if dim.HasField("dim_value") else -1 for dim in dims]
        fits = len(own) == len(shape) and all(
            mine in (-1, theirs) for mine, theirs in zip(own, shape, strict=True)
        )
        if not fits:
            shown = ["?" if extent == -1 else extent for extent in own]
            raise InputError(
                f"The shape {list(shape)} does not fit the model input {name!r} of {shown}."
            )


def _given(given: Extents, axis: OpenAxis) -> int | None:
    if axis.input in given.shapes:
        return given.shapes[axis.input][axis.axis]
    return given.named.get(axis.name) if axis.name else None


def _is_batch(axis: OpenAxis, found: list[OpenAxis]) -> bool:
    """Whether an open axis counts samples: the first one, by its name or because it is alone."""
    elsewhere = any(other.name == axis.name and other.axis for other in found if axis.name)
    return axis.axis == 0 and not elsewhere and _BATCH.match(axis.name) is not None


def _dynamic(axis: OpenAxis) -> str:
    say = f"--dim {axis.name}=EXTENT" if axis.name.isidentifier() else "--shape INPUT=1,..."
    what = str(axis)
    return (
        f"The model has a dynamic shape: {what} has no fixed extent. A microcontroller needs "
        f"static shapes: give {say}, or export the model with every axis fixed."
    )


def _forget_open(graph: onnx.GraphProto) -> None:
    """Drop what the model says of inner shapes: it may hold names that are numbers now."""
    del graph.value_info[:]
    for info in graph.output:
        for dim in info.type.tensor_type.shape.dim:
            if not dim.HasField("dim_value"):
                dim.Clear()
