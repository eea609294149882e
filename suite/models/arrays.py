"""Inputs and outputs of a run as .npz files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.generator.graph.graph import Graph
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.files.npz import Accept, Headers, npz_bytes, read_arrays
from tinyrig.suite.models.case import Case
from tinyrig.suite.models.dialect import in_order
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.reference.boundary import own_values, quantize_input

Shape = tuple[int, ...]
_MOST_SAMPLES = 1 << 16


def _read_floats(path: Path, accept: Accept) -> dict[str, NDArray[np.float32]]:
    """Read float arrays by name if `accept` lets their headers pass; InputError otherwise."""
    arrays = read_arrays(path, accept)
    return {name: _as_float(_told(path, name), array) for name, array in arrays.items()}


def read_calibration(path: Path) -> list[Sample]:
    """Read the samples a float model is quantized with: along the first axis of every array."""

    def accept(headers: Headers) -> None:
        if not headers or not all(one.shape and one.elements for one in headers.values()):
            raise InputError(f"Calibration takes samples from {path}; none were given.")
        _count(path, (header.shape[0] for header in headers.values()))

    arrays = _read_floats(path, accept)
    count = min(map(len, arrays.values()))
    return [{name: array[i] for name, array in arrays.items()} for i in range(count)]


def _told(path: Path, name: str) -> str:
    return f"Array {name!r} of {path}"


def _as_float(what: str, array: NDArray[np.generic]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        real = array.astype(np.float32, copy=False)
    if not np.all(np.isfinite(real)):
        raise InputError(f"{what} holds NaN or infinity.")
    return real


def samples_from(path: Path, case: Case) -> tuple[list[Sample], bool]:
    """Return the samples of an .npz, and whether its arrays have a leading sample axis.

    Every array has its input's shape, or that shape behind one more axis that counts samples, which
    may also be the batch axis where the model's has one element. For
    an input that is INT8 or UINT8 in the model, an array of that type holds codes; an array of
    floats holds reals, for every input.
    """
    expected = dict(zip(case.input_names, case.graph.inputs, strict=True))
    shapes = {name: case.graph.tensors[tensor].shape for name, tensor in expected.items()}
    names = case.input_names if case.oracle == "integer" else ()

    def accept(headers: Headers) -> None:
        headers = in_order(names, headers)
        if headers.keys() != shapes.keys():
            raise InputError(
                f"{path} holds {', '.join(map(repr, headers)) or 'nothing'}; {case.name!r} reads "
                f"{', '.join(map(repr, expected))}."
            )
        counts = [
            _samples(path, name, header.shape, shapes[name]) for name, header in headers.items()
        ]
        if len(set(counts)) > 1:
            raise InputError(
                f"The arrays of {path} hold different numbers of samples: {set(counts)}."
            )
        _count(path, counts)

    arrays = {
        name: as_given(_told(path, name), array, case.graph, expected[name])
        for name, array in in_order(names, read_arrays(path, accept)).items()
    }
    many = any(array.shape != shapes[name] for name, array in arrays.items())
    stacked = {expected[name]: array.reshape(-1, *shapes[name]) for name, array in arrays.items()}
    count = len(next(iter(stacked.values())))
    return [{name: stacked[name][i] for name in case.graph.inputs} for i in range(count)], many


def as_given(what: str, array: NDArray[Any], graph: Graph, tensor: str) -> NDArray[Any]:
    """Return an array in the type its input has in the model.

    Raises InputError, beginning with `what`, for one that is not finite or of another type.
    """
    coded = graph.coded.get(tensor)
    if coded is None:
        return _as_float(what, array)
    if array.dtype == np.dtype(coded):
        return array
    if array.dtype.kind != "f":
        raise InputError(
            f"{what} has type {array.dtype}; the model's input is "
            f"{coded.upper()}: give its codes as {coded}, or real values as floats."
        )
    affine = graph.tensors[tensor].affine
    return own_values(quantize_input(_as_float(what, array), affine), affine, coded)


def _samples(path: Path, name: str, found: Shape, shape: Shape) -> int:
    """Return how many samples an array for an input of a shape holds; InputError if it is none."""
    if found == shape:
        return 1
    if len(found) and (found[1:] == shape or (1, *found[1:]) == shape):
        return found[0]
    raise InputError(
        f"Array {name!r} of {path} has shape {found}; the input has shape {shape} "
        f"(or one more leading axis that counts samples)."
    )


def _count(path: Path, counts: Iterable[int]) -> None:
    count = min(counts, default=0)
    if count == 0:
        raise InputError(f"The arrays of {path} hold no sample.")
    if count > _MOST_SAMPLES:
        raise InputError(f"{path} holds {count} samples; the limit is {_MOST_SAMPLES}.")


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


def differing(path: Path, case: Case, outputs: Sequence[Sample], *, many: bool) -> tuple[int, int]:
    """Return how many numbers of outputs are not those of an .npz, and how many there are.

    Its arrays go by the model's own output names, or for the integer dialect by their order.
    Raises InputError for other names or shapes.
    """
    names = case.output_names
    wanted = read_arrays(path)
    wanted = dict(in_order(names, wanted) if case.oracle == "integer" else wanted)
    if wanted.keys() != set(names):
        raise InputError(
            f"{path} holds {', '.join(map(repr, wanted)) or 'nothing'}; {case.name!r} makes "
            f"{', '.join(map(repr, names))}."
        )
    wrong = total = 0
    for own, name in zip(names, case.graph.outputs, strict=True):
        stacked = np.stack([one[name] for one in outputs])
        found = stacked if many or len(stacked) > 1 else stacked[0]
        if wanted[own].size != found.size:
            raise InputError(
                f"Array {own!r} of {path} has shape {wanted[own].shape}; the output has shape "
                f"{found.shape}."
            )
        wrong += int(np.count_nonzero(wanted[own].reshape(found.shape) != found))
        total += found.size
    return wrong, total


def _stays_below(name: str) -> bool:
    """Whether a file of this name lies below the folder an archive is unpacked in."""
    parts = name.split("/")
    return name.isprintable() and "\\" not in name and not {"", ".", ".."}.intersection(parts)
