"""Inputs and outputs of a run as .npz files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.errors import InputError
from generator.graph.graph import Graph
from suite.models.case import Case
from suite.models.signals import Sample
from suite.records.arrays import npz_bytes, read_arrays
from suite.records.atomic import write_atomic
from suite.reference.boundary import own_values, quantize_input


def read_npz(path: Path) -> dict[str, NDArray[np.float32]]:
    """Read float arrays by name; InputError for anything else."""
    return {name: _as_float(path, name, array) for name, array in read_arrays(path).items()}


def read_calibration(path: Path) -> list[Sample]:
    """Read the samples a float model is quantized with: along the first axis of every array."""
    arrays = read_npz(path)
    count = min((len(array) for array in arrays.values() if array.ndim), default=0)
    return [{name: array[i] for name, array in arrays.items()} for i in range(count)]


def _as_float(path: Path, name: str, array: NDArray[np.generic]) -> NDArray[np.float32]:
    if array.dtype.kind not in "fiub":
        raise InputError(f"Array {name!r} of {path} has type {array.dtype}; numbers are needed.")
    with np.errstate(over="ignore"):
        real = array.astype(np.float32)
    if not np.all(np.isfinite(real)):
        raise InputError(f"Array {name!r} of {path} holds NaN or infinity.")
    return real


def samples_from(path: Path, case: Case) -> tuple[list[Sample], bool]:
    """Return the samples of an .npz, and whether its arrays have a leading sample axis.

    Every array has its input's shape, or that shape behind one more axis that counts samples. For
    an input that is INT8 or UINT8 in the model, an array of that type holds codes; an array of
    floats holds reals, for every input.
    """
    arrays = read_arrays(path)
    expected = dict(zip(case.input_names, case.graph.inputs, strict=True))
    missing = [name for name in expected if name not in arrays]
    extra = [name for name in arrays if name not in expected]
    if missing or extra:
        raise InputError(
            f"{path} holds {', '.join(map(repr, arrays)) or 'nothing'}; {case.name!r} reads "
            f"{', '.join(map(repr, expected))}."
        )
    given = {
        name: _as_given(path, name, array, case.graph, expected[name])
        for name, array in arrays.items()
    }
    stacked = {name: _stacked(path, name, given[name], case.graph, expected) for name in arrays}
    counts = {len(array) for array in stacked.values()}
    if len(counts) > 1:
        raise InputError(f"The arrays of {path} hold different numbers of samples: {counts}.")
    (count,) = counts
    if count == 0:
        raise InputError(f"The arrays of {path} hold no sample.")
    many = any(arrays[name].shape != stacked[name].shape[1:] for name in arrays)
    samples = [{expected[n]: a[i] for n, a in stacked.items()} for i in range(count)]
    return [{name: one[name] for name in case.graph.inputs} for one in samples], many


def _as_given(
    path: Path, name: str, array: NDArray[Any], graph: Graph, tensor: str
) -> NDArray[Any]:
    """Return an array in the type its input has in the model."""
    coded = graph.coded.get(tensor)
    if coded is None:
        return _as_float(path, name, array)
    if array.dtype == np.dtype(coded):
        return array
    if array.dtype.kind != "f":
        raise InputError(
            f"Array {name!r} of {path} has type {array.dtype}; the model's input is "
            f"{coded.upper()}: give its codes as {coded}, or real values as floats."
        )
    affine = graph.tensors[tensor].affine
    return own_values(quantize_input(_as_float(path, name, array), affine), affine, coded)


def _stacked(
    path: Path, name: str, array: NDArray[Any], graph: Graph, expected: dict[str, str]
) -> NDArray[Any]:
    shape = graph.tensors[expected[name]].shape
    if array.shape == shape:
        return array[None]
    if array.shape[1:] == shape:
        return array
    raise InputError(
        f"Array {name!r} of {path} has shape {array.shape}; the input has shape {shape} "
        f"(or one more leading axis that counts samples)."
    )


def write_outputs(path: Path, case: Case, outputs: Sequence[Sample], *, many: bool) -> None:
    """Save outputs, in the model's own types, by the model's own output names, atomically.

    When one of these names is no safe file name, all outputs go by the graph's safe names.
    """
    own = case.output_names
    members = own if all(map(_stays_below, own)) else case.graph.outputs
    arrays = {}
    for member, name in zip(members, case.graph.outputs, strict=True):
        stacked = np.stack([one[name] for one in outputs])
        arrays[member] = stacked if many else stacked[0]
    write_atomic(path, npz_bytes(arrays))


def _stays_below(name: str) -> bool:
    """Whether a file of this name lies below the folder an archive is unpacked in."""
    parts = name.split("/")
    return name.isprintable() and "\\" not in name and not {"", ".", ".."}.intersection(parts)
